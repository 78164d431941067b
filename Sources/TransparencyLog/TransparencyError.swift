/// Why something about a transparency log does not convince.
public enum TransparencyError: Error, Hashable, Sendable {
  /// The bytes are not of the form that they should have.
  case malformed(what: String, reason: String)
  /// It is not signed by a key that is trusted, or the signature is wrong.
  case untrusted(String)
  /// The hashes contradict each other, or a signed root.
  case contradictory(String)
  /// A resource of the log is not there.
  case missing(String)
  /// A resource could not be read at all.
  case unreadable(String)

  /// What is wrong, in words.
  public var message: String {
    switch self {
    case .malformed(let what, let reason): "\(what): \(reason)"
    case .untrusted(let reason): reason
    case .contradictory(let reason): reason
    case .missing(let name): "\(name) is missing"
    case .unreadable(let reason): reason
    }
  }
}
