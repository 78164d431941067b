import Cryptography
import EVM
import Execution
import JSON
import Ledger
import Primitives
import Synchronization

extension EthereumService {
  /// The methods, of which `eth_call` is answered at once where that takes microseconds.
  ///
  /// To hand a call to another thread and its answer back takes longer than most calls themselves.
  func withQuickCalls(_ methods: [String: RPCMethod]) -> [String: RPCMethod] {
    guard case .asynchronous(let run)? = methods["eth_call"] else { return methods }
    var methods = methods
    methods["eth_call"] = .deferred { [self] (parameters, complete) throws(RPCError) in
      if let answer = try quickCall(parameters) { return complete(.success(answer)) }
      Task {
        do throws(RPCError) {
          complete(.success(try await run(parameters)))
        } catch {
          complete(.failure(error))
        }
      }
    }
    return methods
  }

  /// What a call gives if it needs little gas and nothing that takes time; nil if that cannot be
  /// told so soon.
  ///
  /// With less gas than it was given a call does the same as long as it never asks how much is left
  /// and no frame runs out of it. So an attempt with little gas either gives what the whole call
  /// gives, or is thrown away.
  private func quickCall(_ parameters: RPCParameters) throws(RPCError) -> JSON? {
    guard parameters.count <= 2, parameters.optional(0)?.json.object != nil else { return nil }
    let arguments = try parameters.required(0).transactionArguments()
    guard let target = arguments.to, target > QuickCalls.lastReserved, arguments.isPlain else {
      return nil
    }
    let chain = try chain()
    guard !chain.isForked, !quickCalls.isUnsuited(target, arguments.data ?? []) else { return nil }
    let selector = try parameters.optional(1)?.block() ?? .latest
    switch selector {
    case .latest: break
    case .number(let number) where chain.block(number) != nil: break
    default: return nil
    }
    try arguments.checkChain(chain.specification)
    let point = try point(selector, on: chain)
    let watch = QuickCallWatch(quickCalls)
    let attempt = Result { () throws(SimulationError) in
      try run(arguments.callRequest, at: point, gasCap: min(QuickCalls.gas, limits.callGas), watch)
    }
    // What goes wrong, the whole call says.
    if watch.isSuited, case .success(let outcome) = attempt, outcome.status.isNoHalt {
      return try answer(outcome, at: point, saying: watch.lines)
    }
    quickCalls.noteUnsuited(target, arguments.data ?? [])
    return nil
  }
}

extension CallStatus {
  fileprivate var isNoHalt: Bool { if case .halt = self { false } else { true } }
}

extension TransactionArguments {
  /// Whether nothing is named but who calls whom with what, for how much gas and ether.
  fileprivate var isPlain: Bool {
    gasPrice == nil && maxFeePerGas == nil && maxPriorityFeePerGas == nil
      && maxFeePerBlobGas == nil && accessList == nil && blobHashes == nil && authorizations == nil
  }
}

/// What is known of calls that were attempted with little gas.
final class QuickCalls: Sendable {
  /// The gas of an attempt: a millisecond at most, whatever it is spent on.
  static let gas: UInt64 = 100_000
  /// The last of the addresses where precompiled contracts are.
  static let lastReserved = Address(UInt256(0xffff as UInt64))

  private struct Key: Hashable {
    var target: Address
    /// The first four bytes of the input.
    var selector: UInt32
  }

  private struct Known {
    var unsuited: Set<Key> = []
    /// Whether a code asks for gas, by its hash.
    var gasReaders: [Hash: Bool] = [:]
  }

  /// How much of each is remembered before all of it is forgotten.
  private static let limit = 4_096
  private let known = Mutex(Known())

  private static func key(_ target: Address, _ input: Bytes) -> Key {
    Key(target: target, selector: input.prefix(4).reduce(0) { $0 << 8 | UInt32($1) })
  }

  /// Whether an attempt of such a call was in vain.
  func isUnsuited(_ target: Address, _ input: Bytes) -> Bool {
    known.withLock { $0.unsuited.contains(Self.key(target, input)) }
  }

  /// Notes that an attempt of such a call was in vain.
  func noteUnsuited(_ target: Address, _ input: Bytes) {
    known.withLock { known in
      if known.unsuited.count >= Self.limit { known.unsuited = [] }
      known.unsuited.insert(Self.key(target, input))
    }
  }

  /// Whether code may ask how much gas is left, or leads to code that is elsewhere.
  func readsGas(_ hash: Hash, code: () throws(StateMiss) -> Bytes) throws(StateMiss) -> Bool {
    if let reads = known.withLock({ $0.gasReaders[hash] }) { return reads }
    let reads = Self.readsGas(try code())
    known.withLock { known in
      if known.gasReaders.count >= Self.limit { known.gasReaders = [:] }
      known.gasReaders[hash] = reads
    }
    return reads
  }

  private static func readsGas(_ code: Bytes) -> Bool {
    // The mark of a delegation is no code.
    if code.first == 0xef { return true }
    var position = 0
    while position < code.count {
      let opcode = code[position]
      if opcode == 0x5a { return true }
      position += 0x60...0x7f ~= opcode ? Int(opcode) - 0x5e : 1
    }
    return false
  }
}

/// Looks whether what a call does can depend on how much gas it was given.
private final class QuickCallWatch: Tracer {
  private let known: QuickCalls
  private let console = CallWatch()
  private var journal: Journal?
  private(set) var isSuited = true

  init(_ known: QuickCalls) { self.known = known }

  /// What the call said to the console.
  var lines: [String] { console.lines }

  var watchesSteps: Bool { false }
  var wantsAbort: Bool { !isSuited }

  func transactionBegins(_ journal: Journal) { self.journal = journal }

  func enter(_ message: Message, depth: Int) {
    console.enter(message, depth: depth)
    guard let journal, message.kind != .create, message.kind != .create2 else {
      isSuited = false
      return
    }
    do throws(StateMiss) {
      let hash = try journal.codeHash(message.codeAddress)
      if hash == Keccak256.empty || hash == .zero { return }
      let reads = try known.readsGas(hash) { () throws(StateMiss) in
        try journal.code(message.codeAddress)
      }
      if reads { isSuited = false }
    } catch {
      isSuited = false
    }
  }

  func exit(_ result: MessageResult, depth: Int) {
    if case .halt = result.status { isSuited = false }
  }

  func step(_ step: TraceStep) {}
  func stepDone(cost: UInt64) {}
  func log(_ log: Log, depth: Int) {}
  func selfDestruct(_ contract: Address, beneficiary: Address, balance: UInt256, depth: Int) {}
}
