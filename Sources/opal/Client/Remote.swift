import Client
import Glibc
import JSON
import Primitives

/// The commands that ask a node by JSON-RPC.
let clientCommands = [
  sendCommand, callCommand, deployCommand, balanceCommand, blockCommand, transactionCommand,
  receiptCommand, logsCommand, traceCommand, abiCommand, rpcCommand,
]

/// The node that a command asks, and how its answers are shown.
struct Remote {
  private let client: RPCClient
  /// Whether answers are shown as they came.
  let isJSON: Bool

  static let options: [Command.Option] = [
    .init("--rpc-url", "-r", value: "URL", help: "the node (ETH_RPC_URL, http://127.0.0.1:8545)"),
    .init("--rpc-header", value: "NAME: VALUE", help: "a field that goes with each request"),
    .init("--json", "-j", help: "show the answer as JSON"),
  ]

  init(_ arguments: Arguments) throws(Failure) {
    let usual = unsafe getenv("ETH_RPC_URL").map { unsafe String(cString: $0) }
    let url = try arguments.value("--rpc-url") ?? usual ?? "http://127.0.0.1:8545"
    client = RPCClient(url: url, headers: arguments.values("--rpc-header"))
    isJSON = arguments.has("--json")
  }

  /// The result of a method.
  func ask(_ method: String, _ parameters: JSON...) throws(Failure) -> JSON {
    try ask(method, parameters)
  }

  /// The result of a method.
  func ask(_ method: String, _ parameters: [JSON]) throws(Failure) -> JSON {
    do throws(RPCClientError) {
      return try client.ask(method, parameters: parameters)
    } catch {
      throw .failed(error.message)
    }
  }

  /// The result of a method that must not be `null`.
  func find(_ what: String, _ method: String, _ parameters: JSON...) throws(Failure) -> JSON {
    let result: JSON
    do throws(RPCClientError) {
      result = try client.ask(method, parameters: parameters)
    } catch {
      throw .failed(error.message)
    }
    guard !result.isNull else { throw .failed("\(what) was not found") }
    return result
  }

  /// The number that a method answers with.
  func quantity(_ method: String, _ parameters: JSON...) throws(Failure) -> UInt256 {
    let result: JSON
    do throws(RPCClientError) {
      result = try client.ask(method, parameters: parameters)
    } catch {
      throw .failed(error.message)
    }
    guard let text = result.string, let number = UInt256(hexadecimal: text) else {
      throw .failed("\(method) answered no number")
    }
    return number
  }

  /// Shows an object's members as a table, or as JSON.
  func show(_ json: JSON, leavingOut hidden: Set<String> = []) {
    guard !isJSON, case .object(let members) = json else {
      Terminal.say(String(decoding: json.serializedForPeople(), as: UTF8.self))
      return
    }
    let shown = members.filter { !hidden.contains($0.key) }
    let width = (shown.map(\.key.count).max() ?? 0) + 2
    for (key, value) in shown {
      Terminal.say(key + String(repeating: " ", count: width - key.count) + Self.text(value, key))
    }
  }

  /// Shows one member of an object alone, in a line; returns the exit code.
  func show(_ json: JSON, field name: String) throws(Failure) -> Int32 {
    guard let value = json[name] else {
      let names = json.object.map { $0.map(\.key).joined(separator: ", ") } ?? "nothing"
      throw .failed("there is no \(name); there are \(names)")
    }
    Terminal.say(
      isJSON ? String(decoding: value.serialized(), as: UTF8.self) : Self.text(value, name))
    return 0
  }

  /// A value in a line: quantities in decimal, times and outcomes also in words.
  private static func text(_ value: JSON, _ key: String) -> String {
    switch value {
    case .string(let text):
      guard text.hasPrefix("0x"), text.utf8.count <= 34, text != "0x",
        let number = UInt256(hexadecimal: text), !text.hasPrefix("0x0") || text == "0x0"
      else { return text }
      switch key {
      case "status": return number.decimalString + (number.isZero ? " (failed)" : " (success)")
      case "timestamp", "blockTimestamp":
        return number.decimalString + " (\(date(number.clampedUInt64)))"
      default: return number.decimalString
      }
    case .null: return "none"
    case .array(let elements) where elements.isEmpty: return "none"
    case .array(let elements):
      return elements.map {
        "\n  " + ($0.string ?? String(decoding: $0.serialized(), as: UTF8.self))
      }.joined()
    default: return String(decoding: value.serialized(), as: UTF8.self)
    }
  }

  /// A time in seconds since 1970 as people write it, in UTC.
  private static func date(_ seconds: UInt64) -> String {
    let (days, rest) = Int(min(seconds, 253_402_300_799)).quotientAndRemainder(dividingBy: 86_400)
    // The Gregorian calendar repeats itself after 400 years; a year is counted from March on.
    let (era, day) = (days + 719_468).quotientAndRemainder(dividingBy: 146_097)
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365
    let dayOfYear = day - (365 * year + year / 4 - year / 100)
    let month = (5 * dayOfYear + 2) / 153
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(era * 400 + year + (month < 10 ? 0 : 1))-\(two(month < 10 ? month + 3 : month - 9))-"
      + "\(two(dayOfYear - (153 * month + 2) / 5 + 1)) "
      + "\(two(rest / 3_600)):\(two(rest / 60 % 60)):\(two(rest % 60)) UTC"
  }

  /// A block's number or name as methods take it: decimal digits are a number.
  static func block(_ text: String) throws(Failure) -> JSON {
    if ["latest", "earliest", "pending", "safe", "finalized"].contains(text) {
      return .string(text)
    }
    if text.hasPrefix("0x") { return .string(text) }
    guard let number = UInt64(text) else {
      throw .usage("'\(text)' is no block: a number, a hash, or latest, earliest, pending, …")
    }
    return .quantity(number)
  }

  static func address(_ text: String) throws(Failure) -> Address {
    guard text.hasPrefix("0x"), let address = Address(hexadecimal: text) else {
      throw .usage("'\(text)' is no address")
    }
    return address
  }
}
