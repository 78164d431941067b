import Cryptography
import EVM
import Execution
import Primitives

/// A ``LogFilter`` made ready for many blocks and logs: nothing of it is hashed twice.
struct LogMatcher {
  /// The three bits that a value sets in a bloom.
  private struct Probe {
    let bits: [(byte: Int, mask: UInt8)]

    init(_ digest: Hash) {
      bits = [48, 32, 16].map { shift in
        let bit = Int(digest.word0 >> UInt64(shift) & 2047)
        return (byte: 255 - bit >> 3, mask: 1 << UInt8(bit & 7))
      }
    }

    func isIn(_ bloom: Bytes) -> Bool {
      bits.allSatisfy { bloom[$0.byte] & $0.mask != 0 }
    }
  }

  private let addresses: Set<Address>
  private let topics: [Set<Hash>]
  private let probes: [[Probe]]

  init(_ filter: LogFilter) {
    addresses = Set(filter.addresses)
    topics = filter.topics.map { Set($0 ?? []) }
    let emitters = addresses.map { Probe(Keccak256.hash($0)) }
    let wanted = topics.map { $0.map { Probe(Keccak256.hash($0)) } }
    probes = ([emitters] + wanted).filter { !$0.isEmpty }
  }

  /// Whether a block with these bytes of bloom may have a log that passes; nil if they are none.
  func mayMatch(bloom: Bytes) -> Bool? {
    guard bloom.count == Bloom.sizeInBytes else { return nil }
    return probes.allSatisfy { alternatives in alternatives.contains { $0.isIn(bloom) } }
  }

  /// The same as ``LogFilter/matches(_:)``.
  func matches(_ log: Log) -> Bool {
    guard topics.count <= log.topics.count,
      addresses.isEmpty || addresses.contains(log.address)
    else { return false }
    return zip(topics, log.topics).allSatisfy { wanted, topic in
      wanted.isEmpty || wanted.contains(topic)
    }
  }
}
