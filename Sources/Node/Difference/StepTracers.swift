import EVM
import Primitives

/// What a tracer of steps does with all else.
class StepWatcher: Tracer {
  var watchesSteps: Bool { true }
  var wantsAbort: Bool { false }
  func enter(_ message: Message, depth: Int) {}
  func exit(_ result: MessageResult, depth: Int) {}
  func step(_ step: TraceStep) {}
  func stepDone(cost: UInt64) {}
  func log(_ log: Log, depth: Int) {}
  func selfDestruct(_ contract: Address, beneficiary: Address, balance: UInt256, depth: Int) {}
}

/// A fingerprint of each step of a run: eight bytes, so that a run of millions can be compared.
///
/// Gas is left out: transactions that differ in nothing but their limit run alike.
final class StepPrints: StepWatcher {
  /// The fingerprints, unless the run is compared.
  private(set) var prints: [UInt64] = []
  /// How many steps there were.
  private(set) var count = 0
  /// The first step that has another fingerprint than the run before.
  private(set) var parting: Int?

  private let others: [UInt64]?

  /// How deep into the stack a fingerprint looks.
  private static let wordCount = 8

  /// Keeps the fingerprints of a run, or compares them with those of another.
  init(comparing others: [UInt64]? = nil) { self.others = others }

  override func step(_ step: TraceStep) {
    let print = Self.print(of: step)
    if let others {
      if parting == nil, count < others.count, others[count] != print { parting = count }
    } else {
      prints.append(print)
    }
    count += 1
  }

  private static func print(of step: TraceStep) -> UInt64 {
    // FNV-1a over words: it is compared with another run of the same machine, not with an enemy.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ word: UInt64) { hash = (hash ^ word) &* 0x100_0000_01b3 ^ (hash >> 29) }
    mix(UInt64(step.position))
    mix(UInt64(step.opcode) << 32 | UInt64(step.depth))
    mix(UInt64(step.stackHeight))
    mix(UInt64(step.returnData.count))
    for index in 0..<min(wordCount, step.stackHeight) {
      let word = step.word(index)
      for limb in [word.limb0, word.limb1, word.limb2, word.limb3] { mix(limb) }
    }
    return hash
  }
}

/// One step of a run, with what the machine looks like after it.
final class StepDetail: StepWatcher {
  private let place: Int
  private var count = 0
  private var found: LogDifference.Step?
  private var after = "the run ends"

  /// Looks at the step of a number.
  init(at place: Int) { self.place = place }

  override func step(_ step: TraceStep) {
    defer { count += 1 }
    if count == place {
      let isStorage = [0x54, 0x55, 0x5c, 0x5d].contains(step.opcode) && step.stackHeight > 0
      found = LogDifference.Step(
        number: place, depth: step.depth, address: step.address, position: step.position,
        opcode: step.opcode, slot: isStorage ? step.word(0) : nil,
        outcome: .init(name: "then", first: "", second: ""))
    } else if count == place + 1 {
      let top =
        step.stackHeight > 0 ? "0x" + String(step.word(0).hexadecimal.dropFirst(2)) : "empty"
      after =
        "stack top \(top), next instruction at \(step.position) of "
        + "\(step.address.hexadecimal), depth \(step.depth)"
    }
  }

  /// What two runs made of the same step; nil where one of them has no such step.
  static func difference(
    _ first: StepDetail, _ second: StepDetail, number: Int
  ) -> LogDifference.Step? {
    guard var step = first.found, let other = second.found else { return nil }
    step.outcome = .init(name: "then", first: first.after, second: second.after)
    if step.slot != other.slot { step.slot = step.slot ?? other.slot }
    return step
  }
}
