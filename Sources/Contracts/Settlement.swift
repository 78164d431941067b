import Cryptography
import Primitives

/// A receipt with the authorisation that it draws on: all that the chain needs to pay for a use.
public struct Settlement: Hashable, Sendable {
  /// What the payer allowed.
  public var authorization: Authorization
  /// The payer's signature of it.
  public var payerSignature: Signature
  /// What the engine did.
  public var receipt: UsageReceipt
  /// The engine's signature of it.
  public var engineSignature: Signature

  /// Makes a settlement of its parts.
  public init(
    authorization: Authorization, payerSignature: Signature, receipt: UsageReceipt,
    engineSignature: Signature
  ) {
    self.authorization = authorization
    self.payerSignature = payerSignature
    self.receipt = receipt
    self.engineSignature = engineSignature
  }

  static let abiTypes: [ABIType] = [Authorization.abiType, .bytes, UsageReceipt.abiType, .bytes]

  var abiValues: [ABIValue] {
    [
      authorization.abiValue, .bytes(payerSignature.bytes65), receipt.abiValue,
      .bytes(engineSignature.bytes65),
    ]
  }

  init?(_ values: [ABIValue]) {
    guard values.count == 4, let authorization = Authorization(values[0]),
      let payerBytes = values[1].asBytes, let payerSignature = Signature(bytes65: payerBytes),
      let receipt = UsageReceipt(values[2]),
      let engineBytes = values[3].asBytes, let engineSignature = Signature(bytes65: engineBytes)
    else { return nil }
    self.init(
      authorization: authorization, payerSignature: payerSignature, receipt: receipt,
      engineSignature: engineSignature)
  }
}
