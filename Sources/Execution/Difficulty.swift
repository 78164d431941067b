import EVM
import Primitives

/// The difficulty of the proof-of-work block at `timestamp` after `parent`; nil when no 256 bits
/// hold it.
public func nextDifficulty(
  parent: BlockHeader, timestamp: UInt64, specification: ChainSpecification
) -> UInt256? {
  Difficulty.next(parent: parent, timestamp: timestamp, specification: specification)
}

/// The difficulty of proof-of-work blocks, by fork, with the bomb that ended them.
///
/// Source: Yellow Paper, 4.3.4; EIP-2, EIP-100, and EIP-649, 1234, 2384, 3554, 4345, 5133 for the
/// delays.
enum Difficulty {
  /// The lowest that there may be.
  static let lowest: UInt256 = 131_072

  /// The difficulty of the block at `timestamp` after `parent`; nil when no 256 bits hold it.
  static func next(
    parent: BlockHeader, timestamp: UInt64, specification: ChainSpecification
  ) -> UInt256? {
    let number = parent.number &+ 1
    let fork = specification.fork(number: number, timestamp: timestamp, isMerged: false)
    let step = parent.difficulty / 2048
    let elapsed = timestamp &- parent.timestamp
    var value: UInt256?
    if fork < .homestead {
      value = moved(parent.difficulty, by: step, times: elapsed < 13 ? 1 : -1)
    } else if fork < .byzantium {
      value = moved(parent.difficulty, by: step, times: 1 - Int64(min(elapsed / 10, 100)))
    } else {
      let start: Int64 = parent.ommersHash == BlockHeader.emptyOmmersHash ? 1 : 2
      let times = max(start - Int64(min(elapsed / 9, 200)), -99)
      value = moved(parent.difficulty, by: step, times: times)
    }
    guard let value else { return nil }
    let delay = bombDelay(number: number, fork: fork, forks: specification.forks)
    let period = (number > delay ? number - delay : 0) / 100_000
    let floored = max(value, lowest)
    if period < 2 { return floored }
    guard period - 2 < 256 else { return nil }
    let bomb = UInt256.one.shiftedLeft(by: period - 2)
    let (sum, overflow) = floored.addingReportingOverflow(bomb)
    return overflow ? nil : sum
  }

  /// `value` and `times` steps, not below zero.
  private static func moved(_ value: UInt256, by step: UInt256, times: Int64) -> UInt256? {
    let (change, overflow) = step.multipliedReportingOverflow(by: UInt256(times.magnitude))
    if overflow { return nil }
    if times < 0 { return value - min(change, value) }
    let (sum, sumOverflow) = value.addingReportingOverflow(change)
    return sumOverflow ? nil : sum
  }

  /// By how many blocks the bomb is late.
  private static func bombDelay(number: UInt64, fork: Fork, forks: ForkSchedule) -> UInt64 {
    func begun(_ start: UInt64?) -> Bool {
      guard let start else { return false }
      return start <= number
    }
    if begun(forks.grayGlacierBlock) { return 11_400_000 }
    if begun(forks.arrowGlacierBlock) { return 10_700_000 }
    if fork >= .london { return 9_700_000 }
    if begun(forks.muirGlacierBlock) { return 9_000_000 }
    if fork >= .constantinople { return 5_000_000 }
    return fork >= .byzantium ? 3_000_000 : 0
  }
}
