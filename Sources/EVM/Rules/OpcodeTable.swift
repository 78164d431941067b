/// The instructions of a fork: which bytes name one, what it takes from the stack and leaves
/// there, and what it costs at least; and the prices that depend on what it does.
///
/// `firstInstructions` lists what Frontier had; `apply` says what each later fork changed. The
/// interpreter's loop asks the table at run time only for what changed between forks; prices that
/// never changed are constants in `Gas`, from which both are written, and a test holds the two
/// together.
public struct OpcodeTable: Sendable {
  /// An instruction of a fork.
  public struct Entry: Sendable {
    /// The instruction's name, as tracers write it.
    public var name: StaticString
    /// How many words it takes from the stack.
    public var inputs: UInt8
    /// How many words it leaves on the stack.
    public var outputs: UInt8
    /// What it costs at least, in gas; warm prices from Berlin on.
    public var cost: Int
  }

  /// The fork.
  public let fork: Fork
  /// What depends on what the instruction does.
  var prices = Prices()
  private var entries: [Entry?]

  /// The instructions of a fork.
  public init(_ fork: Fork) {
    self.fork = fork
    entries = [Entry?](repeating: nil, count: 256)
    firstInstructions()
    for earlier in Fork.allCases where earlier <= fork { apply(earlier) }
  }

  /// The instruction that a byte names, or nil.
  public func entry(_ byte: UInt8) -> Entry? { entries[Int(byte)] }

  /// Whether a byte names an instruction.
  func isDefined(_ byte: UInt8) -> Bool { entries[Int(byte)] != nil }

  /// What an instruction costs at least.
  func cost(_ opcode: Opcode) -> Int { entries[Int(opcode.rawValue)]?.cost ?? 0 }

  private mutating func add(
    _ opcode: Opcode, _ name: StaticString, _ cost: Int, in inputs: UInt8, out outputs: UInt8
  ) {
    entries[Int(opcode.rawValue)] = Entry(
      name: name, inputs: inputs, outputs: outputs, cost: cost)
  }

  private mutating func reprice(_ cost: Int, _ opcodes: Opcode...) {
    for opcode in opcodes { entries[Int(opcode.rawValue)]?.cost = cost }
  }
}

// MARK: Fork by fork

extension OpcodeTable {
  /// What a fork changed.
  private mutating func apply(_ fork: Fork) {
    switch fork {
    case .frontier, .paris, .prague: break
    case .homestead: add(.delegatecall, "DELEGATECALL", 40, in: 6, out: 1)
    case .tangerineWhistle: applyTangerineWhistle()
    case .spuriousDragon:
      prices.exponentByte = 50
    case .byzantium:
      add(.returndatasize, "RETURNDATASIZE", Gas.base, in: 0, out: 1)
      add(.returndatacopy, "RETURNDATACOPY", Gas.veryLow, in: 3, out: 0)
      add(.staticcall, "STATICCALL", 700, in: 6, out: 1)
      add(.revert, "REVERT", 0, in: 2, out: 0)
    case .constantinople:
      add(.shl, "SHL", Gas.veryLow, in: 2, out: 1)
      add(.shr, "SHR", Gas.veryLow, in: 2, out: 1)
      add(.sar, "SAR", Gas.veryLow, in: 2, out: 1)
      add(.extcodehash, "EXTCODEHASH", 400, in: 1, out: 1)
      add(.create2, "CREATE2", Gas.create, in: 4, out: 1)
      prices.isStorageMeteredNet = true
      prices.storageUnchanged = 200
    case .constantinopleFix:
      prices.isStorageMeteredNet = false
    case .istanbul: applyIstanbul()
    case .berlin: applyBerlin()
    case .london:
      add(.basefee, "BASEFEE", Gas.base, in: 0, out: 1)
      prices.storageClearRefund = 4800
      prices.selfDestructRefund = 0
    case .shanghai:
      add(.push0, "PUSH0", Gas.base, in: 0, out: 1)
      prices.initCodeWord = 2
    case .cancun: applyCancun()
    case .osaka: add(.clz, "CLZ", Gas.low, in: 1, out: 1)
    }
  }

  /// EIP-150: what reads the state costs more.
  private mutating func applyTangerineWhistle() {
    reprice(700, .extcodesize, .extcodecopy, .call, .callcode, .delegatecall)
    reprice(400, .balance)
    reprice(200, .sload)
    reprice(5000, .selfdestruct)
    prices.selfDestructNewAccount = 25_000
  }

