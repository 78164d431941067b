import Contracts
import Cryptography
import EVM
import NativeCryptography
import Primitives
import Testing

@Suite struct AccountTests {
  private let attribution = AttributionContract.address
  private let payer = Actors.payer.address

  @Test("a withdrawal waits an hour, and settlements before it are paid first")
  func withdrawal() throws {
    let economy = try Economy()
    let chain = economy.chain
    #expect(
      try chain.refusal(payer, attribution, AttributionContract.withdraw)
        == "NoWithdrawalRequested")
    #expect(
      try chain.refusal(
        payer, attribution,
        AttributionContract.requestWithdrawal(amount: Economy.deposit + 1))
        == "InsufficientBalance")
    try chain.send(
      payer, attribution, AttributionContract.requestWithdrawal(amount: Economy.deposit))
    #expect(try chain.read(AttributionContract.spendableBalance(of: payer)) == 0)
    #expect(
      try chain.read(AttributionContract.withdrawal(of: payer)).readyAt
        == chain.timestamp + AttributionContract.notice)
    chain.timestamp += AttributionContract.notice - 1
    #expect(
      try chain.refusal(payer, attribution, AttributionContract.withdraw)
        == "WithdrawalNotReady")
    #expect(try chain.refusal(economy.settlement()) == nil)

    chain.timestamp += 1
    let before = try chain.journal.balance(payer)
    try chain.send(payer, attribution, AttributionContract.withdraw)
    #expect(try chain.journal.balance(payer) == before + Economy.deposit - 29011)
    #expect(try chain.read(AttributionContract.balance(of: payer)) == 0)
    #expect(
      try chain.refusal(payer, attribution, AttributionContract.withdraw)
        == "NoWithdrawalRequested")
    #expect(try chain.refusal(economy.settlement(sequence: 2)) == "InsufficientBalance")
  }

  @Test("a withdrawal can be dropped, and part of a balance stays spendable")
  func partOfABalance() throws {
    let economy = try Economy()
    let chain = economy.chain
    try chain.send(payer, attribution, AttributionContract.requestWithdrawal(amount: 10))
    #expect(
      try chain.read(AttributionContract.spendableBalance(of: payer)) == Economy.deposit - 10)
    try chain.send(payer, attribution, AttributionContract.requestWithdrawal(amount: 0))
    #expect(
      try chain.refusal(payer, attribution, AttributionContract.withdraw)
        == "NoWithdrawalRequested")
    #expect(try chain.read(AttributionContract.spendableBalance(of: payer)) == Economy.deposit)
  }

  @Test("a revoked nonce is void after an hour, and no sooner")
  func revocation() throws {
    let economy = try Economy()
    let chain = economy.chain
    try chain.send(payer, attribution, AttributionContract.revoke(nonce: 1))
    #expect(
      try chain.refusal(payer, attribution, AttributionContract.revoke(nonce: 1))
        == "AlreadyRevoked")
    #expect(
      try chain.read(AttributionContract.revokedAt(payer: payer, nonce: 1))
        == chain.timestamp + AttributionContract.notice)
    // One authorisation all along: the helper's expiry would move with the clock.
    let authorization = economy.authorization()
    func settle(_ sequence: UInt64) throws -> String? {
      try chain.refusal(
        economy.signed(authorization, economy.receipt(authorization, sequence: sequence)))
    }
    chain.timestamp += AttributionContract.notice - 1
    #expect(try settle(1) == nil)
    chain.timestamp += 1
    #expect(try settle(2) == "AuthorizationRevoked")
    #expect(try economy.refusal(authorization: { $0.nonce = 2 }) == "SequenceAlreadyUsed")
    #expect(
      try economy.refusal(authorization: { $0.nonce = 2 }, receipt: { $0.sequence = 3 }) == nil)
  }

  @Test("nobody is paid who has earned nothing, and nobody twice")
  func earnings() throws {
    let economy = try Economy()
    let chain = economy.chain
    let owner = Actors.modelOwner.address
    #expect(
      try chain.refusal(owner, attribution, AttributionContract.withdrawEarnings)
        == "NothingToPay")
    _ = try chain.settle(economy.settlement())
    #expect(try chain.refusal(owner, attribution, AttributionContract.withdrawEarnings) == nil)
    #expect(
      try chain.refusal(owner, attribution, AttributionContract.withdrawEarnings)
        == "NothingToPay")
  }

  @Test("a contract that calls back while it is paid is paid once")
  func reentrancy() throws {
    let economy = try Economy()
    let chain = economy.chain
    let attacker = Sample.account("00000000000000000000000000000000000a77ac")
    try chain.journal.setCode(Self.callback, of: attacker)
    let tree = try AttributionTree([ContributorShare(contributor: attacker, weight: 1)])
    let authorization = economy.authorization()
    var receipt = economy.receipt(authorization)
    receipt.attributionRoot = tree.root
    _ = try chain.settle(economy.signed(authorization, receipt))
    // Others' money is in the contract as well, so there would be something to take.
    _ = try chain.settle(economy.settlement(sequence: 2))
    let claims = tree.claims(receipt: receipt.digest(chain.domain), pool: 8703)
    for claim in claims {
      try chain.send(attacker, attribution, AttributionContract.claim(claim))
    }
    #expect(try chain.earnings(attacker) == 8703)
    try chain.send(attacker, attribution, AttributionContract.withdrawEarnings)
    #expect(try chain.journal.storage(attacker, 0) == 1)
    #expect(try chain.journal.storage(attacker, 1) == 0)
    #expect(try chain.journal.balance(attacker) == 8703)
  }

  /// Counts in slot 0 how often it is paid, and asks to be paid again; slot 1 is the answer.
  private static let callback: Bytes = {
    let count: Bytes = [0x60, 0x00, 0x54, 0x60, 0x01, 0x01, 0x60, 0x00, 0x55]
    let selector = Bytes(AttributionContract.withdrawEarnings.prefix(4))
    let input: Bytes = [0x63] + selector + [0x60, 0xe0, 0x1b, 0x60, 0x00, 0x52]
    let call: Bytes =
      [0x60, 0x00, 0x60, 0x00, 0x60, 0x04, 0x60, 0x00, 0x60, 0x00, 0x73]
      + AttributionContract.address.bytes + [0x5a, 0xf1]
    return count + input + call + [0x60, 0x01, 0x55, 0x00]
  }()
}
