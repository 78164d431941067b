import Cryptography
import EVM
import Execution
import JSON
import NativeCryptography
import Primitives
import Testing
import Tracers

/// A contract that is called once under a tracer.
private struct Scene {
  static let sender = Address(1, 2, 3)
  static let contract = Address(0, 0, 0xc0de)
  static let other = Address(0, 0, 0x07e4)

  /// What a tracer finds when the contract's code is called.
  static func trace(
    _ code: Bytes, other: Bytes = [], input: Bytes = [], gas: UInt64 = 100_000,
    _ settings: JSON
  ) throws -> JSON {
    var genesis = Genesis(
      specification: ChainSpecification(chainID: 1, forks: .all(upTo: .prague)))
    genesis.gasLimit = 30_000_000
    genesis.alloc = [
      (Self.contract, GenesisAccount(balance: .zero, nonce: 1, code: code, storage: [])),
      (Self.other, GenesisAccount(balance: .zero, nonce: 1, code: other, storage: [])),
    ]
    let header = genesis.block().header
    let call = CallRequest(from: sender, to: contract, gasLimit: gas, data: input)
    let context = TraceContext(
      specification: genesis.specification, header: header,
      transaction: Transaction(
        to: contract, chainID: 1, nonce: 0, maxFeePerGas: .zero, maxPriorityFeePerGas: .zero,
        gasLimit: gas, data: input), sender: sender)
    let tracer = try TracerSelection(settings).tracer(context)
    let outcome = try simulate(
      specification: genesis.specification, header: header, state: genesis.state(), call: call,
      ancestorHashes: RecentHashes(first: 0, hashes: []),
      provider: NativeCryptographyProvider.shared, tracer: tracer)
    tracer.finish(gasUsed: outcome.gasUsed)
    return try JSON.parse(tracer.result().serialized())
  }
}

@Suite("Tracers") struct TracingTests {
  // PUSH1 7 PUSH1 1 SSTORE PUSH1 1 SLOAD POP STOP
  private let store: Bytes = [0x60, 7, 0x60, 1, 0x55, 0x60, 1, 0x54, 0x50, 0x00]

