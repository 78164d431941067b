import Primitives

/// A contract's code, and what must be known of it to run it.
///
/// Frames and journals name codes by `CodeReference`, which counts nothing; so somebody must keep
/// the code itself: the journal for the accounts, the interpreter for init code.
@safe
final class Code {
  fileprivate struct Content {
    /// The code as it is stored, which CODECOPY and its like read.
    let bytes: Bytes
    /// How many bytes there are.
    let count: Int
    /// Where calls to the account go instead, if the code says so (EIP-7702).
    let delegate: Address?
    /// Whether it runs once, so that it is not worth while to look for what may be joined.
    let isInitCode: Bool
    /// What runs, made on the first call; one more for each fork in which the code ran later, since
    /// a frame may still run the others.
    var analyses: [Analysis] = []
    /// The last of them.
    var latest: Analysis.Pointers?
  }

  private let content: UnsafeMutablePointer<Content>

  init(_ bytes: Bytes, isInitCode: Bool = false) {
    unsafe content = .allocate(capacity: 1)
    unsafe content.initialize(
      to: Content(
        bytes: bytes, count: bytes.count, delegate: Self.delegate(in: bytes),
        isInitCode: isInitCode))
  }

  deinit {
    unsafe content.deinitialize(count: 1)
    unsafe content.deallocate()
  }

  /// The code, for those who know that somebody keeps it.
  var reference: CodeReference { unsafe CodeReference(content) }

  /// EIP-7702: 0xEF0100 and an address, 23 bytes in all, send calls on to that address.
  private static func delegate(in bytes: Bytes) -> Address? {
    guard bytes.count == 23, bytes[0] == 0xef, bytes[1] == 0x01, bytes[2] == 0x00 else {
      return nil
    }
    return Address(bytes[3...])
  }
}

/// A code that somebody keeps while this is used.
@safe
struct CodeReference {
  private let content: UnsafeMutablePointer<Code.Content>

  fileprivate init(_ content: UnsafeMutablePointer<Code.Content>) { unsafe self.content = content }

  /// The code as it is stored.
  var bytes: Bytes { unsafe content.pointee.bytes }

  /// How many bytes there are.
  @inline(__always)
  var count: Int { unsafe content.pointee.count }

  /// Where calls to the account go instead, if the code says so (EIP-7702).
  @inline(__always)
  var delegate: Address? { unsafe content.pointee.delegate }

  /// What runs in a fork; made on the first call.
  @inline(__always)
  func analysis(for interpreter: Interpreter) -> Analysis.Pointers {
    if let latest = unsafe content.pointee.latest, latest.fork == interpreter.fork { return latest }
    return analyze(for: interpreter.table)
  }

  @inline(never)
  private func analyze(for table: OpcodeTable) -> Analysis.Pointers {
    let known = unsafe content.pointee.analyses.first { $0.pointers.fork == table.fork }
    let analysis =
      known
      ?? Analysis(
        unsafe content.pointee.bytes, table: table, joins: unsafe !content.pointee.isInitCode)
    if known == nil { unsafe content.pointee.analyses.append(analysis) }
    unsafe content.pointee.latest = analysis.pointers
    return analysis.pointers
  }
}

/// Code as the loop runs it: padded, with the jump destinations marked.
///
/// In the copy that runs, every byte that names no instruction of the fork is replaced by one
/// undefined opcode, so that the loop need not ask for the fork at each instruction. That is sound
/// because whatever is reached by running or by a jump is an instruction of the linear sweep.
/// Then some instructions are replaced by one that stands for it and those behind it
/// (`Registers+Joined.swift`), whose bytes remain: a jump may lead there.
@safe
final class Analysis {
  /// What a frame needs, as long as the code is kept.
  @safe
  struct Pointers {
    /// The fork whose instructions were looked for.
    let fork: Fork
    /// The instructions, followed by 40 zeros: STOP, and the immediate bytes of a last PUSH.
    let instructions: UnsafeMutablePointer<UInt8>
    /// The same with none of them joined.
    let separate: UnsafeMutablePointer<UInt8>
    /// A bit for each byte of the code.
    let jumpDestinations: UnsafeMutablePointer<UInt8>
  }

  let pointers: Pointers

  init(_ code: Bytes, table: OpcodeTable, joins: Bool) {
    let padded = code.count + 40
    let instructions = UnsafeMutablePointer<UInt8>.allocate(capacity: joins ? 2 * padded : padded)
    unsafe instructions.initialize(repeating: 0, count: padded)
    let jumpDestinations = UnsafeMutablePointer<UInt8>.allocate(capacity: padded / 8 + 1)
    unsafe jumpDestinations.initialize(repeating: 0, count: padded / 8 + 1)
    unsafe pointers = Pointers(
      fork: table.fork, instructions: instructions,
      separate: joins ? instructions + padded : instructions, jumpDestinations: jumpDestinations)
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
    guard joins else { return }
    unsafe pointers.separate.initialize(from: instructions, count: padded)
    join(code.count)
  }

  /// Replaces the first of several instructions by one that stands for all, wherever there are such.
  private func join(_ size: Int) {
    var index = 0
    while index < size {
      let byte = unsafe pointers.separate[index]
      if let joined = unsafe Opcode.joined(
        at: index, of: pointers.separate, size: size, jumpDestinations: pointers.jumpDestinations)
      {
        unsafe pointers.instructions[index] = joined.rawValue
      }
      let isPush = byte >= Opcode.push1.rawValue && byte <= Opcode.push32.rawValue
      index += isPush ? Int(byte - Opcode.push1.rawValue) + 2 : 1
    }
  }

  deinit {
    unsafe pointers.instructions.deallocate()
    unsafe pointers.jumpDestinations.deallocate()
  }
}
