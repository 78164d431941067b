import Conformance
import Primitives

/// `opal evm`: runs bytecode by itself.
let evmCommand = Command(
  name: "evm", summary: "run bytecode, and trace it if asked (EIP-3155)",
  details: """
    Runs the code as a contract's, called once by somebody rich, in a state that holds nothing
    else. With --trace each instruction is a line of JSON, and so is the result. Exit code 1 if
    the code reverts or halts exceptionally.
    """,
  example: "opal evm --code 0x600160020160005260206000f3 --trace",
  options: [
    .init("--code", value: "HEX", help: "the bytecode"),
    .init("--input", value: "HEX", help: "the call data (none)"),
    .init("--gas", value: "N", help: "the gas limit (10000000000)"),
    .init("--value", value: "WEI", help: "the value sent along (0)"),
    .init("--fork", value: "NAME", help: "the rules, from Frontier to Osaka (Osaka)"),
    .init("--trace", help: "one line of JSON for each instruction"),
  ]
) { arguments throws(Failure) in
  try arguments.expectOperands(0...0)
  guard let code = try bytes("--code", arguments) else { throw .usage("--code is missing") }
  var execution = CodeExecution(code: code)
  execution.input = try bytes("--input", arguments) ?? []
  execution.gasLimit =
    try arguments.number("--gas", in: 0...UInt64(Int64.max)) ?? execution.gasLimit
  if let text = try arguments.value("--value") {
    guard let value = UInt256(decimal: text) else {
      throw .usage("--value is no whole number of wei")
    }
    execution.value = value
  }
  if let name = try arguments.value("--fork") {
    guard let fork = CodeExecution.fork(named: name) else {
      throw .usage("there is no fork '\(name)'")
    }
    execution.fork = fork
  }
  let isTraced = arguments.has("--trace")
  let outcome: CodeExecution.Outcome
  do throws(FixtureError) {
    outcome = try execution.run(trace: isTraced ? { Terminal.say($0) } : nil)
  } catch {
    throw .failed(error.description)
  }
  if isTraced {
    Terminal.say(outcome.line)
  } else {
    Terminal.say("status   \(outcome.error ?? "success")")
    Terminal.say("gas used \(outcome.gasUsed)")
    Terminal.say("output   \(Hexadecimal.encodePrefixed(outcome.output))")
  }
  return outcome.hasSucceeded ? 0 : 1
}

/// Bytes of an option; `@PATH`-like indirections are left to the shell.
private func bytes(_ option: String, _ arguments: Arguments) throws(Failure) -> Bytes? {
  guard let text = try arguments.value(option) else { return nil }
  guard let bytes = Hexadecimal.decode(text) else {
    throw .usage("\(option) is not an even number of hexadecimal digits")
  }
  return bytes
}
