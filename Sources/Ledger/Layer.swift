/// The two chains that one world holds.
///
/// The second layer is the one that people use; the first is where it settles. Both are run by the
/// same engine, and their decisions stand in the same log.
public enum Layer: UInt8, CaseIterable, Hashable, Sendable, Comparable {
  case one = 1
  case two = 2

  /// The name that messages and component roots use: `l1` or `l2`.
  public var name: String {
    switch self {
    case .one: "l1"
    case .two: "l2"
    }
  }

  /// Whether this layer's number is below the other's.
  public static func < (left: Layer, right: Layer) -> Bool { left.rawValue < right.rawValue }
}
