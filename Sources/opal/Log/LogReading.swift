import Cryptography
import EventLog
import Node
import Primitives
import TransparencyLog

/// What `opal log` does with a log that it reads from somewhere.
struct LogReading {
  private let arguments: Arguments
  private let source: AnySource

  init(_ arguments: Arguments) throws(Failure) {
    self.arguments = arguments
    let isFolder = arguments.operands.first == "import" && arguments.operands.count == 2
    source = try isFolder ? AnySource(folder: arguments.operands[1]) : AnySource(arguments)
  }

  /// Prints the checkpoint or the key.
  func printResource(_ verb: String) throws(Failure) {
    let name = verb == "key" ? LogResources.key : LogResources.checkpoint
    let bytes = try Failure.of { () throws(TransparencyError) in
      guard let bytes = try source.resource(name) else { throw .missing(name) }
      return bytes
    }
    Terminal.write(String(decoding: bytes, as: UTF8.self))
  }

  /// The signed tree, whose signature is checked.
  private func tree() throws(Failure) -> (TileTree<AnySource>, SignedTreeHead) {
    let keys = try TrustedKeys.read(arguments, source)
    return try Failure.of { () throws(TransparencyError) in
      let checkpoint = try PublicLogCheck.checkpoint(source, keys: keys).checkpoint
      let head = checkpoint.head
      return (try TileTree(size: head.size, root: head.root, source: source), checkpoint)
    }
  }

  // MARK: Proofs

  /// Prints a proof.
  func prove() throws(Failure) {
    let (tree, checkpoint) = try tree()
    let signed = checkpoint.head.size
    let size = try arguments.number("--size", in: 1...max(1, signed)) ?? signed
    if let old = try arguments.number("--old", in: 0...size) {
      try proveConsistency(tree, checkpoint, old: old, size: size)
      return
    }
    guard arguments.operands.count == 2, let sequence = UInt64(arguments.operands[1]) else {
      throw .usage("opal log proof needs an event's number, or --old N")
    }
    guard sequence >= 1, sequence <= size else {
      throw .failed("event \(sequence) is not among the first \(size)")
    }
    var reader = tree
    let (path, entry, root) = try Failure.of { () throws(TransparencyError) in
      let path = try reader.inclusionProof(index: sequence - 1, treeSize: size)
      let bundle = TilePath.of(level: nil, index: (sequence - 1) >> 8, treeSize: signed)
      let entries = try bundle.map { (path) throws(TransparencyError) in try reader.entries(path) }
      return (path, entries?[Int((sequence - 1) & 0xff)], try reader.root(size: size))
    }
    guard size == signed else {
      Self.say(path, root: root, size: size, of: "event \(sequence)")
      return
    }
    let statement = InclusionStatement(
      extra: entry, index: sequence - 1, path: path, checkpoint: checkpoint)
    Terminal.write(String(decoding: statement.bytes, as: UTF8.self))
  }

  private func proveConsistency(
    _ tree: TileTree<AnySource>, _ checkpoint: SignedTreeHead, old: UInt64, size: UInt64
  ) throws(Failure) {
    var reader = tree
    let (path, root) = try Failure.of { () throws(TransparencyError) in
      var inner = reader
      let path =
        old == 0
        ? []
        : try MerkleTree.consistencyProof(oldSize: old, newSize: size) {
          (level, index) throws(TransparencyError) in try inner.subtree(level, index)
        }
      return (path, try reader.root(size: size))
    }
    guard size == checkpoint.head.size else {
      Self.say(path, root: root, size: size, of: "the first \(old) events")
      return
    }
    let submission = CheckpointSubmission(oldSize: old, proof: path, checkpoint: checkpoint)
    Terminal.write(String(decoding: submission.bytes, as: UTF8.self))
  }

  /// A proof in a tree of which no checkpoint is at hand.
  private static func say(_ path: [Hash], root: Hash, size: UInt64, of what: String) {
    Terminal.say("\(what) in the tree of \(size), whose root is \(root.hexadecimal):")
    for hash in path { Terminal.say(hash.hexadecimal) }
  }

  // MARK: Checking and copying

