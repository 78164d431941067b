import Cryptography
import Primitives

/// The precompiled contracts: where they are, from which fork on, and how they run.
enum PrecompileTable {
  /// What a precompiled contract answers: its price, and its output or nil if it refuses.
  typealias Function = (PrecompileCall) -> PrecompileAnswer

  /// A precompiled contract.
  struct Entry {
    /// The contract's address, as a number.
    let number: UInt32
    /// The fork that brought it.
    let since: Fork
    /// How it runs.
    let function: Function
  }

  /// Whether an address is among those of all forks' contracts.
  @inline(__always)
  static func mayBe(_ address: Address) -> Bool {
    address.word0 | address.word1 == 0 && address.word2 <= 0x100
  }

  /// The contract at an address in a fork, or nil if that is an ordinary account.
  @inline(__always)
  static func entry(at address: Address, in fork: Fork, _ rollup: RollupFork?) -> Entry? {
    guard mayBe(address), let entry = entry(number: address.word2) else { return nil }
    if entry.since <= fork { return entry }
    // The OP Stack took P-256 up long before Ethereum did.
    guard let rollup, rollup >= .fjord, entry.number == 0x100 else { return nil }
    return entry
  }

  /// The entry of a number, whatever the fork.
  private static func entry(number: UInt32) -> Entry? {
    switch number {
    case 0x01: Entry(number: number, since: .frontier, function: recoverSigner)
    case 0x02: Entry(number: number, since: .frontier, function: sha256)
    case 0x03: Entry(number: number, since: .frontier, function: ripemd160)
    case 0x04: Entry(number: number, since: .frontier, function: identity)
    case 0x05: Entry(number: number, since: .byzantium, function: modularPower)
    case 0x06: Entry(number: number, since: .byzantium, function: bn254Add)
    case 0x07: Entry(number: number, since: .byzantium, function: bn254Multiply)
    case 0x08: Entry(number: number, since: .byzantium, function: bn254Pairing)
    case 0x09: Entry(number: number, since: .istanbul, function: blake2Compression)
    case 0x0a: Entry(number: number, since: .cancun, function: pointEvaluation)
    case 0x0b: Entry(number: number, since: .prague, function: bls12381AddG1)
    case 0x0c: Entry(number: number, since: .prague, function: bls12381SumG1)
    case 0x0d: Entry(number: number, since: .prague, function: bls12381AddG2)
    case 0x0e: Entry(number: number, since: .prague, function: bls12381SumG2)
    case 0x0f: Entry(number: number, since: .prague, function: bls12381Pairing)
    case 0x10: Entry(number: number, since: .prague, function: bls12381MapToG1)
    case 0x11: Entry(number: number, since: .prague, function: bls12381MapToG2)
    case 0x100: Entry(number: number, since: .osaka, function: verifyP256)
    default: nil
    }
  }
}

/// A call of a precompiled contract.
struct PrecompileCall {
  /// The call data.
  let input: Bytes
  /// The gas that the call may use.
  let gasLimit: Int
  /// The rules.
  let fork: Fork
  /// The OP Stack's rules; nil on other chains.
  let rollup: RollupFork?
  /// What the host computes faster.
  let provider: any CryptographyProvider

  /// A part of the input, with zeros where the input has ended.
  func padded(_ offset: Int, _ count: Int) -> Bytes {
    var part = Bytes(repeating: 0, count: count)
    let available = Swift.min(count, input.count - offset)
    if available > 0 { for index in 0..<available { part[index] = input[offset + index] } }
    return part
  }

  /// A word of the input, with zeros where the input has ended.
  func word(_ offset: Int) -> UInt256 { UInt256(bigEndian: padded(offset, 32)) }

  /// How many words the input fills.
  var inputWords: Int { (input.count + 31) / 32 }
}

/// What a precompiled contract answers.
enum PrecompileAnswer {
  /// It used this much gas and gives these bytes.
  case output(Bytes, cost: Int)
  /// The gas does not suffice.
  case outOfGas
  /// It refuses the input: all the gas is gone.
  case refusal(PrecompileRefusal)

  /// It refuses the input for a reason that has no words of its own.
  static var failure: PrecompileAnswer { .refusal(.other) }
}
