import EventLog
import HTTP
import Node
import Primitives
import TransparencyLog

/// `opal log`: the log as a public one, which nobody has to be trusted for.
let logCommand = Command(
  name: "log", summary: "prove, verify, follow and copy the event log as a transparency log",
  operands: "[checkpoint | key | proof N | verify [FILE] | tail | export DIR | import DIR | …]",
  details: """
    The log is read from --datadir, a folder of tiles (--from-tiles) or a node (--url).
      checkpoint    prints the signed tree head (C2SP's tlog-checkpoint)
      key           prints the key that signs it
      proof N       prints that event N is in the log (tlog-proof); --size takes an older tree
      proof --old N prints that the log extends its first N events; --size takes an older tree
      verify        checks signature, root, every tile and entry; --key names whom you trust
      verify FILE   checks a proof (--entry, --old FILE), or judges the evidence of a fork: code 0
                    if it holds
      tail          prints events; --follow waits for more, and checks that each checkpoint extends
                    the last: a fork is written to --evidence, with exit code 3
      export DIR    writes tiles, entries and checkpoint into a folder that any server can serve
      import DIR    makes --datadir of such a folder, from which a node goes on
      witness       serves POST /add-checkpoint: cosigns what extends the last one (--log, --port)
      submit        asks a witness (--witness URL) to cosign, and prints the cosigned checkpoint
    Exit code 1 where something is not in order.
    """,
  example: "opal log verify --datadir .opal/demo",
  options: [
    .init("--datadir", value: "PATH", help: "the data directory (.opal/demo)"),
    .init("--from-tiles", value: "DIR", help: "read the files that a log serves from a folder"),
    .init("--url", value: "URL", help: "read them from a node: http://127.0.0.1:8545"),
    .init("--key", value: "VKEY", help: "whose signature counts (name+id+base64); may be repeated"),
    .init("--size", value: "N", help: "proof: in the tree of the first N events"),
    .init("--old", value: "N|FILE", help: "proof: the older size; verify: the older checkpoint"),
    .init("--entry", value: "FILE", help: "verify: the entry, where the proof has none along"),
    .init("--from", value: "N", help: "tail: from this event on (1)"),
    .init("--follow", "-f", help: "tail: wait for more"),
    .init("--evidence", value: "FILE", help: "tail: where a fork is proved (fork.evidence)"),
    .init("--log", value: "VKEY", help: "witness: a log to watch; may be repeated"),
    .init("--name", value: "NAME", help: "witness: its name (opal.witness/local)"),
    .init("--port", value: "PORT", help: "witness: where to listen (8099)"),
    .init("--witness", value: "URL", help: "submit: whom to ask"),
  ]
) { arguments throws(Failure) in
  try arguments.expectOperands(1...2)
  let verb = arguments.operands[0]
  switch verb {
  case "checkpoint", "key": try LogReading(arguments).printResource(verb)
  case "proof": try LogReading(arguments).prove()
  case "verify" where arguments.operands.count == 2: try LogJudgement(arguments).run()
  case "verify": try LogReading(arguments).verify()
  case "tail": return try LogTail(arguments).run()
  case "export": try LogReading(arguments).export()
  case "import": try LogReading(arguments).restore()
  case "witness": try WitnessService(arguments).run()
  case "submit": try WitnessService.submit(arguments)
  default: throw .usage("opal log does not know '\(verb)'")
  }
  return 0
}

/// A log's resources from where the options say.
struct AnySource: TileSource {
  /// Where they are, in words.
  let place: String
  private let read: (String) throws(TransparencyError) -> Bytes?

  func resource(_ name: String) throws(TransparencyError) -> Bytes? { try read(name) }

  init(_ arguments: Arguments) throws(Failure) {
    let given = (try arguments.value("--from-tiles"), try arguments.value("--url"))
    switch given {
    case (let folder?, nil): self.init(folder: folder)
    case (nil, let url?): try self.init(url: url)
    case (nil, nil):
      try self.init(
        directory: DataDirectory(path: try arguments.value("--datadir") ?? ".opal/demo"))
    default: throw .usage("--from-tiles and --url exclude each other")
    }
  }

  init(folder: String) {
    place = folder
    let source = FolderSource(path: folder)
    read = { (name) throws(TransparencyError) in try source.resource(name) }
  }

  init(url: String) throws(Failure) {
    place = url
    let client: HTTPClient
    do throws(HTTPClientError) {
      client = try HTTPClient(address: url)
    } catch {
      throw .usage("--url: \(error.message)")
    }
    read = { (name) throws(TransparencyError) in
      do throws(HTTPClientError) {
        let answer = try client.exchange("GET", "/" + name)
        switch answer.status {
        case 200: return answer.body
        case 404: return nil
        default: throw HTTPClientError.status(answer.status)
        }
      } catch {
        throw .unreadable("\(url)/\(name): \(error.message)")
      }
    }
  }

  init(directory: DataDirectory) throws(Failure) {
    guard directory.holdsLog else {
      throw .failed("\(directory.path) holds no event log (log.sqlite)")
    }
    let log: EventLog
    do throws(EventLogError) {
      log = try EventLog(path: directory.log, mode: .readOnly)
    } catch {
      throw .failed("\(error)")
    }
    place = directory.path
    let (files, tiles) = (FolderSource(path: directory.path), EventLogSource(log))
    read = { (name) throws(TransparencyError) in
      let isFile = name == LogResources.checkpoint || name == LogResources.key
      return isFile ? try files.resource(name) : try tiles.resource(name)
    }
  }
}

/// The keys whose word counts.
enum TrustedKeys {
  /// Those of `--key`; without one, the one that the source names, of which the caller is told.
  static func read(
    _ arguments: Arguments, _ source: some TileSource, option: String = "--key"
  ) throws(Failure) -> [VerifierKey] {
    let given = arguments.values(option)
    guard given.isEmpty else { return try given.map { (text) throws(Failure) in try key(text) } }
    do throws(NodeError) {
      let key = try LogBundle.key(source)
      Terminal.complain("no --key is given: trusting the one that the log names, \(key.text)")
      return [key]
    } catch {
      throw .failed("no --key is given, and the log names none: \(error.message)")
    }
  }

  /// The key that a text is, or that the file of that name holds.
  static func key(_ text: String) throws(Failure) -> VerifierKey {
    let line =
      Files.exists(text)
      ? String(decoding: try Home.readFile(text), as: UTF8.self).filter { !$0.isWhitespace } : text
    do throws(TransparencyError) {
      return try VerifierKey(line)
    } catch {
      throw .usage("'\(text.prefix(60))' is no key: \(error.message)")
    }
  }
}

extension Failure {
  /// A failure of what a log should convince of.
  init(_ error: TransparencyError) { self = .failed(error.message) }

  /// Runs `body`, and says what its failure means for a command.
  static func of<Value>(
    _ body: () throws(TransparencyError) -> Value
  ) throws(Failure) -> Value {
    do throws(TransparencyError) {
      return try body()
    } catch {
      throw Failure(error)
    }
  }

  /// Runs `body`, and says what its failure means for a command.
  static func ofNode<Value>(_ body: () throws(NodeError) -> Value) throws(Failure) -> Value {
    do throws(NodeError) {
      return try body()
    } catch {
      throw .failed(error.message)
    }
  }
}
