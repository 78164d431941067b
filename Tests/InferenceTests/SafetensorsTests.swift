import Inference
import Primitives
import Testing

/// Weights from strangers: whatever is wrong with a file is said, and nothing traps.
@Suite struct SafetensorsTests {
  /// Writes a file, hands its path to the body and removes it.
  private func withFile(_ bytes: Bytes, _ body: (String) throws -> Void) throws {
    let folder = try TemporaryFolder()
    try folder.write("model.safetensors", bytes)
    try body(folder.path + "/model.safetensors")
  }

  private func file(header: String, data: Bytes = []) -> Bytes {
    var length = UInt64(header.utf8.count)
    var bytes: Bytes = []
    for _ in 0..<8 {
      bytes.append(UInt8(truncatingIfNeeded: length))
      length >>= 8
    }
    return bytes + Bytes(header.utf8) + data
  }

  private func entry(_ type: String, _ shape: String, _ lower: Int, _ upper: Int) -> String {
    #"{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[\#(lower),\#(upper)]}"#
  }

  @Test("numbers of every type come as 32-bit floats")
  func types() throws {
    let header =
      "{\"a\":\(entry("F32", "[2]", 0, 8)),\"b\":\(entry("F16", "[5]", 8, 18)),"
      + "\"c\":\(entry("BF16", "[1]", 18, 20)),\"d\":\(entry("I64", "[1]", 20, 28))}"
    let data: Bytes = [
      0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0,  // 1, -2
      0x00, 0x3c, 0x01, 0x00, 0x00, 0xfc, 0xff, 0x7b, 0x00, 0x80,  // 1, 2^-24, -inf, 65504, -0
      0x80, 0x3f, 5, 0, 0, 0, 0, 0, 0, 0,
    ]
    try withFile(file(header: header, data: data)) { path in
      let tensors = try Safetensors(path: path)
      #expect(tensors.names == ["a", "b", "c", "d"])
      #expect(try tensors.floats("a", shape: [2]) == [1, -2])
      let halves = try tensors.floats("b", shape: [5])
      #expect(halves == [1, 1 / 16_777_216, -.infinity, 65504, 0])
      #expect(halves[4].sign == .minus)
      #expect(try tensors.floats("c", shape: [1]) == [1])
      #expect(try tensors.integers("d") == [5])
      #expect(throws: ModelError.self) { try tensors.floats("d", shape: [1]) }
      #expect(throws: ModelError.tensor(name: "e", reason: "missing from model.safetensors")) {
        try tensors.floats("e", shape: [1])
      }
      #expect(throws: ModelError.tensor(name: "a", reason: "has shape [2], expected [3]")) {
        try tensors.floats("a", shape: [3])
      }
    }
  }

  @Test("a hostile header is refused")
  func hostileHeaders() throws {
    let one = entry("F32", "[1]", 0, 4)
    let hostile: [Bytes] = [
      [],
      [1, 2, 3],
      [0, 0, 0, 0, 0, 0, 0, 0],
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
      [0xff, 0xff, 0xff, 0, 0, 0, 0, 0],
      [100, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d],
      file(header: "[]"),
      file(header: "{\"a\":1}", data: [0]),
      file(header: "{\"a\":\(one)}", data: [0, 0, 0]),
      file(header: "{\"a\":\(one)}", data: [0, 0, 0, 0, 0]),
      file(header: "{\"a\":\(one),\"b\":\(one)}", data: [0, 0, 0, 0]),
      file(header: "{\"a\":\(one),\"a\":\(one)}", data: [0, 0, 0, 0]),
      file(header: "{\"a\":\(entry("F32", "[1]", 4, 8))}", data: Bytes(repeating: 0, count: 8)),
      file(header: "{\"a\":\(entry("F32", "[2]", 0, 4))}", data: [0, 0, 0, 0]),
      file(header: "{\"a\":\(entry("F32", "[-1]", 0, 4))}", data: [0, 0, 0, 0]),
      file(header: "{\"a\":\(entry("F32", "[1]", 4, 0))}", data: [0, 0, 0, 0]),
      file(header: "{\"a\":\(entry("F32", "[1]", -4, 0))}", data: [0, 0, 0, 0]),
      file(header: "{\"a\":\(entry("F8_E4M3", "[4]", 0, 4))}", data: [0, 0, 0, 0]),
      file(
        header: "{\"a\":\(entry("F32", "[4294967296,4294967296]", 0, 4))}", data: [0, 0, 0, 0]),
      file(
        header: "{\"a\":\(entry("F32", "[9223372036854775807,2]", 0, 4))}", data: [0, 0, 0, 0]),
      file(header: "{\"a\":\(entry("F32", "[1,1,1,1,1,1,1,1,1]", 0, 4))}", data: [0, 0, 0, 0]),
      file(header: "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", data: [0, 0, 0, 0]),
      file(header: String(repeating: "[", count: 10_000)),
    ]
    for (index, bytes) in hostile.enumerated() {
      try withFile(bytes) { path in
        #expect(throws: ModelError.self, "case \(index)") { _ = try Safetensors(path: path) }
      }
    }
  }

  @Test("an overlap names the tensor")
  func overlap() throws {
    let header =
      "{\"a\":\(entry("F32", "[2]", 0, 8)),\"b\":\(entry("F32", "[2]", 4, 12))}"
    try withFile(file(header: header, data: Bytes(repeating: 0, count: 12))) { path in
      #expect(throws: ModelError.tensor(name: "b", reason: "overlaps the tensor before it")) {
        _ = try Safetensors(path: path)
      }
    }
  }

  @Test("a model whose weights do not fit its configuration names the tensor")
  func wrongShapes() throws {
    let folder = try TemporaryFolder()
    try folder.copy(["tokenizer.json", "model.safetensors"], from: Fixtures.llama)
    let configuration = try readFile(Fixtures.llama + "/config.json", limitInBytes: 1 << 20)
    let text = String(decoding: configuration, as: UTF8.self)
    let changed = text.replacing("\"intermediate_size\": 128", with: "\"intermediate_size\": 129")
    try folder.write("config.json", Bytes(changed.utf8))
    #expect(
      throws: ModelError.tensor(
        name: "model.layers.0.mlp.gate_proj.weight",
        reason: "has shape [128, 64], expected [129, 64]")
    ) {
      try LanguageModel.load(directory: folder.path)
    }
  }

  @Test("a folder without a model says which file is missing")
  func missing() throws {
    let folder = try TemporaryFolder()
    #expect {
      try LanguageModel.load(directory: folder.path)
    } throws: { error in
      guard case ModelError.unreadable(let file, _) = error else { return false }
      return file.hasSuffix("config.json")
    }
  }
}
