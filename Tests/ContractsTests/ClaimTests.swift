import Contracts
import Cryptography
import NativeCryptography
import Primitives
import Testing

@Suite struct ClaimTests {
  private func refusal(_ economy: Economy, _ claim: ContributorClaim) throws -> String? {
    try economy.chain.refusal(
      Actors.stranger.address, AttributionContract.address, AttributionContract.claim(claim))
  }

  @Test("a stretch is claimed once, with its own proof")
  func once() throws {
    let economy = try Economy()
    let settlement = economy.settlement()
    let digest = settlement.receipt.digest(economy.chain.domain)
    let claims = economy.tree.claims(receipt: digest, pool: 8703)
    #expect(try refusal(economy, claims[0]) == "UnknownReceipt")
    _ = try economy.chain.settle(settlement)
    let cases: [(String, (inout ContributorClaim) -> Void)] = [
      ("UnknownReceipt", { $0.receipt = .zero }),
      ("InvalidProof", { $0.stretch.contributor = Actors.stranger.address }),
      ("InvalidProof", { $0.stretch.end += 1 }),
      ("InvalidProof", { $0.stretch.start += 1 }),
      ("InvalidProof", { $0.proof = [] }),
      ("InvalidProof", { $0.proof.append(.zero) }),
      ("InvalidProof", { $0.proof = claims[1].proof }),
      ("InvalidStretch", { $0.stretch.end = $0.stretch.start }),
      ("InvalidStretch", { $0.stretch.end = $0.stretch.whole + 1 }),
      ("InvalidStretch", { $0.stretch.whole = UInt256(0, 0, 1, 0) }),
      ("InvalidStretch", { $0.stretch.whole = 0 }),
      ("InvalidProof", { $0.stretch.whole += 1 }),
      ("InvalidStretch", { $0.stretch.start = .max }),
    ]
    for (name, change) in cases {
      var claim = claims[0]
      change(&claim)
      #expect(try refusal(economy, claim) == name)
    }
    #expect(try refusal(economy, claims[0]) == nil)
    #expect(try refusal(economy, claims[0]) == "AlreadyClaimed")
    #expect(try refusal(economy, claims[1]) == nil)
  }

  @Test("a receipt without contributors is charged without their share, and has no pool")
  func unattributed() throws {
    let economy = try Economy()
    let authorization = economy.authorization()
    var receipt = economy.receipt(authorization)
    receipt.attributionRoot = .zero
    _ = try economy.chain.settle(economy.signed(authorization, receipt))
    let digest = receipt.digest(economy.chain.domain)
    #expect(
      try economy.chain.read(AttributionContract.balance(of: Actors.payer.address))
        == Economy.deposit - 29011 + 8703)
    let pool = try economy.chain.read(AttributionContract.pool(of: digest))
    #expect(pool.isSettled && pool.amount == 0 && pool.attributionRoot == .zero)
    let claims = economy.tree.claims(receipt: digest, pool: 8703)
    #expect(try refusal(economy, claims[0]) == "InvalidProof")
  }

  @Test("an engine's tree with overlapping stretches pays no more than the pool")
  func overlap() throws {
    let economy = try Economy()
    let one = ContributorStretch(
      contributor: Actors.firstContributor.address, start: 0, end: 1, whole: 1)
    let two = ContributorStretch(
      contributor: Actors.secondContributor.address, start: 0, end: 1, whole: 1)
    let authorization = economy.authorization()
    var receipt = economy.receipt(authorization)
    receipt.attributionRoot = AttributionTree.root(from: one.leaf, proof: [two.leaf])
    _ = try economy.chain.settle(economy.signed(authorization, receipt))
    let digest = receipt.digest(economy.chain.domain)
    func claim(_ stretch: ContributorStretch, _ sibling: Hash) -> ContributorClaim {
      ContributorClaim(receipt: digest, stretch: stretch, proof: [sibling], amount: 0)
    }
    #expect(try refusal(economy, claim(one, two.leaf)) == nil)
    #expect(try refusal(economy, claim(two, one.leaf)) == "PoolExhausted")
    #expect(try economy.chain.read(AttributionContract.pool(of: digest)).remaining == 0)
  }

  @Test("trees of any size pay their pool to the wei", arguments: [1, 2, 3, 7, 20])
  func conservation(count: Int) throws {
    let economy = try Economy()
    var numbers = SeededNumbers(state: UInt64(count))
    let tree = try AttributionTree(
      try ContributorShare.merging(
        (0..<count).map { _ in
          ContributorShare(
            contributor: Address(numbers.next(), numbers.next(), 0),
            weight: UInt256(numbers.next(below: 1_000_000)) + 1)
        }))
    let authorization = economy.authorization()
    var receipt = economy.receipt(authorization)
    receipt.attributionRoot = tree.root
    _ = try economy.chain.settle(economy.signed(authorization, receipt))
    let digest = receipt.digest(economy.chain.domain)
    var paid = UInt256.zero
    for claim in tree.claims(receipt: digest, pool: 8703) {
      #expect(try refusal(economy, claim) == nil)
      #expect(try economy.chain.earnings(claim.stretch.contributor) == claim.amount)
      paid += claim.amount
    }
    #expect(paid == 8703)
    #expect(try economy.chain.read(AttributionContract.pool(of: digest)).remaining == 0)
  }
}
