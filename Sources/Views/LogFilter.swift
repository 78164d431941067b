import EVM
import Execution
import Primitives

/// Which logs are asked for, as `eth_getLogs` has it.
public struct LogFilter: Hashable, Sendable {
  /// The first block.
  public var fromBlock: UInt64
  /// The last block.
  public var toBlock: UInt64
  /// The addresses that logs may come from; none for all.
  public var addresses: [Address]
  /// For each position the topics that may stand there; nil or none for any.
  public var topics: [[Hash]?]

  /// Makes a filter.
  public init(
    fromBlock: UInt64, toBlock: UInt64, addresses: [Address] = [], topics: [[Hash]?] = []
  ) {
    self.fromBlock = fromBlock
    self.toBlock = toBlock
    self.addresses = addresses
    self.topics = topics
  }

  /// Whether a log passes, whatever its block.
  ///
  /// A log with fewer topics than the filter has positions does not, as in geth.
  public func matches(_ log: Log) -> Bool {
    guard topics.count <= log.topics.count,
      addresses.isEmpty || addresses.contains(log.address)
    else { return false }
    return zip(topics, log.topics).allSatisfy { wanted, topic in
      guard let wanted, !wanted.isEmpty else { return true }
      return wanted.contains(topic)
    }
  }

  /// Whether a block with this filter over its logs may have one that passes.
  public func mayMatch(_ bloom: Bloom) -> Bool {
    guard addresses.isEmpty || addresses.contains(where: bloom.mayContain) else { return false }
    return topics.allSatisfy { wanted in
      guard let wanted, !wanted.isEmpty else { return true }
      return wanted.contains { bloom.mayContain(topic: $0) }
    }
  }

  /// The fingerprints of the addresses, if the filter names any.
  var emitterFingerprints: [Int64]? {
    addresses.isEmpty ? nil : Set(addresses.map { Fingerprint.of(emitter: $0) }).sorted()
  }

  /// The fingerprints of the first topics, if the filter names any.
  var topicFingerprints: [Int64]? {
    guard let first = topics.first, let wanted = first, !wanted.isEmpty else { return nil }
    return Set(wanted.map { Fingerprint.of(topic: $0) }).sorted()
  }

  /// Whether the filter asks for more than emitters and first topics.
  var hasLaterTopics: Bool { topics.dropFirst().contains { $0?.isEmpty == false } }
}
