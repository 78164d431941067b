import Cryptography
import EVM
import Primitives

/// The contracts that the protocol itself calls, and accounts that it pays.
public enum SystemContracts {
  /// Who calls them.
  public static let caller = Address(
    0xffff_ffff_ffff_ffff, 0xffff_ffff_ffff_ffff, 0xffff_fffe)
  /// The gas of each call.
  static let gasLimit: UInt64 = 30_000_000

  /// Keeps the roots of recent beacon blocks (EIP-4788).
  public static let beaconRoots = Address(
    0x000f_3df6_d732_807e, 0xf131_9fb7_b8bb_8522, 0xd0be_ac02)
  /// Keeps the hashes of the last 8191 blocks (EIP-2935).
  public static let historyStorage = Address(
    0x0000_f908_27f1_c53a, 0x10cb_7a02_335b_1753, 0x2000_2935)
  /// Keeps withdrawals that accounts ask for (EIP-7002).
  public static let withdrawalRequests = Address(
    0x0000_0961_ef48_0eb5, 0x5e80_d19a_d835_79a6, 0x4c00_7002)
  /// Keeps consolidations of validators (EIP-7251).
  public static let consolidationRequests = Address(
    0x0000_bbdd_c7ce_4886, 0x42fb_579f_8b00_f3a5, 0x9000_7251)
  /// All that a block may call, and who gets its fees where nobody is named.
  public static let called = [
    beaconRoots, historyStorage, withdrawalRequests, consolidationRequests, Address.zero,
  ]
  /// OP Stack: gets what other chains burn.
  public static var baseFeeVault: Address { Predeploys.baseFeeVault }

  /// What a genesis must hold for the forks from Cancun on: each contract, with nonce 1.
  public static func accounts(for fork: Fork) -> [(address: Address, account: GenesisAccount)] {
    var accounts: [(address: Address, account: GenesisAccount)] = []
    if fork >= .cancun { accounts.append((beaconRoots, deployed(beaconRootsCode))) }
    guard fork >= .prague else { return accounts }
    accounts.append((historyStorage, deployed(historyStorageCode)))
    accounts.append((withdrawalRequests, deployed(withdrawalRequestsCode)))
    accounts.append((consolidationRequests, deployed(consolidationRequestsCode)))
    return accounts
  }

  private static func deployed(_ code: String) -> GenesisAccount {
    GenesisAccount(nonce: 1, code: Hexadecimal.decode(code) ?? [])
  }

  private static let beaconRootsCode =
    "3373fffffffffffffffffffffffffffffffffffffffe14604d57602036146024575f5ffd5b5f35801560"
    + "495762001fff810690815414603c575f5ffd5b62001fff01545f5260205ff35b5f5ffd5b62001fff4206"
    + "4281555f359062001fff015500"

  private static let historyStorageCode =
    "3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f3560014303811160"
    + "4257611fff81430311604257611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500"

  private static let withdrawalRequestsCode =
    "3373fffffffffffffffffffffffffffffffffffffffe1460cb5760115f54807fffffffffffffffffffff"
    + "ffffffffffffffffffffffffffffffffffffffffffff146101f457600182026001905f5b5f8211156068"
    + "5781019083028483029004916001019190604d565b909390049250505036603814608857366101f45734"
    + "6101f4575f5260205ff35b34106101f45760015460010160015560035480600302600401338155600101"
    + "5f35815560010160203590553360601b5f5260385f601437604c5fa0600101600355005b600354600254"
    + "8082038060101160df575060105b5f5b8181146101835782810160030260040181604c02815460601b81"
    + "52601401816001015481526020019060020154807fffffffffffffffffffffffffffffffff0000000000"
    + "0000000000000000000000168252906010019060401c908160381c81600701538160301c816006015381"
    + "60281c81600501538160201c81600401538160181c81600301538160101c81600201538160081c816001"
    + "01535360010160e1565b910180921461019557906002556101a0565b90505f6002555f6003555b5f5480"
    + "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff14156101cd57505f5b"
    + "6001546002828201116101e25750505f6101e8565b01600290035b5f555f600155604c025ff35b5f5ffd"

  private static let consolidationRequestsCode =
    "3373fffffffffffffffffffffffffffffffffffffffe1460d35760115f54807fffffffffffffffffffff"
    + "ffffffffffffffffffffffffffffffffffffffffffff1461019a57600182026001905f5b5f8211156068"
    + "5781019083028483029004916001019190604d565b9093900492505050366060146088573661019a5734"
    + "61019a575f5260205ff35b341061019a5760015460010160015560035480600402600401338155600101"
    + "5f358155600101602035815560010160403590553360601b5f5260605f60143760745fa0600101600355"
    + "005b6003546002548082038060021160e7575060025b5f5b818114610129578281016004026004018160"
    + "7402815460601b8152601401816001015481526020018160020154815260200190600301549052600101"
    + "60e9565b910180921461013b5790600255610146565b90505f6002555f6003555b5f54807fffffffffff"
    + "ffffffffffffffffffffffffffffffffffffffffffffffffffffff141561017357505f5b600154600182"
    + "8201116101885750505f61018e565b01600190035b5f555f6001556074025ff35b5f5ffd"
}
