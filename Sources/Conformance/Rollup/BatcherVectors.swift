import Cryptography
import Derivation
import Execution
import JSON
import NativeCryptography
import Primitives

/// What batchers post: frames, commitments, compressed channels.
enum BatcherVectors {
  /// A batcher transaction's frames.
  @Sendable static func frames(_ test: Fixture) throws(FixtureError) -> Verdict {
    let data = try test.field("data").bytes()
    let isExpected = test.json["ok"]?.bool ?? true
    let frames: [Frame]
    do throws(FrameError) {
      frames = try Frame.decode(data)
    } catch {
      return .check("frames", isExpected, false)
    }
    guard isExpected else { return .check("frames", false, true) }
    let expected = try test.field("frames").elements()
    guard expected.count == frames.count else {
      return .compare("frames", String(expected.count), String(frames.count))
    }
    for (frame, fields) in zip(frames, expected) {
      let verdict = Verdict.all(
        .compare("channelId", try fields.field("channelId").bytes(), frame.channel.bytes),
        .compare(
          "number", try fields.field("number").uint256(), UInt256(UInt64(frame.number))),
        .compare("data", try fields.field("data").bytes(), frame.data),
        .check("isLast", fields.json["isLast"]?.bool ?? false, frame.isLast))
      guard verdict == .passed else { return verdict }
    }
    return .compare("encoded", data, Frame.encode(frames))
  }

  /// A compressed stream.
  ///
  /// A case that names brotli and does not begin with its version is the stream alone.
  @Sendable static func compression(_ test: Fixture) throws(FixtureError) -> Verdict {
    let compressed = try test.field("compressed").bytes()
    let isExpected = !(test.json["error"]?.bool ?? false)
    let limit = RollupConfiguration.contentLimitSinceFjord
    let result: Decompression
    if test.json["algorithm"]?.string == "brotli" {
      result = Brotli.decode(compressed, from: compressed.first == 1 ? 1 : 0, limit: limit)
    } else {
      do throws(DropRule) {
        result = try ChannelContent.decompress(compressed, limit: limit, isFjord: true).result
      } catch {
        return .check("compressed", isExpected, false)
      }
    }
    // Batchers of old did not end their streams: what came out counts.
    let isRead =
      result.end == .complete || (result.end == .failed(.truncated) && !result.output.isEmpty)
    guard isExpected, isRead else { return .check("compressed", isExpected, isRead) }
    return try compare(test, content: result.output)
  }

  /// What a case says of decompressed bytes.
  static func compare(_ test: Fixture, content: Bytes) throws(FixtureError) -> Verdict {
    if let expected = test.optional("decompressed") {
      return .compare("decompressed", try expected.bytes(), content)
    }
    return .all(
      .compare(
        "decompressedLength", try test.field("decompressedLength").uint256(),
        UInt256(UInt64(content.count))),
      .compare(
        "decompressedKeccak", try test.field("decompressedKeccak").hash(),
        Keccak256.hash(content)))
  }

  /// A batcher transaction's data that may be a commitment.
  @Sendable static func commitment(_ test: Fixture) throws(FixtureError) -> Verdict {
    let data = try test.field("txData").bytes()
    let isExpected = test.json["ok"]?.bool ?? true
    guard data.first == AltDACommitment.version else {
      return .all(
        .check("txData", isExpected, true),
        .check("type", test.json["type"]?.isNull ?? true, true))
    }
    let commitment: AltDACommitment
    do throws(AltDACommitmentError) {
      commitment = try AltDACommitment.decode(data[1...])
    } catch {
      return .check("txData", isExpected, false)
    }
    guard isExpected else { return .check("txData", false, true) }
    let form = Verdict.compare("encoded", data, commitment.transactionData)
    guard form == .passed else { return form }
    switch commitment {
    case .keccak256(let hash):
      return .all(
        .compare("type", try test.field("type").uint256(), .zero),
        .compare("commitment", try test.field("commitment").hash(), hash),
        .check(
          "verifies", true, commitment.commits(to: try test.field("verifies").bytes()) ?? true),
        .check(
          "rejects", false, commitment.commits(to: try test.field("rejects").bytes()) ?? false))
    case .generic(let layer, let payload):
      return .all(
        .compare("type", try test.field("type").uint256(), .one),
        .compare(
          "daLayerByte", try test.field("daLayerByte").uint256(), UInt256(UInt64(layer))),
        .compare("payload", try test.field("payload").bytes(), payload))
    }
  }
}
