import EVM
import Execution
import Primitives

extension RollupConfiguration {
  /// The deposits by which the chain upgrades its contracts in the L2 block at `timestamp`.
  ///
  /// Only a fork's first block has any; a fork that held from the genesis on has no such block.
  public func upgradeTransactions(at timestamp: UInt64) -> [Bytes] {
    var transactions: [Bytes] = []
    for fork in [RollupFork.ecotone, .fjord, .isthmus, .jovian]
    where isActivationBlock(of: fork, at: timestamp) {
      transactions += NetworkUpgrade.transactions(of: fork).map { $0.encoded }
    }
    return transactions
  }
}

/// The transactions of the network's upgrades.
///
/// Source: the OP Stack specification, Ecotone, Fjord, Isthmus and Jovian, network upgrade
/// automation transactions.
public enum NetworkUpgrade {
  /// The deposits of `fork`'s first block, in their order.
  public static func transactions(of fork: RollupFork) -> [Transaction] {
    switch fork {
    case .ecotone: ecotone
    case .fjord: fjord
    case .isthmus: isthmus
    case .jovian: jovian
    case .bedrock, .regolith, .canyon, .granite, .holocene: []
    }
  }

  private static let l1Block = Predeploys.l1Block
  private static let gasPriceOracle = Address(0x4200_0000_0000_0000, 0, 0x0f)

  /// The contracts' creation codes, in the order of their deployers' addresses.
  private static let codes: [Bytes] = {
    let bytes = PackedBytes.unpack([UpgradeCodes.packed], sizeInBytes: 32_550)
    var codes: [Bytes] = []
    var position = 0
    while position < bytes.count {
      let size = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
      codes.append(Bytes(bytes[position + 4..<position + 4 + size]))
      position += 4 + size
    }
    return codes
  }()

  /// The account that deploys the code with this index.
  private static func deployer(_ index: Int) -> Address {
    Address(0x4210_0000_0000_0000, 0, UInt32(index))
  }

  private static func transaction(
    _ intent: String, from: Address, to: Address?, gasLimit: UInt64, data: Bytes
  ) -> Transaction {
    Transaction(
      deposit: DepositFields(
        sourceHash: DepositSource.upgrade(intent: intent).hash, from: from, mint: .zero,
        isSystemTransaction: false),
      to: to, value: .zero, gasLimit: gasLimit, data: data)
  }

  private static func deployment(
    _ intent: String, code: Int, gasLimit: UInt64
  ) -> Transaction {
    transaction(
      intent, from: deployer(code), to: nil, gasLimit: gasLimit, data: codes[code])
  }

  /// Points a proxy to what the deployment of `code` made.
  private static func proxyUpdate(_ intent: String, proxy: Address, code: Int) -> Transaction {
    let target = Address.contract(createdBy: deployer(code), nonce: 0)
    return transaction(
      intent, from: .zero, to: proxy, gasLimit: 50_000,
      data: [0x36, 0x59, 0xcf, 0xe6] + UInt256(target).bigEndianBytes)
  }

  private static func switchOn(
    _ intent: String, selector: Bytes, gasLimit: UInt64
  ) -> Transaction {
    transaction(
      intent, from: L1Attributes.depositor, to: gasPriceOracle, gasLimit: gasLimit,
      data: selector)
  }

  private static let ecotone: [Transaction] = [
    deployment("Ecotone: L1 Block Deployment", code: 0, gasLimit: 375_000),
    deployment("Ecotone: Gas Price Oracle Deployment", code: 1, gasLimit: 1_000_000),
    proxyUpdate("Ecotone: L1 Block Proxy Update", proxy: l1Block, code: 0),
    proxyUpdate("Ecotone: Gas Price Oracle Proxy Update", proxy: gasPriceOracle, code: 1),
    switchOn(
      "Ecotone: Gas Price Oracle Set Ecotone", selector: [0x22, 0xb9, 0x0a, 0xb3],
      gasLimit: 80_000),
    transaction(
      "Ecotone: beacon block roots contract deployment",
      from: Address(0x0b79_9c86_a49d_eeb9, 0x0402_691f_1041_aa3a, 0xf2d3_c875), to: nil,
      gasLimit: 250_000, data: beaconRootsCode),
  ]

  private static let fjord: [Transaction] = [
    deployment("Fjord: Gas Price Oracle Deployment", code: 2, gasLimit: 1_450_000),
    proxyUpdate("Fjord: Gas Price Oracle Proxy Update", proxy: gasPriceOracle, code: 2),
    switchOn(
      "Fjord: Gas Price Oracle Set Fjord", selector: [0x8e, 0x98, 0xb1, 0x06],
      gasLimit: 90_000),
  ]

  private static let isthmus: [Transaction] = [
    deployment("Isthmus: L1 Block Deployment", code: 3, gasLimit: 425_000),
    deployment("Isthmus: Gas Price Oracle Deployment", code: 4, gasLimit: 1_625_000),
    deployment("Isthmus: Operator Fee Vault Deployment", code: 5, gasLimit: 500_000),
    proxyUpdate("Isthmus: L1 Block Proxy Update", proxy: l1Block, code: 3),
    proxyUpdate("Isthmus: Gas Price Oracle Proxy Update", proxy: gasPriceOracle, code: 4),
    proxyUpdate(
      "Isthmus: Operator Fee Vault Proxy Update", proxy: Predeploys.operatorFeeVault, code: 5),
    switchOn(
      "Isthmus: Gas Price Oracle Set Isthmus", selector: [0x29, 0x1b, 0x03, 0x83],
      gasLimit: 90_000),
    transaction(
      "Isthmus: EIP-2935 Contract Deployment",
      from: Address(0x3462_413a_f460_9098, 0xe1e2_7a49_0f55_4f26, 0x0213_d685), to: nil,
      gasLimit: 250_000, data: historyStorageCode),
  ]

  private static let jovian: [Transaction] = [
    deployment("Jovian: L1 Block Deployment", code: 6, gasLimit: 447_315),
    proxyUpdate("Jovian: L1 Block Proxy Update", proxy: l1Block, code: 6),
    deployment("Jovian: Gas Price Oracle Deployment", code: 7, gasLimit: 1_750_714),
    proxyUpdate("Jovian: Gas Price Oracle Proxy Update", proxy: gasPriceOracle, code: 7),
    switchOn(
      "Jovian: Gas Price Oracle Set Jovian", selector: [0xb3, 0xd7, 0x20, 0x79],
      gasLimit: 90_000),
  ]

  /// The creation code of the contract of beacon roots (EIP-4788).
  private static let beaconRootsCode = hexadecimal(
    """
    60618060095f395ff33373fffffffffffffffffffffffffffffffffffffffe14604d57602036146024575f5ffd\
    5b5f35801560495762001fff810690815414603c575f5ffd5b62001fff01545f5260205ff35b5f5ffd5b62001f\
    ff42064281555f359062001fff015500
    """)

  /// The creation code of the contract of earlier blocks' hashes (EIP-2935).
  private static let historyStorageCode = hexadecimal(
    """
    60538060095f395ff33373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f3560\
    0143038111604257611fff81430311604257611fff9006545f5260205ff35b5f5ffd5b5f35611fff6001430306\
    5500
    """)

  private static func hexadecimal(_ text: String) -> Bytes { Hexadecimal.decode(text) ?? [] }
}
