import Contracts
import Execution
import Glibc
import JSON
import NativeCryptography
import Primitives

/// `opal call`: asks a contract.
let callCommand = Command(
  name: "call", summary: "ask a contract, changing nothing", operands: "TO SIGNATURE [VALUES…]",
  details: """
    The signature may name the results, which are then decoded: 'balanceOf(address)(uint256)'.
    In its place there may be data in hexadecimal.
    """,
  example: "opal call 0x5FbDB2315678afecb367f032d93F642f64180aa3 'totalSupply()(uint256)'",
  options: [
    .init("--block", "-B", value: "BLOCK", help: "at the end of this block (latest)"),
    .init("--from", value: "ADDRESS", help: "as this account"),
    .init("--value", value: "AMOUNT", help: "with so much money, such as 1ether"),
  ] + Remote.options
) { arguments throws(Failure) in
  try arguments.expectOperands(1...66)
  let remote = try Remote(arguments)
  let (data, outputs) = try Sending.data(arguments.operands.dropFirst())
  var call = JSONObject()
  call["to"] = .data(try Remote.address(arguments.operands[0]))
  call["data"] = .data(data)
  if let from = try arguments.value("--from") { call["from"] = .data(try Remote.address(from)) }
  if let value = try arguments.value("--value") {
    call["value"] = .quantity(try Amount.wei(value, "--value"))
  }
  let block = try Remote.block(try arguments.value("--block") ?? "latest")
  let answer = try remote.ask("eth_call", .object(call), block)
  guard let outputs, let bytes = answer.string.flatMap({ Hexadecimal.decode($0) }) else {
    Terminal.say(answer.string ?? "")
    return 0
  }
  do throws(ABIError) {
    for value in try ABI.decode(outputs, bytes) { Terminal.say(value.text) }
  } catch {
    throw .failed("the answer is not what the signature says: \(answer.string ?? "")")
  }
  return 0
}

/// `opal send`: sends a transaction.
let sendCommand = Command(
  name: "send", summary: "send a transaction and wait for its receipt",
  operands: "TO [SIGNATURE [VALUES…]]",
  details: """
    Signed by the node with --from, here with --private-key (or ETH_PRIVATE_KEY), and by the
    node's first account without either.
    """,
  example: "opal send 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --value 1ether",
  options: Sending.options + Remote.options
) { arguments throws(Failure) in
  try arguments.expectOperands(1...66)
  let remote = try Remote(arguments)
  let data = try Sending.data(arguments.operands.dropFirst()).data
  return try Sending(arguments, remote).send(
    to: try Remote.address(arguments.operands[0]), data: data)
}

/// `opal deploy`: creates a contract.
let deployCommand = Command(
  name: "deploy", summary: "create a contract and wait for its receipt",
  operands: "ARTIFACT|BYTECODE [VALUES…]",
  details: """
    ARTIFACT is a JSON file of solc's, hardhat's or foundry's, whose constructor says what VALUES
    are; after BYTECODE in hexadecimal come none.
    """,
  example: "opal deploy out/Token.sol/Token.json Token TOK 1000000",
  options: Sending.options + Remote.options
) { arguments throws(Failure) in
  try arguments.expectOperands(1...66)
  let remote = try Remote(arguments)
  let words = Array(arguments.operands.dropFirst())
  var code: Bytes
  if arguments.operands[0].hasPrefix("0x"), let given = Hexadecimal.decode(arguments.operands[0]) {
    guard words.isEmpty else { throw .usage("values need an artifact that says what they are") }
    code = given
  } else {
    let artifact = try Sending.artifact(arguments.operands[0])
    code = artifact.code + ABI.encode(try ABIText.arguments(words, for: artifact.constructor))
  }
  return try Sending(arguments, remote).send(to: nil, data: code)
}

/// How a transaction is signed and sent.
struct Sending {
  static let options: [Command.Option] = [
    .init("--value", value: "AMOUNT", help: "with so much money, such as 1ether or 2.5gwei"),
    .init("--from", value: "ADDRESS", help: "by this account of the node's"),
    .init("--private-key", value: "KEY", help: "signed with this key (ETH_PRIVATE_KEY)"),
    .init("--gas-limit", value: "GAS", help: "at most so much gas (an estimate)"),
    .init("--nonce", value: "N", help: "with this nonce (the next)"),
    .init("--async", help: "only show the hash"),
  ]

  private let arguments: Arguments
  private let remote: Remote

  init(_ arguments: Arguments, _ remote: Remote) {
    self.arguments = arguments
    self.remote = remote
  }

  /// The data of a call from a signature and values, or from hexadecimal.
  static func data(
    _ words: ArraySlice<String>
  ) throws(Failure) -> (data: Bytes, outputs: [ABIType]?) {
    guard let first = words.first else { return ([], nil) }
    if first.hasPrefix("0x"), words.count == 1, let data = Hexadecimal.decode(first) {
      return (data, nil)
    }
    let (function, outputs) = try ABIText.signature(first)
    let values = try ABIText.arguments(Array(words.dropFirst()), for: function.inputs)
    return (ABIText.call(function, values), outputs)
  }

