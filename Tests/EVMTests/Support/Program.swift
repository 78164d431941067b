import Primitives

/// Bytecode, put together from instructions: `push(1) + push(2) + .add`.
struct Program {
  var bytes: Bytes

  init(_ bytes: Bytes) { self.bytes = bytes }

  static func + (left: Program, right: Program) -> Program { Program(left.bytes + right.bytes) }

  /// The program a number of times over.
  func repeated(_ count: Int) -> Program {
    var all: Bytes = []
    for _ in 0..<count { all += bytes }
    return Program(all)
  }

  /// The instructions, then the topmost word as the output.
  var returningTop: Program { self + push(0) + .mstore + push(32) + push(0) + .return }

  static var stop: Program { Program([0x00]) }
  static var add: Program { Program([0x01]) }
  static var sub: Program { Program([0x03]) }
  static var exp: Program { Program([0x0a]) }
  static var iszero: Program { Program([0x15]) }
  static var shl: Program { Program([0x1b]) }
  static var clz: Program { Program([0x1e]) }
  static var address: Program { Program([0x30]) }
  static var balance: Program { Program([0x31]) }
  static var caller: Program { Program([0x33]) }
  static var callvalue: Program { Program([0x34]) }
  static var calldataload: Program { Program([0x35]) }
  static var calldatasize: Program { Program([0x36]) }
  static var codecopy: Program { Program([0x39]) }
  static var extcodesize: Program { Program([0x3b]) }
  static var extcodecopy: Program { Program([0x3c]) }
  static var returndatasize: Program { Program([0x3d]) }
  static var returndatacopy: Program { Program([0x3e]) }
  static var extcodehash: Program { Program([0x3f]) }
  static var blockhash: Program { Program([0x40]) }
  static var prevrandao: Program { Program([0x44]) }
  static var selfbalance: Program { Program([0x47]) }
  static var blobhash: Program { Program([0x49]) }
  static var pop: Program { Program([0x50]) }
  static var mload: Program { Program([0x51]) }
  static var mstore: Program { Program([0x52]) }
  static var mstore8: Program { Program([0x53]) }
  static var sload: Program { Program([0x54]) }
  static var sstore: Program { Program([0x55]) }
  static var jump: Program { Program([0x56]) }
  static var jumpi: Program { Program([0x57]) }
  static var msize: Program { Program([0x59]) }
  static var gas: Program { Program([0x5a]) }
  static var jumpdest: Program { Program([0x5b]) }
  static var tload: Program { Program([0x5c]) }
  static var tstore: Program { Program([0x5d]) }
  static var mcopy: Program { Program([0x5e]) }
  static var push0: Program { Program([0x5f]) }
  static var dup1: Program { Program([0x80]) }
  static var swap1: Program { Program([0x90]) }
  static var log1: Program { Program([0xa1]) }
  static var create: Program { Program([0xf0]) }
  static var call: Program { Program([0xf1]) }
  static var callcode: Program { Program([0xf2]) }
  static var `return`: Program { Program([0xf3]) }
  static var delegatecall: Program { Program([0xf4]) }
  static var create2: Program { Program([0xf5]) }
  static var staticcall: Program { Program([0xfa]) }
  static var revert: Program { Program([0xfd]) }
  static var invalid: Program { Program([0xfe]) }
  static var selfdestruct: Program { Program([0xff]) }
}

/// The shortest PUSH of a number that has an immediate byte.
func push(_ number: UInt256) -> Program {
  let digits = number.isZero ? [0] : number.minimalBigEndianBytes
  return Program([0x5f + UInt8(digits.count)] + digits)
}

/// The PUSH of an address.
func push(_ address: Address) -> Program { Program([0x73] + address.bytes) }

/// Writes bytes to memory from 0 on.
func store(_ bytes: Bytes) -> Program {
  var program = Program([])
  var offset = 0
  while offset < bytes.count {
    let part = Bytes(bytes[offset..<min(offset + 32, bytes.count)])
    let word = UInt256(bigEndian: part + Bytes(repeating: 0, count: 32 - part.count))
    program = program + push(word) + push(UInt256(offset)) + .mstore
    offset += 32
  }
  return program
}

/// A call with all the gas there is, no data, and an output of one word at 0.
func callWord(_ address: Address, value: UInt256 = 0, gas: UInt256 = .max) -> Program {
  push(32) + push(0) + push(0) + push(0) + push(value) + push(address) + push(gas) + .call
}

/// Init code that deploys bytes as they are.
func deploying(_ code: Bytes) -> Bytes {
  let size = Program([0x61, UInt8(code.count >> 8), UInt8(code.count & 255)])
  let head = size + .dup1 + push(12) + push(0) + .codecopy + push(0) + .return
  return head.bytes + code
}
