import Cryptography
import Derivation
import Primitives

/// What a dispute is about: the program's five local inputs.
///
/// Source: the OP Stack specification, fault proof, bootstrapping; in place of a chain's number
/// stands the hash of its configuration, since not every chain is built into the program.
public struct BootInputs: Hashable, Sendable {
  /// The L1 block up to which L1 may be read.
  public var l1Head: Hash
  /// The output root on which both sides agree.
  public var agreedOutputRoot: Hash
  /// The output root that is claimed.
  public var claimedOutputRoot: Hash
  /// The number of the L2 block whose output is claimed.
  public var claimedBlockNumber: UInt64
  /// The Keccak-256 of the rollup's configuration, encoded.
  public var configurationHash: Hash

  /// Inputs with these values.
  public init(
    l1Head: Hash, agreedOutputRoot: Hash, claimedOutputRoot: Hash, claimedBlockNumber: UInt64,
    configurationHash: Hash
  ) {
    self.l1Head = l1Head
    self.agreedOutputRoot = agreedOutputRoot
    self.claimedOutputRoot = claimedOutputRoot
    self.claimedBlockNumber = claimedBlockNumber
    self.configurationHash = configurationHash
  }

  /// How many inputs there are.
  public static let count: UInt64 = 5

  /// The bytes of the input with this index, 1 to 5; nil for another.
  public func local(_ index: UInt64) -> Bytes? {
    switch index {
    case 1: l1Head.bytes
    case 2: agreedOutputRoot.bytes
    case 3: claimedOutputRoot.bytes
    case 4: Bytes(UInt256(claimedBlockNumber).bigEndianBytes[24...])
    case 5: configurationHash.bytes
    default: nil
    }
  }

  /// The inputs that `oracle` has.
  ///
  /// - Throws: `PreimageFault` when one is missing or has a wrong length.
  init(_ oracle: any PreimageOracle) throws(PreimageFault) {
    func hash(_ index: UInt64) throws(PreimageFault) -> Hash {
      let key = PreimageKey.local(index)
      guard let bytes = oracle.preimage(key) else { throw .missing(key) }
      guard let hash = Hash(checking: bytes) else { throw .malformed(key) }
      return hash
    }
    let numberKey = PreimageKey.local(4)
    guard let number = oracle.preimage(numberKey) else { throw .missing(numberKey) }
    guard number.count == 8 else { throw .malformed(numberKey) }
    self.init(
      l1Head: try hash(1), agreedOutputRoot: try hash(2), claimedOutputRoot: try hash(3),
      claimedBlockNumber: UInt256(bigEndian: number).lowUInt64, configurationHash: try hash(5))
  }
}
