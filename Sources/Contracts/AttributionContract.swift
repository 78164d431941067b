import Cryptography
import Primitives

/// Typed calls of `contracts/Attribution.sol`.
public enum AttributionContract {
  /// Where genesis places it.
  public static let address = Address(0x4f50_414c_0000_0000, 0, 3)

  /// How long a withdrawal and a revocation wait, in seconds.
  public static let notice: UInt64 = 3_600

  // MARK: Payers

  /// Adds the transaction's value to the sender's balance.
  public static var deposit: Bytes { ABI.call("deposit()") }

  /// Asks to take out an amount an hour later; zero drops an earlier request.
  public static func requestWithdrawal(amount: UInt256) -> Bytes {
    ABI.call("requestWithdrawal(uint192)", [.uint(amount)])
  }

  /// Takes out what was asked for, or what settlements have left of it.
  public static var withdraw: Bytes { ABI.call("withdraw()") }

  /// Voids the sender's authorisations of a nonce, an hour later.
  public static func revoke(nonce: UInt256) -> Bytes {
    ABI.call("revoke(uint256)", [.uint(nonce)])
  }

  // MARK: Settlement

  private static let settleSignature =
    "settle((address,address,bytes32[],uint256,uint64,uint256),bytes,"
    + "(bytes32,address,bytes32,bytes32[],bytes32,bytes32,uint64,uint64,uint256,bytes32,uint64),"
    + "bytes)"

  private static let settleManySignature =
    "settleMany(((address,address,bytes32[],uint256,uint64,uint256),bytes,"
    + "(bytes32,address,bytes32,bytes32[],bytes32,bytes32,uint64,uint64,uint256,bytes32,uint64),"
    + "bytes)[])"

  /// Charges a receipt to its payer and credits those who earned it; anybody may send it.
  public static func settle(_ settlement: Settlement) -> Bytes {
    ABI.call(settleSignature, settlement.abiValues)
  }

  /// Settles several in one transaction; if one cannot be settled, none is.
  public static func settleMany(_ settlements: [Settlement]) -> Bytes {
    ABI.call(
      settleManySignature, [.array(settlements.map { settlement in .tuple(settlement.abiValues) })])
  }

  /// The settlement that a transaction's input asks for, or nil if it is no call of `settle`.
  public static func decodeSettlement(_ input: Bytes) -> Settlement? {
    guard input.count >= 4, input[..<4].elementsEqual(ABI.selector(settleSignature)),
      let values = try? ABI.decode(Settlement.abiTypes, input[4...])
    else { return nil }
    return Settlement(values)
  }

  /// Credits a contributor with their part of a receipt's pool; anybody may send it.
  public static func claim(_ claim: ContributorClaim) -> Bytes {
    ABI.call(
      "claim(bytes32,address,uint256,uint256,uint256,bytes32[])",
      [
        .bytes32(claim.receipt), .address(claim.stretch.contributor), .uint(claim.stretch.start),
        .uint(claim.stretch.end), .uint(claim.stretch.whole),
        .array(claim.proof.map { sibling in .bytes32(sibling) }),
      ])
  }

  /// Pays the sender all it has earned.
  public static var withdrawEarnings: Bytes { ABI.call("withdrawEarnings()") }

  // MARK: Views

  /// What a payer has deposited and not spent, in wei.
  public static func balance(of payer: Address) -> ContractView<UInt256> {
    ContractView(number: address, ABI.call("balanceOf(address)", [.address(payer)]))
  }

  /// What an engine can count on: the balance without what is about to be withdrawn, in wei.
  public static func spendableBalance(of payer: Address) -> ContractView<UInt256> {
    ContractView(number: address, ABI.call("spendableBalanceOf(address)", [.address(payer)]))
  }

