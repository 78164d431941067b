import Blobs
import DataAvailability
import Pairings
import Primitives
import Testing

@Suite("Operators' registry") struct RegistryTests {
  private let account = Address(UInt256(7))

  private func node(_ number: UInt64) -> (secret: BN254.ScalarField, key: OperatorKey) {
    let secret = BN254.ScalarField(small: 1000 + number)
    return (secret, OperatorKey(secret: secret))
  }

  private func proof(_ number: UInt64) -> BN254.G1 {
    BLSSignature.sign(
      BLSSignature.registrationDigest(account), secret: node(number).secret)
  }

  @Test("stakes and keys are remembered block by block, with their indices")
  func history() throws {
    var registry = OperatorRegistry(quorums: [(0, 3), (1, 3)])
    _ = try registry.register(
      node(1).key, account: account, signature: proof(1), stakes: [(0, 10), (1, 5)], at: 100)
    _ = try registry.register(
      node(2).key, account: account, signature: proof(2), stakes: [(0, 30)], at: 110)
    try registry.setStake(of: node(1).key.operatorID, in: 0, to: 20, at: 120)
    try registry.remove(node(2).key.operatorID, from: [0], at: 130)
    #expect(registry.snapshot(at: 99).quorums == [])
    let first = registry.snapshot(at: 109)
    #expect(first.quorum(0)?.totalStake == .init(10, index: 0))
    #expect(registry.snapshot(at: 110).quorum(0)?.totalStake == .init(40, index: 1))
    #expect(registry.snapshot(at: 125).quorum(0)?.totalStake == .init(50, index: 2))
    #expect(registry.snapshot(at: 130).quorum(0)?.totalStake == .init(20, index: 3))
    #expect(registry.quorumKey(0, at: 130) == node(1).key.first)
    #expect(registry.stakes(in: 0, at: 115).count == 2)
    #expect(registry.stakes(in: 0, at: 130).map { $0.stake } == [20])
    let known = registry.snapshot(at: 130).registeredOperator(node(2).key.operatorID)
    #expect(known?.quorums == .init(.zero, index: 1))
    #expect(throws: RegistryError.blockInThePast(129)) {
      try registry.setStake(of: node(1).key.operatorID, in: 0, to: 1, at: 129)
    }
  }

  @Test("a key without proof of its secret is refused, one of other secrets too")
  func possession() throws {
    var registry = OperatorRegistry(quorums: [(0, 3)])
    #expect(throws: RegistryError.proofOfPossession) {
      try registry.register(
        node(1).key, account: account, signature: proof(2), stakes: [(0, 1)], at: 1)
    }
    let mixed = OperatorKey(first: node(1).key.first, second: node(2).key.second)
    #expect(throws: RegistryError.proofOfPossession) {
      try registry.register(
        mixed, account: account, signature: proof(2), stakes: [(0, 1)], at: 1)
    }
    #expect(throws: RegistryError.unknownQuorum(9)) {
      try registry.register(
        node(1).key, account: account, signature: proof(1), stakes: [(9, 1)], at: 1)
    }
    #expect(registry == OperatorRegistry(quorums: [(0, 3)]))
  }

  @Test("a full quorum lets a newcomer in only for enough more than the least stake")
  func churn() throws {
    var registry = OperatorRegistry(quorums: [(0, 2)])
    for (number, stake) in [(UInt64(1), UInt256(100)), (2, 200)] {
      _ = try registry.register(
        node(number).key, account: account, signature: proof(number), stakes: [(0, stake)],
        at: 1)
    }
    #expect(throws: RegistryError.quorumFull(0)) {
      try registry.register(
        node(3).key, account: account, signature: proof(3), stakes: [(0, 109)], at: 2)
    }
    let displaced = try registry.register(
      node(3).key, account: account, signature: proof(3), stakes: [(0, 110)], at: 2)
    #expect(displaced.map { $0.id } == [node(1).key.operatorID])
    #expect(registry.snapshot(at: 2).quorum(0)?.totalStake.value == 310)
  }

  @Test("chunks are assigned by stake, and never more than give the blob back")
  func assignment() throws {
    let stakes = (0..<4).map { index in
      ChunkAssignment.Stake(id: Hash(UInt256(UInt64(index))), stake: UInt256(UInt64(index + 1)))
    }
    let assignment = try ChunkAssignment(.small, quorums: [(0, stakes), (1, stakes)])
    #expect(assignment.shares.map { $0.chunks.count } == [5, 8, 8, 8])
    #expect(assignment.chunks(of: Hash(UInt256(9))) == [])
    #expect(throws: AssignmentError.emptyQuorum(0)) {
      try ChunkAssignment(.small, quorums: [(0, [])])
    }
    let many = (0..<17).map { index in
      ChunkAssignment.Stake(id: Hash(UInt256(UInt64(index))), stake: .one)
    }
    #expect(throws: AssignmentError.tooManyOperators(3)) {
      try ChunkAssignment(.small, quorums: [(3, many)])
    }
  }
}
