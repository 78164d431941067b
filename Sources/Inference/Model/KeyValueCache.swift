/// What attention remembers of one text: a key and a value per layer and position.
///
/// Arrays are `[position, keyValueHead, dimension]` per layer and grow with the text.
package struct KeyValueCache: Sendable {
  /// How many positions there may be.
  package let capacity: Int
  /// How many positions are filled.
  package internal(set) var count = 0
  private(set) var keys: [[Float]]
  private(set) var values: [[Float]]
  private let stride: Int

  /// An empty cache for at most so many positions of the given model.
  package init(_ shape: Architecture, capacity: Int) {
    precondition(capacity > 0)
    self.capacity = capacity
    stride = shape.keyValueHeadCount * shape.headSize
    keys = Array(repeating: [], count: shape.layerCount)
    values = keys
  }

  /// Appends the keys and values of tokens to a layer; `count` follows when all layers have them.
  mutating func append(
    keys newKeys: ArraySlice<Float>, values newValues: ArraySlice<Float>, layer: Int
  ) {
    precondition(newKeys.count == newValues.count && newKeys.count % stride == 0)
    precondition(keys[layer].count == count * stride)
    keys[layer].append(contentsOf: newKeys)
    values[layer].append(contentsOf: newValues)
  }

  /// Forgets everything from a position on.
  package mutating func truncate(to count: Int) {
    precondition((0...self.count).contains(count))
    self.count = count
    for layer in keys.indices {
      keys[layer].removeSubrange((count * stride)...)
      values[layer].removeSubrange((count * stride)...)
    }
  }
}