  @Test("struct logs show stack, storage and the price of each step")
  func structLogs() throws {
    let trace = try Scene.trace(store, [:])
    let logs = try #require(trace["structLogs"]?.array)
    #expect(
      logs.map { $0["op"]?.string } == [
        "PUSH1", "PUSH1", "SSTORE", "PUSH1", "SLOAD", "POP", "STOP",
      ])
    #expect(logs[2]["stack"] == ["0x7", "0x1"])
    #expect(logs[2]["gasCost"]?.int == 22_100)
    let one = Hash(UInt256(1)).hexadecimal
    #expect(logs[2]["storage"]?[one] == .data(Hash(UInt256(7))))
    #expect(logs[4]["storage"]?[one] == .data(Hash(UInt256(7))))
    #expect(logs[3]["storage"] == nil)
    #expect(trace["failed"] == false)
    #expect(trace["gas"]?.int == 21_000 + 22_100 + 3 * 3 + 100 + 2)
  }

  @Test("struct logs leave out what is not wanted, and end at their limit")
  func structLogSettings() throws {
    let bare = try Scene.trace(store, ["disableStack": true, "disableStorage": true])
    #expect(bare["structLogs"]?[2]?["stack"] == nil)
    #expect(bare["structLogs"]?[2]?["storage"] == nil)
    let short = try Scene.trace(store, ["limit": 1])
    #expect(short["structLogs"]?.array?.count == 1)
    // PUSH1 1 PUSH1 0 MSTORE STOP
    let memory = try Scene.trace([0x60, 1, 0x60, 0, 0x52, 0x00], ["enableMemory": true])
    #expect(memory["structLogs"]?[3]?["memory"] == [.data(Hash(UInt256(1)))])
  }

  @Test("a step that cannot be paid or has no operands says so; one that fails as it runs does not")
  func failures() throws {
    let poor = try Scene.trace(store, gas: 22_000, [:])
    #expect(poor["structLogs"]?[2]?["error"] == "out of gas: not enough gas for reentrancy sentry")
    #expect(poor["failed"] == true)
    #expect(poor["returnValue"] == "0x")
    let empty = try Scene.trace([0x01], [:])
    #expect(empty["structLogs"]?[0]?["error"] == "stack underflow (0 <=> 2)")
    #expect(empty["structLogs"]?[0]?["gasCost"]?.int == 3)
    let jump = try Scene.trace([0x60, 9, 0x56], [:])
    #expect(jump["structLogs"]?[1]?["error"] == nil)
    #expect(jump["structLogs"]?[1]?["gasCost"]?.int == 8)
  }

  // Calls the other contract with all gas, and returns nothing.
  private let calling: Bytes =
    [0x60, 0, 0x60, 0, 0x60, 0, 0x60, 0, 0x60, 0, 0x61, 0x07, 0xe4, 0x5a, 0xf1, 0x00]

  @Test("a tree of calls has the inner call with its error")
  func callTree() throws {
    // PUSH1 0 PUSH1 0 REVERT
    let trace = try Scene.trace(
      calling, other: [0x60, 0, 0x60, 0, 0xfd], ["tracer": "callTracer"])
    #expect(trace["type"] == "CALL")
    #expect(trace["gas"] == .quantity(100_000 as UInt64))
    let inner = try #require(trace["calls"]?[0])
    #expect(inner["to"] == .data(Scene.other))
    #expect(inner["error"] == "execution reverted")
    #expect(inner["gasUsed"] == "0x6")
    let top = try Scene.trace(
      calling, ["tracer": "callTracer", "tracerConfig": ["onlyTopCall": true]])
    #expect(top["calls"] == nil)
  }

  @Test("a call of an account without code has no steps")
  func emptyCode() throws {
    let trace = try Scene.trace(calling, [:])
    let depths = trace["structLogs"]?.array?.compactMap { $0["depth"]?.int } ?? []
    #expect(Set(depths) == [1])
  }

  @Test("prestate has what was touched as it was, and its difference what changed")
  func prestate() throws {
    let before = try Scene.trace(store, ["tracer": "prestateTracer"])
    let contract = Scene.contract.hexadecimal
    #expect(before[contract]?["storage"]?[Hash(UInt256(1)).hexadecimal] == .data(Hash.zero))
    #expect(before[contract]?["code"] == .data(store))
    let difference = try Scene.trace(
      store, ["tracer": "prestateTracer", "tracerConfig": ["diffMode": true]])
    #expect(
      difference["post"]?[contract]?["storage"]?[Hash(UInt256(1)).hexadecimal]
        == .data(Hash(UInt256(7))))
    #expect(difference["pre"]?[contract]?["storage"] == nil)
  }

  @Test("selectors are counted with the size of what follows, and several tracers run at once")
  func selectors() throws {
    let input: Bytes = [0xaa, 0xbb, 0xcc, 0xdd, 0, 0]
    let trace = try Scene.trace(
      [0x00], input: input,
      ["tracer": "muxTracer", "tracerConfig": ["4byteTracer": [:], "noopTracer": [:]]])
    #expect(trace == ["4byteTracer": ["0xaabbccdd-2": 1], "noopTracer": [:]])
  }

  @Test("a flat list has each call's place, and Parity's words if asked for")
  func flat() throws {
    let trace = try Scene.trace(
      calling, other: [0x60, 0, 0x60, 0, 0xfd],
      ["tracer": "flatCallTracer", "tracerConfig": ["convertParityErrors": true]])
    #expect(trace.array?.count == 2)
    #expect(trace[0]?["subtraces"]?.int == 1)
    #expect(trace[1]?["traceAddress"] == [0])
    #expect(trace[1]?["error"] == "Reverted")
  }
}
