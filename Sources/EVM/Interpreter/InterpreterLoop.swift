import Primitives

/// Whether a loop tells the tracer of each step, and so runs one instruction at a time; the compiler
/// makes a loop for each answer.
protocol LoopMode {
  static var watchesSteps: Bool { get }
}

/// The loop of a run without a tracer that watches steps.
struct Unwatched: LoopMode {
  @inline(__always)
  static var watchesSteps: Bool { false }
}

/// The loop of a run whose tracer watches steps, and of the last instructions before a halt.
struct Watched: LoopMode {
  @inline(__always)
  static var watchesSteps: Bool { true }
}

extension Interpreter {
  /// Runs instructions from the parked registers on, until something interrupts them.
  ///
  /// This is the loop that everything is fast or slow by: registers in a local variable, one
  /// indirect jump per instruction, checks of stack and gas with constants in each case. Nothing in
  /// it may retain or release. It calls nothing that throws, since that takes a machine register:
  /// the errors thrown here are branches, and those of `slow` are in `interruption`.
  @inline(never)
  func runInstructions<Mode: LoopMode>(_ mode: Mode) -> Interruption {
    var r = buffers.parked
    do throws(Interruption) {
      while true {
        if Mode.watchesSteps, !step(r) { throw .stopped }
        switch Mode.watchesSteps ? r.separateOpcode : r.opcode {
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

        case .address: try r.produce(Gas.base, r.ownAddress)
        case .caller: try r.produce(Gas.base, r.caller)
        case .callvalue: try r.produce(Gas.base, r.callValue)
        case .calldataload: try r.callDataLoad()
        case .calldatasize: try r.produce(Gas.base, UInt256(UInt64(r.inputSize)))

        case .pop: try r.pop()
        case .mload: try r.memoryLoad(self)
        case .mstore: try r.memoryStore(self)
        case .mstore8: try r.memoryStoreByte(self)
        case .jump: if Mode.watchesSteps { try r.jump() } else { try r.jumpAndLand() }
        case .jumpi:
          if Mode.watchesSteps {
            try r.jumpConditionally()
          } else {
            try r.jumpConditionallyAndLand()
          }
        case .pc: try r.produce(Gas.base, UInt256(UInt64(r.offset)))
        case .msize: try r.produce(Gas.base, UInt256(UInt64(r.memorySize)))
        case .gas: try r.remainingGas()
        case .jumpdest: try r.jumpDestination()

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

        case .push1Add: try r.pushAndAdd()
        case .push1Shl: try r.pushAndShiftLeft()
        case .push1Shr: try r.pushAndShiftRight()
        case .push1Jump: try r.pushAndJump(1)
        case .push2Jump: try r.pushAndJump(2)
        case .push1Jumpi: try r.pushAndJumpConditionally(1)
        case .push2Jumpi: try r.pushAndJumpConditionally(2)
        case .iszeroPush1Jumpi: try r.jumpIfZero(1)
        case .iszeroPush2Jumpi: try r.jumpIfZero(2)
        case .ltPush2Jumpi: try r.jumpIf { $0 < $1 }
        case .gtPush2Jumpi: try r.jumpIf { $1 < $0 }
        case .eqPush2Jumpi: try r.jumpIf { $0 == $1 }
        case .ltIszeroPush2Jumpi: try r.jumpUnless { $0 < $1 }
        case .gtIszeroPush2Jumpi: try r.jumpUnless { $1 < $0 }
        case .eqIszeroPush2Jumpi: try r.jumpUnless { $0 == $1 }
        case .swap1Pop: try r.swapAndPop(1)
        case .swap2Pop: try r.swapAndPop(2)
        case .swap3Pop: try r.swapAndPop(3)
        case .swap4Pop: try r.swapAndPop(4)
        case .swap5Pop: try r.swapAndPop(5)
        case .popPop: try r.popTwice()
        case .dup2Add: try r.addSecond()
        case .dup1Mload: try r.duplicateAndLoad()
        case .dup2Mstore: try r.duplicateAndStore()
        case .push1Mload: try r.pushAndLoad()
        case .push1Mstore: try r.pushAndStore()
        case .swap1Jump: try r.swapAndJump()
        case .popJump: try r.popAndJump()

        // All by name: with a default, the compiler would check each byte against 255.
        case .origin, .codesize, .gasprice, .returndatasize, .coinbase, .timestamp, .number,
          .gaslimit, .chainid, .basefee, .blobbasefee, .stop, .keccak256, .balance, .calldatacopy,
          .codecopy, .extcodesize, .extcodecopy, .returndatacopy, .extcodehash, .blockhash,
          .prevrandao, .selfbalance, .blobhash, .sload, .sstore, .tload, .tstore, .log0, .log1,
          .log2, .log3, .log4, .create, .call, .callcode, .return, .delegatecall, .create2,
          .staticcall, .revert, .selfdestruct, .invalid, .undefined, .x0d, .x0e, .x0f, .x1f, .x21,
          .x22, .x23, .x24, .x25, .x26, .x27, .x28, .x29, .x2a, .x2b, .x2c, .x2d, .x2e, .x2f, .x4b,
          .x4c, .x4d, .x4e, .x4f, .xc1, .xc2, .xc3, .xc4, .xc5, .xc6, .xc7, .xc8, .xc9, .xca, .xcb,
          .xcc, .xcd, .xce, .xcf, .xd0, .xd1, .xd2, .xd3, .xd4, .xd5, .xd6, .xd7, .xd8, .xd9, .xda,
          .xdb, .xdc, .xdd, .xde, .xdf, .xe0, .xe1, .xe2, .xe3, .xe4, .xe5, .xe6, .xe7, .xe8, .xe9,
          .xea, .xeb, .xec, .xed, .xee, .xef, .xf6, .xf7, .xf8, .xf9, .xfb, .xfc, .mcopy:
          r.park()
          slow()
          r.unpark(buffers)
          if r.gas < 0 { throw interruption }
          // What should have failed has not: on with joined instructions.
          if Mode.watchesSteps, !watchesSteps { throw .separately }
        }
        if Mode.watchesSteps { stepDone(gas: r.gas) }
      }
    } catch {
      r.park()
      return error
    }
  }
}
