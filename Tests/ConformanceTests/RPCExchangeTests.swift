import Conformance
import JSON
import Testing

@Suite("Cases of the execution API's tests") struct RPCExchangeTests {
  private func exchange(_ text: String) throws -> RPCExchange {
    try RPCExchange([UInt8](text.utf8))
  }

  private func passes(_ text: String, _ answer: String) throws -> Bool {
    let exchange = try exchange(text)
    return exchange.judge(exchange.rounds[0], [UInt8](answer.utf8)) == .passed
  }

  @Test("are read line by line, requests as they stand")
  func reading() throws {
    let read = try exchange(
      "// a comment\n// speconly: shape\n>> {\"id\": 1}\n<< {\"result\":[]}\n\n>> x\n<< 1\n")
    #expect(read.isShapeOnly)
    #expect(read.rounds.map(\.request) == [[UInt8](#"{"id": 1}"#.utf8), [UInt8]("x".utf8)])
    #expect(read.rounds[0].answer == ["result": []])
  }

  @Test(
    "that are none are refused",
    arguments: ["", "// only words", ">> a", "<< {}", ">> a\n>> b", ">> a\n<< {", "hello"])
  func malformed(text: String) {
    #expect(throws: FixtureError.self) { try exchange(text) }
  }

  @Test("demand the same value, whatever the order of members")
  func equality() throws {
    let text = ">> q\n<< {\"result\":{\"a\":1.50,\"b\":[\"x\"]}}"
    #expect(try passes(text, #"{"result":{"b":["x"],"a":1.5}}"#))
    #expect(try !passes(text, #"{"result":{"b":["y"],"a":1.5}}"#))
    #expect(try !passes(text, #"{"result":{"b":["x"]}}"#))
    #expect(try !passes(text, #"{"result":{"b":["x"],"a":1.5,"c":0}}"#))
    #expect(try !passes(text, #"{"result":{"b":["x","x"],"a":1.5}}"#))
    #expect(try !passes(text, "no JSON"))
  }

  @Test("demand of an error its code alone")
  func errors() throws {
    let text = ">> q\n<< {\"error\":{\"code\":-32000,\"message\":\"words\"}}"
    #expect(try passes(text, #"{"error":{"code":-32000,"message":"others","data":"0x"}}"#))
    #expect(try !passes(text, #"{"error":{"code":3,"message":"words"}}"#))
    #expect(try !passes(text, #"{"result":"0x"}"#))
  }

  @Test("that say so demand the shape alone")
  func shapes() throws {
    let text = "// speconly: shape\n>> q\n<< {\"result\":{\"a\":\"0x1\",\"list\":[{\"n\":1}]}}"
    #expect(try passes(text, #"{"result":{"a":"0x2","list":[{"n":7},{"n":8}]}}"#))
    #expect(try passes(text, #"{"result":{"a":"0x2","list":[]}}"#))
    #expect(try !passes(text, #"{"result":{"a":2,"list":[]}}"#))
    #expect(try !passes(text, #"{"result":{"list":[]}}"#))
    #expect(try !passes(text, #"{"result":{"a":"0x2","list":[{"n":"7"}]}}"#))
    #expect(try !passes(text, #"{"error":{"code":1}}"#))
    let capability = ">> q\n<< {\"result\":{\"disabled\":false,\"deleteStrategy\":{}}}"
    #expect(try passes("// speconly: shape\n" + capability, #"{"result":{"disabled":false}}"#))
    #expect(try !passes(capability, #"{"result":{"disabled":false}}"#))
  }
}
