import Derivation
import Primitives
import Testing

@Suite("Frames")
struct FrameTests {
  private let channel = ChannelIdentifier(high: 1, low: 2)

  @Test("a channel cut into frames and read back is the same, whatever the frames' size")
  func cutAndRead() throws {
    let bytes = Bytes((0..<1000).map { UInt8(truncatingIfNeeded: $0 * 7) })
    for limit in [24, 25, 100, 523, 1022, 1023, 1024, 5000] {
      let frames = try #require(
        ChannelWriter.frames(of: bytes, channel: channel, frameLimit: limit))
      let read = try Frame.decode(Frame.encode(frames))
      #expect(read == frames)
      #expect(read.flatMap(\.data) == bytes)
      #expect(read.map(\.isLast) == frames.indices.map { $0 == frames.count - 1 })
      #expect(frames.allSatisfy { $0.encoded.count <= limit })
    }
  }
}
