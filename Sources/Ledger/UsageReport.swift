import Contracts
import Cryptography
import Primitives

/// A use of a model as its engine reports it: two signed statements and whom the data came from.
///
/// The receipt's attribution root commits to `shares`; they travel with it so that anybody who
/// holds the log can prove a contributor's part.
public struct UsageReport: Hashable, Sendable {
  /// What the payer allowed and what the engine did, both signed.
  public var settlement: Settlement
  /// The contributors' weights, ascending by address: the leaves under the attribution root.
  public var shares: [ContributorShare]

  /// Makes a report of its parts.
  public init(settlement: Settlement, shares: [ContributorShare]) {
    self.settlement = settlement
    self.shares = shares
  }

  /// What the payer allowed.
  public var authorization: Contracts.Authorization { settlement.authorization }

  /// What the engine did.
  public var receipt: UsageReceipt { settlement.receipt }

  /// Checks what can be told from the report alone: who signed it, and that its parts agree.
  ///
  /// - Throws: ``UsageRefusal`` naming what is wrong.
  public func check(
    domain: UsageDomain, provider: any CryptographyProvider
  ) throws(UsageRefusal) {
    let authorizationDigest = authorization.digest(domain)
    guard receipt.authorization == authorizationDigest else {
      throw .authorizationMismatch(named: receipt.authorization, given: authorizationDigest)
    }
    guard receipt.payer == authorization.payer else { throw .payerMismatch }
    let payer = recover(authorizationDigest, settlement.payerSignature, provider)
    guard payer == authorization.payer else {
      throw .payerSignature(expected: authorization.payer, recovered: payer)
    }
    let engine = recover(receipt.digest(domain), settlement.engineSignature, provider)
    guard engine == authorization.engine else {
      throw .engineSignature(expected: authorization.engine, recovered: engine)
    }
    guard shares.count <= Limits.sharesPerReport else {
      throw .tooManyShares(count: shares.count, limit: Limits.sharesPerReport)
    }
    let root: Hash
    do throws(AttributionTreeError) {
      root = try AttributionTree(shares).root
    } catch {
      throw .shares(error)
    }
    guard root == receipt.attributionRoot else {
      throw .attributionRootMismatch(named: receipt.attributionRoot, computed: root)
    }
  }

  /// Who signed a digest; nil also for a signature with a high s, which the contract refuses.
  private func recover(
    _ digest: Hash, _ signature: Signature, _ provider: any CryptographyProvider
  ) -> Address? {
    signature.isLowS ? provider.recoverAddress(messageHash: digest, signature: signature) : nil
  }
}

extension UsageReport {
  func write(to list: inout RLPWriter) {
    authorization.write(to: &list)
    list.append(bytes: settlement.payerSignature.bytes65)
    receipt.write(to: &list)
    list.append(bytes: settlement.engineSignature.bytes65)
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
    let authorization = try Contracts.Authorization(from: &list)
    let payerBytes = Bytes(try list.bytes())
    let receipt = try UsageReceipt(from: &list)
    let engineBytes = Bytes(try list.bytes())
    var shares: [ContributorShare] = []
    var entries = try list.list()
    while !entries.isAtEnd {
      guard shares.count < Limits.sharesPerReport else { return nil }
      var pair = try entries.list()
      shares.append(
        ContributorShare(contributor: try pair.address(), weight: try pair.uint256()))
      try pair.end()
    }
    guard let payerSignature = Signature(bytes65: payerBytes),
      let engineSignature = Signature(bytes65: engineBytes)
    else { return nil }
    self.init(
      settlement: Settlement(
        authorization: authorization, payerSignature: payerSignature, receipt: receipt,
        engineSignature: engineSignature),
      shares: shares)
  }
}
