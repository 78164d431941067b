import EVM
import Execution
import JSON
import Primitives

/// Tells of calls as geth's `flatCallTracer` and Parity's `trace_` methods do: a list of them, each
/// with its place in the tree.
public final class FlatCallTracer: ResultTracer {
  private let context: TraceContext
  private let convertsErrors: Bool
  private let includesPrecompiles: Bool
  private let countsIntrinsicGas: Bool
  private let precompiles: [Address]
  private var stack: [CallFrame] = []

  /// A tracer of a transaction.
  ///
  /// `convertsErrors` gives errors Parity's words, and `includesPrecompiles` shows calls of
  /// precompiled contracts too. The outermost call's gas is the transaction's, as geth has it, or
  /// without `countsIntrinsicGas` what the call itself had.
  public init(
    _ context: TraceContext, convertsErrors: Bool = false, includesPrecompiles: Bool = false,
    countsIntrinsicGas: Bool = true
  ) {
    self.countsIntrinsicGas = countsIntrinsicGas
    self.context = context
    self.convertsErrors = convertsErrors
    self.includesPrecompiles = includesPrecompiles
    precompiles = Journal.precompiles(of: context.fork, rollup: context.rollup)
  }

  /// A frame begins.
  public func enter(_ message: Message, depth: Int) {
    var frame = CallFrame(message)
    if depth == 0, countsIntrinsicGas { frame.gas = context.transaction.gasLimit }
    if frame.value == nil, depth > 0 { frame.value = .zero }
    stack.append(frame)
  }

  /// A frame ends.
  public func exit(_ result: MessageResult, depth: Int) {
    guard depth > 0 else {
      if stack.count == 1 { stack[0].end(result) }
      return
    }
    guard stack.count > 1 else { return }
    var frame = stack.removeLast()
    let isPrecompile =
      (frame.type == "CALL" || frame.type == "STATICCALL")
      && (frame.to.map { precompiles.contains($0) } ?? false)
    if isPrecompile && !includesPrecompiles { return }
    frame.end(result)
    stack[stack.count - 1].calls.append(frame)
  }

  /// A contract gives its balance away.
  public func selfDestruct(
    _ contract: Address, beneficiary: Address, balance: UInt256, depth: Int
  ) {
    guard !stack.isEmpty else { return }
    stack[stack.count - 1].calls.append(
      CallFrame(destruction: contract, beneficiary: beneficiary, balance: balance))
  }

  /// Takes what the transaction used.
  public func finish(gasUsed: UInt64) {
    if !stack.isEmpty, countsIntrinsicGas { stack[0].gasUsed = gasUsed }
  }

  /// The list of calls, outer ones first.
  public func result() -> JSON { .array(traces) }

  /// What the outermost call gave back.
  public var output: Bytes { stack.first?.output ?? [] }

  /// The calls, outer ones first.
  public var traces: [JSON] {
    guard let first = stack.first else { return [] }
    var flat: [JSON] = []
    append(first, at: [], to: &flat)
    return flat
  }

  private func append(_ frame: CallFrame, at address: [Int], to flat: inout [JSON]) {
    var json = JSONObject()
    json["action"] = frame.flatAction
    json["blockHash"] = context.blockHash.map { .data($0) } ?? .null
    json["blockNumber"] = .integer(context.blockNumber)
    if let error = frame.error {
      json["error"] = .string(convertsErrors ? ParityError.words(for: error) : error)
    }
    if frame.type != "SELFDESTRUCT", frame.error == nil || frame.error == "execution reverted" {
      json["result"] = frame.flatResult
    }
    json["subtraces"] = .integer(frame.calls.count)
    json["traceAddress"] = .array(address.map { .integer($0) })
    json["transactionHash"] = context.transactionHash.map { .data($0) } ?? .null
    json["transactionPosition"] = .integer(context.transactionIndex)
    json["type"] = .string(
      frame.isCreation ? "create" : frame.type == "SELFDESTRUCT" ? "suicide" : "call")
    flat.append(.object(json))
    for (index, call) in frame.calls.enumerated() {
      append(call, at: address + [index], to: &flat)
    }
  }
}

extension CallFrame {
  fileprivate var flatAction: JSON {
    var json = JSONObject()
    if type == "SELFDESTRUCT" {
      json["address"] = .data(from)
      if let value { json["balance"] = .quantity(value) }
      if let to { json["refundAddress"] = .data(to) }
      return .object(json)
    }
    if isCreation {
      json["creationMethod"] = .string(type.lowercased())
    } else {
      json["callType"] = .string(type.lowercased())
    }
    json["from"] = .data(from)
    json["gas"] = .quantity(gas)
    if isCreation {
      json["init"] = .data(input)
    } else {
      json["input"] = .data(input)
      if let to { json["to"] = .data(to) }
    }
    if let value { json["value"] = .quantity(value) }
    return .object(json)
  }

  fileprivate var flatResult: JSON {
    var json = JSONObject()
    if isCreation {
      if let to { json["address"] = .data(to) }
      json["code"] = .data(output)
      json["gasUsed"] = .quantity(gasUsed)
    } else {
      json["gasUsed"] = .quantity(gasUsed)
      json["output"] = .data(output)
    }
    return .object(json)
  }
}

/// Parity's words for what geth calls otherwise.
enum ParityError {
  /// The error in Parity's words; as it is where Parity has none.
  static func words(for error: String) -> String {
    if let known = exact[error] { return known }
    return beginnings.first { error.hasPrefix($0.key) }?.value ?? error
  }

  private static let exact: [String: String] = [
    "contract creation code storage out of gas": "Out of gas",
    "out of gas": "Out of gas",
    "gas uint64 overflow": "Out of gas",
    "max code size exceeded": "Out of gas",
    "invalid jump destination": "Bad jump destination",
    "execution reverted": "Reverted",
    "return data out of bounds": "Out of bounds",
    "stack limit reached 1024 (1023)": "Out of stack",
    "precompiled failed": "Built-in failed",
    "invalid input length": "Built-in failed",
  ]

  private static let beginnings: [(key: String, value: String)] = [
    ("out of gas:", "Out of gas"), ("invalid opcode:", "Bad instruction"),
    ("stack underflow", "Stack underflow"),
  ]
}
