import Cryptography
import Primitives

/// 0xF1, 0xF2, 0xF4, 0xFA: calls of other code.
extension Interpreter {
  /// What CALL and its kin take from the stack.
  private struct Operands {
    var gas: UInt256
    var codeAddress: Address
    var value: UInt256
    var input: MemoryRange
    var output: MemoryRange
  }

  @inline(never)
  func call(_ r: inout Registers, _ kind: Message.Kind) throws(Interruption) {
    let operands = try operands(&r, kind)
    let hasValue = !operands.value.isZero
    if hasValue {
      if kind == .call && current.isStatic { throw .halt(.writeProtection) }
      try r.charge(Gas.callValue)
    }
    let callee = try accessed(UInt256(operands.codeAddress), &r)
    if kind == .call, isNew(callee, hasValue: hasValue) { try r.charge(Gas.newAccount) }
    let code = try resolvedCode(callee, &r)
    var gas = try forwarded(operands.gas, &r)
    try r.charge(gas)
    if hasValue { gas &+= Gas.callStipend }
    stepDone(gas: r.gas)

    var message = FrameMessage(
      kind: kind, isStatic: current.isStatic || kind == .staticCall, account: callee,
      address: operands.codeAddress, caller: current.address, value: operands.value,
      codeAccount: callee, gas: gas, input: operands.input, output: operands.output)
    if kind == .callCode || kind == .delegateCall {
      message.account = current.account
      message.address = current.address
    }
    if kind == .delegateCall {
      message.caller = current.caller
      message.value = current.value
    }
    try send(message, code: code, from: &r)
  }

  private func operands(
    _ r: inout Registers, _ kind: Message.Kind
  ) throws(Interruption) -> Operands {
    let takesValue = kind == .call || kind == .callCode
    let first = takesValue ? 3 : 2
    try r.need(first &+ 4)
    try r.charge(callCost)
    let input = try memoryRange(r[first], r[first &+ 1], &r)
    let output = try memoryRange(r[first &+ 2], r[first &+ 3], &r)
    let operands = Operands(
      gas: r[0], codeAddress: Address(r[1]), value: takesValue ? r[2] : 0, input: input,
      output: output)
    r.drop(first &+ 4)
    return operands
  }

  /// Whether the call brings its target into existence; from EIP-158 on only one with value does.
  private func isNew(_ callee: Int, hasValue: Bool) -> Bool {
    if fork < .spuriousDragon { return !journal.accounts[callee].exists }
    return hasValue && journal.accounts[callee].isEmpty
  }

  /// The code that a call of an account runs, after paying for the account it delegates to.
  ///
  /// A delegation is followed once, and one to a precompiled contract leads to no code (EIP-7702).
  private func resolvedCode(_ callee: Int, _ r: inout Registers) throws(Interruption)
    -> CodeReference
  {
    let code = try asking { () throws(StateMiss) in try journal.code(at: callee) }
    guard fork >= .prague, let delegate = code.delegate else { return code }
    let index = journal.index(of: delegate)
    try r.charge(journal.access(index) ? callCost &+ prices.coldAccount : callCost)
    return try asking { () throws(StateMiss) in try journal.delegatedCode(index) }
  }

  /// The gas that a frame gets of what it asks for: from EIP-150 on, at most all but a 64th.
  private func forwarded(_ asked: UInt256, _ r: inout Registers) throws(Interruption) -> Int {
    guard fork >= .tangerineWhistle else {
      guard let gas = asked.asInt, gas <= r.gas else { throw .halt(.outOfGas) }
      return gas
    }
    return Swift.min(asked.clampedInt, r.gas &- r.gas / 64)
  }
}

extension Interpreter {
  /// Begins a call's frame, or ends the call at once where there is none to begin.
  private func send(
    _ message: FrameMessage, code: CodeReference, from r: inout Registers
  ) throws(Interruption) {
    if tracer != nil { try tellTracer(message, r) }
    if depth >= Self.depthLimit { return fail(.callDepth, message, &r) }
    let isTransfer = message.kind == .call
    if isTransfer || message.kind == .callCode {
      let balance = journal.accounts[current.account].balance
      if balance < message.value { return fail(.insufficientBalance, message, &r) }
    }
    let checkpoint = journal.checkpoint()
    if isTransfer {
      _ = journal.transfer(message.value, from: current.account, to: message.account)
    } else if message.kind == .staticCall {
      journal.touch(message.account)
    }
    let codeAddress = journal.accounts[message.codeAccount].key
    if journal.mayRunPrecompile(at: codeAddress), let entry = journal.precompile(at: codeAddress) {
      return try precompile(entry, message, checkpoint, &r)
    }
    begin(message, code, checkpoint, from: r)
  }

  /// Begins another frame, for which the current one waits.
  @inline(__always)
  func begin(
    _ message: FrameMessage, _ code: CodeReference, _ checkpoint: Journal.Checkpoint,
    from r: borrowing Registers
  ) {
    output.removeAll()
    buffers.begin(message, code, code.analysis(for: self), checkpoint, inside: r)
  }

  /// Runs a precompiled contract in place of a frame.
  @inline(never)
  private func precompile(
    _ entry: PrecompileTable.Entry, _ message: FrameMessage, _ checkpoint: Journal.Checkpoint,
    _ r: inout Registers
  ) throws(Interruption) {
    let call = PrecompileCall(
      input: r.bytes(message.input), gasLimit: message.gas, fork: fork, rollup: journal.rollup,
      provider: provider)
    switch entry.function(call) {
    case .output(let bytes, let cost):
      output.set(bytes)
      r.gas &+= message.gas &- cost
      resume(&r, .success, gasLeft: message.gas &- cost, message.output)
    case .outOfGas: failPrecompile(.outOfGas, HaltDetail(), checkpoint, &r)
    case .refusal(let refusal):
      failPrecompile(.precompileFailure, HaltDetail(refusal: refusal), checkpoint, &r)
    }
  }

  private func failPrecompile(
    _ halt: Halt, _ detail: HaltDetail, _ checkpoint: Journal.Checkpoint,
    _ r: inout Registers
  ) {
    journal.revert(to: checkpoint)
    output.removeAll()
    resume(&r, .halt(halt), detail, gasLeft: 0, .empty)
  }

  /// A call or creation that fails before its frame begins: its gas is given back.
  func fail(_ halt: Halt, _ message: FrameMessage, _ r: inout Registers) {
    r.gas &+= message.gas
    output.removeAll()
    resume(&r, .halt(halt), gasLeft: message.gas, .empty)
  }

  /// Goes on after a call without a frame of its own.
  private func resume(
    _ r: inout Registers, _ status: CallStatus, _ detail: HaltDetail = HaltDetail(),
    gasLeft: Int, _ target: MemoryRange
  ) {
    if let tracer {
      let result = MessageResult(
        status: status, gasLeft: UInt64(gasLeft), refund: journal.refund, output: output.copy,
        haltDetail: detail)
      tracer.exit(result, depth: depth + 1)
    }
    let count = Swift.min(target.count, output.count)
    r.copy(output, from: 0, to: MemoryRange(offset: target.offset, count: count))
    r.push(status == .success ? 1 : 0)
    r.next()
  }
}
