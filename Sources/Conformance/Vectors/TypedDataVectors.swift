import Cryptography
import JSON
import NativeCryptography
import Primitives

/// Typed data by their JSON (EIP-712): encoding, digest and signature.
enum TypedDataVectors {
  @Sendable static func verdict(_ test: Fixture) throws(FixtureError) -> Verdict {
    let document = TypedDocument(types: try test.field("types"))
    let primary = try test.field("primaryType").text()
    let encoded = try document.encode(primary, try test.field("data"), depth: 0)
    let separator = try domainSeparator(try test.field("domain"))
    let digest = TypedData.digest(
      domainSeparator: separator, structHash: Keccak256.hash(encoded))
    let verdict = Verdict.all(
      .compare("encoded", try test.field("encoded").bytes(), encoded),
      .compare("digest", try test.field("digest").bytes(), digest.bytes))
    guard verdict == .passed, let secret = test.optional("privateKey") else { return verdict }
    guard let key = PrivateKey(try secret.bytes()) else { return .check("key", true, false) }
    return .compare(
      "signature", try test.field("signature").bytes(), key.sign(digest).bytes65)
  }

  /// The domain's fields, in the order of the EIP, as far as they are there.
  private static func domainSeparator(_ domain: Fixture) throws(FixtureError) -> Hash {
    let all = [
      ("name", "string"), ("version", "string"), ("chainId", "uint256"),
      ("verifyingContract", "address"), ("salt", "bytes32"),
    ]
    var members: [JSON] = []
    for (name, type) in all where domain.optional(name) != nil {
      members.append(["name": .string(name), "type": .string(type)])
    }
    let types = Fixture(["EIP712Domain": .array(members)])
    let encoded = try TypedDocument(types: types).encode("EIP712Domain", domain, depth: 0)
    return Keccak256.hash(encoded)
  }
}

/// The structure types of a document.
private struct TypedDocument {
  let types: Fixture

  private static var depthLimit: Int { 32 }

  /// The type's hash and the words of its members.
  func encode(
    _ type: String, _ data: Fixture, depth: Int
  ) throws(FixtureError) -> Bytes {
    guard depth < Self.depthLimit else { throw data.fault("is nested too deep") }
    var words = TypedData.typeHash(try encodedType(type)).bytes
    for member in try types.field(type).elements() {
      let name = try member.field("name").text()
      let value = try data.field(name)
      words += try word(try member.field("type").text(), value, depth: depth + 1)
    }
    return words
  }

  /// The type with all types that it refers to, those sorted by name.
  private func encodedType(_ type: String) throws(FixtureError) -> String {
    var found: [String] = []
    var waiting = [type]
    while let next = waiting.popLast() {
      guard !found.contains(next), types.optional(next) != nil else { continue }
      found.append(next)
      for member in try types.field(next).elements() {
        waiting.append(Self.base(try member.field("type").text()))
      }
    }
    var text = ""
    for name in [type] + found.filter({ $0 != type }).sorted() {
      var members: [String] = []
      for member in try types.field(name).elements() {
        members.append("\(try member.field("type").text()) \(try member.field("name").text())")
      }
      text += "\(name)(\(members.joined(separator: ",")))"
    }
    return text
  }

  /// A type without its brackets.
  private static func base(_ type: String) -> String { String(type.prefix { $0 != "[" }) }

  private func word(
    _ type: String, _ value: Fixture, depth: Int
  ) throws(FixtureError) -> Bytes {
    guard depth < Self.depthLimit else { throw value.fault("is nested too deep") }
    if type.hasSuffix("]"), let bracket = type.lastIndex(of: "[") {
      let inner = String(type[..<bracket])
      var words: Bytes = []
      for element in try value.elements() {
        words += try word(inner, element, depth: depth + 1)
      }
      return Keccak256.hash(words).bytes
    }
    if types.optional(type) != nil {
      return Keccak256.hash(try encode(type, value, depth: depth)).bytes
    }
    guard let plain = ABIType.parse(type) else { throw value.fault("\"\(type)\" is no type") }
    switch try ABIVectors.value(plain, value) {
    case .bytes(let bytes), .string(let bytes): return Keccak256.hash(bytes).bytes
    case let plain: return ABI.encode([plain])
    }
  }
}
