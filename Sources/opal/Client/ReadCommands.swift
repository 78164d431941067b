import JSON
import Primitives
import RPC

/// `opal balance`: what an account has.
let balanceCommand = Command(
  name: "balance", summary: "show what an account has", operands: "ADDRESS",
  details: "In wei, or in ether with --ether.",
  example: "opal balance 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266 --ether",
  options: [
    .init("--block", "-B", value: "BLOCK", help: "at the end of this block (latest)"),
    .init("--ether", "-e", help: "in ether"),
  ] + Remote.options
) { arguments throws(Failure) in
  try arguments.expectOperands(1...1)
  let remote = try Remote(arguments)
  let address = try Remote.address(arguments.operands[0])
  let block = try Remote.block(try arguments.value("--block") ?? "latest")
  let balance = try remote.quantity("eth_getBalance", .data(address), block)
  Terminal.say(arguments.has("--ether") ? balance.inEther : balance.decimalString)
  return 0
}

/// `opal block`: a block.
let blockCommand = Command(
  name: "block", summary: "show a block", operands: "[NUMBER|HASH|latest|…]",
  example: "opal block latest --field timestamp",
  options: [
    .init("--full", help: "with its transactions' contents"),
    .init("--field", "-f", value: "NAME", help: "only this of it"),
  ] + Remote.options
) { arguments throws(Failure) in
  try arguments.expectOperands(0...1)
  let remote = try Remote(arguments)
  let selector = try Remote.block(arguments.operands.first ?? "latest")
  let isHash = selector.string?.utf8.count == 66
  let block = try remote.find(
    "the block", isHash ? "eth_getBlockByHash" : "eth_getBlockByNumber", selector,
    .bool(arguments.has("--full")))
  if let name = try arguments.value("--field") { return try remote.show(block, field: name) }
  remote.show(block, leavingOut: ["logsBloom", "sha3Uncles", "uncles", "mixHash", "nonce"])
  return 0
}

/// `opal tx`: a transaction.
let transactionCommand = Command(
  name: "tx", summary: "show a transaction", operands: "HASH [FIELD]",
  example: "opal tx 0xc901199a468e0814b1841581c96f37b42ef84c4081ac0c7ab3f6a2db1f891b80",
  options: Remote.options
) { arguments throws(Failure) in
  try arguments.expectOperands(1...2)
  let remote = try Remote(arguments)
  let hash = JSON.string(arguments.operands[0])
  let transaction = try remote.find("the transaction", "eth_getTransactionByHash", hash)
  if arguments.operands.count > 1 {
    return try remote.show(transaction, field: arguments.operands[1])
  }
  remote.show(transaction)
  return 0
}

/// `opal receipt`: what became of a transaction.
let receiptCommand = Command(
  name: "receipt", summary: "show what became of a transaction", operands: "HASH [FIELD]",
  example: "opal receipt 0xc901199a468e0814b1841581c96f37b42ef84c4081ac0c7ab3f6a2db1f891b80",
  options: Remote.options
) { arguments throws(Failure) in
  try arguments.expectOperands(1...2)
  let remote = try Remote(arguments)
  let hash = JSON.string(arguments.operands[0])
  let receipt = try remote.find("the receipt", "eth_getTransactionReceipt", hash)
  if arguments.operands.count > 1 {
    return try remote.show(receipt, field: arguments.operands[1])
  }
  remote.show(receipt, leavingOut: ["logsBloom"])
  return 0
}

/// `opal logs`: what contracts logged.
let logsCommand = Command(
  name: "logs", summary: "search what contracts logged", operands: "[EVENT|TOPIC]…",
  details: """
    The first operand may be an event's signature, such as 'Transfer(address,address,uint256)';
    a further one is a topic of 32 bytes, an address, or '*' for any.
    """,
  example: "opal logs --from 0 'Transfer(address,address,uint256)'",
  options: [
    .init("--address", value: "ADDRESS", help: "only this contract's; may be repeated"),
    .init("--from", "--from-block", value: "BLOCK", help: "from this block on (latest)"),
    .init("--to", "--to-block", value: "BLOCK", help: "up to this block (latest)"),
  ] + Remote.options
) { arguments throws(Failure) in
  try arguments.expectOperands(0...4)
  let remote = try Remote(arguments)
  var filter = JSONObject()
  filter["fromBlock"] = try Remote.block(try arguments.value("--from") ?? "latest")
  filter["toBlock"] = try Remote.block(try arguments.value("--to") ?? "latest")
  var addresses: [JSON] = []
  for text in arguments.values("--address") { addresses.append(.data(try Remote.address(text))) }
  if !addresses.isEmpty { filter["address"] = .array(addresses) }
  var topics: [JSON] = []
  for operand in arguments.operands { topics.append(try topic(operand)) }
  if !topics.isEmpty { filter["topics"] = .array(topics) }
  let logs = try remote.ask("eth_getLogs", .object(filter))
  if remote.isJSON {
    remote.show(logs)
  } else {
    for log in logs.array ?? [] {
      remote.show(log, leavingOut: ["removed", "transactionIndex", "blockTimestamp"])
      Terminal.say()
    }
    Terminal.say("\(logs.array?.count ?? 0) logs")
  }
  return 0
}

private func topic(_ text: String) throws(Failure) -> JSON {
  if text == "*" { return .null }
  if text.contains("(") {
    let signature = try ABIText.signature(text).function
    return .data(signature.topic)
  }
  if let address = Address(hexadecimal: text), text.hasPrefix("0x") {
    return .data(Bytes(repeating: 0, count: 12) + address.bytes)
  }
  guard let hash = Hash(hexadecimal: text) else {
    throw .usage("'\(text)' is no event, topic or address")
  }
  return .data(hash)
}
