import Primitives

/// Byte-pair encoding: starts from single bytes and joins neighbours in the order learnt.
///
/// Source: Sennrich et al. 2016; the byte alphabet is GPT-2's.
struct BytePairMerges: Sendable {
  private struct Merge: Sendable {
    let rank: Int32
    let token: Int32
  }

  /// The token of each single byte.
  private let byteTokens: [Int32]
  /// What a pair of tokens joins to, by both tokens in one word.
  private let merges: [UInt64: Merge]

  /// Merges by their order; `pairs` are tokens left, right and joined.
  init(byteTokens: [Int32], pairs: [(left: Int32, right: Int32, joined: Int32)]) {
    precondition(byteTokens.count == 256)
    self.byteTokens = byteTokens
    var merges: [UInt64: Merge] = [:]
    merges.reserveCapacity(pairs.count)
    for (rank, pair) in pairs.enumerated() {
      let key = Self.key(pair.left, pair.right)
      merges[key] = merges[key] ?? Merge(rank: Int32(rank), token: pair.joined)
    }
    self.merges = merges
  }

  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  /// The tokens of one piece of text; time is n log n, whatever the piece.
  func tokens(of piece: some Collection<UInt8>) -> [Int32] {
    var symbols = piece.map { byteTokens[Int($0)] }
    guard symbols.count > 1 else { return symbols }
    var chain = Chain(count: symbols.count)
    var queue = Queue()
    for left in 0..<(symbols.count - 1) { push(left, left + 1, symbols, &queue) }
    while let candidate = queue.popFirst() {
      let left = candidate.position
      // A candidate is stale once either side was joined with something else.
      guard let right = chain.next(after: left),
        Self.key(symbols[left], symbols[right]) == candidate.pair
      else { continue }
      symbols[left] = candidate.token
      chain.remove(right)
      symbols[right] = -1
      if let before = chain.previous(before: left) { push(before, left, symbols, &queue) }
      if let after = chain.next(after: left) { push(left, after, symbols, &queue) }
    }
    return symbols.filter { $0 >= 0 }
  }

  private func push(_ left: Int, _ right: Int, _ symbols: [Int32], _ queue: inout Queue) {
    let pair = Self.key(symbols[left], symbols[right])
    guard let merge = merges[pair] else { return }
    queue.insert(
      Candidate(rank: merge.rank, position: left, pair: pair, token: merge.token))
  }
}

/// A merge that could be done at a position.
private struct Candidate {
  let rank: Int32
  let position: Int
  let pair: UInt64
  let token: Int32

  /// The earlier learnt first, then from the left.
  func precedes(_ other: Candidate) -> Bool {
    rank != other.rank ? rank < other.rank : position < other.position
  }
}

/// The symbols that are left, linked both ways.
private struct Chain {
  private var previous: [Int]
  private var next: [Int]

  init(count: Int) {
    previous = (0..<count).map { $0 - 1 }
    next = (0..<count).map { $0 + 1 }
  }

  func next(after index: Int) -> Int? { next[index] < next.count ? next[index] : nil }

  func previous(before index: Int) -> Int? { previous[index] >= 0 ? previous[index] : nil }

  mutating func remove(_ index: Int) {
    let before = previous[index]
    let after = next[index]
    if before >= 0 { next[before] = after }
    if after < previous.count { previous[after] = before }
    next[index] = next.count
  }
}

/// A binary heap of candidates, the first to be done on top.
private struct Queue {
  private var heap: [Candidate] = []

  mutating func insert(_ candidate: Candidate) {
    heap.append(candidate)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].precedes(heap[parent]) else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  mutating func popFirst() -> Candidate? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    guard !heap.isEmpty else { return first }
    heap[0] = last
    var parent = 0
    while true {
      var smallest = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
        if heap[child].precedes(heap[smallest]) { smallest = child }
      }
      if smallest == parent { return first }
      heap.swapAt(parent, smallest)
      parent = smallest
    }
  }
}
