import Contracts
import Cryptography
import JSON
import NativeCryptography
import Primitives
import Synchronization

/// The API keys that were bound to signed authorisations.
///
/// A key is a secret that lets whoever has it spend what its authorisation allows, so only its
/// hash is kept, in `keys.json`.
public final class PayerBook: Sendable {
  private let path: String
  private let grants: Mutex<[Hash: Grant]>

  /// What every key begins with.
  public static let keyPrefix = "opal-"

  /// The most keys that a book holds.
  public static let limit = 65_536

  /// Opens the book of a data directory, empty if there is none.
  ///
  /// - Throws: ``NodeError/file(path:reason:)`` for a file that cannot be read or is no book.
  public init(path: String) throws(NodeError) {
    self.path = path
    var grants: [Hash: Grant] = [:]
    if Files.exists(path) {
      let bytes = try Files.read(path)
      guard let json = try? JSON.parse(bytes), let entries = json["keys"]?.array else {
        throw .file(path: path, reason: "is not a list of API keys")
      }
      for (index, entry) in entries.enumerated() {
        guard let text = entry["hash"]?.string, let hash = Hash(hexadecimal: text),
          let grant = Grant(json: entry)
        else { throw .file(path: path, reason: "entry \(index) is not an API key") }
        grants[hash] = grant
      }
    }
    self.grants = Mutex(grants)
  }

  /// The authorisation that a key is bound to.
  public func grant(apiKey: String) -> Grant? {
    grants.withLock { $0[PayerBook.hash(apiKey)] }
  }

  /// Binds a new key to an authorisation and returns it; it is not shown again.
  ///
  /// - Throws: ``NodeError/file(path:reason:)`` when the book cannot be written; nothing is bound.
  public func bind(_ grant: Grant) throws(NodeError) -> String {
    let key = PayerBook.keyPrefix + Hexadecimal.encode(SecureRandom.bytes(24))
    // Under the lock, or two keys bound at once would each be written without the other.
    try grants.withLock { (grants) throws(NodeError) in
      guard grants.count < PayerBook.limit else {
        throw .file(path: path, reason: "holds \(PayerBook.limit) keys, which is the limit")
      }
      var all = grants
      all[PayerBook.hash(key)] = grant
      try write(all)
      grants = all
    }
    return key
  }

  private func write(_ grants: [Hash: Grant]) throws(NodeError) {
    let entries = grants.sorted { $0.key < $1.key }.map { hash, grant -> JSON in
      var members = grant.json.object ?? JSONObject()
      members["hash"] = .string(hash.hexadecimal)
      return .object(members)
    }
    try Files.write(
      (["keys": .array(entries)] as JSON).serializedForPeople(), to: path, permissions: 0o600)
  }

  private static func hash(_ key: String) -> Hash { SHA256.hash(Bytes(key.utf8)) }
}

extension Grant {
  /// Reads `{"authorization": {…}, "signature": "0x…"}`.
  public init?(json: JSON) {
    guard let fields = json["authorization"], let text = json["signature"]?.string,
      let bytes = Hexadecimal.decode(text), let signature = Signature(bytes65: bytes),
      let authorization = try? Contracts.Authorization(fields)
    else { return nil }
    self.init(authorization: authorization, signature: signature)
  }

  /// Whether the payer signed the authorisation under this domain.
  public func isSigned(_ domain: UsageDomain) -> Bool {
    let signer = NativeCryptographyProvider.shared.recoverAddress(
      messageHash: authorization.digest(domain), signature: signature)
    return signature.isLowS && signer == authorization.payer
  }

  /// `{"authorization": {…}, "signature": "0x…"}`.
  public var json: JSON {
    [
      "authorization": authorization.json,
      "signature": .string(Hexadecimal.encodePrefixed(signature.bytes65)),
    ]
  }
}
