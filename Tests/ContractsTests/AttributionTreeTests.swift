import Contracts
import JSON
import Primitives
import Testing

@Suite struct AttributionTreeTests {
  private func shares(_ numbers: inout SeededNumbers, count: Int) throws -> [ContributorShare] {
    let entries = (0..<count).map { _ in
      ContributorShare(
        contributor: Address(numbers.next(), numbers.next(), UInt32(numbers.next(below: 9))),
        weight: UInt256(numbers.next() >> numbers.next(below: 60)) + 1)
    }
    return try ContributorShare.merging(entries)
  }

  @Test("the tree is the one that the same rules give in Python")
  func golden() throws {
    let golden = try #require(try Fixtures.golden()["tree"])
    let shares = try golden["shares"].elements().map { try ContributorShare($0) }
    let tree = try AttributionTree(shares)
    #expect(tree.root == (try golden["root"].asHash()))
    for (index, stretch) in tree.stretches.enumerated() {
      #expect(try stretch.start == golden["stretches"]?[index]?[0].asNumber())
      #expect(try stretch.end == golden["stretches"]?[index]?[1].asNumber())
      #expect(try stretch.leaf == golden["leaves"]?[index].asHash())
      let pool = try golden["pool"].asNumber()
      #expect(try stretch.amount(ofPool: pool) == golden["amounts"]?[index].asNumber())
    }
  }

  @Test("a pool is paid out to the wei, whatever the weights", arguments: 0..<8 as Range<UInt64>)
  func conservation(seed: UInt64) throws {
    var numbers = SeededNumbers(state: seed)
    for _ in 0..<40 {
      let shares = try shares(&numbers, count: Int(numbers.next(below: 40)) + 1)
      let tree = try AttributionTree(shares)
      let total = shares.reduce(UInt256.zero) { $0 + $1.weight }
      let pool = UInt256(numbers.next() >> numbers.next(below: 64))
      var paid = UInt256.zero
      for (share, stretch) in zip(shares, tree.stretches) {
        let amount = stretch.amount(ofPool: pool)
        paid += amount
        let exact = pool * share.weight / total
        #expect(amount == exact || amount == exact + 1)
      }
      #expect(paid == pool)
      #expect(tree.claims(receipt: .zero, pool: pool).reduce(.zero) { $0 + $1.amount } == pool)
      #expect(tree.stretches.first?.start == .zero)
      #expect(tree.stretches.last?.end == total)
    }
  }

  @Test("every leaf is proved, and nothing else is")
  func proofs() throws {
    var numbers = SeededNumbers(state: 7)
    for count in 1...33 {
      let tree = try AttributionTree(try shares(&numbers, count: count))
      for (index, stretch) in tree.stretches.enumerated() {
        let proof = tree.proof(at: index)
        #expect(AttributionTree.root(from: stretch.leaf, proof: proof) == tree.root)
        var other = stretch
        other.end += 1
        #expect(AttributionTree.root(from: other.leaf, proof: proof) != tree.root)
        other = stretch
        other.contributor = Address(1, 2, 3)
        #expect(AttributionTree.root(from: other.leaf, proof: proof) != tree.root)
        guard let first = proof.first else { continue }
        #expect(
          AttributionTree.root(from: stretch.leaf, proof: Array(proof.dropFirst())) != tree.root)
        #expect(
          AttributionTree.root(from: stretch.leaf, proof: proof + [first]) != tree.root)
        #expect(
          AttributionTree.root(from: stretch.leaf, proof: proof.dropLast() + [.zero])
            != tree.root)
      }
    }
  }

  @Test("nobody contributed: the root is zero and there is nothing to claim")
  func empty() throws {
    let tree = try AttributionTree([])
    #expect(tree.root == .zero)
    #expect(tree.claims(receipt: .zero, pool: 100).isEmpty)
  }

  @Test("a contributor to several datanets has one share, and the order of entries is nothing")
  func merging() throws {
    let one = Sample.owner
    let two = Sample.contributor
    let merged = try ContributorShare.merging([
      ContributorShare(contributor: one, weight: 5),
      ContributorShare(contributor: two, weight: 3),
      ContributorShare(contributor: one, weight: 2),
      ContributorShare(contributor: Sample.payer, weight: 0),
    ])
    #expect(
      merged == [
        ContributorShare(contributor: two, weight: 3),
        ContributorShare(contributor: one, weight: 7),
      ])
    let large = ContributorShare(contributor: one, weight: UInt256(0, 1 << 63, 0, 0))
    #expect(throws: AttributionTreeError.weightTooLarge) {
      try ContributorShare.merging([large, large])
    }
  }

  @Test("shares out of order, repeated, weightless or too heavy are refused")
  func hostile() throws {
    let one = ContributorShare(contributor: Sample.contributor, weight: 1)
    let two = ContributorShare(contributor: Sample.owner, weight: 1)
    #expect(throws: AttributionTreeError.notAscending) { try AttributionTree([two, one]) }
    #expect(throws: AttributionTreeError.notAscending) { try AttributionTree([one, one]) }
    var bad = one
    bad.weight = 0
    #expect(throws: AttributionTreeError.zeroWeight) { try AttributionTree([bad, two]) }
    bad.weight = UInt256(0, 0, 1, 0)
    #expect(throws: AttributionTreeError.weightTooLarge) { try AttributionTree([bad]) }
    let many = (0...UInt64(AttributionTree.contributorLimit)).map {
      ContributorShare(contributor: Address($0, 0, 0), weight: 1)
    }
    #expect(throws: AttributionTreeError.self) { try AttributionTree(many) }
  }

  @Test("the heaviest shares that are allowed neither trap nor lose a wei")
  func extremes() throws {
    let heaviest = UInt256(0, 1 << 56, 0, 0)
    let shares = (0..<255).map {
      ContributorShare(contributor: Address(UInt64($0), 0, 0), weight: heaviest)
    }
    let tree = try AttributionTree(shares)
    let pool = UInt256(.max, (1 << 56) - 1, 0, 0)
    let paid = tree.stretches.reduce(UInt256.zero) { $0 + $1.amount(ofPool: pool) }
    #expect(paid == pool)
    let one = ContributorShare(contributor: Address(255, 0, 0), weight: heaviest)
    #expect(throws: AttributionTreeError.weightTooLarge) { try AttributionTree(shares + [one]) }
  }
}
