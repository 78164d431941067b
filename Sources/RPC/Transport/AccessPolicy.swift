import HTTP

/// Whose requests are served: which names the server answers to, and which web pages may ask.
///
/// A browser lets any page send requests to this machine. Two checks keep such pages out: a page
/// that had its own name point here (DNS rebinding) betrays itself by `Host`, and any other by
/// `Origin`, which browsers add and programs do not. Unlike nodes that only withhold the answer
/// (CORS), we do not even run the request: a node that signs for its accounts must not.
public struct AccessPolicy: Sendable {
  /// Web pages that may ask for everything; those from this machine, on any port, may look.
  public enum Origins: Sendable, Hashable {
    /// Those alone that this server serves; the others may not even look.
    case none
    /// Those alone that this server serves.
    case local
    /// Those of these origins too, such as `https://app.example`.
    case listed([String])
    /// All.
    case all
  }

  /// What a request may do.
  public enum Admission: Sendable, Hashable {
    /// Everything.
    case full
    /// Only look: it comes from a page of another origin on this machine.
    case reading
    /// Nothing.
    case none
  }

  /// Web pages that may ask.
  public var origins: Origins

  /// Names besides `localhost` by which the server may be called; numeric addresses always may.
  public var hostNames: [String]

  /// The tokens that JSON-RPC requests must carry; none are asked for if nil.
  public var tokens: JSONWebToken?

  /// A policy for a server that listens on `host`.
  public init(host: String, origins: Origins = .local, hostNames: [String] = []) {
    self.origins = origins
    self.hostNames = [host.lowercased()] + hostNames.map { $0.lowercased() }
  }

  /// Whether a request may be meant for us, by its `Host` field.
  public func allows(host: String?) -> Bool {
    guard let host else { return true }
    if Self.isDottedAddress(host.utf8) { return true }
    let name = Self.name(ofAuthority: host[...].lowercased())
    return name == "localhost" || name.hasSuffix(".localhost") || Self.isNumeric(name)
      || hostNames.contains(name) || hostNames.contains("*")
  }

  /// What a request may do that comes from a page of that `Origin`, and was sent to that `Host`.
  public func admission(origin: String?, host: String? = nil) -> Admission {
    guard let origin else { return .full }
    if origins == .all { return .full }
    // Browsers write an origin with its scheme, or as null; what has neither is a program's own
    // name, as titanoboa sends it.
    if !origin.isEmpty, origin != "null", !origin.contains("://") { return .full }
    if case .listed(let list) = origins, list.contains(where: { $0 == origin || $0 == "*" }) {
      return .full
    }
    for scheme in ["http://", "https://"] where origin.hasPrefix(scheme) {
      let authority = origin.dropFirst(scheme.count).lowercased()
      // The page is this server's own.
      if let host, authority == host.lowercased() { return .full }
      if origins == .none { return .none }
      let name = Self.name(ofAuthority: authority)
      let isLocal =
        name == "localhost" || name.hasSuffix(".localhost") || name == "[::1]"
        || name.hasPrefix("127.") && Self.isNumeric(name)
      return isLocal ? .reading : .none
    }
    return .none
  }

  /// An authority without its port.
  private static func name(ofAuthority authority: String) -> String {
    if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
      let rest = authority[authority.index(after: end)...]
      return rest.isEmpty || rest.hasPrefix(":") ? String(authority[...end]) : ""
    }
    return authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).first
      .map { String($0) } ?? ""
  }

  /// Whether an authority is four numbers with or without a port, as nearly every request has it.
  private static func isDottedAddress(_ authority: String.UTF8View) -> Bool {
    var (dots, number) = (0, -1)
    for byte in authority {
      switch byte {
      case 0x30...0x39:
        number = max(number, 0) * 10 + Int(byte - 0x30)
        if number > 255 { return false }
      case UInt8(ascii: ".") where number >= 0: (dots, number) = (dots + 1, -1)
      case UInt8(ascii: ":"): return dots == 3 && number >= 0
      default: return false
      }
    }
    return dots == 3 && number >= 0
  }

  /// Whether a name is an address in digits, which no name server can point elsewhere.
  private static func isNumeric(_ name: String) -> Bool {
    if name.hasPrefix("["), name.hasSuffix("]") {
      return name.dropFirst().dropLast().utf8.allSatisfy {
        $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") || (0x30...0x39).contains($0)
          || (0x61...0x66).contains($0)
      }
    }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
  }
}
