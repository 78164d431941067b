import Primitives

/// A contract's code, made ready to run.
final class Code {
  /// The code as it is stored, which CODECOPY and its like read.
  let bytes: Bytes
  /// Where calls to the account go instead, if the code says so (EIP-7702).
  let delegate: Address?
  private var analysis: Analysis?

  init(_ bytes: Bytes) {
    self.bytes = bytes
    delegate = Self.delegate(in: bytes)
  }

  /// The code of an account that has none.
  static func empty() -> Code { Code([]) }

  /// What runs in a fork; made on the first call.
  func analysis(for table: OpcodeTable) -> Analysis {
    if let analysis, analysis.fork == table.fork { return analysis }
    let made = Analysis(bytes, table: table)
    analysis = made
    return made
  }

  /// EIP-7702: 0xEF0100 and an address, 23 bytes in all, send calls on to that address.
  private static func delegate(in bytes: Bytes) -> Address? {
    guard bytes.count == 23, bytes[0] == 0xef, bytes[1] == 0x01, bytes[2] == 0x00 else {
      return nil
    }
    return Address(bytes[3...])
  }
}

/// Code as the loop runs it: padded, with the jump destinations marked.
///
/// In the copy that runs, every byte that names no instruction of the fork is replaced by one
/// undefined opcode, so that the loop need not ask for the fork at each instruction. That is sound
/// because whatever is reached by running or by a jump is an instruction of the linear sweep.
@safe
final class Analysis {
  /// The fork whose instructions were looked for.
  let fork: Fork
  /// The code as it is stored.
  let bytes: Bytes
  /// The instructions, followed by 40 zeros: STOP, and the immediate bytes of a last PUSH.
  let instructions: UnsafeMutablePointer<UInt8>
  /// A bit for each byte of the code.
  let jumpDestinations: UnsafeMutablePointer<UInt8>

  init(_ code: Bytes, table: OpcodeTable) {
    fork = table.fork
    bytes = code
    let padded = code.count + 40
    unsafe instructions = .allocate(capacity: padded)
    unsafe instructions.initialize(repeating: 0, count: padded)
    unsafe jumpDestinations = .allocate(capacity: padded / 8 + 1)
    unsafe jumpDestinations.initialize(repeating: 0, count: padded / 8 + 1)
    var index = 0
    while index < code.count {
      let byte = code[index]
      unsafe instructions[index] = table.isDefined(byte) ? byte : Opcode.undefined.rawValue
      if byte == Opcode.jumpdest.rawValue {
        unsafe jumpDestinations[index >> 3] |= 1 << UInt8(index & 7)
      }
      index += 1
      guard byte >= Opcode.push1.rawValue, byte <= Opcode.push32.rawValue else { continue }
      let end = Swift.min(index + Int(byte - Opcode.push1.rawValue) + 1, code.count)
      while index < end {
        unsafe instructions[index] = code[index]
        index += 1
      }
    }
  }

  deinit {
    unsafe instructions.deallocate()
    unsafe jumpDestinations.deallocate()
  }
}
