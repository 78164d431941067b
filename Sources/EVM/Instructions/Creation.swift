import Cryptography
import Primitives

/// 0xF0 and 0xF5: new contracts.
extension Interpreter {
  @inline(never)
  func create(_ r: inout Registers, _ kind: Message.Kind) throws(Interruption) {
    let isSalted = kind == .create2
    try r.need(isSalted ? 4 : 3)
    if current.isStatic { throw .halt(.writeProtection) }
    try r.charge(Gas.create)
    let range = try memoryRange(r[1], r[2], &r)
    if fork >= .shanghai, range.count > block.initCodeSizeLimit {
      throw .halt(.initCodeSizeExceeded)
    }
    try r.chargeWords(range.count, prices.initCodeWord &+ (isSalted ? Gas.keccakWord : 0))
    let gas = fork >= .tangerineWhistle ? r.gas &- r.gas / 64 : r.gas
    // Tracers show what a creation itself costs, and a call's price with the gas that it hands on.
    stepDone(gas: r.gas)
    try r.charge(gas)
    let (value, salt) = (r[0], isSalted ? r[3] : 0)
    r.drop(isSalted ? 4 : 3)

    let creator = journal.accounts[current.account]
    var message = FrameMessage(
      kind: kind, isStatic: false, account: -1, address: .zero, caller: current.address,
      value: value, codeAccount: -1, gas: gas, input: range, output: .empty)
    if isSalted {
      let hash = r.keccak(range)
      message.address = .contract(createdBy: current.address, salt: salt, initCodeHash: hash)
    } else {
      message.address = .contract(createdBy: current.address, nonce: creator.nonce)
    }
    if tracer != nil { try tellTracer(message, r) }
    if depth >= Self.depthLimit { return fail(.callDepth, message, &r) }
    if creator.balance < value { return fail(.insufficientBalance, message, &r) }
    if creator.nonce == .max { return fail(.nonceOverflow, message, &r) }
    journal.setNonce(creator.nonce &+ 1, at: current.account)
    try beginCreation(message, &r)
  }

  private func beginCreation(
    _ draft: FrameMessage, _ r: inout Registers
  ) throws(Interruption) {
    var message = draft
    message.account = journal.index(of: message.address)
    message.codeAccount = message.account
    _ = journal.access(message.account)
    try asking { () throws(StateMiss) in try journal.load(message.account) }
    if journal.isTaken(message.account) {
      message.gas = 0
      return fail(.addressCollision, message, &r)
    }
    let checkpoint = journal.checkpoint()
    journal.prepareContract(message.account)
    _ = journal.transfer(message.value, from: current.account, to: message.account)
    let code = Code(r.bytes(message.input), isInitCode: true)
    initCodes.append(code)
    message.input = .empty
    begin(message, code.reference, checkpoint, from: r)
  }

  /// Stores the code that a creation has returned, if its rules and its gas allow.
  ///
  /// Returns the status and the gas after that.
  func deposit(_ gas: Int) throws(Interruption) -> (CallStatus, Int) {
    if fork >= .spuriousDragon, output.count > block.codeSizeLimit {
      return (.halt(.codeSizeExceeded), 0)
    }
    let code = output.copy
    if fork >= .london, code.first == 0xef { return (.halt(.invalidCode), 0) }
    let cost = code.count * Gas.codeByte
    if cost > gas {
      // In Frontier a creation that cannot pay for its code succeeded without any.
      guard fork == .frontier else { return (.halt(.codeStoreOutOfGas), 0) }
      if tracer != nil { undepositedCode = code }
      output.removeAll()
      return (.success, gas)
    }
    if !code.isEmpty {
      journal.setCode(Code(code), hash: Keccak256.hash(code), at: current.account)
    }
    return (.success, gas &- cost)
  }
}
