import Primitives

/// Why a blob holds no rollup data.
public enum BlobDataError: Error, Hashable, Sendable {
  /// It has not 131,072 bytes.
  case wrongLength
  /// The version is not 0.
  case unknownVersion(UInt8)
  /// It claims more data than a blob holds.
  case tooLong
  /// A field element has one of its two highest bits set.
  case highBits
  /// Bytes behind the data are not 0.
  case trailingBytes

  /// What is wrong, in a few words.
  public var name: String {
    switch self {
    case .wrongLength: "wrong length"
    case .unknownVersion(let version): "unknown version " + String(version)
    case .tooLong: "length beyond the blob"
    case .highBits: "field element too large"
    case .trailingBytes: "bytes behind the data"
    }
  }
}

/// Rollup data in a blob: 31 bytes and six bits in each field element.
///
/// Source: the OP Stack specification, Ecotone, blob encoding.
public enum BlobData {
  /// The bytes of a blob: 4,096 field elements.
  public static let blobSizeInBytes = 131_072
  /// The most bytes of data in a blob.
  public static let capacityInBytes = (4 * 31 + 3) * 1024 - 4

  /// The blob that holds `data`; nil if they are too long.
  public static func encode(_ data: Bytes) -> Bytes? {
    guard data.count <= capacityInBytes else { return nil }
    var content: Bytes = [
      0, UInt8(truncatingIfNeeded: data.count >> 16), UInt8(truncatingIfNeeded: data.count >> 8),
      UInt8(truncatingIfNeeded: data.count),
    ]
    content += data
    var blob = Bytes(repeating: 0, count: blobSizeInBytes)
    var position = 0
    func next() -> UInt8 {
      defer { position += 1 }
      return position < content.count ? content[position] : 0
    }
    for group in 0..<1024 where position < content.count {
      let start = group * 128
      func fill(_ element: Int) {
        for index in 1..<32 { blob[start + element * 32 + index] = next() }
      }
      fill(0)
      let x = next()
      blob[start] = x & 0x3f
      fill(1)
      let y = next()
      blob[start + 32] = y & 0x0f | (x & 0xc0) >> 2
      fill(2)
      let z = next()
      blob[start + 64] = z & 0x3f
      fill(3)
      blob[start + 96] = (z & 0xc0) >> 2 | (y & 0xf0) >> 4
    }
    return blob
  }

  /// The data that `blob` holds.
  ///
  /// - Throws: `BlobDataError`.
  public static func decode(_ blob: Bytes) throws(BlobDataError) -> Bytes {
    guard blob.count == blobSizeInBytes else { throw .wrongLength }
    var content: Bytes = []
    content.reserveCapacity(capacityInBytes + 4)
    for group in 0..<1024 {
      let start = group * 128
      let a = blob[start]
      let b = blob[start + 32]
      let c = blob[start + 64]
      let d = blob[start + 96]
      guard (a | b | c | d) & 0xc0 == 0 else { throw .highBits }
      content += blob[start + 1..<start + 32]
      content.append(a & 0x3f | (b & 0x30) << 2)
      content += blob[start + 33..<start + 64]
      content.append(b & 0x0f | (d & 0x0f) << 4)
      content += blob[start + 65..<start + 96]
      content.append(c & 0x3f | (d & 0x30) << 2)
      content += blob[start + 97..<start + 128]
    }
    guard content[0] == 0 else { throw .unknownVersion(content[0]) }
    let length = Int(content[1]) << 16 | Int(content[2]) << 8 | Int(content[3])
    guard length <= capacityInBytes else { throw .tooLong }
    guard content[(4 + length)...].allSatisfy({ $0 == 0 }) else { throw .trailingBytes }
    return Bytes(content[4..<4 + length])
  }
}
