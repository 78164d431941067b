/// Why a payment is refused.
public enum PaymentError: Error, Hashable, Sendable {
  /// The account has neither a reservation nor a deposit of the kind that it names.
  case noFunds
  /// The reservation is not valid at this time.
  case outsideReservation
  /// The reservation, or payment on demand, does not cover this quorum.
  case quorum(UInt8)
  /// The reservation's bucket is full.
  case rateExceeded
  /// The deposit does not suffice.
  case insufficientDeposit
  /// The time is before that of the last dispersal.
  case timeMovedBackward
  /// A reservation is of no rate, of no time, or of no quorum.
  case emptyReservation
  /// A deposit exceeds what a contract's 80 bits hold.
  case depositTooLarge
}

/// A rate limit that allows bursts: what is used fills a bucket that leaks at a constant rate.
///
/// Exact, in symbols times nanoseconds. One overfill is allowed: whatever finds the bucket less
/// than full may go in whole, so that a blob larger than the bucket is possible at all.
public struct LeakyBucket: Equatable, Sendable {
  /// How much leaks.
  public private(set) var symbolsPerSecond: UInt64
  /// What the bucket holds, in seconds of its rate.
  public let capacityInSeconds: UInt64
  /// What is in it, in symbols times 10⁹.
  var level: UInt128
  /// When that was.
  var timeInNanoseconds: UInt64

  /// A bucket, full or empty: a client starts with a full one and a validator with an empty one, so
  /// that a client that restarts is never refused.
  public init(
    symbolsPerSecond: UInt64, capacityInSeconds: UInt64, isFull: Bool, at time: UInt64
  ) {
    self.symbolsPerSecond = symbolsPerSecond
    self.capacityInSeconds = capacityInSeconds
    timeInNanoseconds = time
    level = 0
    if isFull { level = capacity }
  }

  private var capacity: UInt128 {
    UInt128(symbolsPerSecond) * UInt128(capacityInSeconds) * 1_000_000_000
  }

  /// How many symbols are in it, rounded up.
  public var levelInSymbols: UInt64 {
    UInt64(clamping: (level + 999_999_999) / 1_000_000_000)
  }

  /// Puts symbols in; false if the bucket is full.
  ///
  /// - Throws: `PaymentError.timeMovedBackward`.
  public mutating func fill(
    symbols: UInt64, at time: UInt64
  ) throws(PaymentError) -> Bool {
    try leak(until: time)
    let filled = level + UInt128(symbols) * 1_000_000_000
    guard filled <= capacity || level < capacity else { return false }
    level = filled
    return true
  }

  /// Takes symbols out again that were put in for a dispersal that failed.
  public mutating func revert(symbols: UInt64) {
    let amount = UInt128(symbols) * 1_000_000_000
    level = level > amount ? level - amount : 0
  }

  /// Leaks at another rate from now on; what is in it stays, though it be more than fits.
  ///
  /// - Throws: `PaymentError.timeMovedBackward`.
  public mutating func setRate(
    symbolsPerSecond rate: UInt64, at time: UInt64
  ) throws(PaymentError) {
    try leak(until: time)
    symbolsPerSecond = rate
  }

  private mutating func leak(until time: UInt64) throws(PaymentError) {
    guard time >= timeInNanoseconds else { throw .timeMovedBackward }
    let leaked = UInt128(time - timeInNanoseconds) * UInt128(symbolsPerSecond)
    level = level > leaked ? level - leaked : 0
    timeInNanoseconds = time
  }
}
