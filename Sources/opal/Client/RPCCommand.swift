import JSON
import Primitives

/// `opal rpc`: any method of a node.
let rpcCommand = Command(
  name: "rpc", summary: "ask a node any method", operands: "METHOD [PARAMETERS…]",
  details: """
    A parameter that is JSON is sent as it stands, and any other as a string. The answer is JSON, a
    string of it without quotation marks unless --json is given.
    """,
  example: "opal rpc eth_getBlockByNumber latest false",
  options: [.init("--raw", "-w", help: "the one parameter is the list of all of them")]
    + Remote.options
) { arguments throws(Failure) in
  try arguments.expectOperands(1...64)
  let remote = try Remote(arguments)
  var parameters = arguments.operands.dropFirst().map { text in
    (try? JSON.parse(Bytes(text.utf8))) ?? .string(text)
  }
  if arguments.has("--raw") {
    guard parameters.count == 1, let list = parameters[0].array else {
      throw .usage("--raw takes one parameter, a list in JSON")
    }
    parameters = list
  }
  let answer = try remote.ask(arguments.operands[0], parameters)
  if let text = answer.string, !remote.isJSON {
    Terminal.say(text)
  } else {
    Terminal.say(String(decoding: answer.serializedForPeople(), as: UTF8.self))
  }
  return 0
}
