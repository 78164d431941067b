import Blobs
import Primitives

/// How everybody who derives a chain judges the certificates of its DA layer.
///
/// Who holds data with what stake stands on L1, where a contract checks certificates against it; so
/// what L1 says decides, not whom one asks.
public struct CertificateConfiguration: Hashable, Sendable {
  /// The contract on L1 that checks a certificate, by `verify(uint8,bytes)`.
  public var verifier: Address
  /// A certificate of version 4 counts only in the L1 blocks up to so many after its reference
  /// block; older versions are not bound so.
  public var recencyWindow: UInt64
  /// [τ] in G2, on which commitments of this DA layer stand.
  public var tau2: G2Words

  /// EigenDA's recency window: two days.
  public static let usualRecencyWindow: UInt64 = 14_400

  /// A configuration with these values.
  public init(
    verifier: Address, recencyWindow: UInt64 = CertificateConfiguration.usualRecencyWindow,
    tau2: G2Words
  ) {
    self.verifier = verifier
    self.recencyWindow = recencyWindow
    self.tau2 = tau2
  }
}

/// Why a batch that stands behind a certificate is passed over, in the order of the checks.
public enum CertificateRefusal: Error, Hashable, Sendable {
  /// The commitment is no certificate.
  case malformed(CertificateError)
  /// It came to L1 too long after the block to which it refers.
  case stale
  /// The verifier on L1 refuses it.
  case notValid
  /// The blob that it certifies holds no payload.
  case malformedPayload(PayloadError)

  /// What is wrong, in a few words.
  public var name: String {
    switch self {
    case .malformed(let error): error.name
    case .stale: "its reference block is too far behind"
    case .notValid: "the verifier on L1 refuses it"
    case .malformedPayload: "its blob is no encoded payload"
    }
  }
}

extension CertificateError {
  /// What is wrong, in a few words.
  public var name: String {
    switch self {
    case .length(let count): "wrong length " + String(count)
    case .commitmentType(let type): "commitment type " + String(type)
    case .layer(let layer): "unknown DA layer " + String(layer)
    case .version(let version): "unknown version " + String(version)
    case .encoding: "malformed encoding"
    }
  }
}
