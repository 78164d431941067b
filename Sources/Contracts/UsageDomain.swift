import Cryptography
import Primitives

/// The EIP-712 domain under which authorisations and receipts are signed.
///
/// It names the chain and the attribution contract, so what was signed for one chain is worth
/// nothing on another.
public struct UsageDomain: Hashable, Sendable {
  /// The chain on which the use is settled.
  public let chainID: UInt64

  /// The domain separator: name "Opal", version "1", the chain, the attribution contract.
  public let separator: Hash

  /// The domain of the attribution contract on a chain.
  public init(chainID: UInt64) {
    self.chainID = chainID
    separator = TypedData.domainSeparator(
      name: Self.name, version: Self.version, chainID: UInt256(chainID),
      verifyingContract: AttributionContract.address)
  }

  /// The domain's name.
  public static let name = "Opal"

  /// The domain's version.
  public static let version = "1"
}
