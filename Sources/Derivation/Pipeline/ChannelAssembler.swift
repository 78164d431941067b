import EVM
import Execution
import Primitives

/// The stage that puts channels together since Holocene: one at a time, in strict order.
struct ChannelAssembler: Sendable {
  /// The channel that is being put together.
  var staging: Channel?
}

extension DerivationPipeline {
  /// The next channel's bytes, under Holocene's rules.
  mutating func nextStrictChannel() throws(StageStop) -> Bytes {
    let time = originTimestamp
    let number = traversal.origin?.number ?? 0
    let timeout = configuration.channelTimeout(at: time)
    if let staging = assembler.staging, staging.isTimedOut(at: number, timeout: timeout) {
      note(.channels, .channelTimeout, channel: staging.identifier)
      assembler.staging = nil
    }
    let limit = configuration.channelContentLimit(at: time)
    while true {
      let frame = try nextFrame()
      if frame.number == 0 {
        if let open = assembler.staging {
          note(.channels, .channelReplaced, channel: open.identifier)
        }
        assembler.staging = Channel(frame.channel, openBlockNumber: number)
      }
      guard assembler.staging?.identifier == frame.channel else {
        note(.channels, .frameWithoutChannel, channel: frame.channel)
        continue
      }
      if let rule = assembler.staging?.add(frame, isStrict: true) {
        note(.channels, rule, channel: frame.channel)
        continue
      }
      if let channel = assembler.staging, channel.size > limit {
        note(.channels, .oversizedChannel, channel: channel.identifier)
        assembler.staging = nil
        continue
      }
      if let channel = assembler.staging, channel.isReady {
        assembler.staging = nil
        return channel.data
      }
    }
  }
}