  /// EIP-1344, 1884, 2200.
  private mutating func applyIstanbul() {
    add(.chainid, "CHAINID", Gas.base, in: 0, out: 1)
    add(.selfbalance, "SELFBALANCE", Gas.low, in: 0, out: 1)
    reprice(800, .sload)
    reprice(700, .balance, .extcodehash)
    prices.isStorageMeteredNet = true
    prices.storageUnchanged = 800
    prices.storageSentry = 2300
  }

  /// EIP-2929: the first access of a transaction to an account or a slot costs more.
  private mutating func applyBerlin() {
    reprice(
      100, .extcodesize, .extcodecopy, .extcodehash, .balance, .sload, .call, .callcode,
      .delegatecall, .staticcall)
    prices.coldAccount = 2500
    prices.coldSlot = 2000
    prices.coldSlotWrite = 2100
    prices.selfDestructCold = 2600
    prices.storageUnchanged = 100
    prices.storageReset = 2900
  }

  /// EIP-1153, 4844, 5656, 7516.
  private mutating func applyCancun() {
    add(.tload, "TLOAD", 100, in: 1, out: 1)
    add(.tstore, "TSTORE", 100, in: 2, out: 0)
    add(.mcopy, "MCOPY", Gas.veryLow, in: 3, out: 0)
    add(.blobhash, "BLOBHASH", Gas.veryLow, in: 1, out: 1)
    add(.blobbasefee, "BLOBBASEFEE", Gas.base, in: 0, out: 1)
  }
}

// MARK: Frontier

extension OpcodeTable {
  private mutating func firstInstructions() {
    addArithmetic()
    addEnvironment()
    addFlow()
    addPushes()
    add(.log0, "LOG0", Gas.log, in: 2, out: 0)
    add(.log1, "LOG1", 2 * Gas.log, in: 3, out: 0)
    add(.log2, "LOG2", 3 * Gas.log, in: 4, out: 0)
    add(.log3, "LOG3", 4 * Gas.log, in: 5, out: 0)
    add(.log4, "LOG4", 5 * Gas.log, in: 6, out: 0)
    add(.create, "CREATE", Gas.create, in: 3, out: 1)
    add(.call, "CALL", 40, in: 7, out: 1)
    add(.callcode, "CALLCODE", 40, in: 7, out: 1)
    add(.return, "RETURN", 0, in: 2, out: 0)
    add(.invalid, "INVALID", 0, in: 0, out: 0)
    add(.selfdestruct, "SELFDESTRUCT", 0, in: 1, out: 0)
  }

  private mutating func addArithmetic() {
    add(.stop, "STOP", 0, in: 0, out: 0)
    add(.add, "ADD", Gas.veryLow, in: 2, out: 1)
    add(.mul, "MUL", Gas.low, in: 2, out: 1)
    add(.sub, "SUB", Gas.veryLow, in: 2, out: 1)
    add(.div, "DIV", Gas.low, in: 2, out: 1)
    add(.sdiv, "SDIV", Gas.low, in: 2, out: 1)
    add(.mod, "MOD", Gas.low, in: 2, out: 1)
    add(.smod, "SMOD", Gas.low, in: 2, out: 1)
    add(.addmod, "ADDMOD", Gas.middle, in: 3, out: 1)
    add(.mulmod, "MULMOD", Gas.middle, in: 3, out: 1)
    add(.exp, "EXP", Gas.exponent, in: 2, out: 1)
    add(.signextend, "SIGNEXTEND", Gas.low, in: 2, out: 1)
    add(.lt, "LT", Gas.veryLow, in: 2, out: 1)
    add(.gt, "GT", Gas.veryLow, in: 2, out: 1)
    add(.slt, "SLT", Gas.veryLow, in: 2, out: 1)
    add(.sgt, "SGT", Gas.veryLow, in: 2, out: 1)
    add(.eq, "EQ", Gas.veryLow, in: 2, out: 1)
    add(.iszero, "ISZERO", Gas.veryLow, in: 1, out: 1)
    add(.and, "AND", Gas.veryLow, in: 2, out: 1)
    add(.or, "OR", Gas.veryLow, in: 2, out: 1)
    add(.xor, "XOR", Gas.veryLow, in: 2, out: 1)
    add(.not, "NOT", Gas.veryLow, in: 1, out: 1)
    add(.byte, "BYTE", Gas.veryLow, in: 2, out: 1)
    add(.keccak256, "KECCAK256", Gas.keccak, in: 2, out: 1)
  }

