import EventLog
import Primitives
import TransparencyLog

/// What a check of a public log has found to be in order.
public struct PublicLogReport: Sendable {
  /// The signed tree head.
  public var checkpoint: SignedTreeHead
  /// Whose signatures of it are right.
  public var signers: [VerifierKey]
  /// Entries whose hashes lead to the signed root.
  public var entries: UInt64 = 0
  /// Payloads beside the entries, each with the hash that its entry names.
  public var payloads: UInt64 = 0
  /// Payloads that entries name and that are not there.
  public var missingPayloads: UInt64 = 0
}

/// Goes through the resources of a public log, with nothing but a key.
public enum PublicLogCheck {
  /// Reads the checkpoint of a source, and makes sure that one of the keys has signed it.
  ///
  /// - Throws: `TransparencyError`.
  public static func checkpoint(
    _ source: some TileSource, keys: [VerifierKey]
  ) throws(TransparencyError) -> (checkpoint: SignedTreeHead, signers: [VerifierKey]) {
    guard let bytes = try source.resource(LogResources.checkpoint) else {
      throw .missing(LogResources.checkpoint)
    }
    let checkpoint = try SignedTreeHead(bytes)
    let signers = try checkpoint.note.verify(anyOf: keys)
    guard signers.contains(where: { $0.kind != .cosignature }) else {
      throw .untrusted("the checkpoint is cosigned, but not signed by the log's key")
    }
    return (checkpoint, signers)
  }

  /// Checks everything: signature, root, each tile, each entry, and that the entries are events.
  ///
  /// `progress` hears of every 65,536th entry.
  ///
  /// - Throws: `TransparencyError` at the first thing that is not in order.
  public static func run(
    _ source: some TileSource, keys: [VerifierKey], progress: (UInt64) -> Void = { _ in }
  ) throws(TransparencyError) -> PublicLogReport {
    let (checkpoint, signers) = try checkpoint(source, keys: keys)
    var report = PublicLogReport(checkpoint: checkpoint, signers: signers)
    var tree = try TileTree(
      size: checkpoint.head.size, root: checkpoint.head.root, source: source)
    if checkpoint.head.size > 0 {
      let first = try tree.leafHashes(tile: 0)[0]
      guard checkpoint.head.origin == "opal.log/" + Hexadecimal.encode(first.bytes) else {
        throw .contradictory("the origin does not name the log's first event")
      }
    }
    try tree.forEachEntry { (index, bytes) throws(TransparencyError) in
      let entry = try event(bytes, index: index)
      if case .digest = entry.payload {
        if let payload = try source.resource(LogResources.payload(index)) {
          guard entry.row(large: payload) != nil else {
            throw .contradictory("\(LogResources.payload(index)) is not what its entry names")
          }
          report.payloads += 1
        } else {
          report.missingPayloads += 1
        }
      }
      report.entries += 1
      if report.entries & 0xffff == 0 { progress(report.entries) }
    }
    return report
  }

  /// Takes the entry of an index apart.
  ///
  /// - Throws: `TransparencyError.malformed`.
  public static func event(
    _ bytes: Bytes, index: UInt64
  ) throws(TransparencyError) -> Entry {
    let entry: Entry
    do throws(RLPError) {
      entry = try Entry(bytes)
    } catch {
      throw .malformed(what: "entry \(index)", reason: "it is no event: \(error)")
    }
    guard entry.sequence == index + 1 else {
      throw .malformed(what: "entry \(index)", reason: "it is event \(entry.sequence)")
    }
    return entry
  }
}
