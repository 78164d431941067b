import Primitives

/// What L1's registry says about operators at one block: the state that a certificate refers to.
///
/// Histories are lists of entries on L1; a certificate names the entry that was valid at its
/// reference block, and a wrong name is refused. Here each value comes with that name.
public struct OperatorSnapshot: Equatable, Sendable {
  /// A value and its index in a history on L1.
  public struct Entry<Value: Equatable & Sendable>: Equatable, Sendable {
    /// The value.
    public var value: Value
    /// Its index in the history.
    public var index: UInt32

    /// A value at an index.
    public init(_ value: Value, index: UInt32) {
      self.value = value
      self.index = index
    }
  }

  /// A quorum.
  public struct Quorum: Equatable, Sendable {
    /// Its number.
    public var number: UInt8
    /// Keccak-256 of the sum of its operators' keys, of which L1 keeps the first 24 bytes.
    public var keyHash: Entry<Hash>
    /// The sum of its operators' stakes.
    public var totalStake: Entry<UInt256>

    /// A quorum of these parts.
    public init(number: UInt8, keyHash: Entry<Hash>, totalStake: Entry<UInt256>) {
      self.number = number
      self.keyHash = keyHash
      self.totalStake = totalStake
    }
  }

  /// A share of a quorum.
  public struct Stake: Equatable, Sendable {
    /// The quorum.
    public var quorum: UInt8
    /// How much.
    public var stake: Entry<UInt256>

    /// A stake in a quorum.
    public init(quorum: UInt8, stake: Entry<UInt256>) {
      self.quorum = quorum
      self.stake = stake
    }
  }

  /// An operator.
  public struct Operator: Equatable, Sendable {
    /// The hash of its key.
    public var id: Hash
    /// The quorums that it is in, a bit each.
    public var quorums: Entry<UInt256>
    /// Its stakes, in the quorums' order.
    public var stakes: [Stake]

    /// An operator of these parts.
    public init(id: Hash, quorums: Entry<UInt256>, stakes: [Stake]) {
      self.id = id
      self.quorums = quorums
      self.stakes = stakes
    }
  }

  /// The L1 block.
  public let block: UInt32
  /// The quorums, in their order.
  public let quorums: [Quorum]
  /// The operators, by their identifiers.
  public let operators: [Operator]

  /// The state at a block.
  public init(block: UInt32, quorums: [Quorum], operators: [Operator]) {
    self.block = block
    self.quorums = quorums.sorted { $0.number < $1.number }
    self.operators = operators.sorted { $0.id < $1.id }
  }

  /// The quorum of that number.
  public func quorum(_ number: UInt8) -> Quorum? { quorums.first { $0.number == number } }

  /// The operator of that identifier.
  public func registeredOperator(_ id: Hash) -> Operator? {
    var range = operators.startIndex..<operators.endIndex
    while !range.isEmpty {
      let middle = (range.lowerBound + range.upperBound) / 2
      if operators[middle].id == id { return operators[middle] }
      range =
        operators[middle].id < id
        ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    return nil
  }
}
