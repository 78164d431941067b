import Primitives

/// Why bytes are not the encoding of a payload.
public enum PayloadError: Error, Hashable, Sendable {
  /// The length is not 32 bytes times a power of two.
  case length(Int)
  /// The first byte of the header is not zero.
  case header
  /// The header names another version than 0.
  case version(UInt8)
  /// Padding of the header, or the first byte of an element, or what follows the payload, is not
  /// zero.
  case padding
  /// The header claims more bytes than there are.
  case claimedLength(UInt32)
}

/// The encoding of payloads as field elements of BN254, version 0 of EigenDA.
///
/// The first element is a header: `00`, the version, the payload's length in 4 bytes, zeros. Each
/// further one is `00` and 31 bytes of the payload, so that it is below the order. Zeros fill up to
/// a power of two elements.
public enum PayloadCodec {
  /// How many bytes an element has.
  public static var elementSizeInBytes: Int { 32 }

  /// How many elements the encoding of that many bytes has.
  public static func elementCount(payloadSizeInBytes: Int) -> Int {
    let count = 1 + (payloadSizeInBytes + 30) / 31
    var power = 1
    while power < count { power <<= 1 }
    return power
  }

  /// The encoding of a payload, which must be shorter than 2³² bytes.
  public static func encode(_ payload: Bytes) -> Bytes {
    precondition(payload.count <= Int(UInt32.max), "a payload's length has 32 bits")
    var encoded = Bytes()
    let count = elementCount(payloadSizeInBytes: payload.count)
    encoded.reserveCapacity(count * elementSizeInBytes)
    encoded += [0, 0]
    let length = UInt32(payload.count)
    for shift: UInt32 in [24, 16, 8, 0] {
      encoded.append(UInt8(truncatingIfNeeded: length >> shift))
    }
    encoded += [UInt8](repeating: 0, count: 26)
    for start in stride(from: 0, to: payload.count, by: 31) {
      encoded.append(0)
      encoded += payload[start..<min(start + 31, payload.count)]
    }
    encoded += [UInt8](repeating: 0, count: count * elementSizeInBytes - encoded.count)
    return encoded
  }

  /// The payload of an encoding.
  ///
  /// - Throws: `PayloadError` for all but what `encode` gives, and the same with more elements.
  public static func decode(_ encoded: Bytes) throws(PayloadError) -> Bytes {
    let count = encoded.count / elementSizeInBytes
    guard encoded.count % elementSizeInBytes == 0, count > 0, count & (count - 1) == 0 else {
      throw .length(encoded.count)
    }
    guard encoded[0] == 0 else { throw .header }
    guard encoded[1] == 0 else { throw .version(encoded[1]) }
    guard encoded[6..<32].allSatisfy({ $0 == 0 }) else { throw .padding }
    let length = encoded[2..<6].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard Int(length) <= (count - 1) * 31 else { throw .claimedLength(length) }
    var payload = Bytes()
    payload.reserveCapacity((count - 1) * 31)
    for start in stride(from: elementSizeInBytes, to: encoded.count, by: elementSizeInBytes) {
      guard encoded[start] == 0 else { throw .padding }
      payload += encoded[start + 1..<start + elementSizeInBytes]
    }
    guard payload[Int(length)...].allSatisfy({ $0 == 0 }) else { throw .padding }
    payload.removeSubrange(Int(length)...)
    return payload
  }
}
