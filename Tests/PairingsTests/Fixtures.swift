import Foundation
import JSON
import Primitives
import TestSupport

/// A field of a vector that is not as it should be.
struct Misshapen: Error {
  let field: String
}

extension JSON {
  /// Our own vectors, made with py_ecc by `Tests/Vectors/pairings/pairings.py`.
  static func own(_ name: String) throws -> JSON {
    let file = Project.ownVectors.appending(path: "pairings").appending(path: name)
    return try JSON.parse(Bytes(try Data(contentsOf: file)))
  }

  func list(_ field: String) throws -> [JSON] {
    guard let array = self[field]?.array else { throw Misshapen(field: field) }
    return array
  }

  func bytes(_ field: String) throws -> Bytes {
    guard let text = self[field]?.string, let bytes = Hexadecimal.decode(text) else {
      throw Misshapen(field: field)
    }
    return bytes
  }

  func word(_ field: String) throws -> UInt256 { UInt256(bigEndian: try bytes(field)) }

  func decimal(_ field: String) throws -> UInt256 {
    guard let number = UInt256(decimal: self[field]?.string ?? "") else {
      throw Misshapen(field: field)
    }
    return number
  }
}

/// Numbers that look random and are the same each time (splitmix64).
struct Chance {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }

  mutating func word() -> UInt256 { UInt256(next(), next(), next(), next()) }
}
