import Cryptography
import JSON
import Primitives

/// The names of functions, errors and events, from what compilers say of contracts.
///
/// It takes the artifacts of solc, hardhat and foundry. Where two contracts have the same function,
/// the one that came first gives it its name.
public struct ArtifactBook: Sendable {
  /// A function or an error, with the contract that it is of.
  public struct Entry: Sendable {
    /// The contract's name.
    public var contract: String
    /// Its own name.
    public var name: String
    /// The names of its arguments, empty where they have none.
    public var argumentNames: [String]
    /// The types of its arguments.
    public var inputs: [ABIType]
    /// The types of its results.
    public var outputs: [ABIType]
  }

  /// An event, with which of its arguments are topics.
  private struct EventEntry {
    var entry: Entry
    var areIndexed: [Bool]
  }

  private var functions: [UInt32: Entry] = [:]
  /// Events by their first topic; those of the same name may differ in what is a topic.
  private var events: [Hash: [EventEntry]] = [:]
  private var errors: [UInt32: Entry] = [:]

  /// A book without names.
  public init() {}

  /// How many functions and errors are known.
  public var count: Int { functions.count + errors.count }

  /// Adds what a file says, whose name gives the contract one where the file does not.
  public mutating func add(_ json: JSON, fileName: String) {
    if let abi = json["abi"]?.array {
      add(abi: abi, contract: json["contractName"]?.string ?? fileName)
    }
    // solc's standard output: contracts by file and name.
    for (_, file) in json["contracts"]?.object ?? JSONObject() {
      for (name, contract) in file.object ?? JSONObject() {
        if let abi = contract["abi"]?.array { add(abi: abi, contract: name) }
      }
    }
  }

  private mutating func add(abi: [JSON], contract: String) {
    for item in abi {
      guard let kind = item["type"]?.string, ["function", "error", "event"].contains(kind),
        let name = item["name"]?.string
      else { continue }
      let parameters = item["inputs"]?.array ?? []
      let inputs = parameters.compactMap { ABIType(parameter: $0) }
      guard inputs.count == parameters.count else { continue }
      let entry = Entry(
        contract: contract, name: name,
        argumentNames: parameters.map { $0["name"]?.string ?? "" }, inputs: inputs,
        outputs: (item["outputs"]?.array ?? []).compactMap { ABIType(parameter: $0) })
      let text = name + "(" + inputs.map(\.canonicalName).joined(separator: ",") + ")"
      let hash = Keccak256.hash(Bytes(text.utf8))
      let selector = Self.selector(hash.bytes)
      if kind == "event" {
        let areIndexed = parameters.map { $0["indexed"] == true }
        guard item["anonymous"] != true,
          events[hash]?.contains(where: { $0.areIndexed == areIndexed }) != true
        else { continue }
        events[hash, default: []].append(EventEntry(entry: entry, areIndexed: areIndexed))
      } else if kind == "function" {
        functions[selector] = functions[selector] ?? entry
      } else {
        errors[selector] = errors[selector] ?? entry
      }
    }
  }

  private static func selector(_ bytes: Bytes) -> UInt32 {
    bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// The function that data calls.
  public func function(_ input: Bytes) -> Entry? {
    input.count < 4 ? nil : functions[Self.selector(input)]
  }

  /// A call in words, such as `Token.transfer(to: 0x…, amount: 5)`; nil for an unknown function.
  public func describe(call input: Bytes) -> String? {
    guard let entry = function(input) else { return nil }
    return Self.words(entry, Bytes(input.dropFirst(4)), prefix: entry.contract + ".")
  }

  /// A custom error in words, such as `InsufficientBalance(have: 1, want: 2)`; nil for an unknown.
  public func describe(error output: Bytes) -> String? {
    guard output.count >= 4, let entry = errors[Self.selector(output)] else { return nil }
    return Self.words(entry, Bytes(output.dropFirst(4)), prefix: "")
  }

  /// A log in words, such as `Token.Transfer(from: 0x…, to: 0x…, value: 5)`; nil for an unknown.
  public func describe(topics: [Hash], data: Bytes) -> String? {
    guard let first = topics.first else { return nil }
    for event in events[first] ?? []
    where event.areIndexed.count(where: { $0 }) == topics.count - 1 {
      if let values = Self.values(of: event, topics.dropFirst(), data) {
        return Self.words(event.entry, values, prefix: event.entry.contract + ".")
      }
    }
    return nil
  }

  /// The arguments of an event; of one that has no fixed size and is a topic only its hash.
  private static func values(
    of event: EventEntry, _ topics: ArraySlice<Hash>, _ data: Bytes
  ) -> [ABIValue]? {
    let types = event.entry.inputs
    let plain = zip(types, event.areIndexed).filter { !$0.1 }.map(\.0)
    guard let decoded = try? ABI.decode(plain, data) else { return nil }
    var (rest, words) = (decoded[...], topics)
    var values: [ABIValue] = []
    for (type, isIndexed) in zip(types, event.areIndexed) {
      guard isIndexed else {
        if let value = rest.popFirst() { values.append(value) }
        continue
      }
      guard let word = words.popFirst() else { return nil }
      switch type {
      case .uint, .int, .address, .bool, .fixedBytes:
        guard let value = try? ABI.decode([type], word.bytes).first else { return nil }
        values.append(value)
      default: values.append(.fixedBytes(word.bytes))
      }
    }
    return values.count == types.count ? values : nil
  }

  private static func words(_ entry: Entry, _ data: Bytes, prefix: String) -> String? {
    (try? ABI.decode(entry.inputs, data)).map { words(entry, $0, prefix: prefix) }
  }

  private static func words(_ entry: Entry, _ values: [ABIValue], prefix: String) -> String {
    let arguments = zip(entry.argumentNames, values).map { name, value in
      name.isEmpty ? value.text : "\(name): \(value.text)"
    }
    return prefix + entry.name + "(" + arguments.joined(separator: ", ") + ")"
  }
}
