import Primitives

/// How a frame ends and its caller goes on.
extension Interpreter {
  /// Ends the current frame, whose output is in `returnData`.
  ///
  /// Returns the caller's registers; throws `finished` after the last frame.
  func conclude(_ ended: CallStatus, gas given: Int) throws(Interruption) -> Registers {
    var (status, gas) = (ended, given)
    stepDone(gas: gas)
    if current.isCreation && status == .success { (status, gas) = try deposit(gas) }
    switch status {
    case .success: break
    case .revert: journal.revert(to: current.checkpoint)
    case .halt:
      journal.revert(to: current.checkpoint)
      returnData.removeAll(keepingCapacity: true)
      gas = 0
    }
    if tracer != nil || suspended.isEmpty { publish(status, gas) }
    guard var caller = suspended.popLast() else { throw .finished }
    let callee = current
    guard var r = caller.registers else { throw .finished }
    caller.registers = nil
    current = caller
    buffers.repoint(&r, for: caller)
    r.gas &+= gas
    if callee.isCreation {
      r.push(status == .success ? UInt256(callee.address) : 0)
      if status == .success { returnData.removeAll(keepingCapacity: true) }
    } else {
      r.push(status == .success ? 1 : 0)
      let count = Swift.min(callee.output.count, returnData.count)
      r.copy(returnData, from: 0, to: MemoryRange(offset: callee.output.offset, count: count))
    }
    r.next()
    return r
  }

  /// Tells the tracer, and whoever sent the message, what became of the current frame.
  private func publish(_ status: CallStatus, _ gas: Int) {
    let isCreated = current.isCreation && status == .success
    let outcome = MessageResult(
      status: status, gasLeft: UInt64(gas), refund: journal.refund, output: returnData,
      createdAddress: isCreated ? current.address : nil, haltDetail: haltDetail)
    tracer?.exit(outcome, depth: depth)
    if suspended.isEmpty { result = outcome }
  }
}

// MARK: Tracing

extension Interpreter {
  /// Tells the tracer of the instruction that comes next.
  @inline(never)
  func step(_ registers: Registers) throws(Interruption) {
    guard let tracer else { return }
    if tracer.wantsAbort {
      stop = .aborted
      throw .stopped
    }
    let offset = registers.offset
    tracer.step(
      TraceStep(
        position: offset, opcode: offset < current.code.count ? current.code[offset] : 0,
        gas: UInt64(registers.gas), depth: depth, refund: journal.refund,
        address: current.address, returnData: returnData, registers: registers))
    gasBeforeStep = registers.gas
  }

  /// Tells the tracer what its last instruction cost, once.
  func stepDone(gas: Int) {
    guard let before = gasBeforeStep, let tracer else { return }
    gasBeforeStep = nil
    tracer.stepDone(cost: UInt64(Swift.max(0, before &- gas)))
  }

  /// Tells the tracer of the frame that comes next.
  func tellTracer(_ message: FrameMessage, _ registers: Registers) throws(Interruption) {
    guard let tracer else { return }
    if tracer.wantsAbort {
      stop = .aborted
      throw .stopped
    }
    let codeAddress =
      message.codeAccount < 0
      ? message.address : journal.accounts.records[message.codeAccount].key
    let told = Message(
      kind: message.kind, caller: message.caller, target: message.address,
      codeAddress: codeAddress, value: message.value, input: registers.bytes(message.input),
      gasLimit: UInt64(message.gas), isStatic: message.isStatic)
    tracer.enter(told, depth: depth + 1)
  }
}
