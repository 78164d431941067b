import EVM
import JSON
import Primitives
import Tracers

/// Ends a simulated call that takes too long, and hears what it says to the console.
///
/// Asked before each frame; within one, the gas cap bounds the time.
final class CallWatch: ResultTracer {
  private let deadline: UInt64
  private let clock: () -> UInt64
  private(set) var lines: [String] = []
  /// The calls as lines, if they were asked for.
  var calls: [String] = []
  /// How the frame that ended last, the outermost in the end, ended.
  private(set) var lastResult: MessageResult?

  /// A watch that ends the call at a time in milliseconds.
  init(until deadline: UInt64, clock: @escaping () -> UInt64) {
    self.deadline = deadline
    self.clock = clock
  }

  /// A watch that only listens.
  convenience init() { self.init(until: .max, clock: { 0 }) }

  var watchesSteps: Bool { false }

  var wantsAbort: Bool { deadline != .max && clock() > deadline }

  func enter(_ message: Message, depth: Int) {
    guard message.codeAddress == ConsoleLog.address, lines.count < ConsoleLog.lineLimit,
      let line = ConsoleLog.decode(message.input)
    else { return }
    lines.append(line)
  }

  func exit(_ result: MessageResult, depth: Int) { lastResult = result }
  func result() -> JSON { .null }
  func step(_ step: TraceStep) {}
  func stepDone(cost: UInt64) {}
  func log(_ log: Log, depth: Int) {}
  func selfDestruct(_ contract: Address, beneficiary: Address, balance: UInt256, depth: Int) {}
}
