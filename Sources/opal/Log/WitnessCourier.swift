import Node
import Primitives
import Synchronization
import TransparencyLog

/// Has witnesses cosign the checkpoints of a node that runs: `opal node --witness URL,KEY`.
///
/// The node's own work never waits for a witness. What a witness refuses is said once.
final class WitnessCourier: Sendable {
  private let directory: DataDirectory
  private let witnesses: [(url: String, key: VerifierKey)]
  private let said = Mutex<[String: String]>([:])
  private let task = Mutex<Task<Void, Never>?>(nil)

  /// How long it waits between two looks at the checkpoint.
  private static let pause = Duration.seconds(1)

  /// The courier that the options ask for; nil where they ask for none.
  init?(_ directory: DataDirectory, _ arguments: Arguments) throws(Failure) {
    let texts = arguments.values("--witness")
    guard !texts.isEmpty else { return nil }
    guard try arguments.value("--datadir") != nil else {
      throw .usage("--witness needs --datadir: a log that is thrown away needs no witnesses")
    }
    witnesses = try texts.map { (text) throws(Failure) in
      guard let comma = text.firstIndex(of: ",") else {
        throw .usage("--witness: 'URL,KEY' is wanted, the key as the witness prints it")
      }
      let key = try TrustedKeys.key(String(text[text.index(after: comma)...]))
      guard key.kind == .cosignature else {
        throw .usage("--witness: '\(key.text)' is no witness's key")
      }
      return (String(text[..<comma]), key)
    }
    self.directory = directory
  }

  /// Begins to look, until it is stopped; `sign` has the log signed if it has grown.
  func start(_ sign: @escaping @Sendable () -> Void) {
    task.withLock { task in
      task = Task.detached { [self] in
        while !Task.isCancelled {
          sign()
          round()
          try? await Task.sleep(for: Self.pause)
        }
      }
    }
  }

  /// Stops, and has the last checkpoint of a log that was closed cosigned.
  func finish() {
    task.withLock { $0?.cancel() }
    round()
  }

  private func round() {
    guard let head = try? SignedTreeHead(Files.read(directory.checkpoint)) else { return }
    let cosignatures = Cosignatures(path: directory.cosigned)
    for (url, key) in witnesses {
      let known = cosignatures.head
      if known?.head == head.head, (try? known?.note.verify(key)) != nil { continue }
      do throws(Failure) {
        let source = try AnySource(directory: directory)
        let log = try Failure.ofNode { () throws(NodeError) in try LogBundle.key(source) }
        let request = WitnessRequest(url: url, witnesses: [key], keys: [log])
        let cosigned = try request.cosigned(source)
        try Failure.ofNode { () throws(NodeError) in try cosignatures.keep(cosigned) }
        said.withLock { $0[url] = nil }
      } catch {
        say(error, of: url)
      }
    }
  }

  private func say(_ failure: Failure, of url: String) {
    guard case .failed(let reason) = failure else { return }
    let isNew = said.withLock { said in
      defer { said[url] = reason }
      return said[url] != reason
    }
    if isNew { Terminal.complain("opal: \(reason)") }
  }
}
