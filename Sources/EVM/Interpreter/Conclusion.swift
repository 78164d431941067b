import Primitives

/// How a frame ends and its caller goes on.
extension Interpreter {
  /// Ends the current frame, whose output is in `output`, and goes on in the one that waits for it.
  ///
  /// Throws `finished` after the last frame.
  func conclude(_ ended: CallStatus, gas given: Int) throws(Interruption) {
    var (status, gas) = (ended, given)
    stepDone(gas: gas)
    if current.isCreation && status == .success { (status, gas) = try deposit(gas) }
    switch status {
    case .success: break
    case .revert: journal.revert(to: current.checkpoint)
    case .halt:
      journal.revert(to: current.checkpoint)
      output.removeAll()
      gas = 0
    }
    if tracer != nil || depth == 0 { publish(status, gas) }
    if depth == 0 { throw .finished }
    let target = current.output
    let created = current.isCreation ? current.address : nil
    buffers.end()
    if created != nil { initCodes.removeLast() }
    resume(&buffers.parked, status, gas, target, created: created)
  }

  /// Gives a callee's outcome to its caller, whose registers these are.
  @inline(__always)
  private func resume(
    _ r: inout Registers, _ status: CallStatus, _ gas: Int, _ target: MemoryRange,
    created: Address?
  ) {
    r.gas &+= gas
    r.next()
    if let created {
      r.push(status == .success ? UInt256(created) : 0)
      if status == .success { output.removeAll() }
      return
    }
    r.push(status == .success ? 1 : 0)
    let count = Swift.min(target.count, output.count)
    if count > 0 {
      r.copy(output, from: 0, to: MemoryRange(offset: target.offset, count: count))
    }
  }

  /// Tells the tracer, and whoever sent the message, what became of the current frame.
  private func publish(_ status: CallStatus, _ gas: Int) {
    let isCreated = current.isCreation && status == .success
    let outcome = MessageResult(
      status: status, gasLeft: UInt64(gas), refund: journal.refund, output: output.copy,
      createdAddress: isCreated ? current.address : nil, haltDetail: haltDetail)
    if let tracer {
      var told = outcome
      if let code = undepositedCode { told.output = code }
      undepositedCode = nil
      tracer.exit(told, depth: depth)
    }
    if depth == 0 { result = outcome }
  }
}

// MARK: Tracing

extension Interpreter {
  /// Tells the tracer of the instruction that comes next.
  ///
  /// False, and a reason in `stop`, if the tracer asks to stop.
  @inline(never)
  func step(_ registers: Registers) -> Bool {
    guard watchesSteps, let tracer else { return true }
    if tracer.wantsAbort {
      stop = .aborted
      return false
    }
    if registers.codeSize == 0 { return true }
    let offset = registers.offset
    tracer.step(
      TraceStep(
        position: offset,
        opcode: storedByte(offset),
        gas: UInt64(registers.gas), depth: depth, refund: journal.refund,
        address: current.address, registers: registers, output: output))
    gasBeforeStep = registers.gas
    return true
  }

  /// Tells the tracer what its last instruction cost, once.
  func stepDone(gas: Int) {
    guard let before = gasBeforeStep, let tracer else { return }
    gasBeforeStep = nil
    tracer.stepDone(cost: UInt64(Swift.max(0, before &- gas)))
  }

  /// Tells the tracer that its last instruction halts the frame.
  func stepFailed(_ halt: Halt, gas: Int) {
    guard let before = gasBeforeStep, let tracer else { return }
    tracer.stepFailed(halt, cost: UInt64(Swift.max(0, before &- gas)))
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
      ? message.address : journal.accounts[message.codeAccount].key
    let told = Message(
      kind: message.kind, caller: message.caller, target: message.address,
      codeAddress: codeAddress, value: message.value, input: registers.bytes(message.input),
      gasLimit: UInt64(message.gas), isStatic: message.isStatic)
    tracer.enter(told, depth: depth + 1)
  }
}
