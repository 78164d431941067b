import Blobs
import DataAvailability
import Primitives
import Testing

@Suite("Payments") struct PaymentTests {
  private let account = Address(UInt256(7))

  private func header(_ cumulative: UInt256, seconds: UInt64 = 50) -> PaymentHeader {
    PaymentHeader(
      account: account, timestampInNanoseconds: seconds * 1_000_000_000,
      cumulativePayment: cumulative)
  }

  @Test("a bucket takes its burst and one overfill, then what leaks, exactly")
  func bucket() throws {
    var bucket = LeakyBucket(
      symbolsPerSecond: 10, capacityInSeconds: 90, isFull: false, at: 0)
    #expect(try bucket.fill(symbols: 899, at: 0))
    #expect(try bucket.fill(symbols: 500, at: 0))
    #expect(bucket.levelInSymbols == 1399)
    #expect(try !bucket.fill(symbols: 1, at: 0))
    // 499 symbols above the brim leak in 49.9 seconds.
    #expect(try !bucket.fill(symbols: 1, at: 49_900_000_000))
    #expect(try bucket.fill(symbols: 1, at: 49_900_000_001))
    #expect(throws: PaymentError.timeMovedBackward) { try bucket.fill(symbols: 1, at: 1) }
    let full = LeakyBucket(symbolsPerSecond: 3, capacityInSeconds: 60, isFull: true, at: 5)
    #expect(full.levelInSymbols == 180)
  }

  @Test("a bucket never lets through more than its rate, its capacity and one overfill")
  func bucketProperty() throws {
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<50 {
      let rate = UInt64.random(in: 1...1000, using: &generator)
      var bucket = LeakyBucket(
        symbolsPerSecond: rate, capacityInSeconds: 90, isFull: false, at: 0)
      var (time, taken, largest): (UInt64, UInt64, UInt64) = (0, 0, 0)
      for _ in 0..<200 {
        time += UInt64.random(in: 0...5_000_000_000, using: &generator)
        let symbols = UInt64.random(in: 1...(rate * 20), using: &generator)
        guard try bucket.fill(symbols: symbols, at: time) else { continue }
        taken += symbols
        largest = max(largest, symbols)
        let second: UInt128 = 1_000_000_000
        let allowed = UInt128(rate) * (UInt128(time) + 90 * second)
        let used = UInt128(taken) * second
        #expect(used <= allowed + UInt128(largest) * second)
      }
    }
  }

  @Test("reservations hold in their time and quorums, deposits in theirs")
  func charges() throws {
    var book = PaymentBook()
    #expect(throws: PaymentError.noFunds) {
      try book.charge(header(0), symbols: 1, quorums: [0], at: 0)
    }
    #expect(throws: PaymentError.noFunds) {
      try book.charge(header(1), symbols: 1, quorums: [0], at: 0)
    }
    let terms = Reservation(symbolsPerSecond: 100, start: 10, end: 60, quorums: [0, 2])
    book.reserve(terms, for: account, at: 0)
    #expect(throws: PaymentError.quorum(1)) {
      try book.charge(header(0), symbols: 1, quorums: [0, 1], at: 0)
    }
    #expect(throws: PaymentError.outsideReservation) {
      try book.charge(header(0, seconds: 60), symbols: 1, quorums: [0], at: 0)
    }
    let charge = try book.charge(header(0), symbols: 5000, quorums: [2], at: 0)
    #expect(charge == .reservation(symbols: 5000))
    #expect(
      try book.charge(header(0), symbols: 1, quorums: [0], at: 0)
        == .reservation(symbols: 4096))
    #expect(throws: PaymentError.rateExceeded) {
      try book.charge(header(0), symbols: 1, quorums: [0], at: 0)
    }
    let price: UInt256 = 447_000_000 * 4096
    try book.deposit(price + price, for: account)
    #expect(throws: PaymentError.quorum(2)) {
      try book.charge(header(1), symbols: 1, quorums: [2], at: 0)
    }
    let paid = try book.charge(header(1), symbols: 1, quorums: [0, 1], at: 0)
    #expect(paid == .onDemand(price))
    _ = try book.charge(header(1), symbols: 4096, quorums: [0], at: 0)
    #expect(throws: PaymentError.insufficientDeposit) {
      try book.charge(header(1), symbols: 1, quorums: [0], at: 0)
    }
    book.revert(paid, of: account)
    #expect(book.spent(by: account) == price)
    #expect(book.isCovered)
    #expect(throws: PaymentError.depositTooLarge) { try book.deposit(.max, for: account) }
  }
}