  private mutating func addEnvironment() {
    add(.address, "ADDRESS", Gas.base, in: 0, out: 1)
    add(.balance, "BALANCE", 20, in: 1, out: 1)
    add(.origin, "ORIGIN", Gas.base, in: 0, out: 1)
    add(.caller, "CALLER", Gas.base, in: 0, out: 1)
    add(.callvalue, "CALLVALUE", Gas.base, in: 0, out: 1)
    add(.calldataload, "CALLDATALOAD", Gas.veryLow, in: 1, out: 1)
    add(.calldatasize, "CALLDATASIZE", Gas.base, in: 0, out: 1)
    add(.calldatacopy, "CALLDATACOPY", Gas.veryLow, in: 3, out: 0)
    add(.codesize, "CODESIZE", Gas.base, in: 0, out: 1)
    add(.codecopy, "CODECOPY", Gas.veryLow, in: 3, out: 0)
    add(.gasprice, "GASPRICE", Gas.base, in: 0, out: 1)
    add(.extcodesize, "EXTCODESIZE", 20, in: 1, out: 1)
    add(.extcodecopy, "EXTCODECOPY", 20, in: 4, out: 0)
    add(.blockhash, "BLOCKHASH", Gas.blockHash, in: 1, out: 1)
    add(.coinbase, "COINBASE", Gas.base, in: 0, out: 1)
    add(.timestamp, "TIMESTAMP", Gas.base, in: 0, out: 1)
    add(.number, "NUMBER", Gas.base, in: 0, out: 1)
    add(.prevrandao, fork >= .paris ? "PREVRANDAO" : "DIFFICULTY", Gas.base, in: 0, out: 1)
    add(.gaslimit, "GASLIMIT", Gas.base, in: 0, out: 1)
  }

  private mutating func addFlow() {
    add(.pop, "POP", Gas.base, in: 1, out: 0)
    add(.mload, "MLOAD", Gas.veryLow, in: 1, out: 1)
    add(.mstore, "MSTORE", Gas.veryLow, in: 2, out: 0)
    add(.mstore8, "MSTORE8", Gas.veryLow, in: 2, out: 0)
    add(.sload, "SLOAD", 50, in: 1, out: 1)
    add(.sstore, "SSTORE", 0, in: 2, out: 0)
    add(.jump, "JUMP", Gas.middle, in: 1, out: 0)
    add(.jumpi, "JUMPI", Gas.high, in: 2, out: 0)
    add(.pc, "PC", Gas.base, in: 0, out: 1)
    add(.msize, "MSIZE", Gas.base, in: 0, out: 1)
    add(.gas, "GAS", Gas.base, in: 0, out: 1)
    add(.jumpdest, "JUMPDEST", Gas.jumpDestination, in: 0, out: 0)
  }

  private mutating func addPushes() {
    for count in 1...32 {
      entries[0x5f + count] = Entry(
        name: Self.pushNames[count - 1], inputs: 0, outputs: 1, cost: Gas.veryLow)
    }
    for count in 1...16 {
      let number = UInt8(truncatingIfNeeded: count)
      entries[0x7f + count] = Entry(
        name: Self.duplicateNames[count - 1], inputs: number, outputs: number + 1,
        cost: Gas.veryLow)
      entries[0x8f + count] = Entry(
        name: Self.swapNames[count - 1], inputs: number + 1, outputs: number + 1,
        cost: Gas.veryLow)
    }
  }

  private static var pushNames: [StaticString] {
    [
      "PUSH1", "PUSH2", "PUSH3", "PUSH4", "PUSH5", "PUSH6", "PUSH7", "PUSH8", "PUSH9", "PUSH10",
      "PUSH11", "PUSH12", "PUSH13", "PUSH14", "PUSH15", "PUSH16", "PUSH17", "PUSH18", "PUSH19",
      "PUSH20", "PUSH21", "PUSH22", "PUSH23", "PUSH24", "PUSH25", "PUSH26", "PUSH27", "PUSH28",
      "PUSH29", "PUSH30", "PUSH31", "PUSH32",
    ]
  }

  private static var duplicateNames: [StaticString] {
    [
      "DUP1", "DUP2", "DUP3", "DUP4", "DUP5", "DUP6", "DUP7", "DUP8", "DUP9", "DUP10", "DUP11",
      "DUP12", "DUP13", "DUP14", "DUP15", "DUP16",
    ]
  }

  private static var swapNames: [StaticString] {
    [
      "SWAP1", "SWAP2", "SWAP3", "SWAP4", "SWAP5", "SWAP6", "SWAP7", "SWAP8", "SWAP9", "SWAP10",
      "SWAP11", "SWAP12", "SWAP13", "SWAP14", "SWAP15", "SWAP16",
    ]
  }
}
