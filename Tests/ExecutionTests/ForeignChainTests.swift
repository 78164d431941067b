import Cryptography
import EVM
import Execution
import JSON
import NativeCryptography
import Primitives
import Testing

/// The chain of the RPC tests of Ethereum's execution-apis: 54 blocks through every fork.
@Suite("A foreign chain")
struct ForeignChainTests {
  static let folder = "rpc-compat/tests/"
  static let isThere = Vectors.exists(folder + "chain.rlp")

  /// The blocks of a file of concatenated RLP.
  static func blocks() throws -> [Block] {
    var reader = RLPReader(try Vectors.bytes(folder + "chain.rlp"))
    var blocks: [Block] = []
    while !reader.isAtEnd { blocks.append(try Block.decode(Bytes(try reader.rawItem()))) }
    return blocks
  }

  static func genesis() throws -> Genesis {
    try Genesis(geth: try Vectors.json(folder + "genesis.json"))
  }

  /// The chain imported up to its head.
  static func imported() throws -> (ChainSpecification, BlockHeader, State, RecentHashes) {
    let genesis = try genesis()
    var parent = genesis.block().header
    var state = genesis.state()
    var hashes = [parent.hash]
    var totalDifficulty = parent.difficulty
    for block in try blocks() {
      do throws(BlockRejection) {
        let outcome = try importBlock(
          specification: genesis.specification, parent: parent, state: state, block: block,
          ancestorHashes: RecentHashes(first: 0, hashes: hashes),
          provider: NativeCryptographyProvider.shared, parentTotalDifficulty: totalDifficulty)
        #expect(outcome.block == block)
        state = outcome.state
      } catch {
        Issue.record("block \(block.header.number): \(error.message)")
        throw error
      }
      parent = block.header
      totalDifficulty = totalDifficulty + parent.difficulty
      hashes.append(parent.hash)
    }
    return (genesis.specification, parent, state, RecentHashes(first: 0, hashes: hashes))
  }

  @Test(
    "is imported block by block, each with its recorded hash",
    .enabled(if: isThere, "no rpc-compat vectors"))
  func wholeChain() throws {
    let (_, head, _, hashes) = try Self.imported()
    #expect(head.number == 54)
    #expect(hashes.hashes.count == 55)
    let recorded = try Vectors.json(Self.folder + "headfcu.json")
    let hash = try recorded.field("params")[0]?.field("headBlockHash").hash()
    #expect(hash == head.hash)
  }

  @Test(
    "encodes to the bytes that it was decoded from",
    .enabled(if: isThere, "no rpc-compat vectors"))
  func roundTrip() throws {
    var encoded: Bytes = []
    for block in try Self.blocks() { encoded += block.encoded }
    #expect(encoded == (try Vectors.bytes(Self.folder + "chain.rlp")))
  }
}
