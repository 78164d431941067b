import Primitives

// The events of `contracts/DatanetRegistry.sol`, in the order in which it declares them.

/// A datanet was created.
public struct DatanetCreated: Hashable, Sendable {
  /// Its number.
  public var datanet: UInt256
  /// Who owns it.
  public var owner: Address
  /// The hash of its description.
  public var metadataHash: Hash
  /// Its name.
  public var name: String

  static let declaration = EventDeclaration(
    "DatanetCreated(uint256,address,bytes32,string)", indexedCount: 2)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data),
      let metadataHash = fields.hash(0),
      let name = fields.text(1)
    else { return nil }
    datanet = fields.topicNumber(0)
    owner = fields.topicAddress(1)
    self.metadataHash = metadataHash
    self.name = name
  }
}

/// Content was submitted to a datanet.
public struct ContributionSubmitted: Hashable, Sendable {
  /// The datanet.
  public var datanet: UInt256
  /// The contribution's number within the datanet.
  public var contribution: UInt256
  /// Who submitted it.
  public var contributor: Address
  /// The hash of the content.
  public var contentHash: Hash
  /// How large it is.
  public var sizeInBytes: UInt64

  static let declaration = EventDeclaration(
    "ContributionSubmitted(uint256,uint256,address,bytes32,uint64)", indexedCount: 3)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data),
      let contentHash = fields.hash(0),
      let sizeInBytes = fields.shortNumber(1)
    else { return nil }
    datanet = fields.topicNumber(0)
    contribution = fields.topicNumber(1)
    contributor = fields.topicAddress(2)
    self.contentHash = contentHash
    self.sizeInBytes = sizeInBytes
  }
}

/// A contribution counts from now on.
public struct ContributionApproved: Hashable, Sendable {
  /// The datanet.
  public var datanet: UInt256
  /// The contribution's number within the datanet.
  public var contribution: UInt256
  /// Who had submitted it.
  public var contributor: Address
  /// The hash of the content.
  public var contentHash: Hash
  /// How large it is.
  public var sizeInBytes: UInt64

  static let declaration = EventDeclaration(
    "ContributionApproved(uint256,uint256,address,bytes32,uint64)", indexedCount: 3)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data),
      let contentHash = fields.hash(0),
      let sizeInBytes = fields.shortNumber(1)
    else { return nil }
    datanet = fields.topicNumber(0)
    contribution = fields.topicNumber(1)
    contributor = fields.topicAddress(2)
    self.contentHash = contentHash
    self.sizeInBytes = sizeInBytes
  }
}

/// A contribution was refused.
public struct ContributionRejected: Hashable, Sendable {
  /// The datanet.
  public var datanet: UInt256
  /// The contribution's number within the datanet.
  public var contribution: UInt256
  /// Who had submitted it.
  public var contributor: Address
  /// The hash of the content.
  public var contentHash: Hash

  static let declaration = EventDeclaration(
    "ContributionRejected(uint256,uint256,address,bytes32)", indexedCount: 3)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data),
      let contentHash = fields.hash(0)
    else { return nil }
    datanet = fields.topicNumber(0)
    contribution = fields.topicNumber(1)
    contributor = fields.topicAddress(2)
    self.contentHash = contentHash
  }
}
