import EVM
import Primitives
import Testing

/// A tracer that writes down what it is told.
private final class Recorder: Tracer {
  var watchesSteps = true
  var wantsAbort: Bool { lines.count >= limit }
  var limit = Int.max
  var lines: [String] = []

  func enter(_ message: Message, depth: Int) {
    lines.append("enter \(depth) \(message.kind) \(message.gasLimit) \(message.input.count)")
  }
  func exit(_ result: MessageResult, depth: Int) { lines.append("exit \(depth) \(result.status)") }
  func step(_ step: TraceStep) {
    lines.append("\(step.position) \(step.opcode) \(step.gas) \(step.stack.count)")
  }
  func stepDone(cost: UInt64) { lines.append("cost \(cost)") }
  func log(_ log: Log, depth: Int) { lines.append("log \(log.topics.count)") }
  func selfDestruct(_ contract: Address, beneficiary: Address, balance: UInt256, depth: Int) {
    lines.append("selfdestruct \(balance.lowUInt64)")
  }
}

@Suite struct TracerTests {
  @Test("a tracer sees each step, its price, and each frame in its place")
  func steps() throws {
    let recorder = Recorder()
    var world = World(.osaka, push(1) + push(2) + .add + .pop + callWord(World.other, gas: 100))
    world.state.add(World.other, nonce: 1, code: Program.gas.bytes)
    world.tracer = recorder
    let result = try world.call(gas: 10_000)
    #expect(result.status == .success)
    let expected = [
      "enter 0 call 10000 0", "0 96 10000 0", "cost 3", "2 96 9997 1", "cost 3", "4 1 9994 2",
      "cost 3", "5 80 9991 1", "cost 2",
    ]
    #expect(Array(recorder.lines.prefix(9)) == expected)
    let call = try #require(recorder.lines.firstIndex { $0.hasPrefix("enter 1") })
    #expect(recorder.lines[call - 1] == "cost 2703")
    #expect(
      Array(recorder.lines[call...].prefix(6)) == [
        "enter 1 call 100 0", "0 90 100 0", "cost 2", "1 0 98 1", "cost 0", "exit 1 success",
      ])
    #expect(recorder.lines.last == "exit 0 success")
  }

  @Test("frames alone are told if steps are not watched, and nothing changes by watching")
  func frames() throws {
    let recorder = Recorder()
    recorder.watchesSteps = false
    var world = World(.osaka, callWord(Address(0, 0, 4)) + callWord(World.other, value: 900))
    world.tracer = recorder
    let watched = try world.call()
    #expect(
      recorder.lines.map { $0.split(separator: " ").prefix(2).joined(separator: " ") } == [
        "enter 0", "enter 1", "exit 1", "enter 1", "exit 1", "exit 0",
      ])
    #expect(recorder.lines[4].contains("insufficientBalance"))
    world.tracer = nil
    let alone = World(.osaka, callWord(Address(0, 0, 4)) + callWord(World.other, value: 900))
    #expect(try alone.call().gasLeft == watched.gasLeft)
  }

  @Test("a tracer may stop the execution")
  func abort() throws {
    let recorder = Recorder()
    recorder.limit = 50
    var world = World(.osaka, .jumpdest + push(0) + .jump)
    world.tracer = recorder
    #expect(throws: ExecutionStop.aborted) { try world.call() }
    #expect(recorder.lines.count <= 52)
  }
}
