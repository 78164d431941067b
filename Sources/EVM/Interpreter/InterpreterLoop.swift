import Primitives

/// Whether a loop tells the tracer of each step; the compiler makes a loop for each answer.
protocol LoopMode {
  static var watchesSteps: Bool { get }
}

/// The loop of a run without a tracer that watches steps.
struct Unwatched: LoopMode {
  @inline(__always)
  static var watchesSteps: Bool { false }
}

/// The loop of a run whose tracer watches steps.
struct Watched: LoopMode {
  @inline(__always)
  static var watchesSteps: Bool { true }
}

extension Interpreter {
  /// Runs frames until the last one ends or the execution stops.
  func run(_ registers: Registers) {
    if let tracer, tracer.watchesSteps {
      loop(Watched(), registers)
    } else {
      loop(Unwatched(), registers)
    }
  }

  private func loop<Mode: LoopMode>(_ mode: Mode, _ registers: Registers) {
    var registers = registers
    while true {
      do throws(Interruption) {
        try runInstructions(mode, &registers)
      } catch {
        switch error {
        case .halt(let halt):
          haltDetail = detail(registers)
          do throws(Interruption) {
            registers = try conclude(.halt(halt), gas: 0)
          } catch {
            return
          }
        case .finished, .stopped: return
        }
      }
    }
  }

  private func detail(_ registers: Registers) -> HaltDetail {
    let offset = registers.offset
    let byte = offset < current.code.count ? current.code[offset] : 0
    return HaltDetail(
      opcode: byte, stackHeight: registers.height,
      stackInputs: Int(table.entry(byte)?.inputs ?? 0))
  }
}

