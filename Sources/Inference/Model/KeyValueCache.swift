/// What attention remembers of one text: a key and a value per layer and position.
///
/// Arrays are `[position, keyValueHead, dimension]` per layer.
package struct KeyValueCache: Sendable {
  /// How many positions fit.
  package let capacity: Int
  /// How many positions are filled.
  package internal(set) var count = 0
  var keys: [[Float]]
  var values: [[Float]]

  /// An empty cache for so many positions of the given model.
  package init(_ shape: Architecture, capacity: Int) {
    precondition(capacity > 0)
    let size = capacity * shape.keyValueHeadCount * shape.headSize
    self.capacity = capacity
    keys = Array(repeating: [Float](repeating: 0, count: size), count: shape.layerCount)
    values = keys
  }

  /// Forgets everything from a position on.
  package mutating func truncate(to count: Int) {
    precondition((0...self.count).contains(count))
    self.count = count
  }
}
