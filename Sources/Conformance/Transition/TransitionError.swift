import Primitives

/// Why the transition tool gives no result; the exit codes are those of geth's `evm t8n`.
public struct TransitionError: Error, Hashable, Sendable {
  /// What kind of failure it is; the raw value is the exit code.
  public enum Kind: Int32, Hashable, Sendable {
    /// The block could not be run to its end.
    case execution = 2
    /// The rules or the surroundings are not such as the tool can work with.
    case configuration = 3
    /// Code asked for the hash of a block that nobody named.
    case missingBlockHash = 4
    /// An input is not the JSON that it should be.
    case json = 10
    /// A file could not be read or written.
    case file = 11
    /// The transactions are no RLP list.
    case rlp = 12
  }

  /// What kind of failure it is.
  public let kind: Kind
  /// What is wrong, for a person to read.
  public let message: String

  /// A failure of this kind.
  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }
}

/// Runs what reads an input called `name`.
func reading<Result>(
  _ name: String, _ body: () throws(FixtureError) -> Result
) throws(TransitionError) -> Result {
  do throws(FixtureError) { return try body() } catch {
    throw TransitionError(
      .json, "\(name)\(error.place.isEmpty ? "" : "/")\(error.description)")
  }
}
