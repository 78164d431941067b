import EVM
import Execution
import Primitives

/// The stage that puts channels together before Holocene: many at once, oldest first.
struct ChannelBank: Sendable {
  var channels: [Channel] = []

  var isEmpty: Bool { channels.isEmpty }

  /// Takes the first channel out if it is too late for it.
  mutating func takeTimedOut(at number: UInt64, timeout: UInt64) -> Channel? {
    guard let first = channels.first, first.isTimedOut(at: number, timeout: timeout) else {
      return nil
    }
    return channels.removeFirst()
  }

  /// Takes a complete channel out: the first, and since Canyon the first that is complete.
  mutating func takeReady(at number: UInt64, timeout: UInt64, isCanyon: Bool) -> Channel? {
    let candidates = isCanyon ? channels[...] : channels.prefix(1)
    let index = candidates.firstIndex {
      $0.isReady && !$0.isTimedOut(at: number, timeout: timeout)
    }
    return index.map { channels.remove(at: $0) }
  }

  /// Takes in a frame, and drops the oldest channels when they are too large together.
  ///
  /// Gives the rules by which something is dropped, with its channel.
  mutating func ingest(
    _ frame: Frame, at number: UInt64, timeout: UInt64, limit: Int
  ) -> [(ChannelIdentifier, DropRule)] {
    let index: Int
    if let known = channels.firstIndex(where: { $0.identifier == frame.channel }) {
      index = known
    } else {
      channels.append(Channel(frame.channel, openBlockNumber: number))
      index = channels.count - 1
    }
    if channels[index].isTimedOut(at: number, timeout: timeout) {
      return [(frame.channel, .channelTimeout)]
    }
    if let rule = channels[index].add(frame, isStrict: false) {
      return [(frame.channel, rule)]
    }
    var total = channels.reduce(0) { $0 + $1.size }
    var dropped: [(ChannelIdentifier, DropRule)] = []
    while total > limit, !channels.isEmpty {
      let oldest = channels.removeFirst()
      total -= oldest.size
      dropped.append((oldest.identifier, .channelBankFull))
    }
    return dropped
  }
}

extension DerivationPipeline {
  /// The next channel's bytes.
  mutating func nextChannel() throws(StageStop) -> Bytes {
    isHolocene ? try nextStrictChannel() : try nextBankChannel()
  }

  /// Reads channels out first, and only then takes in one frame: pruning depends on that order.
  private mutating func nextBankChannel() throws(StageStop) -> Bytes {
    let time = originTimestamp
    let number = traversal.origin?.number ?? 0
    let timeout = configuration.channelTimeout(at: time)
    while let late = bank.takeTimedOut(at: number, timeout: timeout) {
      note(.channels, .channelTimeout, channel: late.identifier)
    }
    let isCanyon = configuration.isActive(.canyon, at: time)
    if let ready = bank.takeReady(at: number, timeout: timeout, isCanyon: isCanyon) {
      return ready.data
    }
    let frame = try nextFrame()
    let dropped = bank.ingest(
      frame, at: number, timeout: timeout, limit: configuration.channelBankLimit(at: time))
    for (channel, rule) in dropped { note(.channels, rule, channel: channel) }
    throw .again
  }
}
