import Cryptography
import EVM
import EventLog
import Execution
import Glibc
import Ledger
import NativeCryptography
import Node
import Primitives
import SQLite
import Synchronization
import Testing

/// What the tests find beside their sources.
enum Project {
  static let root: String = {
    let parts = #filePath.split(separator: "/").dropLast(3)
    return "/" + parts.joined(separator: "/")
  }()

  static func genesis(_ name: String) throws -> Bytes {
    try Files.read(root + "/genesis/" + name + ".json")
  }

  static func declaration() throws -> GenesisDeclaration {
    GenesisDeclaration(
      documents: [
        .init(layer: .one, json: try genesis("l1")), .init(layer: .two, json: try genesis("dev")),
      ],
      settler: DevelopmentRole.settler.key.address)
  }

  /// The key of one of the development mnemonic's accounts.
  static func key(_ index: UInt32) -> PrivateKey {
    guard let key = Mnemonic(Mnemonic.development)?.privateKey(account: index) else {
      preconditionFailure("the development mnemonic has keys")
    }
    return key
  }
}

/// A time that stands still until a test moves it.
final class TestClock: Sendable {
  private let milliseconds: Mutex<UInt64>

  init(seconds: UInt64 = 1_800_000_000) { milliseconds = Mutex(seconds * 1000) }

  var seconds: UInt64 { milliseconds.withLock { $0 / 1000 } }

  func advance(seconds: UInt64) { milliseconds.withLock { $0 += seconds * 1000 } }

  var read: @Sendable () -> UInt64 {
    { [self] in milliseconds.withLock { $0 } }
  }
}

/// What a node told its operator.
final class Reports: Sendable {
  private let lines = Mutex<[String]>([])

  var all: [String] { lines.withLock { $0 } }

  var take: @Sendable (String) -> Void {
    { [self] line in lines.withLock { $0.append(line) } }
  }
}

/// A data directory of a test's own, with the clock and the ears of the node in it.
final class Place: Sendable {
  let directory: DataDirectory
  let clock = TestClock()
  let reports = Reports()

  init() throws {
    directory = DataDirectory(path: try Files.makeTemporaryDirectory() + "/data")
  }

  deinit {
    if let slash = directory.path.lastIndex(of: "/") {
      Files.removeTemporaryDirectory(String(directory.path[..<slash]))
    }
  }

  func configuration(
    mode: Sequencer.Mode = .instant, genesis: GenesisDeclaration? = nil
  ) throws -> NodeConfiguration {
    NodeConfiguration(
      directory: directory, isDurable: false, genesis: try genesis ?? Project.declaration(),
      wallet: Wallet(keys: (0..<10).map(Project.key)),
      serviceWallet: Wallet(keys: DevelopmentRole.allCases.map(\.key)),
      sequencers: [Sequencer(layer: .two, mode: mode)], clock: clock.read, report: reports.take)
  }

  func node(mode: Sequencer.Mode = .instant) throws -> Node {
    try Node(try configuration(mode: mode))
  }

  /// The log, as another process would read it.
  func log() throws -> EventLog { try EventLog(path: directory.log, mode: .readOnly) }

  /// All rows of the log.
  func rows() throws -> [Row] {
    var rows: [Row] = []
    var cursor = try log().rows()
    while let row = try cursor.nextRow() { rows.append(row) }
    return rows
  }

  /// Brings what stands in the write-ahead log into the file itself.
  func settleFiles() throws {
    for path in [directory.log, directory.views] where Files.exists(path) {
      let connection = try Connection(path: path, mode: .readWrite)
      _ = try connection.int64("PRAGMA wal_checkpoint(TRUNCATE)")
    }
  }
}

/// A signed transfer, or whatever else is asked for.
func transfer(
  from index: UInt32 = 0, nonce: UInt64, to: Address = Address(UInt256(0xabc)),
  value: UInt256 = 1, maxFee: UInt64 = 10_000_000_000, tip: UInt64 = 1, gasLimit: UInt64 = 21_000,
  data: Bytes = []
) -> Transaction {
  let key = Project.key(index)
  let unsigned = Transaction(
    to: to, chainID: 31337, nonce: nonce, maxFeePerGas: UInt256(maxFee),
    maxPriorityFeePerGas: UInt256(tip), gasLimit: gasLimit, value: value, data: data)
  return unsigned.signed(with: key.sign(unsigned.signingHash))
}

extension Command {
  static func submit(_ transaction: Transaction) -> Command {
    .submitTransaction(.two, encoded: transaction.encoded)
  }
}

/// What a body throws as a node's error; nil, and an issue, if it does not.
func nodeError(_ body: () throws -> Void) -> NodeError? {
  do {
    try body()
    Issue.record("nothing was thrown")
  } catch let error as NodeError {
    return error
  } catch {
    Issue.record("\(error)")
  }
  return nil
}

/// The sequence that a node's error names, whether as a field or in words.
func sequence(in error: NodeError?) -> UInt64? {
  guard let error else { return nil }
  if case .mismatch(let sequence, _, _, _) = error { return sequence }
  let words = error.message.split(separator: "event ", maxSplits: 1)
  guard words.count == 2 else { return nil }
  return UInt64(words[1].prefix { $0.isNumber })
}

/// Changes bytes of a file, wherever they stand in it; how often they stood there.
@discardableResult
func replaceBytes(of path: String, _ old: Bytes, by new: Bytes) throws -> Int {
  precondition(old.count == new.count && !old.isEmpty)
  var file = try Files.read(path)
  var found = 0
  var index = 0
  while index + old.count <= file.count {
    if file[index] == old[0], file[index..<index + old.count].elementsEqual(old) {
      file.replaceSubrange(index..<index + old.count, with: new)
      found += 1
      index += old.count
    } else {
      index += 1
    }
  }
  try Files.write(file, to: path)
  return found
}

/// Changes a database by SQL, its triggers aside.
func alter(_ path: String, _ sql: String) throws {
  let connection = try Connection(path: path, mode: .readWrite)
  connection.setTriggers(enabled: false)
  try connection.execute(sql)
  _ = try connection.int64("PRAGMA wal_checkpoint(TRUNCATE)")
}

/// Waits for what another thread will do; an issue if it does not within a minute.
func waitUntil(_ condition: () throws -> Bool) throws {
  for _ in 0..<6_000 {
    if try condition() { return }
    usleep(10_000)
  }
  Issue.record("it did not come")
}
