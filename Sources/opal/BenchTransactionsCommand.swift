import Cryptography
import Execution
import NativeCryptography
import Primitives

/// `opal bench-transactions`: signed transactions for a node to be measured with.
let benchTransactionsCommand = Command(
  name: "bench-transactions", summary: "print requests with signed transactions, to measure with",
  details: """
    A JSON-RPC request a line, each sending one transaction of the first development account: one
    wei to one of the next nine accounts, or with --token one of its units. What tools/bench node
    sends, so that signing costs neither the node nor Python anything.
    """,
  example: "opal bench-transactions --count 10",
  options: [
    .init("--count", value: "N", help: "so many (1000)"),
    .init("--nonce", value: "N", help: "the nonce of the first (0)"),
    .init("--token", value: "ADDRESS", help: "transfers of this ERC-20 token instead of wei"),
    .init("--chain-id", value: "N", help: "the chain that they are for (31337)"),
  ]
) { arguments throws(Failure) in
  try arguments.expectOperands(0...0)
  let signer = try BenchTransactions(arguments)
  let count = try arguments.number("--count", in: 1...1_000_000_000) ?? 1_000
  let first = try arguments.number("--nonce", in: 0...1_000_000_000) ?? 0
  var lines = ""
  for nonce in first..<first + count {
    lines += signer.request(nonce: nonce)
    if lines.utf8.count > 1 << 16 {
      Terminal.write(lines)
      lines = ""
    }
  }
  Terminal.write(lines)
  return 0
}

/// Signs one transaction like the other.
private struct BenchTransactions {
  private let key: PrivateKey
  private let recipients: [Address]
  private let token: Address?
  private let chainID: UInt64

  init(_ arguments: Arguments) throws(Failure) {
    token = try arguments.value("--token").map { (text) throws(Failure) in
      try Remote.address(text)
    }
    chainID = try arguments.number("--chain-id", in: 1...UInt64(Int64.max)) ?? 31_337
    let keys = (0..<10).compactMap {
      Mnemonic(Mnemonic.development)?.privateKey(account: UInt32($0))
    }
    guard keys.count == 10 else { throw .failed("the development mnemonic is not valid") }
    key = keys[0]
    recipients = keys[1...].map(\.address)
  }

  /// The request that sends the transaction of a nonce.
  func request(nonce: UInt64) -> String {
    let recipient = recipients[Int(nonce % UInt64(recipients.count))]
    let data =
      token == nil
      ? [] : ABI.call("transfer(address,uint256)", [.address(recipient), .uint(1)])
    let unsigned = Transaction(
      to: token ?? recipient, chainID: chainID, nonce: nonce, maxFeePerGas: 3_000_000_000,
      maxPriorityFeePerGas: 1_000_000, gasLimit: token == nil ? 21_000 : 100_000,
      value: token == nil ? 1 : 0, data: data)
    let signed = unsigned.signed(with: key.sign(unsigned.signingHash))
    return #"{"jsonrpc":"2.0","id":1,"method":"eth_sendRawTransaction","params":[""#
      + Hexadecimal.encodePrefixed(signed.encoded) + "\"]}\n"
  }
}
