import Cryptography
import JSON
import Primitives

/// The tokens by which those who share a secret with the node show that they do.
///
/// As in the engine API of Ethereum: HS256, with the time of its making in `iat`, which may be a
/// minute off.
///
/// Source: RFC 7519, and execution-apis, `src/engine/authentication.md`.
public struct JSONWebToken: Sendable {
  private let secret: Bytes

  /// How far a token's time may be off, in seconds.
  public static let toleranceInSeconds: UInt64 = 60

  /// Tokens under a secret of at least 32 bytes; nil for a shorter one.
  public init?(secret: Bytes) {
    guard secret.count >= 32 else { return nil }
    self.secret = secret
  }

  /// Why the field `Authorization` of a request does not show that its sender has the secret; nil
  /// where it does.
  public func refusal(ofAuthorization field: String?, now: UInt64) -> String? {
    guard let field else { return "missing token" }
    guard field.lowercased().hasPrefix("bearer ") else { return "missing token" }
    return refusal(ofToken: String(field.dropFirst(7)), now: now)
  }

  /// What is wrong with a token; nil for nothing.
  func refusal(ofToken token: String, now: UInt64) -> String? {
    let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 3, token.utf8.count <= 8_192,
      let header = Self.json(parts[0]), let claims = Self.json(parts[1]),
      let signature = Self.decode(parts[2])
    else { return "malformed token" }
    // A token that names its own algorithm must not choose it.
    guard header["alg"]?.string == "HS256" else { return "unknown algorithm of token" }
    let signed = Bytes(token.utf8.prefix(parts[0].count + 1 + parts[1].count))
    guard Self.areEqual(signature, Self.code(of: signed, key: secret)) else {
      return "invalid signature of token"
    }
    guard let time = claims["iat"]?.int, time >= 0 else { return "missing issued-at" }
    if let expiry = claims["exp"]?.int, expiry < Int(clamping: now) { return "token is expired" }
    let age = UInt64(time) > now ? UInt64(time) - now : now - UInt64(time)
    return age > Self.toleranceInSeconds ? "stale token" : nil
  }

  /// A token of that time.
  public func token(issuedAt time: UInt64) -> String {
    let text =
      Self.encode(Bytes(#"{"typ":"JWT","alg":"HS256"}"#.utf8)) + "."
      + Self.encode(Bytes("{\"iat\":\(time)}".utf8))
    return text + "." + Self.encode(Self.code(of: Bytes(text.utf8), key: secret))
  }

  private static func json(_ part: Substring.UTF8View) -> JSON? {
    decode(part).flatMap { try? JSON.parse($0, limits: JSONLimits(depth: 4)) }
  }

  // MARK: HMAC-SHA256 (RFC 2104)

  private static func code(of message: Bytes, key: Bytes) -> Bytes {
    var block = key.count > 64 ? SHA256.hash(key).bytes : key
    block += Bytes(repeating: 0, count: 64 - block.count)
    let inner = SHA256.hash(block.map { $0 ^ 0x36 } + message)
    return SHA256.hash(block.map { $0 ^ 0x5c } + inner.bytes).bytes
  }

  /// Whether bytes are equal, found out in a time that does not say where they differ.
  private static func areEqual(_ left: Bytes, _ right: Bytes) -> Bool {
    left.count == right.count && zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }

  // MARK: Base64 for URLs (RFC 4648, 5)

  private static let digits = Bytes(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  private static func encode(_ bytes: Bytes) -> String {
    var text = Bytes()
    var rest = bytes[...]
    while !rest.isEmpty {
      let group = Bytes(rest.prefix(3))
      rest = rest.dropFirst(3)
      let number = (0..<3).reduce(0) { $0 << 8 | ($1 < group.count ? Int(group[$1]) : 0) }
      for place in 0...group.count { text.append(digits[number >> (18 - 6 * place) & 63]) }
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static func decode(_ text: Substring.UTF8View) -> Bytes? {
    var bytes = Bytes()
    var number = 0
    var bits = 0
    for character in text {
      guard let digit = digits.firstIndex(of: character) else { return nil }
      number = (number << 6 | digit) & 0xffff
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: number >> bits))
      }
    }
    return bits < 6 ? bytes : nil
  }
}
