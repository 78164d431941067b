import Primitives

/// How a frame ends and its caller goes on.
extension Interpreter {
  /// Ends the current frame, whose output is in `returnData`.
  ///
  /// The registers become the caller's; throws `finished` after the last frame.
  func conclude(
    _ r: inout Registers, _ ended: CallStatus, gas given: Int
  ) throws(Interruption) {
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
    guard var other = suspended.popLast() else { throw .finished }
    swap(&current, &other)
    guard let waiting = current.registers else { throw .finished }
    r = waiting
    buffers.repoint(&r, for: current)
    r.gas &+= gas
    giveBack(&r, from: other, status)
    r.next()
  }

  /// Hands a callee's outcome to its caller, whose registers these are.
  private func giveBack(_ r: inout Registers, from callee: Frame, _ status: CallStatus) {
    guard !callee.isCreation else {
      r.push(status == .success ? UInt256(callee.address) : 0)
      if status == .success { returnData.removeAll(keepingCapacity: true) }
      return
    }
    r.push(status == .success ? 1 : 0)
    let count = Swift.min(callee.output.count, returnData.count)
    if count > 0 {
      r.copy(returnData, from: 0, to: MemoryRange(offset: callee.output.offset, count: count))
    }
  }

  /// Tells the tracer, and whoever sent the message, what became of the current frame.
  private func publish(_ status: CallStatus, _ gas: Int) {
    let isCreated = current.isCreation && status == .success
    let outcome = MessageResult(
      status: status, gasLeft: UInt64(gas), refund: journal.refund, output: returnData,
      createdAddress: isCreated ? current.address : nil, haltDetail: haltDetail)
    if let tracer {
      var told = outcome
      if let code = undepositedCode { told.output = code }
      undepositedCode = nil
      tracer.exit(told, depth: depth)
    }
    if suspended.isEmpty { result = outcome }
  }
}

// MARK: Tracing

extension Interpreter {
  /// Tells the tracer of the instruction that comes next.
  ///
  /// False, and a reason in `stop`, if the tracer asks to stop.
  @inline(never)
  func step(_ registers: Registers) -> Bool {
    guard let tracer else { return true }
    if tracer.wantsAbort {
      stop = .aborted
      return false
    }
    if registers.codeSize == 0 { return true }
    let offset = registers.offset
    tracer.step(
      TraceStep(
        position: offset,
        opcode: offset < current.analysis.bytes.count ? current.analysis.bytes[offset] : 0,
        gas: UInt64(registers.gas), depth: depth, refund: journal.refund,
        address: current.address, returnData: returnData, registers: registers))
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
      ? message.address : journal.accounts.records[message.codeAccount].key
    let told = Message(
      kind: message.kind, caller: message.caller, target: message.address,
      codeAddress: codeAddress, value: message.value, input: registers.bytes(message.input),
      gasLimit: UInt64(message.gas), isStatic: message.isStatic)
    tracer.enter(told, depth: depth + 1)
  }
}
