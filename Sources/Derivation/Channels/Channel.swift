import Primitives

/// A channel that is being put together.
struct Channel: Sendable {
  let identifier: ChannelIdentifier
  /// The number of the L1 block in which its first frame was seen.
  let openBlockNumber: UInt64
  /// The frames by number, ascending; before Holocene they come in any order.
  var frames: [Frame] = []
  var endNumber: UInt16?
  /// What its frames count for: their data and an overhead each.
  var size = 0

  init(_ identifier: ChannelIdentifier, openBlockNumber: UInt64) {
    self.identifier = identifier
    self.openBlockNumber = openBlockNumber
  }

  private static func size(_ frame: Frame) -> Int {
    frame.data.count + RollupConfiguration.frameOverheadInBytes
  }

  /// Whether it is too late for it at an L1 block.
  func isTimedOut(at number: UInt64, timeout: UInt64) -> Bool {
    openBlockNumber &+ timeout < number
  }

  /// Takes in a frame; gives the rule by which it does not count.
  ///
  /// A last frame takes those behind it out again. `isStrict` is Holocene's order.
  mutating func add(_ frame: Frame, isStrict: Bool) -> DropRule? {
    if endNumber != nil, frame.isLast { return .frameAfterEnd }
    let index = frames.firstIndex { $0.number >= frame.number } ?? frames.count
    if index < frames.count, frames[index].number == frame.number { return .duplicateFrame }
    if let endNumber, frame.number >= endNumber { return .frameAfterEnd }
    if isStrict, Int(frame.number) != frames.count { return .frameOutOfOrder }
    if frame.isLast {
      endNumber = frame.number
      for late in frames[index...] { size -= Self.size(late) }
      frames.removeSubrange(index...)
    }
    frames.insert(frame, at: index)
    size += Self.size(frame)
    return nil
  }

  /// Whether all frames up to the last are there.
  var isReady: Bool {
    guard let endNumber else { return false }
    return frames.count == Int(endNumber) + 1
  }

  /// The channel's bytes.
  var data: Bytes {
    var bytes: Bytes = []
    bytes.reserveCapacity(size)
    for frame in frames { bytes += frame.data }
    return bytes
  }
}
