import Contracts
import Cryptography
import Primitives

/// A use of a model as its engine reports it: two signed statements and whom the data came from.
///
/// The receipt's attribution root commits to `shares`; they travel with it so that anybody who
/// holds the log can prove a contributor's part.
public struct UsageReport: Hashable, Sendable {
  /// What the payer allowed.
  public var authorization: Authorization
  /// The payer's EIP-712 signature of it.
  public var payerSignature: Signature
  /// What the engine did.
  public var receipt: UsageReceipt
  /// The engine's EIP-712 signature of it.
  public var engineSignature: Signature
  /// The contributors' weights, ascending by address: the leaves under the attribution root.
  public var shares: [ContributorShare]

  /// Makes a report of its parts.
  public init(
    authorization: Authorization, payerSignature: Signature, receipt: UsageReceipt,
    engineSignature: Signature, shares: [ContributorShare]
  ) {
    self.authorization = authorization
    self.payerSignature = payerSignature
    self.receipt = receipt
    self.engineSignature = engineSignature
    self.shares = shares
  }
}

extension UsageReport {
  func write(to list: inout RLPWriter) {
    authorization.write(to: &list)
    list.append(bytes: payerSignature.bytes65)
    receipt.write(to: &list)
    list.append(bytes: engineSignature.bytes65)
    list.list { list in
      for share in shares {
        list.list { pair in
          pair.append(address: share.contributor)
          pair.append(uint256: share.weight)
        }
      }
    }
  }

  init?(from list: inout RLPReader) throws(RLPError) {
    let authorization = try Authorization(from: &list)
    let payerBytes = Bytes(try list.bytes())
    let receipt = try UsageReceipt(from: &list)
    let engineBytes = Bytes(try list.bytes())
    var shares: [ContributorShare] = []
    var entries = try list.list()
    while !entries.isAtEnd {
      var pair = try entries.list()
      shares.append(
        ContributorShare(contributor: try pair.address(), weight: try pair.uint256()))
      try pair.end()
    }
    guard let payerSignature = Signature(bytes65: payerBytes),
      let engineSignature = Signature(bytes65: engineBytes)
    else { return nil }
    self.init(
      authorization: authorization, payerSignature: payerSignature, receipt: receipt,
      engineSignature: engineSignature, shares: shares)
  }
}
