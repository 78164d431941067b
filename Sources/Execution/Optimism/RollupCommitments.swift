import Cryptography
import EVM
import Primitives

/// A call that goes from one layer to the other: as L2's message passer stores it where it leaves
/// there, and as both layers' messengers relay it.
public struct LayerMessage: Hashable, Sendable {
  /// Makes it unlike others; the version is in the first two bytes.
  public var nonce: UInt256
  /// Who sent it.
  public var sender: Address
  /// Who is called on the other layer.
  public var target: Address
  /// The ether that goes along, in wei.
  public var value: UInt256
  /// The gas that the call gets at least.
  public var gasLimit: UInt256
  /// The call's input.
  public var data: Bytes

  /// A message with these fields.
  public init(
    nonce: UInt256, sender: Address, target: Address, value: UInt256, gasLimit: UInt256,
    data: Bytes
  ) {
    self.nonce = nonce
    self.sender = sender
    self.target = target
    self.value = value
    self.gasLimit = gasLimit
    self.data = data
  }

  /// The hash of a withdrawal: the Keccak-256 of the ABI encoding of its fields.
  public var withdrawalHash: Hash {
    Keccak256.hash(
      ABI.encode([
        .uint(nonce), .address(sender), .address(target), .uint(value), .uint(gasLimit),
        .bytes(data),
      ]))
  }

  /// The slot of `sentMessages` in the message passer that is 1 once it is sent.
  public var sentMessagesSlot: UInt256 {
    UInt256(Keccak256.hash(withdrawalHash.bytes + Bytes(repeating: 0, count: 32)))
  }
}

/// What a proposer claims on L1 of an L2 block, version 0.
public struct OutputRoot: Hashable, Sendable {
  /// The block's state root.
  public var stateRoot: Hash
  /// The storage root of the message passer after the block.
  public var messagePasserStorageRoot: Hash
  /// The block's hash.
  public var blockHash: Hash

  /// The claim of these parts.
  public init(stateRoot: Hash, messagePasserStorageRoot: Hash, blockHash: Hash) {
    self.stateRoot = stateRoot
    self.messagePasserStorageRoot = messagePasserStorageRoot
    self.blockHash = blockHash
  }

  /// The Keccak-256 of version and parts.
  public var hash: Hash {
    Keccak256.hash(
      Hash.zero.bytes + stateRoot.bytes + messagePasserStorageRoot.bytes + blockHash.bytes)
  }
}

/// What the Engine API asks an OP chain's next block to be.
public struct PayloadAttributes: Hashable, Sendable {
  /// Time, randomness, fee recipient, gas limit, extra data and withdrawals.
  public var inputs: BlockInputs
  /// Since Cancun the call has a beacon root.
  public var hasBeaconRoot: Bool
  /// Transactions that must stand at the block's head, encoded.
  public var transactions: [Bytes]
  /// Whether nothing may follow them.
  public var excludesPool: Bool
  /// Since Holocene: denominator and elasticity in eight bytes.
  public var baseFeeParameters: Bytes?
  /// Since Jovian: the base fee does not fall below this, in wei.
  public var lowestBaseFee: UInt64?

  /// Attributes with these values.
  public init(
    inputs: BlockInputs, hasBeaconRoot: Bool, transactions: [Bytes], excludesPool: Bool,
    baseFeeParameters: Bytes? = nil, lowestBaseFee: UInt64? = nil
  ) {
    self.inputs = inputs
    self.hasBeaconRoot = hasBeaconRoot
    self.transactions = transactions
    self.excludesPool = excludesPool
    self.baseFeeParameters = baseFeeParameters
    self.lowestBaseFee = lowestBaseFee
  }

  /// The eight bytes by which the Engine API names the payload, the first of them `version`.
  ///
  /// Not specified; op-geth's way, which op-reth follows.
  public func payloadIdentifier(parentHash: Hash, version: UInt8) -> Bytes {
    var bytes = parentHash.bytes
    func append(_ value: UInt64) {
      for index in 0..<8 {
        bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * (7 - index))))
      }
    }
    append(inputs.timestamp)
    inputs.prevRandao.append(to: &bytes)
    inputs.feeRecipient.append(to: &bytes)
    bytes += RLPWriter.list(rawItems: inputs.withdrawals.map { $0.encoded })
    if hasBeaconRoot { inputs.parentBeaconBlockRoot.append(to: &bytes) }
    if excludesPool || !transactions.isEmpty {
      bytes.append(excludesPool ? 1 : 0)
      append(UInt64(transactions.count))
      for transaction in transactions { Keccak256.hash(transaction).append(to: &bytes) }
    }
    append(inputs.gasLimit)
    if let baseFeeParameters { bytes += baseFeeParameters }
    if let lowestBaseFee { append(lowestBaseFee) }
    var identifier = Bytes(SHA256.hash(bytes).bytes[0..<8])
    identifier[0] = version
    return identifier
  }
}
