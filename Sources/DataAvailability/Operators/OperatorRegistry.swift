import Blobs
import Cryptography
import Pairings
import Primitives

/// Why the registry refuses a change.
public enum RegistryError: Error, Hashable, Sendable {
  /// There is no quorum of that number.
  case unknownQuorum(UInt8)
  /// There is no operator of that identifier.
  case unknownOperator(Hash)
  /// The key's points are not of one secret, or the signature over the account is not by it.
  case proofOfPossession
  /// The operator is in the quorum already.
  case alreadyRegistered(UInt8)
  /// The quorum is full, and the stake does not exceed the least by enough to take its place.
  case quorumFull(UInt8)
  /// The change is for a block before the last one's.
  case blockInThePast(UInt32)
}

/// Who holds data, with what stake, block by block: EigenDA's registry coordinator with its
/// registries of keys, indices and stakes, as a value.
public struct OperatorRegistry: Equatable, Sendable {
  /// A quorum: its operators, the sum of their keys, the sum of their stakes.
  struct Quorum: Equatable, Sendable {
    let number: UInt8
    let operatorLimit: Int
    var members: Set<Hash> = []
    var key = History<BN254.G1>()
    var totalStake = History<UInt256>()
  }

  /// An operator: its key, where it is reached, its quorums and stakes.
  struct Member: Equatable, Sendable {
    let key: OperatorKey
    let account: Address
    var quorums = History<UInt256>()
    var stakes: [UInt8: History<UInt256>] = [:]
  }

  var quorums: [UInt8: Quorum] = [:]
  var members: [Hash: Member] = [:]
  /// The block of the last change.
  public internal(set) var block: UInt32 = 0
  /// How many changes there were.
  public internal(set) var changeCount: UInt64 = 0

  /// A newcomer takes the place of the operator with the least stake if it has this many hundredths
  /// of it.
  public static var churnPercent: UInt64 { 110 }

  /// A registry of quorums with the most operators that each may have.
  public init(quorums: [(number: UInt8, operatorLimit: Int)]) {
    for quorum in quorums {
      self.quorums[quorum.number] = Quorum(
        number: quorum.number, operatorLimit: quorum.operatorLimit)
    }
  }

  /// EigenDA's: quorums 0 (ETH) and 1 (EIGEN) of 200 operators, 2 of 15.
  public static var mainnet: Self { Self(quorums: [(0, 200), (1, 200), (2, 15)]) }

  /// The key of an operator, registered now or once.
  public func key(of id: Hash) -> OperatorKey? { members[id]?.key }

  /// The numbers of the quorums, in order.
  public var quorumNumbers: Bytes { quorums.keys.sorted() }

  /// The identifiers of all operators that ever registered, in order.
  public var operatorIDs: [Hash] { members.keys.sorted() }

  /// Registers an operator in quorums, each with its stake; returns whom it displaced.
  ///
  /// The signature over the account's digest shows that it has the secret of its key, without
  /// which a key made of others' keys could cancel them.
  ///
  /// - Throws: `RegistryError`; nothing is changed then.
  public mutating func register(
    _ key: OperatorKey, account: Address, signature: BN254.G1,
    stakes: [(quorum: UInt8, stake: UInt256)], at block: UInt32
  ) throws(RegistryError) -> [(id: Hash, quorum: UInt8)] {
    guard block >= self.block else { throw .blockInThePast(block) }
    guard key.isConsistent, !key.first.isInfinity,
      BLSSignature.isValid(
        signature, digest: BLSSignature.registrationDigest(account), key: key.second)
    else { throw .proofOfPossession }
    var copy = self
    let id = key.operatorID
    var member = copy.members[id] ?? Member(key: key, account: account)
    var displaced: [(id: Hash, quorum: UInt8)] = []
    copy.members[id] = member
    for (number, stake) in stakes {
      guard let quorum = copy.quorums[number] else { throw .unknownQuorum(number) }
      guard !quorum.members.contains(id) else { throw .alreadyRegistered(number) }
      if quorum.members.count >= quorum.operatorLimit {
        let least = try copy.displaceable(in: quorum, by: stake)
        copy.leave(least, number, at: block)
        displaced.append((least, number))
      }
      copy.join(id, number, stake, at: block)
    }
    member = copy.members[id] ?? member
    copy.block = block
    copy.changeCount += 1
    self = copy
    return displaced
  }

  /// Changes an operator's stake in a quorum.
  ///
  /// - Throws: `RegistryError`; nothing is changed then.
  public mutating func setStake(
    of id: Hash, in number: UInt8, to stake: UInt256, at block: UInt32
  ) throws(RegistryError) {
    guard block >= self.block else { throw .blockInThePast(block) }
    guard let quorum = quorums[number] else { throw .unknownQuorum(number) }
    guard quorum.members.contains(id) else { throw .unknownOperator(id) }
    self.block = block
    changeCount += 1
    changeStake(id, number, to: stake, at: block)
  }

  /// Takes an operator out of quorums: it leaves, or is ejected.
  ///
  /// - Throws: `RegistryError`; nothing is changed then.
  public mutating func remove(
    _ id: Hash, from numbers: [UInt8], at block: UInt32
  ) throws(RegistryError) {
    guard block >= self.block else { throw .blockInThePast(block) }
    for number in numbers {
      guard let quorum = quorums[number] else { throw .unknownQuorum(number) }
      guard quorum.members.contains(id) else { throw .unknownOperator(id) }
    }
    self.block = block
    changeCount += 1
    for number in Set(numbers).sorted() { leave(id, number, at: block) }
  }

