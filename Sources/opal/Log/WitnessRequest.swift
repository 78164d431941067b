import HTTP
import Node
import Primitives
import TransparencyLog

/// What a witness is asked: to cosign a log's checkpoint, as C2SP's `tlog-witness` has it.
struct WitnessRequest: Sendable {
  /// Where the witness is.
  let url: String
  /// Its keys, of which one must have made the cosignature; none where whatever it says is kept.
  let witnesses: [VerifierKey]
  /// Whose signature of the log counts.
  let keys: [VerifierKey]

  /// The log's checkpoint with what the witness put below it.
  func cosigned(_ source: AnySource) throws(Failure) -> SignedTreeHead {
    let (checkpoint, answer) = try ask(source)
    switch answer.status {
    case 200: break
    case 403: throw .failed("\(url) does not know the key that signs this log")
    case 404: throw .failed("\(url) does not watch this log")
    case 409, 422:
      throw .failed(
        "\(url) has cosigned another tree of this log, of which this one is no extension: a fork, "
          + "whose proof it keeps")
    default: throw .failed("\(url) does not cosign: status \(answer.status)")
    }
    var cosigned = checkpoint
    try Failure.of { () throws(TransparencyError) in
      for line in answer.body.split(separator: 0x0a) {
        cosigned.append(try SignedNote.signature(line))
      }
      if !witnesses.isEmpty { _ = try cosigned.note.verify(anyOf: witnesses) }
    }
    return cosigned
  }

  /// Asks without knowing what the witness cosigned last, which it says; then with the proof.
  private func ask(
    _ source: AnySource
  ) throws(Failure) -> (SignedTreeHead, (status: Int, body: [UInt8])) {
    let client: HTTPClient
    do throws(HTTPClientError) {
      client = try HTTPClient(address: url)
    } catch {
      throw .usage("--witness: \(error.message)")
    }
    let (checkpoint, tree) = try Failure.of { () throws(TransparencyError) in
      let checkpoint = try PublicLogCheck.checkpoint(source, keys: keys).checkpoint
      let head = checkpoint.head
      return (checkpoint, try TileTree(size: head.size, root: head.root, source: source))
    }
    let answer = try post(
      CheckpointSubmission(oldSize: 0, proof: [], checkpoint: checkpoint), client)
    guard answer.status == 409 else { return (checkpoint, answer) }
    let text = String(decoding: answer.body, as: UTF8.self).filter { !$0.isWhitespace }
    guard let old = UInt64(text), old > 0, old <= checkpoint.head.size else {
      throw .failed(
        "\(url) has cosigned '\(text.prefix(30))' events, not fewer than there are here")
    }
    var reader = tree
    let proof = try Failure.of { () throws(TransparencyError) in
      old == tree.size ? [] : try reader.consistencyProof(oldSize: old)
    }
    return (
      checkpoint,
      try post(
        CheckpointSubmission(oldSize: old, proof: proof, checkpoint: checkpoint), client)
    )
  }

  private func post(
    _ submission: CheckpointSubmission, _ client: HTTPClient
  ) throws(Failure) -> (status: Int, body: [UInt8]) {
    do throws(HTTPClientError) {
      return try client.exchange(
        "POST", "/add-checkpoint", contentType: "text/plain", submission.bytes)
    } catch {
      throw .failed("the witness \(url): \(error.message)")
    }
  }
}
