import Primitives

/// The stage that takes the batcher's data apart into frames.
struct FrameQueue: Sendable {
  var frames: [Frame] = []
  private(set) var next = 0

  var isEmpty: Bool { next == frames.count }

  /// The next frame.
  mutating func take() -> Frame? {
    guard next < frames.count else { return nil }
    defer { next += 1 }
    return frames[next]
  }

  /// Takes in frames; since Holocene only those that follow each other stay.
  ///
  /// Gives what is dropped, with the rule.
  mutating func append(_ more: [Frame], isStrict: Bool) -> [(Frame, DropRule)] {
    frames.removeFirst(next)
    next = 0
    guard isStrict else {
      frames += more
      return []
    }
    var dropped: [(Frame, DropRule)] = []
    for frame in more { dropped += appendStrictly(frame) }
    return dropped
  }

  /// Takes in a frame under Holocene's rules, in which each frame is held against the one before.
  private mutating func appendStrictly(_ frame: Frame) -> [(Frame, DropRule)] {
    guard let last = frames.last else {
      frames.append(frame)
      return []
    }
    if last.channel == frame.channel {
      if last.isLast { return [(frame, .frameAfterEnd)] }
      if Int(frame.number) != Int(last.number) + 1 { return [(frame, .frameOutOfOrder)] }
      frames.append(frame)
      return []
    }
    guard frame.number == 0 else { return [(frame, .frameWithoutChannel)] }
    var dropped: [(Frame, DropRule)] = []
    while let open = frames.last, !open.isLast, open.channel == last.channel {
      dropped.append((open, .channelReplaced))
      frames.removeLast()
    }
    frames.append(frame)
    return dropped.reversed()
  }
}

extension DerivationPipeline {
  /// The next frame.
  mutating func nextFrame() throws(StageStop) -> Frame {
    if let frame = frames.take() { return frame }
    let data = try retrieval.nextData()
    let hash = retrieval.transactionHash
    do throws(FrameError) {
      let dropped = frames.append(try Frame.decode(data), isStrict: isHolocene)
      for (frame, rule) in dropped {
        note(.frames, rule, transactionHash: hash, channel: frame.channel)
      }
    } catch {
      note(.frames, .malformedFrames(error), transactionHash: hash)
    }
    throw .again
  }
}
