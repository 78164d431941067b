import Cryptography
import Primitives

/// Typed calls of `contracts/DatanetRegistry.sol`.
///
/// What changes something is the input of a transaction; what reads is a `ContractView`.
public enum DatanetRegistryContract {
  /// Where genesis places it.
  public static let address = Address(0x4f50_414c_0000_0000, 0, 1)

  /// Creates a datanet that the sender owns; its number is in the event `DatanetCreated`.
  public static func createDatanet(name: String, metadataHash: Hash) -> Bytes {
    ABI.call("createDatanet(string,bytes32)", [.string(name), .bytes32(metadataHash)])
  }

  /// Submits content to a datanet; its number is in the event `ContributionSubmitted`.
  public static func contribute(
    datanet: UInt256, contentHash: Hash, sizeInBytes: UInt64
  ) -> Bytes {
    ABI.call(
      "contribute(uint256,bytes32,uint64)",
      [.uint(datanet), .bytes32(contentHash), .uint(sizeInBytes)])
  }

  /// Accepts a pending contribution; only the datanet's owner may.
  public static func approve(datanet: UInt256, contribution: UInt256) -> Bytes {
    ABI.call("approve(uint256,uint256)", [.uint(datanet), .uint(contribution)])
  }

  /// Refuses a pending contribution; only the datanet's owner may.
  public static func reject(datanet: UInt256, contribution: UInt256) -> Bytes {
    ABI.call("reject(uint256,uint256)", [.uint(datanet), .uint(contribution)])
  }

  /// How many datanets there are; they are numbered from 1.
  public static var datanetCount: ContractView<UInt256> {
    ContractView(number: address, ABI.call("datanetCount()"))
  }

  /// A datanet.
  public static func datanet(_ datanet: UInt256) -> ContractView<Datanet> {
    ContractView(
      address, ABI.call("datanetOf(uint256)", [.uint(datanet)]),
      returning: .tuple([.address, .bytes32, .uint256, .string])
    ) { values in Datanet(values[0]) }
  }

  /// How many contributions were ever submitted to a datanet; they are numbered from 0.
  public static func contributionCount(datanet: UInt256) -> ContractView<UInt256> {
    ContractView(number: address, ABI.call("contributionCount(uint256)", [.uint(datanet)]))
  }

  /// A contribution.
  public static func contribution(
    datanet: UInt256, contribution: UInt256
  ) -> ContractView<Contribution> {
    ContractView(
      address,
      ABI.call("contributionOf(uint256,uint256)", [.uint(datanet), .uint(contribution)]),
      returning: .tuple([.address, .uint(bits: 64), .uint(bits: 8), .bytes32])
    ) { values in Contribution(values[0]) }
  }

  /// How many contributors have accepted content in a datanet.
  public static func contributorCount(datanet: UInt256) -> ContractView<UInt256> {
    ContractView(number: address, ABI.call("contributorCount(uint256)", [.uint(datanet)]))
  }

  /// A page of a datanet's contributors with their accepted bytes, oldest first.
  public static func contributors(
    datanet: UInt256, offset: UInt64, limit: UInt64
  ) -> ContractView<[ContributorShare]> {
    ContractView(
      address,
      ABI.call(
        "contributors(uint256,uint256,uint256)", [.uint(datanet), .uint(offset), .uint(limit)]),
      returning: .array(.address), .array(.uint256)
    ) { values in
      guard let accounts = values[0].asElements, let sizes = values[1].asElements,
        accounts.count == sizes.count
      else { return nil }
      let shares = zip(accounts, sizes).compactMap { account, size in
        account.asAddress.flatMap { contributor in
          size.asUInt256.map { ContributorShare(contributor: contributor, weight: $0) }
        }
      }
      return shares.count == accounts.count ? shares : nil
    }
  }

  /// The accepted bytes of one contributor in a datanet.
  public static func acceptedSize(
    datanet: UInt256, contributor: Address
  ) -> ContractView<UInt256> {
    ContractView(
      number: address,
      ABI.call("acceptedSizeInBytes(uint256,address)", [.uint(datanet), .address(contributor)]))
  }

  /// Whether content is pending or approved in a datanet.
  public static func isContentTaken(datanet: UInt256, contentHash: Hash) -> ContractView<Bool> {
    ContractView(
      flag: address,
      ABI.call("isContentTaken(uint256,bytes32)", [.uint(datanet), .bytes32(contentHash)]))
  }
}

/// A datanet as the registry knows it.
public struct Datanet: Hashable, Sendable {
  /// Who decides on contributions.
  public var owner: Address
  /// The hash of its description in the content-addressed store.
  public var metadataHash: Hash
  /// The bytes that were accepted in all.
  public var acceptedSizeInBytes: UInt256
  /// Its name, as its owner wrote it.
  public var name: String

  init?(_ value: ABIValue) {
    guard let members = value.asElements, members.count == 4,
      let owner = members[0].asAddress, let metadataHash = members[1].asHash,
      let size = members[2].asUInt256, let name = members[3].asBytes
    else { return nil }
    self.owner = owner
    self.metadataHash = metadataHash
    acceptedSizeInBytes = size
    self.name = String(decoding: name, as: UTF8.self)
  }
}

/// A contribution to a datanet.
public struct Contribution: Hashable, Sendable {
  /// What the datanet's owner decided.
  public enum Status: UInt8, Sendable {
    /// Nothing yet.
    case pending = 1
    /// It counts.
    case approved = 2
    /// It does not count, and its content may be submitted again.
    case rejected = 3
  }

  /// Who submitted it.
  public var contributor: Address
  /// How large its content is.
  public var sizeInBytes: UInt64
  /// What was decided.
  public var status: Status
  /// The hash of its content.
  public var contentHash: Hash

  init?(_ value: ABIValue) {
    guard let members = value.asElements, members.count == 4,
      let contributor = members[0].asAddress, let size = members[1].asUInt64,
      let number = members[2].asUInt64, let status = UInt8(exactly: number).flatMap(Status.init),
      let contentHash = members[3].asHash
    else { return nil }
    self.contributor = contributor
    sizeInBytes = size
    self.status = status
    self.contentHash = contentHash
  }
}
