import Derivation
import Node
import Primitives

/// `opal inspect`: takes apart what a batcher posted.
let inspectCommand = Command(
  name: "inspect", summary: "print the frames, channels and batches of an L1 transaction",
  operands: "l1-tx HASH|0xBYTES",
  details: """
    The bytes may be a transaction in its EIP-2718 encoding, a batcher transaction's data, or with
    --channel a channel's bytes. A transaction's HASH is looked up at --rpc, with the data that it
    names, the rollup's numbers, and what the node's own derivation said of it. Each part is printed
    with what becomes of it, and the name of the rule by which it does not count. What a batch is
    worth beyond its form depends on the chain, which bytes alone do not tell. Exit code 1 if
    anything is dropped.
    """,
  example: "opal inspect l1-tx 0x02f9… --chain-id 10",
  options: [
    .init("--rpc", value: "URL", help: "an L1 node to ask (http://127.0.0.1:8546)"),
    .init("--channel", help: "the bytes are a channel's, without frames"),
    .init("--file", help: "the operand is a file that holds the hexadecimal bytes"),
    .init("--batcher", value: "ADDRESS", help: "the address that may post batches (any)"),
    .init("--inbox", value: "ADDRESS", help: "the address that batches go to (any)"),
    .init("--chain-id", value: "N", help: "the number of the L2 chain (10)"),
    .init("--genesis-time", value: "T", help: "the time of the L2 genesis (1686068903)"),
    .init("--block-time", value: "S", help: "the seconds between L2 blocks (2)"),
    .init("--transactions", help: "print the hash of each transaction in a batch"),
  ]
) { arguments throws(Failure) in
  try arguments.expectOperands(2...2)
  guard arguments.operands[0] == "l1-tx" else {
    throw .usage("there is only 'l1-tx' to inspect")
  }
  let bytes = try inspectedBytes(arguments)
  let isChannel = arguments.has("--channel")
  guard let hash = Hash(checking: bytes), !isChannel else {
    return try BatchInspection(arguments).print(bytes, isChannel: isChannel) ? 0 : 1
  }
  let live = try LiveInspection(arguments, of: hash)
  return try live.print(arguments) ? 0 : 1
}

/// The bytes that the operand says, or a file has.
private func inspectedBytes(_ arguments: Arguments) throws(Failure) -> Bytes {
  var text = arguments.operands[1]
  if arguments.has("--file") {
    do throws(NodeError) {
      text = String(decoding: try Files.read(text), as: UTF8.self)
    } catch {
      throw .failed(error.message)
    }
    text = String(text.filter { !$0.isWhitespace })
  }
  guard let bytes = Hexadecimal.decode(text) else {
    throw .usage("'\(text.prefix(40))' is no hexadecimal data")
  }
  return bytes
}
