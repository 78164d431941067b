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
    try book.reserve(terms, for: account, at: 0)
    #expect(throws: PaymentError.quorum(1)) {
      try book.charge(header(0), symbols: 1, quorums: [0, 1], at: 0)
    }
    for seconds: UInt64 in [9, 61] {
      #expect(throws: PaymentError.outsideReservation) {
        try book.charge(header(0, seconds: seconds), symbols: 1, quorums: [0], at: 0)
      }
    }
    var late = header(0, seconds: 60)
    late.timestampInNanoseconds += 1
    #expect(throws: PaymentError.outsideReservation) {
      try book.charge(late, symbols: 1, quorums: [0], at: 0)
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

  @Test("a reservation begins with its first moment, ends after its last, and is none if empty")
  func reservationBounds() throws {
    let terms = Reservation(symbolsPerSecond: 1_000, start: 10, end: 60, quorums: [0])
    for seconds: UInt64 in [10, 60] {
      var book = PaymentBook()
      try book.reserve(terms, for: account, at: 0)
      #expect(
        try book.charge(header(0, seconds: seconds), symbols: 1, quorums: [0], at: 0)
          == .reservation(symbols: 4096))
    }
    var book = PaymentBook()
    for empty in [
      Reservation(symbolsPerSecond: 0, start: 10, end: 60, quorums: [0]),
      Reservation(symbolsPerSecond: 1, start: 60, end: 60, quorums: [0]),
      Reservation(symbolsPerSecond: 1, start: 10, end: 60, quorums: []),
    ] {
      #expect(throws: PaymentError.emptyReservation) {
        try book.reserve(empty, for: account, at: 0)
      }
    }
    #expect(book == PaymentBook())
  }

  @Test("a new reservation takes the bucket over as it is, leaked at the old rate until now")
  func reservationChange() throws {
    var book = PaymentBook()
    var terms = Reservation(symbolsPerSecond: 100, start: 0, end: 1_000, quorums: [0])
    try book.reserve(terms, for: account, at: 0)
    _ = try book.charge(header(0), symbols: 8_999, quorums: [0], at: 0)
    _ = try book.charge(header(0), symbols: 8_192, quorums: [0], at: 0)
    #expect(book.bucketLevel(of: account) == 17_191)
    // Ten seconds at the old rate, then more is in it than a bucket of the new rate holds.
    terms.symbolsPerSecond = 10
    try book.reserve(terms, for: account, at: 10_000_000_000)
    #expect(book.bucketLevel(of: account) == 16_191)
    #expect(throws: PaymentError.rateExceeded) {
      try book.charge(header(0), symbols: 1, quorums: [0], at: 20_000_000_000)
    }
    #expect(throws: PaymentError.timeMovedBackward) {
      try book.reserve(terms, for: account, at: 1)
    }
    // 900 symbols fit; 15,292 must leak, at ten a second.
    let late = UInt64(10 + 1_530) * 1_000_000_000
    #expect(
      try book.charge(header(0), symbols: 1, quorums: [0], at: late)
        == .reservation(symbols: 4096))
  }

  @Test("a bucket does what one in floating point does, whatever is poured in")
  func bucketDifferential() throws {
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<100 {
      var rate = UInt64.random(in: 1...1 << 20, using: &generator)
      let capacity = UInt64.random(in: 1...120, using: &generator)
      let isFull = Bool.random(using: &generator)
      var bucket = LeakyBucket(
        symbolsPerSecond: rate, capacityInSeconds: capacity, isFull: isFull, at: 0)
      var level = isFull ? Double(rate * capacity) : 0
      var time: UInt64 = 0
      for step in 0..<100 {
        let passed = UInt64.random(in: 0...10_000_000_000, using: &generator)
        time += passed
        level = max(0, level - Double(passed) / 1e9 * Double(rate))
        if step == 50 {
          rate = UInt64.random(in: 1...1 << 20, using: &generator)
          try bucket.setRate(symbolsPerSecond: rate, at: time)
        }
        let symbols = UInt64.random(in: 1...rate * 10, using: &generator)
        let brim = Double(rate * capacity)
        // Too close to call in floating point.
        if abs(level - brim) < 0.01 || abs(level + Double(symbols) - brim) < 0.01 { break }
        let fits = level + Double(symbols) <= brim || level < brim
        #expect(try bucket.fill(symbols: symbols, at: time) == fits)
        if fits { level += Double(symbols) }
        #expect(abs(Double(bucket.levelInSymbols) - level) < 2)
      }
    }
  }
}
