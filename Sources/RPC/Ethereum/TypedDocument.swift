import Cryptography
import JSON
import Primitives

/// Typed data as wallets send it: types, a domain and a message, in JSON (EIP-712).
struct TypedDocument {
  private let types: RPCValue
  private let value: RPCValue
  /// The hashes of the types that were asked for.
  private var typeHashes: [String: Hash] = [:]

  private static let depthLimit = 32
  /// More than any wallet would show, of types and of the members of all of them.
  private static let typeLimit = 256
  private static let memberLimit = 4_096

  /// A document; some clients send it as text.
  init(_ value: RPCValue) throws(RPCError) {
    self.value = try value.parsedText()
    types = try self.value.required("types")
    let all = try types.members()
    var memberCount = 0
    for type in all { memberCount += try type.value.elements().count }
    guard all.count <= Self.typeLimit, memberCount <= Self.memberLimit else {
      throw types.error(
        "more than \(Self.typeLimit) types or \(Self.memberLimit) members of types")
    }
  }

  /// The hash that is signed.
  mutating func digest() throws(RPCError) -> Hash {
    let domain = try value.required("domain")
    let separator: Hash
    if try types.optional("EIP712Domain") != nil {
      separator = try hash("EIP712Domain", domain, depth: 0)
    } else {
      separator = try usualSeparator(domain)
    }
    let primary = try value.required("primaryType").string()
    let message = try hash(primary, try value.required("message"), depth: 0)
    return TypedData.digest(domainSeparator: separator, structHash: message)
  }

  /// The separator of a domain whose type is not given: its fields in the standard's order.
  private mutating func usualSeparator(_ domain: RPCValue) throws(RPCError) -> Hash {
    let all = [
      ("name", "string"), ("version", "string"), ("chainId", "uint256"),
      ("verifyingContract", "address"), ("salt", "bytes32"),
    ]
    var members: [String] = []
    var words: Bytes = []
    for (name, type) in all {
      guard let field = try domain.optional(name) else { continue }
      members.append("\(type) \(name)")
      words += try word(type, field, depth: 1)
    }
    let type = TypedData.typeHash("EIP712Domain(\(members.joined(separator: ",")))")
    return Keccak256.hash(type.bytes + words)
  }

  private mutating func hash(
    _ type: String, _ data: RPCValue, depth: Int
  ) throws(RPCError) -> Hash {
    guard depth < Self.depthLimit else { throw data.error("is nested too deep") }
    var words = try typeHash(type).bytes
    for member in try types.required(type).elements() {
      let name = try member.required("name").string()
      words += try word(
        try member.required("type").string(), try data.required(name), depth: depth + 1)
    }
    return Keccak256.hash(words)
  }

  /// The hash of a type, worked out once: a list may have very many values of it.
  private mutating func typeHash(_ type: String) throws(RPCError) -> Hash {
    if let known = typeHashes[type] { return known }
    let hash = TypedData.typeHash(try encodedType(type))
    typeHashes[type] = hash
    return hash
  }

  /// The type with all types that it refers to, those sorted by name.
  private func encodedType(_ type: String) throws(RPCError) -> String {
    var found: [String] = []
    var waiting = [type]
    while let next = waiting.popLast() {
      guard !found.contains(next), let members = try types.optional(next) else { continue }
      found.append(next)
      for member in try members.elements() {
        waiting.append(String(try member.required("type").string().prefix { $0 != "[" }))
      }
    }
    var text = ""
    for name in [type] + found.filter({ $0 != type }).sorted() {
      var members: [String] = []
      for member in try types.required(name).elements() {
        members.append(
          "\(try member.required("type").string()) \(try member.required("name").string())")
      }
      text += "\(name)(\(members.joined(separator: ",")))"
    }
    return text
  }

  private mutating func word(
    _ type: String, _ value: RPCValue, depth: Int
  ) throws(RPCError) -> Bytes {
    guard depth < Self.depthLimit else { throw value.error("is nested too deep") }
    if type.hasSuffix("]"), let bracket = type.lastIndex(of: "[") {
      var words: Bytes = []
      let elements = try value.elements()
      let size = type[type.index(after: bracket)...].dropLast()
      guard size.isEmpty || size == String(elements.count) else {
        throw value.error("has \(elements.count) elements, and \(type) another number")
      }
      for element in elements {
        words += try word(String(type[..<bracket]), element, depth: depth + 1)
      }
      return Keccak256.hash(words).bytes
    }
    if try types.optional(type) != nil { return try hash(type, value, depth: depth).bytes }
    switch type {
    case "string": return Keccak256.hash(Bytes(try value.string().utf8)).bytes
    case "bytes": return Keccak256.hash(try value.data()).bytes
    case "address": return Hash(UInt256(try value.address())).bytes
    case "bool": return Hash(try value.bool() ? UInt256.one : .zero).bytes
    default: break
    }
    if type.hasPrefix("bytes"), let count = Int(type.dropFirst(5)), 1...32 ~= count {
      let bytes = try value.data(count: count)
      return bytes + Bytes(repeating: 0, count: 32 - count)
    }
    return try value.integer(type).word.bigEndianBytes
  }
}

extension RPCValue {
  /// A whole number of a type such as `uint8` or `int`: as a word, in two's complement, and the size
  /// of the type.
  func integer(_ type: String) throws(RPCError) -> (word: UInt256, sizeInBytes: Int) {
    let isSigned = type.hasPrefix("int")
    let digits = type.dropFirst(isSigned ? 3 : 4)
    guard isSigned || type.hasPrefix("uint"), let bits = digits.isEmpty ? 256 : Int(digits),
      bits % 8 == 0, 8...256 ~= bits, digits.isEmpty || digits == String(bits)
    else { throw error("\(type) is no type") }
    // The most of a signed type is one bit less, and the least one more below zero.
    let limit = UInt256.one << (isSigned ? bits - 1 : bits)
    func check(_ isInside: Bool) throws(RPCError) {
      guard isInside || limit.isZero else { throw error("integer larger than '\(type)'") }
    }
    if isSigned, let text = json.string ?? json.number?.text, text.hasPrefix("-"),
      let magnitude = UInt256(decimal: String(text.dropFirst()))
    {
      try check(magnitude <= limit)
      return (UInt256.zero &- magnitude, bits / 8)
    }
    let number = try looseQuantity()
    try check(number < limit)
    return (number, bits / 8)
  }
}

extension RPCValue {
  /// The document that a text holds, or the value itself.
  fileprivate func parsedText() throws(RPCError) -> RPCValue {
    guard case .string(let text) = json else { return self }
    guard let parsed = try? JSON.parse(text) else { throw error("is no JSON") }
    return replacing(parsed)
  }
}
