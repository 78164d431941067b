import Cryptography
import EventLog
import Primitives
import Testing

/// The file format is a promise for life: these bytes never change.
@Suite("The event log's format")
struct FormatTests {
  private static let row = Row(
    sequence: 258, kind: 0x10, payload: Array("a decision".utf8),
    commitment: Hash(1, 2, 3, 0xff))

  @Test("a row is encoded as RLP of its four columns")
  func encoding() {
    #expect(
      Hexadecimal.encode(Self.row.encoded)
        == "f0" + "820102" + "10" + "8a61206465636973696f6e"
        + "a0000000000000000100000000000000020000000000000003" + "00000000000000ff")
  }

  @Test("a leaf is SHA-256 of 0x00 and the row, an entry of 0x02 and the row uncommitted")
  func hashes() {
    let row = Self.row
    #expect(row.leafHash == SHA256.hash([0x00] + row.encoded))
    let entry: Bytes = [0xcf, 0x82, 0x01, 0x02, 0x10, 0x8a] + Array("a decision".utf8)
    #expect(row.entryHash == SHA256.hash([0x02] + entry))
  }

  @Test("zero and the largest numbers are encoded without leading zeros")
  func extremes() {
    let least = Row(sequence: 1, kind: 0, payload: [], commitment: .zero)
    #expect(Array(least.encoded.prefix(4)) == [0xe4, 0x01, 0x80, 0x80])
    let most = Row(sequence: .max, kind: .max, payload: [0x7f], commitment: .zero)
    #expect(
      Array(most.encoded.prefix(14))
        == [0xee, 0x88] + [UInt8](repeating: 0xff, count: 8) + [0x82, 0xff, 0xff, 0x7f])
  }
}
