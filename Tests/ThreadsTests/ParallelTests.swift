import Synchronization
import Testing
import Threads

@Suite("Work on several threads") struct ParallelTests {
  @Test("results come in their order, however many threads there are", arguments: [0, 1, 2, 7])
  func map(threads: Int) {
    let expected = (0..<100).map { $0 * $0 }
    #expect(Parallel.map(100, threads: threads) { $0 * $0 } == expected)
    #expect(Parallel.map(0, threads: threads) { $0 } == [])
  }

  @Test("ranges cover all numbers once")
  func ranges() {
    for count in [0, 1, 5, 64] {
      for threads in [1, 2, 3, 100] {
        let ranges = Parallel.ranges(count, threads: threads)
        #expect(ranges.flatMap { Array($0) } == Array(0..<count))
      }
    }
  }

  @Test("a body runs on as many threads as are asked for, and at least on the caller's")
  func run() {
    for threads in [-1, 0, 1, 3] {
      let count = Atomic(0)
      Parallel.run(threads) { count.add(1, ordering: .relaxed) }
      #expect(count.load(ordering: .relaxed) == max(1, threads))
    }
  }

  @Test("a companion does one thing after the other beside this thread, and an error waits for it")
  func companion() {
    struct Failure: Error {}
    let companion = Companion()
    for number in 0..<2_000 {
      let both = companion.beside({ number * 2 }, { number + 1 })
      #expect(both.other == number * 2 && both.here == number + 1)
    }
    let count = Atomic(0)
    #expect(throws: Failure.self) {
      try companion.beside(
        { count.add(1, ordering: .relaxed) }, { () throws(Failure) in throw Failure() })
    }
    #expect(count.load(ordering: .relaxed) == 1)
  }

  @Test("a thing is done on another thread beside one on this, and both results are there")
  func beside() {
    let both = Parallel.beside({ 3 }, { 4 })
    #expect(both.other == 3)
    #expect(both.here == 4)
  }
}
