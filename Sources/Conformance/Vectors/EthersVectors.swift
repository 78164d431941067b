import Cryptography
import EVM
import Execution
import JSON
import NativeCryptography
import Primitives

/// ethers' test cases: what wallets and contracts agree on.
let ethersVectors: [VectorKind] = [
  VectorKind({ $0.has("type", "value", "encoded") }, eachCase: ABIVectors.ethers),
  VectorKind({ $0.has("privateKey", "address", "icap") }, eachCase: AccountVectors.verdict),
  VectorKind({ $0.has("sender", "creates") }, eachCase: AccountVectors.creations),
  VectorKind({ $0.has("data", "keccak256", "sha256") }, eachCase: HashVectors.verdict),
  VectorKind({ $0.has("types", "values", "keccak256") }, eachCase: HashVectors.packed),
  VectorKind({ $0.has("decoded", "encoded") }) { test throws(FixtureError) in
    let item = try HashVectors.item(try test.field("decoded"))
    return RLPVectors.compare(item, try test.field("encoded").bytes())
  },
  VectorKind(
    { $0.has("transaction", "privateKey", "signedLegacy") },
    eachCase: WalletVectors.verdict),
  VectorKind(
    { $0.has("domain", "primaryType", "types", "digest") },
    eachCase: TypedDataVectors.verdict),
  VectorKind({ $0.has("wei", "ether_format") }, eachCase: UnitVectors.verdict),
]

/// Addresses of keys and of contracts.
enum AccountVectors {
  @Sendable static func verdict(_ test: Fixture) throws(FixtureError) -> Verdict {
    guard let key = PrivateKey(try test.field("privateKey").bytes()) else {
      return .check("key", true, false)
    }
    return .all(
      .compare("address", try test.field("address").text(), key.address.checksummed),
      .compare("icap", try test.field("icap").text(), accountNumber(key.address)))
  }

  /// The address as an account number in ISO 13616's manner (ICAP, "direct").
  private static func accountNumber(_ address: Address) -> String {
    var rest = UInt256(address)
    var digits: [UInt8] = []
    while !rest.isZero {
      let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 36)
      digits.append(UInt8(remainder.lowUInt64))
      rest = quotient
    }
    while digits.count < 30 { digits.append(0) }
    digits.reverse()
    // The check digits make the whole, with "XE" and "00" behind, one modulo 97.
    var sum = 0
    for digit in digits + [33, 14, 0, 0] {
      sum = (sum * (digit > 9 ? 100 : 10) + Int(digit)) % 97
    }
    let check = 98 - sum
    let letters = digits.map { String($0, radix: 36, uppercase: true) }.joined()
    return "XE" + (check < 10 ? "0" : "") + String(check) + letters
  }

  @Sendable static func creations(_ test: Fixture) throws(FixtureError) -> Verdict {
    let sender = try test.field("sender").address()
    for creation in try test.field("creates").elements() {
      let got: Address
      if let salt = creation.optional("salt") {
        let initCode = try creation.field("initCode").bytes()
        let hash = Keccak256.hash(initCode)
        guard try creation.field("initCodeHash").hash() == hash else {
          return .compare(
            "initCodeHash", try creation.field("initCodeHash").text(), hash.hexadecimal)
        }
        got = Address.contract(
          createdBy: sender, salt: UInt256(try salt.hash()), initCodeHash: hash)
      } else {
        got = Address.contract(
          createdBy: sender, nonce: try creation.field("nonce").uint64())
      }
      let verdict = Verdict.compare(
        "address", try creation.field("address").text(), got.checksummed)
      if verdict != .passed { return verdict }
    }
    return .passed
  }
}

/// Hashes of bytes, and of values packed without padding.
enum HashVectors {
  @Sendable static func verdict(_ test: Fixture) throws(FixtureError) -> Verdict {
    let data = try test.field("data").bytes()
    return try compare(test, data)
  }

  private static func compare(_ test: Fixture, _ data: Bytes) throws(FixtureError) -> Verdict {
    // ethers pads the short hash to a word, as Solidity's bytes20 would not be.
    let wantedRIPEMD = try test.field("ripemd160").bytes()
    let ripemd = NativeCryptographyProvider.shared.ripemd160(data)
    let padding = Bytes(repeating: 0, count: max(0, wantedRIPEMD.count - ripemd.count))
    let hashes = Verdict.all(
      .compare("keccak256", try test.field("keccak256").bytes(), Keccak256.hash(data).bytes),
      .compare("sha256", try test.field("sha256").bytes(), SHA256.hash(data).bytes),
      .compare("ripemd160", wantedRIPEMD, ripemd + padding))
    guard hashes == .passed, let wanted = test.optional("sha512") else { return hashes }
    return .compare("sha512", try wanted.bytes(), NativeSHA512.hash(data))
  }

