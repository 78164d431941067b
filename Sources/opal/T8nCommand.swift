import Conformance
import JSON
import Primitives

/// `opal t8n`: geth's transition tool.
let t8nCommand = Command(
  name: "t8n", summary: "a state transition without a chain, as geth's evm t8n",
  details: """
    Runs transactions over accounts in the surroundings of a block, and writes the accounts after
    it, the block's roots and receipts, and its body. Inputs are files, or 'stdin': one object with
    the members alloc, env and txs (or txsRlp). Outputs are files below the base directory, or
    'stdout', 'stderr', or '' for none. A file of transactions that ends in .rlp holds the RLP of a
    block's body in hexadecimal.

    Forks: Frontier, Homestead, EIP150, EIP158, Byzantium, Constantinople, ConstantinopleFix,
    Istanbul, MuirGlacier, Berlin, London, ArrowGlacier, GrayGlacier, Paris (or Merge), Shanghai,
    Cancun, Prague, Osaka, BPO1 to BPO4, and changes such as BerlinToLondonAt5 and
    CancunToPragueAtTime15k.

    A block that could be on no chain (a contract of Prague is missing, say) has a result all the
    same, with a member blockException.

    Exit code 2: the block could not be run to its end; 3: the fork or the surroundings do not do;
    4: the hash of an earlier block is missing; 10: an input is not the JSON it should be; 11: a
    file could not be read or written; 12: the transactions are no RLP list.
    """,
  example: "opal t8n --input.alloc alloc.json --input.env env.json --input.txs txs.json "
    + "--state.fork Prague --output.alloc '' --output.result stdout",
  options: [
    .init("--input.alloc", value: "FILE", help: "the accounts before (alloc.json)"),
    .init("--input.env", value: "FILE", help: "the block's surroundings (env.json)"),
    .init("--input.txs", value: "FILE", help: "the transactions (txs.json)"),
    .init("--input.blobParams", value: "FILE", help: "blob parameters (those of the fork)"),
    .init("--output.basedir", value: "DIR", help: "where files go; made if missing"),
    .init("--output.alloc", value: "FILE", help: "the accounts after (alloc.json)"),
    .init("--output.result", value: "FILE", help: "roots and receipts (result.json)"),
    .init("--output.body", value: "FILE", help: "the RLP of the transactions (not written)"),
    .init("--state.fork", value: "NAME", help: "the rules, as tests name them (GrayGlacier)"),
    .init("--state.chainid", value: "N", help: "the chain's number (1)"),
    .init("--state.reward", value: "WEI", help: "what the block earns; negative for none (0)"),
    .init("--trace", help: "write trace-<index>-<hash>.jsonl for each transaction (EIP-3155)"),
    .init("--trace.memory", help: "with the whole memory"),
    .init("--trace.nomemory", help: "without it, as usual"),
    .init("--trace.nostack", help: "without the stack"),
    .init("--trace.returndata", help: "with what calls gave back"),
    .init("--trace.noreturndata", help: "without it, as usual"),
    .init("--trace.callframes", help: "with the beginnings of calls"),
    .init("--trace.tracer", value: "NAME", help: "write trace-<index>-<hash>.json of this tracer"),
    .init("--trace.jsonconfig", value: "JSON", help: "its configuration"),
    .init("--opcode.count", value: "FILE", help: "count how often each instruction runs"),
    .init("--verbosity", value: "N", help: "taken, and of no effect"),
  ]
) { arguments throws(Failure) in
  try arguments.expectOperands(0...0)
  let transition = try Transition(arguments)
  do throws(TransitionError) {
    try transition.run()
    return 0
  } catch {
    Terminal.complain("ERROR(\(error.kind.rawValue)): \(error.message)")
    return error.kind.rawValue
  }
}

/// One run of the transition tool: its files.
private struct Transition {
  private let inputs: [String: String]
  private let outputs: [String: String]
  private let folder: String
  private let fork: String
  private let chainID: UInt64
  private let reward: UInt256?
  private let tracer: (name: String, settings: String)?
  private let countFile: String?
  private let trace: TransitionTrace?

  private static let inputNames = ["alloc", "env", "txs", "blobParams"]
  private static let outputNames = ["alloc", "result", "body"]

