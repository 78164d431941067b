import Inference
import JSON
import Primitives
import Testing

/// OpenAI's wire format: what is understood, what is refused and how answers look.
@Suite struct OpenAITests {
  private func catalog() throws -> ModelCatalog {
    var catalog = ModelCatalog()
    catalog.add(try Fixtures.demoModel.get(), name: "demo", created: 1_700_000_000)
    return catalog
  }

  private func call(
    _ body: String, _ kind: CompletionCall.Kind = .chat
  ) throws -> CompletionCall {
    try CompletionCall.parse(Bytes(body.utf8), kind: kind, catalog: catalog())
  }

  private static let hello = #""messages":[{"role":"user","content":"Hello"}]"#

  @Test("a conversation with all its settings is understood")
  func chat() throws {
    let call = try call(
      #"""
      {"model":"demo","messages":[{"role":"developer","content":"Be brief."},
      {"role":"user","content":[{"type":"text","text":"What is "},{"type":"text","text":"gold?"}]},
      {"role":"assistant","content":"A metal."},{"role":"user","content":"And lead?","name":"a"}],
      "temperature":0.5,"top_p":0.9,"top_k":40,"seed":-1,"max_completion_tokens":9,
      "stop":["a","b"],"stream":true,"stream_options":{"include_usage":true},"n":1,"tools":null,
      "user":"u","presence_penalty":0,"logit_bias":{},"response_format":{"type":"text"},
      "opal":{"authorization":"0x00"}}
      """#)
    let model = try Fixtures.demoModel.get()
    let text =
      "<|system|>Be brief.<|user|>What is gold?<|assistant|>A metal.<|eos|>"
      + "<|user|>And lead?<|assistant|>"
    #expect(call.request.promptTokens == model.tokenizer.encode(text))
    #expect(
      call.request.sampling == Sampling(temperature: 0.5, topK: 40, topP: 0.9, seed: .max))
    #expect(call.request.maximumTokens == 9)
    #expect(call.request.stop == ["a", "b"])
    #expect(call.isStreamed && call.includesUsage)
    #expect(call.extensions["authorization"] == "0x00")
  }

  @Test("a completion takes a text, a list of one, or tokens")
  func completion() throws {
    let prompts = [#""Hello""#, #"["Hello"]"#]
    let tokens = try Fixtures.demoModel.get().tokenizer.encode("Hello")
    for prompt in prompts + ["\(tokens)", "[\(tokens)]"] {
      let call = try call(#"{"model":"demo","prompt":\#(prompt)}"#, .completion)
      #expect(call.request.promptTokens == tokens)
      #expect(call.request.maximumTokens == 16)
      #expect(call.request.sampling == Sampling())
      #expect(!call.isStreamed)
    }
  }

  @Test(
    "what cannot be done is refused with status, parameter and code",
    arguments: [
      ("{", 400, nil, nil),
      ("[]", 400, nil, nil),
      ("{}", 400, "model", "missing_required_parameter"),
      (#"{"model":5}"#, 400, "model", "invalid_type"),
      (#"{"model":"gpt-9",\#(hello)}"#, 404, "model", "model_not_found"),
      (#"{"model":"demo"}"#, 400, "messages", "missing_required_parameter"),
      (#"{"model":"demo","messages":[]}"#, 400, "messages", "invalid_value"),
      (#"{"model":"demo","messages":"x"}"#, 400, "messages", "invalid_type"),
      (#"{"model":"demo","messages":[5]}"#, 400, "messages[0]", "invalid_type"),
      (
        #"{"model":"demo","messages":[{"role":"tool","content":"x"}]}"#, 400, "messages[0].role",
        "invalid_value"
      ),
      (
        #"{"model":"demo","messages":[{"role":"user"}]}"#, 400, "messages[0].content",
        "invalid_type"
      ),
      (
        #"{"model":"demo","messages":[{"role":"user","content":[{"type":"image_url"}]}]}"#, 400,
        "messages[0].content[0]", "invalid_value"
      ),
      (#"{"model":"demo",\#(hello),"n":2}"#, 400, "n", "unsupported_parameter"),
      (#"{"model":"demo",\#(hello),"logprobs":true}"#, 400, "logprobs", "unsupported_parameter"),
      (#"{"model":"demo",\#(hello),"tools":[{}]}"#, 400, "tools", "unsupported_parameter"),
      (
        #"{"model":"demo",\#(hello),"frequency_penalty":0.5}"#, 400, "frequency_penalty",
        "unsupported_parameter"
      ),
      (#"{"model":"demo",\#(hello),"colour":1}"#, 400, "colour", "unknown_parameter"),
      (#"{"model":"demo",\#(hello),"temperature":3}"#, 400, "temperature", "invalid_value"),
      (#"{"model":"demo",\#(hello),"temperature":"x"}"#, 400, "temperature", "invalid_type"),
      (#"{"model":"demo",\#(hello),"top_p":0}"#, 400, "top_p", nil),
      (#"{"model":"demo",\#(hello),"max_tokens":0}"#, 400, "max_tokens", "invalid_value"),
      (#"{"model":"demo",\#(hello),"max_tokens":1.5}"#, 400, "max_tokens", "invalid_type"),
      (#"{"model":"demo",\#(hello),"seed":1e99}"#, 400, "seed", "invalid_type"),
      (#"{"model":"demo",\#(hello),"stop":[5]}"#, 400, "stop", "invalid_type"),
      (#"{"model":"demo",\#(hello),"stop":""}"#, 400, "stop", nil),
      (#"{"model":"demo",\#(hello),"stream":1}"#, 400, "stream", "invalid_type"),
      (
        #"{"model":"demo",\#(hello),"stream_options":{"include_usage":true}}"#, 400,
        "stream_options", "invalid_value"
      ),
    ] as [(String, Int, String?, String?)])
  func refusals(body: String, status: Int, parameter: String?, code: String?) throws {
    let error = #expect(throws: OpenAIError.self) { try call(body) }
    #expect(error?.status == status)
    #expect(error?.parameter == parameter)
    #expect(error?.code == code)
    #expect(error?.json["error"]?["message"]?.string?.isEmpty == false)
  }

  @Test("a prompt that is no prompt is refused")
  func prompts() {
    for prompt in ["5", "[\"a\",\"b\"]", "[]", "[1.5]", "[99999]", "[-1]", "null", "[[]]"] {
      #expect(throws: OpenAIError.self, "\(prompt)") {
        try call(#"{"model":"demo","prompt":\#(prompt)}"#, .completion)
      }
    }
  }

  @Test("a body beyond the limit and a prompt beyond the context say so")
  func tooLong() throws {
    let words = String(repeating: "gold ", count: 1000)
    let long = #expect(throws: OpenAIError.self) {
      try call(#"{"model":"demo","prompt":"\#(words)"}"#, .completion)
    }
    #expect(long?.code == "context_length_exceeded")
    let body = Bytes(repeating: 0x20, count: CompletionCall.bodyLimitInBytes + 1)
    let large = #expect(throws: OpenAIError.self) {
      try CompletionCall.parse(body, kind: .chat, catalog: catalog())
    }
    #expect(large?.status == 413)
  }

  @Test("a whole answer has OpenAI's form")
  func whole() throws {
    let model = try Fixtures.demoModel.get()
    let call = try call(#"{"model":"demo",\#(Self.hello),"max_tokens":3,"temperature":0}"#)
    let result = try model.generate(call.request)
    let json = CompletionReply(to: call, identifier: "chatcmpl-1", created: 5)
      .whole(result, extensions: ["receipt": "0x01"])
    #expect(json["id"] == "chatcmpl-1")
    #expect(json["object"] == "chat.completion")
    #expect(json["created"] == 5)
    #expect(json["model"] == "demo")
    #expect(json["choices"]?[0]?["message"]?["role"] == "assistant")
    #expect(json["choices"]?[0]?["message"]?["content"] == .string(result.text))
    #expect(json["choices"]?[0]?["finish_reason"] == "length")
    #expect(json["usage"]?["completion_tokens"] == 3)
    #expect(json["usage"]?["total_tokens"] == .integer(3 + result.promptTokenCount))
    #expect(json["opal"]?["receipt"] == "0x01")
  }

  @Test("a stream is a sequence of events that adds up to the answer")
  func stream() throws {
    let model = try Fixtures.demoModel.get()
    for kind in [CompletionCall.Kind.chat, .completion] {
      let subject = kind == .chat ? Self.hello : #""prompt":"Hello""#
      let call = try call(
        #"{"model":"demo",\#(subject),"max_tokens":8,"temperature":0,"stream":true,"#
          + #""stream_options":{"include_usage":true}}"#, kind)
      let reply = CompletionReply(to: call, identifier: "x", created: 5)
      var bytes = reply.opening()
      let result = try model.generate(call.request) { piece in
        bytes += reply.piece(piece)
        return true
      }
      bytes += reply.closing(result, extensions: ["receipt": "0x01"])
      let events = String(decoding: bytes, as: UTF8.self).split(separator: "\n\n")
      #expect(events.last == "data: [DONE]")
      var text = ""
      var last = JSON.null
      for event in events.dropLast() {
        #expect(event.hasPrefix("data: {"))
        last = try JSON.parse(String(event.dropFirst(6)))
        let choice = last["choices"]?[0]
        text += choice?["text"]?.string ?? choice?["delta"]?["content"]?.string ?? ""
      }
      #expect(text == result.text)
      #expect(last["choices"] == [])
      #expect(last["usage"]?["completion_tokens"] == .integer(result.completionTokenCount))
      #expect(last["opal"]?["receipt"] == "0x01")
    }
  }

  @Test("models are listed")
  func models() throws {
    let catalog = try catalog()
    #expect(catalog.json["data"]?[0]?["id"] == "demo")
    #expect(try catalog.json(named: "demo")["object"] == "model")
    #expect(throws: OpenAIError.self) { try catalog.json(named: "other") }
  }
}