  private func displaceable(
    in quorum: Quorum, by stake: UInt256
  ) throws(RegistryError) -> Hash {
    let least = quorum.members.sorted()
      .map { id in (id: id, stake: members[id]?.stakes[quorum.number]?.last ?? .zero) }
      .min { $0.stake < $1.stake }
    guard let least, stake * 100 >= least.stake * UInt256(Self.churnPercent) else {
      throw .quorumFull(quorum.number)
    }
    return least.id
  }

  private mutating func join(
    _ id: Hash, _ number: UInt8, _ stake: UInt256, at block: UInt32
  ) {
    guard let member = members[id] else { return }
    quorums[number]?.members.insert(id)
    changeKey(number, by: member.key.first, at: block)
    changeStake(id, number, to: stake, at: block)
    let set = member.quorums.last ?? .zero
    members[id]?.quorums.set(set | UInt256.one << Int(number), at: block)
  }

  private mutating func leave(_ id: Hash, _ number: UInt8, at block: UInt32) {
    guard let member = members[id] else { return }
    quorums[number]?.members.remove(id)
    changeKey(number, by: -member.key.first, at: block)
    changeStake(id, number, to: .zero, at: block)
    let set = member.quorums.last ?? .zero
    members[id]?.quorums.set(set & ~(UInt256.one << Int(number)), at: block)
  }

  private mutating func changeKey(_ number: UInt8, by point: BN254.G1, at block: UInt32) {
    let sum = BLSSignature.sum([quorums[number]?.key.last ?? .infinity, point])
    quorums[number]?.key.set(sum, at: block)
  }

  private mutating func changeStake(
    _ id: Hash, _ number: UInt8, to stake: UInt256, at block: UInt32
  ) {
    let before = members[id]?.stakes[number]?.last ?? .zero
    let total = quorums[number]?.totalStake.last ?? .zero
    members[id]?.stakes[number, default: History()].set(stake, at: block)
    quorums[number]?.totalStake.set(total - before + stake, at: block)
  }
}

extension OperatorRegistry {
  /// The state after a block, as certificates refer to it.
  public func snapshot(at block: UInt32) -> OperatorSnapshot {
    OperatorSnapshot(
      block: block,
      quorums: quorums.values.compactMap { quorum in
        guard let key = quorum.key.entry(at: block),
          let total = quorum.totalStake.entry(at: block)
        else { return nil }
        return OperatorSnapshot.Quorum(
          number: quorum.number,
          keyHash: .init(Keccak256.hash(BN254.encode(key.value)), index: key.index),
          totalStake: .init(total.value, index: total.index))
      },
      operators: members.compactMap { id, member in
        guard let set = member.quorums.entry(at: block) else { return nil }
        let stakes = member.stakes.sorted { $0.key < $1.key }.compactMap { number, history in
          history.entry(at: block).map { entry in
            OperatorSnapshot.Stake(
              quorum: number, stake: .init(entry.value, index: entry.index))
          }
        }
        return OperatorSnapshot.Operator(
          id: id, quorums: .init(set.value, index: set.index), stakes: stakes)
      })
  }

  /// The sum of the keys of a quorum's operators after a block.
  public func quorumKey(_ number: UInt8, at block: UInt32) -> BN254.G1? {
    quorums[number]?.key.entry(at: block)?.value
  }

  /// The operators of a quorum after a block with their stakes, by identifier.
  public func stakes(in number: UInt8, at block: UInt32) -> [ChunkAssignment.Stake] {
    members.sorted { $0.key < $1.key }.compactMap { id, member in
      guard let set = member.quorums.entry(at: block), set.value.bit(at: Int(number)),
        let stake = member.stakes[number]?.entry(at: block)
      else { return nil }
      return ChunkAssignment.Stake(id: id, stake: stake.value)
    }
  }
}

extension OperatorRegistry {
  /// What a history is of.
  public enum Subject: Hashable, Sendable {
    /// The sum of a quorum's keys: the first 24 bytes of its hash.
    case quorumKey(UInt8)
    /// The sum of a quorum's stakes.
    case totalStake(UInt8)
    /// The quorums that an operator is in, a bit each.
    case quorums(Hash)
    /// An operator's stake in a quorum.
    case stake(Hash, UInt8)
  }

  /// A history as L1 keeps it: values of at most 192 bits, each from a block on.
  public struct SubjectHistory: Sendable {
    /// What it is of.
    public let subject: Subject
    /// The values in their order.
    public let entries: [(block: UInt32, value: UInt256)]
  }

  /// All histories that have begun, in an order that follows from what they are of.
  public var histories: [SubjectHistory] {
    var result: [SubjectHistory] = []
    for (number, quorum) in quorums.sorted(by: { $0.key < $1.key }) {
      let keys = quorum.key.entries.map { entry in
        let hash = UInt256(Keccak256.hash(BN254.encode(entry.value)))
        return (block: entry.block, value: hash >> 64)
      }
      result.append(SubjectHistory(subject: .quorumKey(number), entries: keys))
      result.append(
        SubjectHistory(subject: .totalStake(number), entries: quorum.totalStake.entries))
    }
    for (id, member) in members.sorted(by: { $0.key < $1.key }) {
      result.append(SubjectHistory(subject: .quorums(id), entries: member.quorums.entries))
      for (number, stake) in member.stakes.sorted(by: { $0.key < $1.key }) {
        result.append(SubjectHistory(subject: .stake(id, number), entries: stake.entries))
      }
    }
    return result.filter { !$0.entries.isEmpty }
  }
}
