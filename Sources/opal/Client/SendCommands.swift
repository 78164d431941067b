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
  if bytes.isEmpty, !outputs.isEmpty {
    let code = try remote.ask("eth_getCode", .string(arguments.operands[0]), block)
    if code == "0x" { throw .failed("\(arguments.operands[0]) has no code") }
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
    Signed here by the key that --private-key, --keystore or --mnemonic gives (or
    ETH_PRIVATE_KEY, ETH_KEYSTORE), by the node with --from, and by the node's first account
    without any of them.
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
