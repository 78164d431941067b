import Primitives

extension Interpreter {
  /// Runs one instruction that is not in the loop itself: those that ask the journal, copy, or
  /// change the frame, and those that nobody repeats.
  ///
  /// Works on the registers that the current frame has parked; another frame may be the current one
  /// after it. The parked gas is negative if there is an `interruption` instead, and everything else
  /// as before the instruction.
  @inline(never)
  func slow() {
    if case .mcopy = buffers.parked.opcode, buffers.parked.copyPaidMemory() { return }
    let (position, top) = unsafe (buffers.parked.position, buffers.parked.top)
    do throws(Interruption) {
      try runSlow(&buffers.parked)
    } catch {
      interruption = error
      gasAtHalt = buffers.parked.gas
      unsafe buffers.parked.position = position
      unsafe buffers.parked.top = top
      buffers.parked.gas = -1
    }
  }

  private func runSlow(_ r: inout Registers) throws(Interruption) {
    switch r.opcode {
    case .stop: try end(&r, .success, .empty)
    case .keccak256: try keccak(&r)
    case .balance: try balance(&r)
    case .calldatacopy: try callDataCopy(&r)
    case .codecopy: try codeCopy(&r)
    case .extcodesize: try externalCodeSize(&r)
    case .extcodecopy: try externalCodeCopy(&r)
    case .returndatacopy: try returnDataCopy(&r)
    case .extcodehash: try externalCodeHash(&r)
    case .blockhash: try blockHash(&r)
    case .prevrandao: try randomness(&r)
    case .selfbalance: try ownBalance(&r)
    case .blobhash: try blobHash(&r)
    case .sload: try storageLoad(&r)
    case .sstore: try storageStore(&r)
    case .tload: try transientLoad(&r)
    case .tstore: try transientStore(&r)
    case .mcopy: try memoryCopy(&r)
    case .log0: try log(&r, topics: 0)
    case .log1: try log(&r, topics: 1)
    case .log2: try log(&r, topics: 2)
    case .log3: try log(&r, topics: 3)
    case .log4: try log(&r, topics: 4)
    case .create: try create(&r, .create)
    case .call: try call(&r, .call)
    case .callcode: try call(&r, .callCode)
    case .return: try end(&r, .success)
    case .delegatecall: try call(&r, .delegateCall)
    case .create2: try create(&r, .create2)
    case .staticcall: try call(&r, .staticCall)
    case .revert: try end(&r, .revert)
    case .selfdestruct: try selfDestruct(&r)
    case .undefined: throw .halt(.undefinedInstruction)
    case .invalid: throw .halt(.invalidInstruction)
    default: try look(&r)
    }
  }

  /// Instructions that push what is known of the frame, the transaction or the block.
  private func look(_ r: inout Registers) throws(Interruption) {
    switch r.opcode {
    case .origin: try r.produce(Gas.base, UInt256(transaction.origin))
    case .codesize: try r.produce(Gas.base, UInt256(UInt64(r.codeSize)))
    case .gasprice: try r.produce(Gas.base, transaction.gasPrice)
    case .returndatasize: try r.produce(Gas.base, UInt256(UInt64(output.count)))
    case .coinbase: try r.produce(Gas.base, UInt256(block.feeRecipient))
    case .timestamp: try r.produce(Gas.base, UInt256(block.timestamp))
    case .number: try r.produce(Gas.base, UInt256(block.number))
    case .gaslimit: try r.produce(Gas.base, UInt256(block.gasLimit))
    case .chainid: try r.produce(Gas.base, block.chainID)
    case .basefee: try r.produce(Gas.base, block.baseFee)
    case .blobbasefee: try r.produce(Gas.base, block.blobBaseFee)
    default: throw .halt(.undefinedInstruction)
    }
  }
}
