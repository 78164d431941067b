import CBrotli
import CZlib
import Derivation
import Primitives
import Testing

/// The system's libraries, which the core's own decoders must agree with.
private enum System {
  static func deflated(_ bytes: Bytes, level: Int32, strategy: Int32 = 0) -> Bytes {
    var stream = unsafe z_stream()
    guard unsafe opal_zlib_begin_compression(&stream, level) == Z_OK else { return [] }
    defer { unsafe deflateEnd(&stream) }
    unsafe deflateParams(&stream, level, strategy)
    var input = bytes
    var output = Bytes(repeating: 0, count: Int(compressBound(uLong(bytes.count))) + 64)
    let size = output.count
    let status = unsafe input.withUnsafeMutableBufferPointer { source in
      unsafe output.withUnsafeMutableBufferPointer { target in
        unsafe stream.next_in = source.baseAddress
        unsafe stream.avail_in = UInt32(source.count)
        unsafe stream.next_out = target.baseAddress
        unsafe stream.avail_out = UInt32(size)
        return unsafe deflate(&stream, Z_FINISH)
      }
    }
    guard status == Z_STREAM_END else { return [] }
    return unsafe Bytes(output.prefix(size - Int(stream.avail_out)))
  }

  /// What zlib makes of a stream, of at most `limit` bytes; nil unless it ends well.
  static func inflated(_ bytes: Bytes, limit: Int) -> (output: Bytes, isComplete: Bool) {
    var stream = unsafe z_stream()
    guard unsafe opal_zlib_begin_decompression(&stream) == Z_OK else { return ([], false) }
    defer { unsafe inflateEnd(&stream) }
    var input = bytes
    var output = Bytes(repeating: 0, count: limit + 1)
    let status = unsafe input.withUnsafeMutableBufferPointer { source in
      unsafe output.withUnsafeMutableBufferPointer { target in
        unsafe stream.next_in = source.baseAddress
        unsafe stream.avail_in = UInt32(source.count)
        unsafe stream.next_out = target.baseAddress
        unsafe stream.avail_out = UInt32(limit + 1)
        return unsafe inflate(&stream, Z_SYNC_FLUSH)
      }
    }
    let made = unsafe limit + 1 - Int(stream.avail_out)
    return (Bytes(output.prefix(made)), status == Z_STREAM_END)
  }

  static func brotlied(_ bytes: Bytes, quality: Int32, window: Int32) -> Bytes {
    var count = BrotliEncoderMaxCompressedSize(bytes.count) + 64
    var output = Bytes(repeating: 0, count: count)
    let status = unsafe BrotliEncoderCompress(
      quality, window, quality % 2 == 0 ? BROTLI_MODE_GENERIC : BROTLI_MODE_TEXT, bytes.count,
      bytes, &count, &output)
    return status == BROTLI_TRUE ? Bytes(output.prefix(count)) : []
  }

  static func unbrotlied(_ bytes: Bytes, limit: Int) -> (output: Bytes, isComplete: Bool) {
    guard let state = unsafe BrotliDecoderCreateInstance(nil, nil, nil) else { return ([], false) }
    defer { unsafe BrotliDecoderDestroyInstance(state) }
    var output = Bytes(repeating: 0, count: limit + 1)
    var (available, room) = (bytes.count, limit + 1)
    let result = unsafe bytes.withUnsafeBufferPointer { source in
      unsafe output.withUnsafeMutableBufferPointer { target in
        var next = source.baseAddress
        var place = target.baseAddress
        return unsafe BrotliDecoderDecompressStream(
          state, &available, &next, &room, &place, nil)
      }
    }
    return (
      Bytes(output.prefix(limit + 1 - room)), result == BROTLI_DECODER_RESULT_SUCCESS
    )
  }
}

@Suite("Decoders beside the system's")
struct DecompressionDifferenceTests {
  /// Bytes as a channel has them: stretches of noise, of repetition, of text.
  private func content(_ random: inout Randomness) -> Bytes {
    var bytes: Bytes = []
    for _ in 0..<random.pick(1...6) {
      switch random.pick(0...4) {
      case 0: bytes += random.bytes(random.pick(0...400))
      case 1:
        bytes += Bytes(
          repeating: UInt8(truncatingIfNeeded: random.next()), count: random.pick(1...900))
      case 2: bytes += Bytes("the quick brown fox, and then some more of the same".utf8)
      case 3 where !bytes.isEmpty:
        let start = random.pick(0...bytes.count - 1)
        bytes += bytes[start..<min(bytes.count, start + random.pick(1...300))]
      default: bytes += (0..<random.pick(0...300)).map { UInt8(truncatingIfNeeded: $0 / 3) }
      }
    }
    return bytes
  }