  /// Solidity's `abi.encodePacked`.
  @Sendable static func packed(_ test: Fixture) throws(FixtureError) -> Verdict {
    let values = try test.field("values").elements()
    var packed: Bytes = []
    for (index, name) in try test.field("types").elements().enumerated() {
      guard index < values.count else { throw test.fault("has fewer values than types") }
      let type = try ABIVectors.type(name)
      try append(
        try ABIVectors.value(type, values[index]), type, isElement: false, to: &packed)
    }
    return try compare(test, packed)
  }

  private static func append(
    _ value: ABIValue, _ type: ABIType, isElement: Bool, to packed: inout Bytes
  ) throws(FixtureError) {
    switch (value, type) {
    case (.array(let elements), .array(let inner)),
      (.fixedArray(let elements), .fixedArray(let inner, _)):
      for element in elements {
        try append(element, inner, isElement: true, to: &packed)
      }
    case (.bytes(let bytes), _), (.string(let bytes), _): packed += bytes
    default:
      // Elements of arrays keep their padding.
      let word = ABI.encode([value])
      if isElement {
        packed += word
        return
      }
      switch type {
      case .uint(let bits), .int(let bits): packed += word.suffix(bits / 8)
      case .address: packed += word.suffix(20)
      case .bool: packed += word.suffix(1)
      case .fixedBytes(let count): packed += word.prefix(count)
      default: throw FixtureError(place: "types", reason: "cannot be packed")
      }
    }
  }

  /// An RLP item whose strings are hexadecimal.
  static func item(_ value: Fixture) throws(FixtureError) -> RLPVectors.Item {
    guard value.json.array != nil else { return .bytes(try value.bytes()) }
    var items: [RLPVectors.Item] = []
    for element in try value.elements() { items.append(try item(element)) }
    return .list(items)
  }
}

/// Amounts of ether in its units.
enum UnitVectors {
  private static let decimals: [(unit: String, places: Int)] = [
    ("kwei", 3), ("mwei", 6), ("satoshi", 8), ("gwei", 9), ("szabo", 12), ("finney", 15),
    ("ether", 18),
  ]

  @Sendable static func verdict(_ test: Fixture) throws(FixtureError) -> Verdict {
    let wei = try test.field("wei").text()
    for (unit, places) in decimals {
      if let amount = try test.optional(unit)?.text() {
        let verdict = Verdict.compare(unit, wei, parse(amount, places) ?? "no amount")
        if verdict != .passed { return verdict }
      }
      if let text = try test.optional(unit + "_format")?.text() {
        let verdict = Verdict.compare(unit, text, format(wei, places))
        if verdict != .passed { return verdict }
      }
    }
    return .passed
  }

  /// The wei of an amount in decimal notation.
  private static func parse(_ amount: String, _ places: Int) -> String? {
    let isNegative = amount.hasPrefix("-")
    let parts = amount.drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, let whole = parts.first else { return nil }
    let fraction = parts.count == 2 ? String(parts[1]) : ""
    let significant = fraction.utf8.count > places ? String(fraction.prefix(places)) : fraction
    let zeros = String(repeating: "0", count: places - significant.utf8.count)
    guard let number = UInt256(decimal: (whole.isEmpty ? "0" : whole) + significant + zeros)
    else { return nil }
    return (isNegative && !number.isZero ? "-" : "") + number.decimalString
  }

  /// An amount in decimal notation, with at least one place.
  private static func format(_ wei: String, _ places: Int) -> String {
    let isNegative = wei.hasPrefix("-")
    var digits = String(isNegative ? wei.dropFirst() : wei[...])
    if digits.utf8.count <= places {
      digits = String(repeating: "0", count: places + 1 - digits.utf8.count) + digits
    }
    var fraction = digits.suffix(places)
    while fraction.hasSuffix("0"), fraction.utf8.count > 1 { fraction = fraction.dropLast() }
    return (isNegative ? "-" : "") + digits.dropLast(places) + "." + fraction
  }
}
