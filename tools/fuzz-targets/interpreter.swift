import Cryptography
import EVM
import Execution
import NativeCryptography
import Primitives

/// The interpreter: two contracts of any bytes, under any fork.
///
/// Nothing traps; gas never grows within a frame; memory is no larger than its price allows; the
/// stack keeps its bounds; and the loop for tracers and the one without come to the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Bytes(UnsafeBufferPointer(start: start, count: count))
  guard bytes.count >= 8 else { return 0 }
  let fork = Fork.allCases[Int(bytes[0]) % Fork.allCases.count]
  let gasLimit = UInt64(bytes[1]) << 9 | UInt64(bytes[2]) << 2 | UInt64(bytes[3] & 3)
  let split = 8 + Int(bytes[4]) * (bytes.count - 8) / 255
  let input = Bytes(bytes[5..<8]) + bytes.suffix(Int(bytes[3] >> 2))
  let run = Run(
    fork: fork, gasLimit: gasLimit, input: input, first: Bytes(bytes[8..<split]),
    second: Bytes(bytes[split...]), isCreation: bytes[5] == 0xff)
  let watcher = Watcher(gasLimit: gasLimit)
  let watched = run.outcome(watcher)
  let plain = run.outcome(nil)
  precondition(watched.gasLeft == plain.gasLeft, "a tracer changes the gas")
  precondition(watched.output == plain.output, "a tracer changes the output")
  precondition(watched.root == plain.root, "a tracer changes the state")
  precondition(plain.gasLeft <= gasLimit, "a message gives back more gas than it got")
  return 0
}

private struct Run {
  let fork: Fork
  let gasLimit: UInt64
  let input: Bytes
  let first: Bytes
  let second: Bytes
  let isCreation: Bool

  private static let contract = Address(UInt256(0xc0de as UInt64))
  private static let other = Address(UInt256(0x20 as UInt64))
  private static let sender = Address(UInt256(0xcafe as UInt64))

  private final class NoHashes: AncestorHashes {
    func blockHash(_ number: UInt64) throws(StateMiss) -> Hash { Hash(UInt256(number)) }
  }

  func outcome(_ tracer: (any Tracer)?) -> (gasLeft: UInt64, output: Bytes, root: Hash) {
    var genesis = Genesis(
      specification: ChainSpecification(chainID: 1, forks: .all(upTo: .frontier)))
    genesis.alloc = [
      (
        Self.contract,
        GenesisAccount(balance: 7, nonce: 1, code: first, storage: [(0, 1), (1, 2)])
      ),
      (Self.other, GenesisAccount(balance: 1, nonce: 1, code: second)),
      (Self.sender, GenesisAccount(balance: .max &- 100)),
    ]
    let state = genesis.state()
    let journal = Journal(reader: state.reader(blockHashes: NoHashes()), fork: fork)
    journal.beginTransaction()
    let machine = Machine(
      fork: fork, block: BlockEnvironment(number: 300),
      transaction: TransactionEnvironment(origin: Self.sender, gasPrice: 1), journal: journal,
      provider: NativeCryptographyProvider.shared, tracer: tracer)
    let message: Message =
      isCreation
      ? .creation(
        from: Self.sender, at: Address(UInt256(0x7777 as UInt64)), initCode: first,
        gasLimit: gasLimit)
      : .call(
        from: Self.sender, to: Self.contract, value: 3, input: input, gasLimit: gasLimit)
    guard let result = try? machine.run(message) else { fatalError("the machine stopped") }
    _ = journal.endTransaction()
    var after = state
    guard (try? after.apply(journal.diff())) != nil else { fatalError("state is missing") }
    return (result.gasLeft, result.output, after.root)
  }
}

/// Looks at every step.
private final class Watcher: Tracer {
  let watchesSteps = true
  let wantsAbort = false
  private let gasLimit: UInt64
  /// The gas of the latest step of each open frame.
  private var gas: [UInt64] = []

  init(gasLimit: UInt64) { self.gasLimit = gasLimit }

  func enter(_ message: Message, depth: Int) {
    precondition(depth == gas.count, "frames begin one within the other")
    precondition(depth <= 1024, "frames are too deep")
    precondition(message.gasLimit <= gasLimit + 2300, "a frame gets more gas than there is")
    gas.append(message.gasLimit)
  }

  func exit(_ result: MessageResult, depth: Int) {
    precondition(depth == gas.count - 1, "frames end in the order of their beginnings")
    precondition(result.gasLeft <= gas[depth], "a frame gives back more gas than it had")
    gas.removeLast()
  }

  func step(_ step: TraceStep) {
    precondition(step.depth == gas.count - 1, "a step is of the frame that began last")
    precondition(step.gas <= gas[step.depth], "gas grows")
    gas[step.depth] = step.gas
    precondition(step.stack.count <= 1024, "the stack is too high")
    let words = UInt64(step.memorySize) / 32
    precondition(step.memorySize % 32 == 0, "memory is no whole number of words")
    precondition(3 * words + words * words / 512 <= gasLimit + 2300, "memory is not paid for")
  }

  // An instruction that runs out of gas tells a cost above what there was.
  func stepDone(cost: UInt64) {}
  func log(_ log: Log, depth: Int) { precondition(log.topics.count <= 4, "too many topics") }
  func selfDestruct(_ contract: Address, beneficiary: Address, balance: UInt256, depth: Int) {}
}