  /// What a payer has asked to withdraw.
  public static func withdrawal(of payer: Address) -> ContractView<WithdrawalRequest> {
    ContractView(
      address, ABI.call("withdrawalOf(address)", [.address(payer)]),
      returning: .uint(bits: 192), .uint(bits: 64)
    ) { values in WithdrawalRequest(values) }
  }

  /// From when a payer's authorisations of a nonce are void, in Unix time; zero for never.
  public static func revokedAt(payer: Address, nonce: UInt256) -> ContractView<UInt64> {
    ContractView(
      shortNumber: address,
      ABI.call("revokedAt(address,uint256)", [.address(payer), .uint(nonce)]))
  }

  /// What has been charged under an authorisation so far, by its digest, in wei.
  public static func charged(under authorization: Hash) -> ContractView<UInt256> {
    ContractView(number: address, ABI.call("chargedUnder(bytes32)", [.bytes32(authorization)]))
  }

  /// The pool of a receipt, by its digest.
  public static func pool(of receipt: Hash) -> ContractView<ContributorPool> {
    ContractView(
      address, ABI.call("poolOf(bytes32)", [.bytes32(receipt)]),
      returning: .bytes32, .uint(bits: 120), .uint(bits: 120), .bool
    ) { values in ContributorPool(values) }
  }

  /// What an owner, engine or contributor has earned and not yet been paid, in wei.
  public static func earnings(of account: Address) -> ContractView<UInt256> {
    ContractView(number: address, ABI.call("earningsOf(address)", [.address(account)]))
  }

  /// Whether an engine has used a sequence number.
  public static func isSequenceUsed(engine: Address, sequence: UInt64) -> ContractView<Bool> {
    ContractView(
      flag: address,
      ABI.call("isSequenceUsed(address,uint64)", [.address(engine), .uint(sequence)]))
  }

  /// The domain separator as the contract computes it.
  public static var domainSeparator: ContractView<Hash> {
    ContractView(hash: address, ABI.call("domainSeparator()"))
  }

  /// An authorisation's digest as the contract computes it.
  public static func authorizationDigest(_ authorization: Authorization) -> ContractView<Hash> {
    ContractView(
      hash: address,
      ABI.call(
        "authorizationDigest((address,address,bytes32[],uint256,uint64,uint256))",
        [authorization.abiValue]))
  }

  /// A receipt's digest as the contract computes it.
  public static func receiptDigest(_ receipt: UsageReceipt) -> ContractView<Hash> {
    ContractView(
      hash: address,
      ABI.call(
        "receiptDigest((bytes32,address,bytes32,bytes32[],bytes32,bytes32,uint64,uint64,"
          + "uint256,bytes32,uint64))", [receipt.abiValue]))
  }
}

/// What a payer has asked to withdraw.
public struct WithdrawalRequest: Hashable, Sendable {
  /// How much, in wei.
  public var amount: UInt256
  /// From when it can be taken, in Unix time; zero if nothing was asked for.
  public var readyAt: UInt64

  init?(_ values: [ABIValue]) {
    guard values.count == 2, let amount = values[0].asUInt256, let readyAt = values[1].asUInt64
    else { return nil }
    self.amount = amount
    self.readyAt = readyAt
  }
}

/// What a receipt has for its contributors.
public struct ContributorPool: Hashable, Sendable {
  /// The root of the contributors' tree; zero if there is nothing for them.
  public var attributionRoot: Hash
  /// How much it had, in wei.
  public var amount: UInt256
  /// How much is not claimed yet, in wei.
  public var remaining: UInt256
  /// Whether the receipt is settled at all.
  public var isSettled: Bool

  init?(_ values: [ABIValue]) {
    guard values.count == 4, let attributionRoot = values[0].asHash,
      let amount = values[1].asUInt256, let remaining = values[2].asUInt256,
      let isSettled = values[3].asBool
    else { return nil }
    self.attributionRoot = attributionRoot
    self.amount = amount
    self.remaining = remaining
    self.isSettled = isSettled
  }
}