  /// Checks everything there is.
  func verify() throws(Failure) {
    let keys = try TrustedKeys.read(arguments, source)
    let report = try Failure.of { () throws(TransparencyError) in
      try PublicLogCheck.run(source, keys: keys) { count in
        Terminal.progress("verifying: entry \(count)")
      }
    }
    Terminal.endProgress()
    Self.say(report)
  }

  /// Says what a check has found.
  static func say(_ report: PublicLogReport) {
    let head = report.checkpoint.head
    Terminal.say("log             \(head.origin)")
    Terminal.say("entries         \(report.entries) of \(head.size), each with its leaf hash")
    Terminal.say("root            \(head.root.hexadecimal)")
    for signer in report.signers {
      Terminal.say(
        "\(signer.kind == .cosignature ? "cosigned by     " : "signed by       ")\(signer.text)")
    }
    if report.payloads + report.missingPayloads > 0 {
      Terminal.say(
        "large payloads  \(report.payloads) with their hashes"
          + (report.missingPayloads > 0 ? "; \(report.missingPayloads) are not here" : ""))
    }
    Terminal.say("all in order")
  }

  /// Writes all resources into a folder.
  func export() throws(Failure) {
    guard arguments.operands.count == 2 else { throw .usage("opal log export needs a folder") }
    let folder = arguments.operands[1]
    let (tree, checkpoint) = try tree()
    var names = LogResources.names(treeSize: checkpoint.head.size)
    var reader = tree
    try Failure.of { () throws(TransparencyError) in
      try reader.forEachEntry { (index, bytes) throws(TransparencyError) in
        if case .digest = try PublicLogCheck.event(bytes, index: index).payload {
          names.append(LogResources.payload(index))
        }
      }
    }
    for name in names + [LogResources.key] {
      let bytes = try Failure.of { () throws(TransparencyError) in
        guard let bytes = try source.resource(name) else { throw .missing(name) }
        return bytes
      }
      try Self.write(bytes, folder + "/" + name)
    }
    try exportContent(to: folder)
    // Last, so that whoever serves the folder never promises what is not there yet.
    try Self.write(checkpoint.bytes, folder + "/" + LogResources.checkpoint)
    Terminal.say("wrote \(names.count + 2) files of \(checkpoint.head.size) events to \(folder)")
  }

  /// Copies what events refer to by hash, where the log is in a data directory.
  private func exportContent(to folder: String) throws(Failure) {
    guard try arguments.value("--url") == nil, try arguments.value("--from-tiles") == nil else {
      return
    }
    let directory = DataDirectory(path: try arguments.value("--datadir") ?? ".opal/demo")
    let names = Files.names(in: directory.content)
    guard !names.isEmpty else { return }
    for name in names {
      let bytes = try Failure.ofNode { () throws(NodeError) in
        try Files.read(directory.content + "/" + name)
      }
      try Self.write(bytes, folder + "/content/" + name)
    }
    let index = names.map { $0 + "\n" }.joined()
    try Self.write(Bytes(index.utf8), folder + "/" + LogRestore.contentIndex)
  }

  private static func write(_ bytes: Bytes, _ path: String) throws(Failure) {
    try Failure.ofNode { () throws(NodeError) in
      // What is there already never changes, but for the checkpoint.
      if (try? Files.read(path, limitInBytes: bytes.count)) == bytes { return }
      if let slash = path.lastIndex(of: "/") {
        try Files.makeDirectory(String(path[..<slash]))
      }
      try Files.write(bytes, to: path)
    }
  }

  /// Makes a data directory of the resources.
  func restore() throws(Failure) {
    let keys = try TrustedKeys.read(arguments, source)
    let directory = DataDirectory(path: try arguments.value("--datadir") ?? ".opal/import")
    let (count, checkpoint) = try Failure.ofNode { () throws(NodeError) in
      var restore = try LogRestore(into: directory)
      let checkpoint = try restore.run(source, keys: keys) { done, all in
        Terminal.progress("importing: event \(done) of \(all)")
      }
      return (restore.count, checkpoint)
    }
    Terminal.endProgress()
    Terminal.say(
      "imported \(count) events into \(directory.path), with the root "
        + checkpoint.head.root.hexadecimal)
  }
}
