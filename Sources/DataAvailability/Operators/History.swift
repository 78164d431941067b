/// The values that something had, each from a block on: how L1's registries remember.
public struct History<Value: Equatable & Sendable>: Equatable, Sendable {
  private var blocks: [UInt32] = []
  private var values: [Value] = []

  /// No value yet.
  public init() {}

  /// All values, each with the block from which on it held, in their order.
  public var entries: [(block: UInt32, value: Value)] { Array(zip(blocks, values)) }

  /// The last value, nil if there is none.
  public var last: Value? { values.last }

  /// The value from a block on, which must not be before the last one's; in the same block, the
  /// later value replaces the earlier.
  public mutating func set(_ value: Value, at block: UInt32) {
    precondition(blocks.last.map { $0 <= block } ?? true, "histories go forward")
    if value == values.last { return }
    if blocks.last == block {
      values[values.count - 1] = value
    } else {
      blocks.append(block)
      values.append(value)
    }
  }

  /// The value that was valid after a block, and its index; nil before the first.
  public func entry(at block: UInt32) -> (value: Value, index: UInt32)? {
    guard let index = blocks.lastIndex(where: { $0 <= block }) else { return nil }
    return (values[index], UInt32(index))
  }
}