  private func mutated(_ bytes: Bytes, _ random: inout Randomness) -> Bytes {
    var bytes = bytes
    guard !bytes.isEmpty else { return bytes }
    switch random.pick(0...3) {
    case 0: bytes[random.pick(0...bytes.count - 1)] ^= 1 << UInt8(random.pick(0...7))
    case 1: bytes.removeLast(random.pick(0...min(bytes.count, 9)))
    case 2: bytes.insert(UInt8(random.pick(0...255)), at: random.pick(0...bytes.count))
    default:
      for _ in 0..<random.pick(1...5) {
        bytes[random.pick(0...bytes.count - 1)] = UInt8(random.pick(0...255))
      }
    }
    return bytes
  }

  /// Both must call the same streams complete, with the same output, and where a stream fails what
  /// came before must not contradict the other.
  private func expectSame(
    _ ours: Decompression, _ theirs: (output: Bytes, isComplete: Bool), limit: Int,
    _ name: String
  ) {
    #expect(ours.output.count <= limit)
    let isWhole = theirs.isComplete && theirs.output.count <= limit
    #expect((ours.end == .complete) == isWhole, "\(name): \(ours.end)")
    let shared = min(ours.output.count, theirs.output.count)
    #expect(ours.output.prefix(shared) == theirs.output.prefix(shared), "\(name)")
    if isWhole { #expect(ours.output.count == theirs.output.count, "\(name)") }
    if ours.end == .limit {
      #expect(ours.output.count == limit)
      #expect(theirs.output.count > limit || !theirs.isComplete, "\(name)")
    }
  }

  @Test("inflate says of generated and mutated streams what zlib says")
  func zlib() {
    var random = Randomness(seed: 5)
    for round in 0..<(isFull ? 20_000 : 250) {
      let bytes = content(&random)
      let stream = System.deflated(
        bytes, level: Int32(random.pick(0...9)), strategy: Int32(random.pick(0...4)))
      let whole = Inflate.zlib(stream, limit: bytes.count)
      #expect(whole.end == .complete && whole.output == bytes)
      #expect(whole.inputSizeInBytes == stream.count)
      for _ in 0..<4 {
        let changed = mutated(stream, &random)
        let limit = random.once(in: 3) ? random.pick(0...bytes.count) : 4 * bytes.count + 100
        expectSame(
          Inflate.zlib(changed, limit: limit), System.inflated(changed, limit: limit),
          limit: limit, "round \(round), \(changed.count) bytes")
      }
    }
  }

  @Test("the brotli decoder says of generated and mutated streams what brotli says")
  func brotli() {
    var random = Randomness(seed: 6)
    for round in 0..<(isFull ? 20_000 : 250) {
      let bytes = content(&random)
      let stream = System.brotlied(
        bytes, quality: Int32(random.pick(0...11)), window: Int32(random.pick(10...24)))
      let whole = Brotli.decode(stream, limit: bytes.count)
      #expect(whole.end == .complete && whole.output == bytes)
      for _ in 0..<4 {
        let changed = mutated(stream, &random)
        let limit = random.once(in: 3) ? random.pick(0...bytes.count) : 4 * bytes.count + 100
        expectSame(
          Brotli.decode(changed, limit: limit), System.unbrotlied(changed, limit: limit),
          limit: limit, "round \(round), \(changed.count) bytes")
      }
    }
  }

  @Test("a few bytes that stand for many come out up to the limit alone")
  func bombs() {
    let zeros = Bytes(repeating: 0, count: 4_000_000)
    let small = System.deflated(zeros, level: 9)
    let smaller = System.brotlied(zeros, quality: 9, window: 24)
    #expect(small.count < 5_000 && smaller.count < 100)
    for limit in [0, 1, 1_000, 100_000] {
      for result in [
        Inflate.zlib(small, limit: limit), Brotli.decode(smaller, limit: limit),
      ] {
        #expect(result.end == .limit && result.output.count == limit)
      }
    }
  }
}
