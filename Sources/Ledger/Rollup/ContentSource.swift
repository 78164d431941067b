import Primitives

/// Large bytes that the log knows by their Keccak-256 alone.
///
/// What a hash names cannot be anything else, so a world that asks for it stays a function of its
/// events; where it is not to be had, the event cannot be applied.
public protocol ContentSource: AnyObject, Sendable {
  /// The bytes of this hash; nil if nobody has them, or not as they were.
  func content(of hash: Hash) -> Bytes?
}

/// Where the large bytes are that came with recent transactions of L1, by L1's names for them.
///
/// Only what an event has told of is there, whatever the content store may hold besides: so a replay
/// finds the same.
public struct CarriedContent: Sendable {
  private var places: [Hash: Hash] = [:]
  private var order: [Hash] = []

  init() {}

  /// The Keccak-256 under which the content store has what L1 names so.
  public subscript(name: Hash) -> Hash? { places[name] }

  /// All of them, in the order in which they were told of.
  var references: [ContentReference] {
    order.compactMap { name in
      places[name].map { ContentReference(name: name, content: $0) }
    }
  }

  mutating func add(_ references: [ContentReference]) {
    for reference in references {
      guard places.updateValue(reference.content, forKey: reference.name) == nil else { continue }
      order.append(reference.name)
    }
    guard order.count > Limits.carriedContentCount * 2 else { return }
    let excess = order.count - Limits.carriedContentCount
    for name in order.prefix(excess) { places[name] = nil }
    order.removeFirst(excess)
  }
}