  /// A contract's code, and what its constructor takes.
  static func artifact(_ path: String) throws(Failure) -> (code: Bytes, constructor: [ABIType]) {
    guard let json = try? JSON.parse(try Home.readFile(path)) else {
      throw .failed("\(path) is no JSON")
    }
    let text =
      json["bytecode"]?.string ?? json["bytecode"]?["object"]?.string
      ?? json["evm"]?["bytecode"]?["object"]?.string
    guard let code = text.flatMap({ Hexadecimal.decode($0) }), !code.isEmpty else {
      throw .failed("\(path) has no bytecode that is linked")
    }
    let constructor = json["abi"]?.array?.first { $0["type"] == "constructor" }
    var types: [ABIType] = []
    for input in constructor?["inputs"]?.array ?? [] {
      guard let type = ABIType(parameter: input) else {
        throw .failed("\(path): the constructor has a parameter of an unknown type")
      }
      types.append(type)
    }
    return (code, types)
  }

  /// Sends, waits unless told otherwise, and returns the exit code: 1 for a reverted transaction.
  func send(to: Address?, data: Bytes) throws(Failure) -> Int32 {
    let value = try arguments.value("--value").map { (text) throws(Failure) in
      try Amount.wei(text, "--value")
    }
    let stated = try arguments.value("--private-key")
    let usual = unsafe getenv("ETH_PRIVATE_KEY").map { unsafe String(cString: $0) }
    let hash: JSON
    if let text = stated ?? (arguments.has("--from") ? nil : usual) {
      guard let key = PrivateKey(hexadecimal: text) else {
        throw .usage("the private key is not 32 bytes in hexadecimal")
      }
      hash = try sendSigned(by: key, to: to, data: data, value: value ?? .zero)
    } else {
      var transaction = JSONObject()
      transaction["from"] = try sender()
      if let to { transaction["to"] = .data(to) }
      transaction["data"] = .data(data)
      if let value { transaction["value"] = .quantity(value) }
      if let gas = try arguments.number("--gas-limit") { transaction["gas"] = .quantity(gas) }
      if let nonce = try arguments.number("--nonce") { transaction["nonce"] = .quantity(nonce) }
      hash = try remote.ask("eth_sendTransaction", .object(transaction))
    }
    if arguments.has("--async") {
      Terminal.say(hash.string ?? "")
      return 0
    }
    let receipt = try receipt(of: hash)
    remote.show(receipt, leavingOut: ["logsBloom"])
    return receipt["status"] == "0x0" ? 1 : 0
  }

  private func sender() throws(Failure) -> JSON {
    if let from = try arguments.value("--from") { return .data(try Remote.address(from)) }
    guard let first = try remote.ask("eth_accounts").array?.first else {
      throw .failed("the node holds no account; give --private-key")
    }
    return first
  }

  private func sendSigned(
    by key: PrivateKey, to: Address?, data: Bytes, value: UInt256
  ) throws(Failure) -> JSON {
    let from = JSON.data(key.address)
    let chainID = try remote.quantity("eth_chainId")
    let nonce =
      if let stated = try arguments.number("--nonce") { UInt256(stated) } else {
        try remote.quantity("eth_getTransactionCount", from, "pending")
      }
    let tip = try remote.quantity("eth_maxPriorityFeePerGas")
    let price = try remote.quantity("eth_gasPrice")
    var call = JSONObject()
    call["from"] = from
    call["data"] = .data(data)
    call["value"] = .quantity(value)
    if let to { call["to"] = .data(to) }
    let gas =
      if let stated = try arguments.number("--gas-limit") { UInt256(stated) } else {
        try remote.quantity("eth_estimateGas", .object(call))
      }
    guard let chain = chainID.asUInt64, let next = nonce.asUInt64, let limit = gas.asUInt64 else {
      throw .failed("the node answers with numbers that no chain has")
    }
    let transaction = Transaction(
      to: to, chainID: chain, nonce: next, maxFeePerGas: price &+ price,
      maxPriorityFeePerGas: min(tip, price), gasLimit: limit, value: value, data: data)
    let signed = transaction.signed(with: key.sign(transaction.signingHash))
    return try remote.ask("eth_sendRawTransaction", .data(signed.encoded))
  }

  private func receipt(of hash: JSON) throws(Failure) -> JSON {
    for round in 0..<1_200 {
      let receipt = try remote.ask("eth_getTransactionReceipt", hash)
      if !receipt.isNull { return receipt }
      usleep(round < 20 ? 10_000 : 100_000)
    }
    throw .failed("\(hash.string ?? "") is in no block after two minutes")
  }
}
