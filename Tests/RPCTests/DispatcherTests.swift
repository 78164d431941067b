import JSON
import RPC
import Testing

@Suite("JSON-RPC requests")
struct DispatcherTests {
  private let dispatcher = JSONRPCDispatcher(methods: [
    "echo": .immediate { .array($0.values) },
    "later": .asynchronous { parameters in
      await Task.yield()
      return .array(parameters.values)
    },
    "fail": .immediate { _ throws(RPCError) in
      throw .reverted(reason: "no \"luck\"", output: [0x08, 0xc3])
    },
    "large": .immediate { _ in .string(String(repeating: "l", count: 1000)) },
  ])

  private func ask(_ text: String) async -> String? {
    await dispatcher.reply(to: [UInt8](text.utf8)).map { String(decoding: $0, as: UTF8.self) }
  }

  static let single: [(request: String, reply: String?)] = [
    (
      #"{"jsonrpc":"2.0","id":1,"method":"echo","params":[1,"a",null]}"#,
      #"{"jsonrpc":"2.0","id":1,"result":[1,"a",null]}"#
    ),
    (
      #"{"method":"later","params":[true],"jsonrpc":"2.0","id":"x\n"}"#,
      #"{"jsonrpc":"2.0","id":"x\n","result":[true]}"#
    ),
    (
      #"{"jsonrpc":"2.0","id":1.50,"method":"echo"}"#,
      #"{"jsonrpc":"2.0","id":1.50,"result":[]}"#
    ),
    (
      #"{"jsonrpc":"2.0","id":null,"method":"echo","params":null}"#,
      #"{"jsonrpc":"2.0","id":null,"result":[]}"#
    ),
    (#"{"jsonrpc":"2.0","method":"echo"}"#, nil),
    (#"{"jsonrpc":"2.0","method":"later"}"#, nil),
    (#"{"jsonrpc":"2.0","method":"nothing"}"#, nil),
    (
      #"{"jsonrpc":"2.0","id":2,"method":"fail"}"#,
      #"{"jsonrpc":"2.0","id":2,"error":{"code":3,"#
        + #""message":"execution reverted: no \"luck\"","data":"0x08c3"}}"#
    ),
    (
      #"{"jsonrpc":"2.0","id":3,"method":"eth_nothing"}"#,
      #"{"jsonrpc":"2.0","id":3,"error":{"code":-32601,"#
        + #""message":"the method eth_nothing does not exist/is not available"}}"#
    ),
    (
      #"{"jsonrpc":"2.0","id":4,"method":"echo","params":{"a":1}}"#,
      #"{"jsonrpc":"2.0","id":4,"error":{"code":-32602,"message":"non-array args"}}"#
    ),
    (
      #"{"jsonrpc":"1.0","id":5,"method":"echo"}"#,
      #"{"jsonrpc":"2.0","id":5,"error":{"code":-32600,"message":"invalid request"}}"#
    ),
    (
      #"{"jsonrpc":"2.0","id":[6],"method":"echo"}"#,
      #"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"id is no string or number"}}"#
    ),
    (
      #"{"jsonrpc":"2.0","id":7,"method":7}"#,
      #"{"jsonrpc":"2.0","id":7,"error":{"code":-32600,"message":"invalid request"}}"#
    ),
    ("3", #"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"invalid request"}}"#),
    ("[]", #"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"empty batch"}}"#),
    (
      #"{"jsonrpc""#,
      #"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"#
        + #""message":"parse error: unexpected end of JSON input at byte 10"}}"#
    ),
  ]

  @Test("a request has the answer that its id, method and parameters deserve", arguments: single)
  func singles(request: String, reply: String?) async {
    #expect(await ask(request) == reply)
  }

  @Test("a batch is answered in its order, notifications left out, errors in their place")
  func batch() async {
    let request =
      #"[{"jsonrpc":"2.0","id":1,"method":"later","params":[1]},"#
      + #"{"jsonrpc":"2.0","method":"echo"},5,[],"#
      + #"{"jsonrpc":"2.0","id":2,"method":"echo","params":[2]}]"#
    let invalid =
      #"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"invalid request"}}"#
    #expect(
      await ask(request)
        == #"[{"jsonrpc":"2.0","id":1,"result":[1]},"# + invalid + "," + invalid
        + #",{"jsonrpc":"2.0","id":2,"result":[2]}]"#)
    #expect(await ask(#"[{"jsonrpc":"2.0","method":"echo"}]"#) == nil)
  }

  @Test("a batch over the limits is refused: all of it by count, the rest of it by size")
  func limits() async throws {
    var limits = JSONRPCLimits()
    limits.batchCount = 5
    limits.responseSizeInBytes = 1500
    let small = JSONRPCDispatcher(
      methods: ["large": .immediate { _ in .string(String(repeating: "l", count: 1000)) }],
      limits: limits)
    let call = #"{"jsonrpc":"2.0","id":1,"method":"large"}"#
    func batch(_ count: Int) -> [UInt8] {
      [UInt8](("[" + [String](repeating: call, count: count).joined(separator: ",") + "]").utf8)
    }
    let refused = try #require(await small.reply(to: batch(6)))
    #expect(try JSON.parse(refused)["error"]?["message"] == "batch too large")
    let reply = try JSON.parse(try #require(await small.reply(to: batch(5))))
    #expect(reply.array?.count == 5)
    #expect(reply[1]?["result"]?.string?.utf8.count == 1000)
    #expect(reply[2]?["error"] == ["code": -32003, "message": "response too large"])
    #expect(reply[4]?["id"] == 1)
  }

  @Test("mutated requests are answered with JSON, whatever they are")
  func mutated() async throws {
    let valid = [UInt8](
      #"[{"jsonrpc":"2.0","id":1,"method":"later","params":[1,"0x12"]},{"id":"b","method":"echo"}]"#
        .utf8)
    var state: UInt64 = 7
    func next(below bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
    for _ in 0..<3_000 {
      var bytes = valid
      for _ in 0...next(below: 3) { bytes[next(below: bytes.count)] = UInt8(next(below: 256)) }
      if let reply = await dispatcher.reply(to: bytes) { _ = try JSON.parse(reply) }
    }
  }

  @Test("a read that takes too long is answered for; what changes something is waited for")
  func timeouts() async throws {
    var limits = JSONRPCLimits()
    limits.requestTimeoutInMilliseconds = 1
    let (endless, end) = AsyncStream<Void>.makeStream()
    defer { end.finish() }
    let slow = RPCMethod.asynchronous { _ in
      for await _ in endless {}
      return true
    }
    let patient = RPCMethod.asynchronous { _ in
      try? await Task.sleep(for: .milliseconds(300))
      return true
    }
    let dispatcher = JSONRPCDispatcher(
      methods: [
        "eth_slow": slow, "evm_patient": patient, "eth_quick": .immediate { _ in "quick" },
      ], limits: limits)
    func ask(_ text: String) async -> String? {
      await dispatcher.reply(to: [UInt8](text.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }
    let late = #""error":{"code":-32002,"message":"request timed out"}}"#
    #expect(
      await ask(#"{"jsonrpc":"2.0","id":7,"method":"eth_slow"}"#)
        == #"{"jsonrpc":"2.0","id":7,"# + late)
    let batch = ["eth_quick", "eth_slow", "eth_quick"].enumerated().map {
      #"{"jsonrpc":"2.0","id":\#($0),"method":"\#($1)"}"#
    }
    #expect(
      await ask("[" + batch.joined(separator: ",") + "]")
        == #"[{"jsonrpc":"2.0","id":0,"result":"quick"},{"jsonrpc":"2.0","id":1,"# + late
        + #",{"jsonrpc":"2.0","id":2,"# + late + "]")
    #expect(
      await ask(#"{"jsonrpc":"2.0","id":8,"method":"evm_patient"}"#)
        == #"{"jsonrpc":"2.0","id":8,"result":true}"#)
  }
}
