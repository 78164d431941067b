import Contracts
import Execution
import Glibc
import JSON
import NativeCryptography
import Primitives

/// How a transaction is signed and sent.
struct Sending {
  static let options: [Command.Option] =
    [
      .init("--value", value: "AMOUNT", help: "with so much money, such as 1ether or 2.5gwei"),
      .init("--from", "-f", value: "ADDRESS", help: "by this account of the node's"),
      .init("--unlocked", help: "signed by the node, whatever the environment says"),
      .init("--gas-limit", value: "GAS", help: "at most so much gas (an estimate)"),
      .init("--gas-price", value: "AMOUNT", help: "at most so much for a gas (twice the price)"),
      .init(
        "--priority-gas-price", value: "AMOUNT", help: "with this tip (what the node suggests)"),
      .init("--legacy", help: "as before London, with a price and no tip"),
      .init("--nonce", value: "N", help: "with this nonce (the next)"),
      .init("--async", help: "only show the hash"),
    ] + SigningKey.options

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
    let file = try Home.readFile(path)
    guard let json = try? JSON.parse(file) else {
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
    let value = try amount("--value") ?? .zero
    let hash: JSON
    if let key = try SigningKey.read(arguments) {
      hash = try sendSigned(by: key, to: to, data: data, value: value)
    } else {
      var transaction = JSONObject()
      transaction["from"] = try sender()
      if let to { transaction["to"] = .data(to) }
      transaction["data"] = .data(data)
      if !value.isZero { transaction["value"] = .quantity(value) }
      if let gas = try arguments.number("--gas-limit") { transaction["gas"] = .quantity(gas) }
      if let nonce = try arguments.number("--nonce") { transaction["nonce"] = .quantity(nonce) }
      if arguments.has("--legacy") {
        transaction["gasPrice"] = try price()
      } else {
        transaction["maxFeePerGas"] = try amount("--gas-price").map { .quantity($0) }
        transaction["maxPriorityFeePerGas"] =
          try amount("--priority-gas-price").map { .quantity($0) }
      }
      hash = try remote.ask("eth_sendTransaction", .object(transaction))
    }
    if arguments.has("--async") {
      Terminal.say(hash.string ?? "")
      return 0
    }
    let receipt = try receipt(of: hash)
    remote.show(receipt, leavingOut: ["logsBloom"])
    guard receipt["status"] == "0x0" else { return 0 }
    Terminal.complain(
      "opal: the transaction failed; 'opal trace \(hash.string ?? "")' shows where")
    return 1
  }

  private func amount(_ option: String) throws(Failure) -> UInt256? {
    guard let text = try arguments.value(option) else { return nil }
    return try Amount.wei(text, option)
  }

  /// The price of a transaction as before London.
  private func price() throws(Failure) -> JSON {
    guard try amount("--priority-gas-price") == nil else {
      throw .usage("--legacy and --priority-gas-price exclude each other")
    }
    if let price = try amount("--gas-price") { return .quantity(price) }
    return .quantity(try remote.quantity("eth_gasPrice"))
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
    let isLegacy = arguments.has("--legacy")
    let suggested = try remote.quantity("eth_gasPrice")
    let price = try amount("--gas-price") ?? (isLegacy ? suggested : suggested &+ suggested)
    if isLegacy { _ = try self.price() }
    var tip = price
    if !isLegacy {
      let stated = try amount("--priority-gas-price")
      tip = if let stated { stated } else { try remote.quantity("eth_maxPriorityFeePerGas") }
    }
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
    var transaction = Transaction(
      to: to, chainID: chain, nonce: next, maxFeePerGas: price,
      maxPriorityFeePerGas: min(tip, price), gasLimit: limit, value: value, data: data)
    if isLegacy { transaction.kind = .legacy }
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
