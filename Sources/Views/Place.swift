import Ledger
import Primitives

/// Where a block, or an item in one, stands: layer, block number and index in one integer.
///
/// Its order is that of the chain, so it serves as the row key of every table that follows the
/// chain: rows are appended at the end of a layer's part, and a range of blocks is a range of keys.
/// From the top: 2 bits of layer, 40 of block number, 21 of index.
struct Place: Hashable, Comparable, Sendable {
  static let indexBits = 21
  static let numberBits = 40
  static let highestNumber = UInt64(1) << numberBits - 1
  static let highestIndex = 1 << indexBits - 1

  let rawValue: Int64

  init(rawValue: Int64) { self.rawValue = rawValue }

  /// - Throws: ``ViewsError/tooLarge(blockNumber:index:)`` if the numbers do not fit.
  init(_ layer: Layer, _ number: UInt64, _ index: Int = 0) throws(ViewsError) {
    guard number <= Place.highestNumber, 0...Place.highestIndex ~= index else {
      throw .tooLarge(blockNumber: number, index: index)
    }
    self.init(unchecked: layer, number, index)
  }

  private init(unchecked layer: Layer, _ number: UInt64, _ index: Int) {
    rawValue =
      Int64(layer.rawValue) << (Place.numberBits + Place.indexBits)
      | Int64(number) << Place.indexBits | Int64(index)
  }

  /// The places of all items in a range of blocks; numbers that no place can hold are cut off.
  static func range(
    _ layer: Layer, from first: UInt64, through last: UInt64
  ) -> ClosedRange<Int64>? {
    guard first <= last, first <= highestNumber else { return nil }
    let lower = Place(unchecked: layer, first, 0)
    let upper = Place(unchecked: layer, min(last, highestNumber), highestIndex)
    return lower.rawValue...upper.rawValue
  }

  /// The layer, if the place is one of ours.
  var layer: Layer? {
    Layer(rawValue: UInt8(truncatingIfNeeded: rawValue >> (Place.numberBits + Place.indexBits)))
  }

  /// The block's number.
  var number: UInt64 { UInt64(rawValue >> Place.indexBits) & Place.highestNumber }

  /// The index in the block.
  var index: Int { Int(rawValue) & Place.highestIndex }

  /// The place of the block itself.
  var block: Place { Place(rawValue: rawValue & ~Int64(Place.highestIndex)) }

  static func < (left: Place, right: Place) -> Bool { left.rawValue < right.rawValue }
}
