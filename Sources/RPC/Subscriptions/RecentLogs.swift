import EVM
import Views

/// The logs of the latest blocks, so that subscribers can be told which a reorganisation takes out.
struct RecentLogs: Sendable {
  private var blocks: [(number: UInt64, logs: [StoredLog])] = []
  private var sizeInBytes = 0

  /// More is not kept, so whoever is told of a block that far back is not told that it is gone.
  private static let maximumSizeInBytes = 16 << 20

  /// Adds a block's logs.
  mutating func append(_ logs: [StoredLog], number: UInt64) {
    guard !logs.isEmpty else { return }
    blocks.append((number, logs))
    sizeInBytes += Self.sizeInBytes(of: logs)
    while sizeInBytes > Self.maximumSizeInBytes, blocks.count > 1 {
      sizeInBytes -= Self.sizeInBytes(of: blocks.removeFirst().logs)
    }
  }

  /// Takes out the logs above a block, the latest block's first.
  mutating func removeAbove(_ number: UInt64) -> [StoredLog] { remove(from: number &+ 1) }

  /// Takes out the logs from a block on, the latest block's first.
  mutating func remove(from number: UInt64) -> [StoredLog] {
    var removed: [StoredLog] = []
    while let last = blocks.last, last.number >= number {
      removed += last.logs
      sizeInBytes -= Self.sizeInBytes(of: last.logs)
      blocks.removeLast()
    }
    return removed
  }

  private static func sizeInBytes(of logs: [StoredLog]) -> Int {
    logs.reduce(0) { $0 + 512 + $1.log.data.count }
  }
}
