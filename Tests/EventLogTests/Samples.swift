import Cryptography
import EventLog
import Primitives
import SQLite
import TestSupport
import Testing

/// The row that the tests expect at a sequence: its size and content vary with it.
func sampleRow(_ sequence: UInt64) -> Row {
  let size = Int((sequence &* 37) % 300)
  return Row(
    sequence: sequence, kind: UInt16(truncatingIfNeeded: sequence % 67),
    payload: (0..<size).map { UInt8(truncatingIfNeeded: UInt64($0) &* 31 &+ sequence) },
    commitment: Hash(sequence, ~sequence, sequence &* 0x9e37_79b9_7f4a_7c15, 7))
}

/// The rows of a range.
func sampleRows(_ range: ClosedRange<UInt64>) -> [Row] { range.map(sampleRow) }

extension EventLog {
  /// Appends sample rows up to a sequence, in batches of this size.
  func fill(through last: UInt64, batch: UInt64 = 100) throws {
    while count < last {
      try append(sampleRows(count + 1...min(count + batch, last)))
    }
  }
}

/// Runs `body` with the path of a log that has the sample rows through `count`, and is closed.
func withLog(_ count: UInt64, batch: UInt64 = 100, _ body: (String) throws -> Void) throws {
  try withTemporaryDirectory { directory in
    let path = directory + "/log.sqlite"
    try EventLog(path: path, mode: .readWrite).fill(through: count, batch: batch)
    try body(path)
  }
}

/// Runs SQL as any other program would: a plain connection with SQLite's defaults.
func runForeignSQL(_ path: String, _ sql: String) throws {
  try Connection(path: path, mode: .readWrite, busyTimeoutInMilliseconds: 0).execute(sql)
}

/// Alters a log behind the triggers' back.
func tamper(_ path: String, _ sql: String) throws {
  let connection = try Connection(path: path, mode: .readWrite)
  connection.setTriggers(enabled: false)
  try connection.execute(sql)
  #expect(connection.changedRowCount == 1)
}

/// A signer for tests whose signatures only it can check: no elliptic curve is needed here.
///
/// The "signature" of a digest is the digest itself, and the "key" is told by the parity.
final class ToyProvider: CryptographyProvider {
  static func sign(_ digest: Hash) -> Signature {
    Signature(r: UInt256(digest) >> 8, s: UInt256(7), yParity: false)
  }

  static let publicKey = Bytes(repeating: 0x11, count: 64)

  func recoverPublicKey(messageHash: Hash, r: UInt256, s: UInt256, yParity: Bool) -> Bytes? {
    r == UInt256(messageHash) >> 8 ? Bytes(repeating: yParity ? 0x22 : 0x11, count: 64) : nil
  }

  func ripemd160(_ bytes: Bytes) -> Bytes { [] }

  func modularPower(base: Bytes, exponent: Bytes, modulus: Bytes) -> Bytes { [] }

  func verifyP256(messageHash: Hash, r: UInt256, s: UInt256, x: UInt256, y: UInt256) -> Bool {
    false
  }
}
