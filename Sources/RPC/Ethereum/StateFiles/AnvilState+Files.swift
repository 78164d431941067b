import HTTP
import JSON
import Ledger
import Primitives

extension AnvilState {
  /// Reads a dump in any form that it travels in: JSON, the same compressed with gzip, or that in
  /// hexadecimal, as `anvil_dumpState` answers.
  ///
  /// - Throws: `RPCError` -32602 that says what cannot be read.
  public static func read(_ file: Bytes) throws(RPCError) -> StateDocument {
    try parse(try text(file))
  }

  /// Whether a file may be a dump: it has accounts and a block's environment, or blocks.
  public static func isDump(_ file: Bytes) -> Bool {
    guard let text = try? text(file), let json = try? JSON.parse(text, limits: limits) else {
      return false
    }
    return json["accounts"]?.object != nil && (json["block"] ?? json["blocks"]) != nil
  }

  /// The JSON of a dump.
  private static func text(_ file: Bytes) throws(RPCError) -> Bytes {
    var bytes = file
    if let first = file.first(where: { !isPadding($0) }), first == UInt8(ascii: "0") {
      bytes = Hexadecimal.decode(file.filter { !isPadding($0) }) ?? file
    }
    guard bytes.starts(with: [0x1f, 0x8b]) else { return bytes }
    do throws(Gzip.Failure) {
      return try Gzip.decompress(bytes, limitInBytes: sizeLimitInBytes)
    } catch {
      switch error {
      case .malformed: throw .invalidParameters("the state is no gzip")
      case .tooLarge(let limit):
        throw .invalidParameters("the state is larger than \(limit) bytes")
      }
    }
  }

  /// Spaces, line ends, and the quotes of a JSON string.
  private static func isPadding(_ byte: UInt8) -> Bool {
    byte <= 0x20 || byte == UInt8(ascii: "\"")
  }
}
