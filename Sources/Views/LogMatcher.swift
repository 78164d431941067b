import Cryptography
import EVM
import Execution
import Primitives

/// A ``LogFilter`` made ready for many blocks and logs: nothing of it is hashed twice.
struct LogMatcher {
  /// The three bits that a value sets in a bloom.
  private struct Probe {
    private let first: Bit
    private let second: Bit
    private let third: Bit

    private struct Bit {
      let byte: Int
      let mask: UInt8

      init(_ word: UInt64) {
        let bit = Int(word & 2047)
        byte = 255 - bit >> 3
        mask = 1 << UInt8(bit & 7)
      }

      @unsafe func isIn(_ bloom: UnsafeRawBufferPointer) -> Bool {
        unsafe bloom[byte] & mask != 0
      }
    }

    init(_ digest: Hash) {
      first = Bit(digest.word0 >> 48)
      second = Bit(digest.word0 >> 32)
      third = Bit(digest.word0 >> 16)
    }

    @unsafe func isIn(_ bloom: UnsafeRawBufferPointer) -> Bool {
      unsafe first.isIn(bloom) && second.isIn(bloom) && third.isIn(bloom)
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
    unsafe bloom.withUnsafeBytes { unsafe mayMatch(bloom: $0) }
  }

  /// The same of bytes that lie elsewhere.
  @unsafe func mayMatch(bloom: UnsafeRawBufferPointer) -> Bool? {
    guard bloom.count == Bloom.sizeInBytes else { return nil }
    for alternatives in probes {
      guard alternatives.contains(where: { unsafe $0.isIn(bloom) }) else { return false }
    }
    return true
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
