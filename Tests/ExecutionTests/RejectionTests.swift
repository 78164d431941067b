import Cryptography
import EVM
import Execution
import NativeCryptography
import Primitives
import Testing

@Suite("An import")
struct RejectionTests {
  typealias Chain = DevelopmentChain

  /// A chain with one block, and a valid block after it with one signed transaction.
  static func sample() throws -> (Chain, Block) {
    var chain = Chain()
    let address = try #require(Chain.key).address
    chain.extend(
      try chain.build([chain.transfer(to: address, value: Chain.ether)]))
    let candidate = try #require(chain.signed(chain.transfer()))
    return (chain, try chain.build([candidate]).block)
  }

  static func rejection(_ chain: Chain, _ block: Block) -> BlockRejection? {
    do throws(BlockRejection) {
      _ = try importBlock(
        specification: chain.specification, parent: chain.head, state: chain.state, block: block,
        ancestorHashes: chain.ancestors, provider: Chain.provider)
      return nil
    } catch {
      return error
    }
  }

  @Test("of a block with one field changed names the field and both values")
  func everyField() throws {
    let (chain, block) = try Self.sample()
    #expect(Self.rejection(chain, block) == nil)
    let wrong = Keccak256.hash([7])
    let changes: [(BlockField, (inout BlockHeader) -> Void)] = [
      (.parentHash, { $0.parentHash = wrong }), (.number, { $0.number += 1 }),
      (.timestamp, { $0.timestamp = 0 }), (.gasLimit, { $0.gasLimit *= 2 }),
      (.gasLimit, { $0.gasLimit /= 2 }), (.gasUsed, { $0.gasUsed += 1 }),
      (.gasUsed, { $0.gasUsed = .max }), (.gasLimit, { $0.gasLimit = .max }),
      (.extraData, { $0.extraData = Bytes(repeating: 0, count: 33) }),
      (.difficulty, { $0.difficulty = 1 }), (.nonce, { $0.nonce = 1 }),
      (.baseFee, { $0.baseFee = 1 }), (.baseFee, { $0.baseFee = nil }),
      (.ommersHash, { $0.ommersHash = wrong }), (.stateRoot, { $0.stateRoot = wrong }),
      (.transactionsRoot, { $0.transactionsRoot = wrong }),
      (.receiptsRoot, { $0.receiptsRoot = wrong }),
      (.bloom, { $0.bloom = Bloom([Log(address: .zero, topics: [], data: [])]) }),
      (.withdrawalsRoot, { $0.withdrawalsRoot = wrong }),
      (.withdrawalsRoot, { $0.withdrawalsRoot = nil }),
      (.blobGasUsed, { $0.blobGasUsed = 131_072 }), (.blobGasUsed, { $0.blobGasUsed = .max }),
      (.excessBlobGas, { $0.excessBlobGas = 1 }),
      (.parentBeaconBlockRoot, { $0.parentBeaconBlockRoot = nil }),
      (.requestsHash, { $0.requestsHash = wrong }), (.requestsHash, { $0.requestsHash = nil }),
    ]
    for (field, change) in changes {
      var altered = block
      change(&altered.header)
      guard case .field(let named, let expected, let got) = Self.rejection(chain, altered) else {
        Issue.record("\(field.name) is not refused")
        continue
      }
      #expect(named == field)
      #expect(expected != got)
    }
    var altered = block
    altered.header.stateRoot = wrong
    #expect(
      Self.rejection(chain, altered)?.message
        == "invalid stateRoot: have \(wrong.hexadecimal), want \(block.header.stateRoot.hexadecimal)"
    )
  }

  @Test("of a block whose body is not the header's is refused")
  func body() throws {
    let (chain, block) = try Self.sample()
    var altered = block
    altered.transactions = []
    #expect(Self.rejection(chain, altered)?.message.hasPrefix("invalid transactionsRoot") == true)
    altered = block
    altered.withdrawals = nil
    #expect(
      Self.rejection(chain, altered)
        == .field(.withdrawals, expected: .present, got: .absent))
    altered = block
    altered.ommers = [block.header]
    #expect(Self.rejection(chain, altered)?.message.hasPrefix("invalid sha3Uncles") == true)
  }

  @Test("of a transaction that is not valid there says which and why")
  func transactions() throws {
    let (chain, block) = try Self.sample()
    func rejection(_ transaction: Transaction) -> BlockRejection? {
      var altered = block
      altered.transactions = [transaction]
      altered.header.transactionsRoot = Block.transactionsRoot([transaction])
      return Self.rejection(chain, altered)
    }
    let late = try #require(chain.signed(chain.transfer(nonce: 5)))
    #expect(
      rejection(late.transaction)
        == .transaction(index: 0, .nonceTooHigh(expected: 0, got: 5)))
    var unsigned = late.transaction
    unsigned.signature = nil
    #expect(rejection(unsigned) == .transactionSender(index: 0, .unsigned))
  }

  @Test("of a chain without the contracts that hold requests is refused")
  func systemContracts() throws {
    let (chain, _) = try Self.sample()
    var bare = State()
    try bare.apply(
      StateDiff(accounts: [
        AccountChange(
          address: Chain.alice,
          account: AccountChange.Fields(nonce: 0, balance: 1, codeHash: Keccak256.empty))
      ]))
    let outcome = try buildBlock(
      specification: chain.specification, parent: chain.head, state: bare,
      inputs: chain.inputs(), candidates: [], ancestorHashes: chain.ancestors,
      provider: Chain.provider)
    #expect(throws: BlockRejection.systemCallFailed(SystemContracts.withdrawalRequests)) {
      try importBlock(
        specification: chain.specification, parent: chain.head, state: bare,
        block: outcome.block, ancestorHashes: chain.ancestors, provider: Chain.provider)
    }
  }

  @Test("of bytes that are no block never traps")
  func hostileBytes() throws {
    let (_, block) = try Self.sample()
    let bytes = block.encoded
    for count in stride(from: 0, to: bytes.count, by: 3) {
      #expect(throws: BlockError.self) { try Block.decode(Bytes(bytes[..<count])) }
    }
    #expect(throws: BlockError.malformed(.trailingBytes)) { try Block.decode(bytes + [0]) }
    for index in bytes.indices {
      var altered = bytes
      altered[index] ^= 0x81
      guard let decoded = try? Block.decode(altered) else { continue }
      #expect(decoded.encoded == altered)
    }
  }
}