  init(_ arguments: Arguments) throws(Failure) {
    var inputs = ["alloc": "alloc.json", "env": "env.json", "txs": "txs.json"]
    for name in Self.inputNames {
      if let path = try arguments.value("--input." + name) { inputs[name] = path }
    }
    self.inputs = inputs
    var outputs = ["alloc": "alloc.json", "result": "result.json", "body": ""]
    for name in Self.outputNames {
      if let path = try arguments.value("--output." + name) { outputs[name] = path }
    }
    self.outputs = outputs
    folder = try arguments.value("--output.basedir") ?? ""
    fork = try arguments.value("--state.fork") ?? "GrayGlacier"
    chainID = try arguments.number("--state.chainid") ?? 1
    reward = try Self.reward(try arguments.value("--state.reward") ?? "0")
    let settings = try arguments.value("--trace.jsonconfig") ?? ""
    tracer = try arguments.value("--trace.tracer").map { ($0, settings) }
    let count = try arguments.value("--opcode.count")
    countFile = count?.isEmpty == true ? nil : count
    let writesSteps = arguments.has("--trace")
    if writesSteps || countFile != nil {
      trace = TransitionTrace(
        folder: folder, writesSteps: writesSteps, memory: arguments.has("--trace.memory"),
        stack: !arguments.has("--trace.nostack"), returnData: arguments.has("--trace.returndata"),
        callFrames: arguments.has("--trace.callframes"), countsInstructions: countFile != nil)
    } else {
      trace = nil
    }
  }

  /// A number of wei, nil if it is negative.
  private static func reward(_ text: String) throws(Failure) -> UInt256? {
    let isNegative = text.hasPrefix("-")
    let digits = isNegative ? String(text.dropFirst()) : text
    let number =
      digits.hasPrefix("0x") ? UInt256(hexadecimal: digits) : UInt256(decimal: digits)
    guard let number, number.asUInt64.map({ $0 <= UInt64(Int64.max) }) == true else {
      throw .usage("--state.reward is '\(text)', not a whole number of 64 bits")
    }
    return isNegative ? nil : number
  }

  func run() throws(TransitionError) {
    if !folder.isEmpty { try TransitionFiles.makeFolder(folder) }
    let trace = try resultTrace() ?? trace
    let output = try TransitionTool(try input()).run(trace: trace)
    if let failure = trace?.failure { throw failure }
    var documents: [(name: String, path: String, content: JSON)] = [
      ("alloc", outputs["alloc"] ?? "", output.alloc),
      ("body", outputs["body"] ?? "", .data(output.body)),
    ]
    if let countFile, let trace {
      documents.append(("opcodeCount", countFile, trace.instructionCounts))
    }
    documents.append(("result", outputs["result"] ?? "", output.result))
    try write(documents)
  }

  /// The tracer that is named, with its settings.
  private func resultTrace() throws(TransitionError) -> TransitionTrace? {
    guard let tracer else { return nil }
    var settings = JSON.null
    if !tracer.settings.isEmpty {
      do throws(JSONError) { settings = try JSON.parse(tracer.settings) } catch {
        throw TransitionError(.configuration, "--trace.jsonconfig: \(error.description)")
      }
    }
    return try TransitionTrace(
      folder: folder, tracer: tracer.name, settings: settings,
      countsInstructions: countFile != nil)
  }

  private func input() throws(TransitionError) -> TransitionTool.Input {
    var standardInput: JSON?
    if inputs.values.contains("stdin") {
      let document = try TransitionFiles.json("/dev/stdin", called: "stdin")
      guard document.object != nil else {
        throw TransitionError(.json, "stdin: expected an object, found \(document.kind)")
      }
      standardInput = document
    }
    func document(_ name: String) throws(TransitionError) -> JSON? {
      guard let path = inputs[name] else { return nil }
      if path != "stdin" { return try TransitionFiles.json(path, called: name) }
      return standardInput?[name]
    }
    func required(_ name: String) throws(TransitionError) -> JSON {
      if let found = try document(name) { return found }
      throw TransitionError(.json, "stdin: has no member \"\(name)\"")
    }
    let alloc = try required("alloc")
    let env = try required("env")
    let transactions: TransitionTool.Transactions
    if inputs["txs"] == "stdin", let list = standardInput?["txsRlp"], list.string != "" {
      transactions = .rlp(try TransitionFiles.bytes(list, called: "txsRlp"))
    } else {
      let list = try document("txs") ?? []
      transactions =
        list.string == nil ? .json(list) : .rlp(try TransitionFiles.bytes(list, called: "txs"))
    }
    var input = TransitionTool.Input(alloc: alloc, env: env, transactions: transactions)
    input.forkName = fork
    input.chainID = chainID
    input.reward = reward
    input.blobParameters = try document("blobParams")
    return input
  }

  /// Writes each document where it belongs; those for a stream as the members of one object.
  private func write(
    _ documents: [(name: String, path: String, content: JSON)]
  ) throws(TransitionError) {
    var output = JSONObject()
    var errors = JSONObject()
    for document in documents {
      switch document.path {
      case "": break
      case "stdout": output[document.name] = document.content
      case "stderr": errors[document.name] = document.content
      default:
        let path = TransitionFiles.path(document.path, in: folder)
        try TransitionFiles.write(document.content, to: path)
      }
    }
    if !output.isEmpty { Terminal.say(Self.text(output)) }
    if !errors.isEmpty { Terminal.complain(Self.text(errors)) }
  }

  private static func text(_ object: JSONObject) -> String {
    String(decoding: JSON.object(object).serializedForPeople(), as: UTF8.self)
  }
}
