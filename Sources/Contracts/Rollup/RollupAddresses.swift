import Primitives

/// Where a rollup's contracts lie on L1, as Opal's genesis places them.
///
/// The same list is in `contracts/rollup/shared/Addresses.sol` and `tools/genesis`.
public enum LayerOneAddresses {
  private static func address(_ number: UInt32) -> Address {
    Address(0x4f50_414c_0000_0000, 0, number)
  }

  /// What the owner sets: batcher, fees, gas limit.
  public static let systemConfig = address(0x101)
  /// Takes deposits, proves and finalises withdrawals.
  public static let portal = address(0x102)
  /// Sends messages to L2, relays those of L2.
  public static let messenger = address(0x103)
  /// Moves ether and tokens.
  public static let bridge = address(0x104)
  /// Makes tokens that stand for those of L2.
  public static let tokenFactory = address(0x105)
  /// Makes games about output roots.
  public static let disputeGameFactory = address(0x106)
  /// Says which claims hold.
  public static let anchorStateRegistry = address(0x107)
  /// The code of the games that one honest proposer plays.
  public static let proposalGame = address(0x108)
  /// Names the guardian, who may pause.
  public static let superchainConfig = address(0x109)
  /// Knows the DA layer's operators and their stakes, block by block.
  public static let operatorRegistry = address(0x10a)
  /// Checks the DA layer's certificates.
  public static let certificateVerifier = address(0x10b)
  /// Where batches are sent; there is no code.
  public static let batchInbox = Address(0xff00_0000_0000_0000, 0, 0x901)
}

/// Where every OP chain has its own contracts on L2.
public enum LayerTwoAddresses {
  private static func address(_ number: UInt32) -> Address {
    Address(0x4200_0000_0000_0000, 0, number)
  }

  /// Ether as a token.
  public static let wrappedEther = address(0x06)
  /// Sends messages to L1, relays those of L1.
  public static let messenger = address(0x07)
  /// Says what a transaction costs beside gas.
  public static let gasPriceOracle = address(0x0f)
  /// Moves ether and tokens.
  public static let bridge = address(0x10)
  /// Makes tokens that stand for those of L1.
  public static let tokenFactory = address(0x12)
  /// What L2 knows of L1.
  public static let l1Block = address(0x15)
  /// Keeps the messages that leave L2.
  public static let messagePasser = address(0x16)
  /// Upgrades proxies.
  public static let proxyAdmin = address(0x18)
  /// Gets the priority fees.
  public static let sequencerFeeVault = address(0x11)
  /// Gets the base fees.
  public static let baseFeeVault = address(0x19)
  /// Gets the L1 fees.
  public static let l1FeeVault = address(0x1a)
  /// Gets the operator's fees.
  public static let operatorFeeVault = address(0x1b)
  /// Who sends the first deposit of each block.
  public static let depositor = Address(0xdead_dead_dead_dead, 0xdead_dead_dead_dead, 0xdead_0001)
}

/// Under which address a contract of L1 acts on L2, so that none can pass for one of L2.
public enum AddressAlias {
  private static let offset = UInt256(
    Address(0x1111_0000_0000_0000, 0, 0x1111))

  /// The address on L2 of a contract on L1.
  public static func applied(to address: Address) -> Address {
    Address(UInt256(address) &+ offset)
  }

  /// The contract on L1 behind an address on L2.
  public static func removed(from address: Address) -> Address {
    Address(UInt256(address) &- offset)
  }
}
