import Cryptography
import EVM
import NativeCryptography
import Primitives

/// What the programs of a case know of each other and of the chain.
struct FuzzWorld {
  let fork: Fork
  let table: OpcodeTable
  /// Who sends the transaction.
  let sender: PrivateKey
  /// Accounts with keys; the sender is among them.
  let wallets: [PrivateKey]
  /// Accounts with code.
  let contracts: [Address]
  let feeRecipient: Address
  /// Whether the peer is slow, so that what costs it seconds must be rare.
  let isSlow: Bool

  /// Addresses that nothing of a case has ever used.
  static let strangers = [Address(UInt256(0xdead_0001 as UInt64)), Address(UInt256.max)]

  /// The precompiled contracts of the fork, and the first number behind them.
  var precompiles: [Address] {
    let last: UInt64 =
      switch fork {
      case ..<Fork.byzantium: 4
      case ..<Fork.istanbul: 8
      case ..<Fork.cancun: 9
      case ..<Fork.prague: 10
      default: 17
      }
    let numbers = Array(1...(last + 1)) + (fork >= .osaka ? [0x100] : [])
    return numbers.map { Address(UInt256($0)) }
  }

  /// An address that a program may meet.
  func address(_ random: inout SplitMix) -> Address {
    switch random.below(20) {
    case 0..<10: random.pick(contracts)
    case 10..<13: random.pick(wallets).address
    case 13: feeRecipient
    case 14..<16: random.pick(Self.strangers)
    case 16: .zero
    default: random.pick(precompiles)
    }
  }

  /// The keys of all cases: making one takes longer than a short case.
  static let keys: [PrivateKey] = (0..<6).compactMap { number in
    PrivateKey(Keccak256.hash(Bytes("opal fuzz wallet \(number)".utf8)).bytes)
  }
}
