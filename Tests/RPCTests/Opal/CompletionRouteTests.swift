import Contracts
import JSON
import Ledger
import Node
import Primitives
import RPC
import Testing

@Suite("Models in OpenAI's wire format, over HTTP", .serialized)
struct CompletionRouteTests {
  private let question: JSON = [
    "model": "opal-demo", "messages": [["role": "user", "content": "What is love?"]],
    "temperature": 0, "max_tokens": 8,
  ]

  @Test("an answer ends in a signed use that is in the log and settled")
  func whole() async throws {
    let node = try ServingNode()
    let (status, text) = try await node.send("/v1/chat/completions", question)
    #expect(status == 200, "\(text)")
    let answer = try JSON.parse(text)
    #expect(answer["choices"]?[0]?["message"]?["content"]?.string?.hasPrefix("1. The most") == true)
    #expect(answer["usage"]?["total_tokens"] == 15)
    let digest = try #require(answer["opal"]?["receipt"])
    let use = try await node.call("opal_getUsage", digest)["result"]
    #expect(use?["status"] == "settled")
    #expect(use?["receipt"]?["completionTokens"] == "0x8")
    #expect(use?["receipt"]?["outputHash"] == answer["opal"]?["outputHash"])
    let again = try JSON.parse(try await node.send("/v1/chat/completions", question).text)
    #expect(again["choices"] == answer["choices"])
    for member in ["requestHash", "outputHash", "fee"] {
      #expect(again["opal"]?[member] == answer["opal"]?[member])
    }
    #expect(again["opal"]?["receipt"] != digest)
  }

  @Test("a stream's pieces join to the whole answer, and end with the receipt")
  func streamed() async throws {
    let node = try ServingNode()
    let whole = try JSON.parse(try await node.send("/v1/chat/completions", question).text)
    guard case .object(var members) = question else { return }
    members["stream"] = true
    let (status, text) = try await node.send("/v1/chat/completions", .object(members))
    #expect(status == 200)
    let events = text.split(separator: "\n\n").map { $0.dropFirst("data: ".count) }
    #expect(events.last == "[DONE]")
    let chunks = try events.dropLast().map { try JSON.parse(String($0)) }
    let pieces = chunks.compactMap { $0["choices"]?[0]?["delta"]?["content"]?.string }
    #expect(
      .string(pieces.joined()) == whole["choices"]?[0]?["message"]?["content"])
    #expect(chunks.last?["opal"]?["outputHash"] == whole["opal"]?["outputHash"])
  }

  @Test("a request pays by a signed authorisation or by a key that is bound to one")
  func payers() async throws {
    let node = try ServingNode()
    // The development payer's first request registers model and engine.
    #expect(try await node.send("/v1/chat/completions", question).status == 200)
    let grant = try await node.grant()
    guard case .object(var members) = question else { return }
    members["opal"] = grant.json
    let signed = try JSON.parse(try await node.send("/v1/chat/completions", .object(members)).text)
    let payer: JSON = .data(grant.authorization.payer)
    #expect(signed["opal"]?["payer"] == payer)
    let bound = try await node.call("opal_createApiKey", grant.json)
    let key = try #require(bound["result"]?["apiKey"]?.string)
    let (status, text) = try await node.send("/v1/chat/completions", question, key: key)
    #expect(status == 200)
    #expect(try JSON.parse(text)["opal"]?["payer"] == payer)
  }

  @Test("who names no payer, a wrong key, or one who cannot pay is refused, and nothing recorded")
  func refusals() async throws {
    let node = try ServingNode(hasDevelopmentPayer: false)
    let before = node.node.world.sequence
    #expect(try await node.send("/v1/chat/completions", question).status == 401)
    #expect(try await node.send("/v1/chat/completions", question, key: "opal-x").status == 401)
    #expect(try await node.send("/v1/chat/completions", question, key: "sk-x").status == 401)
    guard case .object(var members) = question else { return }
    members["opal"] = ["authorization": 5]
    #expect(try await node.send("/v1/chat/completions", .object(members)).status == 400)
    members["opal"] = nil
    members["model"] = "gpt-9"
    let unknown = try await node.send("/v1/chat/completions", .object(members))
    #expect(unknown.status == 404 && unknown.text.contains("gpt-9"))
    #expect(try await node.send("/v1/completions", ["model": "opal-demo"]).status == 400)
    #expect(try await node.send("/v1/models/nosuch").status == 404)
    #expect(node.node.world.sequence == before)
    let grant = try await node.grant(maximumFee: 1)
    let deposited = node.node.world.sequence
    members["model"] = "opal-demo"
    members["opal"] = grant.json
    let status = try await node.send("/v1/chat/completions", .object(members)).status
    #expect(status == 402 || status == 403)
    #expect(node.node.world.sequence == deposited)
  }
}
