import Cryptography
import JSON
import Primitives

/// Why JSON is no authorisation, receipt, share or settlement.
public enum UsageFormatError: Error, Hashable, Sendable {
  /// A member is not there, or the object around it is none.
  case missing(String)
  /// A member is there and is not what it should be.
  case malformed(String, expected: String)
  /// An array has more elements than are accepted.
  case tooMany(String, limit: Int)

  /// The error in words.
  public var message: String {
    switch self {
    case .missing(let name): "\(name) is missing"
    case .malformed(let name, let expected): "\(name) is not \(expected)"
    case .tooMany(let name, let limit): "\(name) has more than \(limit) elements"
    }
  }
}

/// Reads members of one JSON object; errors name a member by its whole path.
struct UsageFields {
  private let json: JSON
  private let path: String

  init(_ json: JSON, at path: String) throws(UsageFormatError) {
    guard json.object != nil else { throw .malformed(path, expected: "an object") }
    self.json = json
    self.path = path
  }

  private func name(_ key: String) -> String { path.isEmpty ? key : path + "." + key }

  private func member(_ key: String) throws(UsageFormatError) -> JSON {
    guard let value = json[key], !value.isNull else { throw .missing(name(key)) }
    return value
  }

  private func bytes(_ key: String, count: Int) throws(UsageFormatError) -> Bytes {
    guard let text = try member(key).string, let bytes = Self.bytes(text), bytes.count == count
    else { throw .malformed(name(key), expected: "\(count) bytes in hexadecimal after 0x") }
    return bytes
  }

  private static func bytes(_ text: String) -> Bytes? {
    text.utf8.starts(with: "0x".utf8) ? Hexadecimal.decode(text) : nil
  }

  func address(_ key: String) throws(UsageFormatError) -> Address {
    Address(try bytes(key, count: Address.sizeInBytes))
  }

  func hash(_ key: String) throws(UsageFormatError) -> Hash {
    Hash(try bytes(key, count: Hash.sizeInBytes))
  }

  func signature(_ key: String) throws(UsageFormatError) -> Signature {
    guard let signature = Signature(bytes65: try bytes(key, count: 65)), signature.isInRange,
      signature.isLowS
    else { throw .malformed(name(key), expected: "a signature r, s, v with a low s") }
    return signature
  }

  /// A number: "0x…", decimal digits as text, or a JSON integer.
  func number(_ key: String) throws(UsageFormatError) -> UInt256 {
    let value = try member(key)
    let number: UInt256? =
      if let text = value.string {
        text.utf8.starts(with: "0x".utf8)
          ? UInt256(hexadecimal: text) : UInt256(decimal: text)
      } else if let integer = value.uint64 {
        UInt256(integer)
      } else {
        nil
      }
    guard let number else {
      throw .malformed(name(key), expected: "a number of at most 256 bits")
    }
    return number
  }

  func shortNumber(_ key: String) throws(UsageFormatError) -> UInt64 {
    guard let number = try number(key).asUInt64 else {
      throw .malformed(name(key), expected: "a number of at most 64 bits")
    }
    return number
  }

  func hashes(_ key: String, limit: Int) throws(UsageFormatError) -> [Hash] {
    guard let elements = try member(key).array else {
      throw .malformed(name(key), expected: "an array")
    }
    guard elements.count <= limit else { throw .tooMany(name(key), limit: limit) }
    var hashes: [Hash] = []
    for (index, element) in elements.enumerated() {
      guard let text = element.string, let bytes = Self.bytes(text),
        let hash = Hash(checking: bytes)
      else {
        throw .malformed(
          name(key) + "[\(index)]", expected: "32 bytes in hexadecimal after 0x")
      }
      hashes.append(hash)
    }
    return hashes
  }

  func object(_ key: String) throws(UsageFormatError) -> (JSON, path: String) {
    (try member(key), name(key))
  }
}

extension Hash {
  var json: JSON { .string(hexadecimal) }
}

extension Address {
  var json: JSON { .string(hexadecimal) }
}

extension UInt256 {
  var json: JSON { .string(hexadecimal) }
}

extension UInt64 {
  var json: JSON { UInt256(self).json }
}