extension Interpreter {
  /// Runs instructions until something interrupts them.
  ///
  /// This is the loop that everything is fast or slow by: registers in a local variable, one
  /// indirect jump per instruction, checks of stack and gas with constants in each case. Nothing in
  /// it may retain or release, and slow instructions hand a copy of the registers to a method.
  @inline(never)
  private func runInstructions<Mode: LoopMode>(
    _ mode: Mode, _ registers: inout Registers
  ) throws(Interruption) {
    var r = registers
    defer { registers = r }
    while true {
      if Mode.watchesSteps { try step(r) }
      switch r.opcode {
      case .stop: r = try end(r, .success, .empty)

      case .add: try r.add()
      case .mul: try r.multiply()
      case .sub: try r.subtract()
      case .div: try r.divide()
      case .sdiv: try r.divideSigned()
      case .mod: try r.modulo()
      case .smod: try r.moduloSigned()
      case .addmod: try r.addModulo()
      case .mulmod: try r.multiplyModulo()
      case .exp: try r.exponentiate(prices.exponentByte)
      case .signextend: try r.extendSign()

      case .lt: try r.less()
      case .gt: try r.greater()
      case .slt: try r.lessSigned()
      case .sgt: try r.greaterSigned()
      case .eq: try r.equal()
      case .iszero: try r.isZero()
      case .and: try r.and()
      case .or: try r.or()
      case .xor: try r.exclusiveOr()
      case .not: try r.not()
      case .byte: try r.byte()
      case .shl: try r.shiftLeft()
      case .shr: try r.shiftRight()
      case .sar: try r.shiftArithmeticRight()
      case .clz: try r.countLeadingZeros()

      case .keccak256: r = try keccak(r)

      case .address: try r.produce(Gas.base, UInt256(current.address))
      case .balance: r = try balance(r)
      case .origin: try r.produce(Gas.base, UInt256(transaction.origin))
      case .caller: try r.produce(Gas.base, UInt256(current.caller))
      case .callvalue: try r.produce(Gas.base, current.value)
      case .calldataload: try r.callDataLoad()
      case .calldatasize: try r.produce(Gas.base, UInt256(UInt64(r.inputSize)))
      case .calldatacopy: r = try callDataCopy(r)
      case .codesize: try r.produce(Gas.base, UInt256(UInt64(r.codeSize)))
      case .codecopy: r = try codeCopy(r)
      case .gasprice: try r.produce(Gas.base, transaction.gasPrice)
      case .extcodesize: r = try externalCodeSize(r)
      case .extcodecopy: r = try externalCodeCopy(r)
      case .returndatasize: try r.produce(Gas.base, UInt256(UInt64(returnData.count)))
      case .returndatacopy: r = try returnDataCopy(r)
      case .extcodehash: r = try externalCodeHash(r)

      case .blockhash: r = try blockHash(r)
      case .coinbase: try r.produce(Gas.base, UInt256(block.feeRecipient))
      case .timestamp: try r.produce(Gas.base, UInt256(block.timestamp))
      case .number: try r.produce(Gas.base, UInt256(block.number))
      case .prevrandao: r = try randomness(r)
      case .gaslimit: try r.produce(Gas.base, UInt256(block.gasLimit))
      case .chainid: try r.produce(Gas.base, block.chainID)
      case .selfbalance: r = try ownBalance(r)
      case .basefee: try r.produce(Gas.base, block.baseFee)
      case .blobhash: r = try blobHash(r)
      case .blobbasefee: try r.produce(Gas.base, block.blobBaseFee)

      case .pop: try r.pop()
      case .mload: try r.memoryLoad(self)
      case .mstore: try r.memoryStore(self)
      case .mstore8: try r.memoryStoreByte(self)
      case .sload: r = try storageLoad(r)
      case .sstore: r = try storageStore(r)
      case .jump: try r.jump()
      case .jumpi: try r.jumpConditionally()
      case .pc: try r.produce(Gas.base, UInt256(UInt64(r.offset)))
      case .msize: try r.produce(Gas.base, UInt256(UInt64(r.memorySize)))
      case .gas: try r.remainingGas()
      case .jumpdest: try r.jumpDestination()
      case .tload: r = try transientLoad(r)
      case .tstore: r = try transientStore(r)
      case .mcopy: r = try memoryCopy(r)

      case .push0: try r.produce(Gas.base, 0)
      case .push1: try r.pushImmediate(1)
      case .push2: try r.pushImmediate(2)
      case .push3: try r.pushImmediate(3)
      case .push4: try r.pushImmediate(4)
      case .push5: try r.pushImmediate(5)
      case .push6: try r.pushImmediate(6)
      case .push7: try r.pushImmediate(7)
      case .push8: try r.pushImmediate(8)
      case .push9: try r.pushImmediate(9)
      case .push10: try r.pushImmediate(10)
      case .push11: try r.pushImmediate(11)
      case .push12: try r.pushImmediate(12)
      case .push13: try r.pushImmediate(13)
      case .push14: try r.pushImmediate(14)
      case .push15: try r.pushImmediate(15)
      case .push16: try r.pushImmediate(16)
      case .push17: try r.pushImmediate(17)
      case .push18: try r.pushImmediate(18)
      case .push19: try r.pushImmediate(19)
      case .push20: try r.pushImmediate(20)
      case .push21: try r.pushImmediate(21)
      case .push22: try r.pushImmediate(22)
      case .push23: try r.pushImmediate(23)
      case .push24: try r.pushImmediate(24)
      case .push25: try r.pushImmediate(25)
      case .push26: try r.pushImmediate(26)
      case .push27: try r.pushImmediate(27)
      case .push28: try r.pushImmediate(28)
      case .push29: try r.pushImmediate(29)
      case .push30: try r.pushImmediate(30)
      case .push31: try r.pushImmediate(31)
      case .push32: try r.pushImmediate(32)

      case .dup1: try r.duplicate(1)
      case .dup2: try r.duplicate(2)
      case .dup3: try r.duplicate(3)
      case .dup4: try r.duplicate(4)
      case .dup5: try r.duplicate(5)
      case .dup6: try r.duplicate(6)
      case .dup7: try r.duplicate(7)
      case .dup8: try r.duplicate(8)
      case .dup9: try r.duplicate(9)
      case .dup10: try r.duplicate(10)
      case .dup11: try r.duplicate(11)
      case .dup12: try r.duplicate(12)
      case .dup13: try r.duplicate(13)
      case .dup14: try r.duplicate(14)
      case .dup15: try r.duplicate(15)
      case .dup16: try r.duplicate(16)

      case .swap1: try r.swap(1)
      case .swap2: try r.swap(2)
      case .swap3: try r.swap(3)
      case .swap4: try r.swap(4)
      case .swap5: try r.swap(5)
      case .swap6: try r.swap(6)
      case .swap7: try r.swap(7)
      case .swap8: try r.swap(8)
      case .swap9: try r.swap(9)
      case .swap10: try r.swap(10)
      case .swap11: try r.swap(11)
      case .swap12: try r.swap(12)
      case .swap13: try r.swap(13)
      case .swap14: try r.swap(14)
      case .swap15: try r.swap(15)
      case .swap16: try r.swap(16)

      case .log0: r = try log(r, topics: 0)
      case .log1: r = try log(r, topics: 1)
      case .log2: r = try log(r, topics: 2)
      case .log3: r = try log(r, topics: 3)
      case .log4: r = try log(r, topics: 4)

      case .create: r = try create(r, .create)
      case .call: r = try call(r, .call)
      case .callcode: r = try call(r, .callCode)
      case .return: r = try end(r, .success)
      case .delegatecall: r = try call(r, .delegateCall)
      case .create2: r = try create(r, .create2)
      case .staticcall: r = try call(r, .staticCall)
      case .revert: r = try end(r, .revert)
      case .invalid: throw .halt(.invalidInstruction)
      case .selfdestruct: r = try selfDestruct(r)
      default: throw .halt(.undefinedInstruction)
      }
      if Mode.watchesSteps { stepDone(gas: r.gas) }
    }
  }
}
