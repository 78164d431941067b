import Blobs
import Primitives

/// A reservation: so many symbols a second, for some time, in some quorums.
public struct Reservation: Equatable, Sendable {
  /// The rate.
  public var symbolsPerSecond: UInt64
  /// The first second, since 1970, at which it is valid.
  public var start: UInt64
  /// The last second, whose beginning is the last moment at which it is valid.
  public var end: UInt64
  /// The quorums.
  public var quorums: Bytes

  /// A reservation of these terms.
  public init(symbolsPerSecond: UInt64, start: UInt64, end: UInt64, quorums: Bytes) {
    self.symbolsPerSecond = symbolsPerSecond
    self.start = start
    self.end = end
    self.quorums = quorums
  }

  /// Whether it is one at all: a rate, a time and a quorum.
  var isMeaningful: Bool { symbolsPerSecond > 0 && start < end && !quorums.isEmpty }

  /// Whether it is valid at a moment, its first and its last included.
  func isValid(atNanoseconds time: UInt64) -> Bool {
    let second: UInt128 = 1_000_000_000
    return UInt128(time) >= UInt128(start) * second && UInt128(time) <= UInt128(end) * second
  }
}

/// What a dispersal cost.
public enum Charge: Equatable, Sendable {
  /// Symbols of a reservation.
  case reservation(symbols: UInt64)
  /// Wei of a deposit.
  case onDemand(UInt256)
}

/// Who may disperse how much: reservations and deposits of EigenDA's payment vault.
public struct PaymentBook: Equatable, Sendable {
  struct Reserved: Equatable {
    var reservation: Reservation
    var bucket: LeakyBucket
  }

  /// What a symbol costs on demand, in wei.
  public let weiPerSymbol: UInt256
  /// Shorter blobs are charged as this many symbols.
  public let minimumSymbols: UInt64
  var reservations: [Address: Reserved] = [:]
  var deposits: [Address: UInt256] = [:]
  var spent: [Address: UInt256] = [:]

  /// A disperser's buckets hold 90 seconds of their rate.
  public static var bucketCapacityInSeconds: UInt64 { 90 }

  /// An empty book with prices; EigenDA's if they are left out.
  public init(weiPerSymbol: UInt256 = 447_000_000, minimumSymbols: UInt64 = 4096) {
    self.weiPerSymbol = weiPerSymbol
    self.minimumSymbols = minimumSymbols
  }

  /// How many symbols a blob is charged as.
  public func billableSymbols(_ symbols: UInt64) -> UInt64 {
    max(symbols, minimumSymbols)
  }

  /// What an account has deposited.
  public func deposit(of account: Address) -> UInt256 { deposits[account] ?? .zero }

  /// What an account has spent of its deposit.
  public func spent(by account: Address) -> UInt256 { spent[account] ?? .zero }

  /// The reservation of an account.
  public func reservation(of account: Address) -> Reservation? {
    reservations[account]?.reservation
  }

  /// How full the bucket of an account's reservation is, in symbols.
  public func bucketLevel(of account: Address) -> UInt64? {
    reservations[account]?.bucket.levelInSymbols
  }

  /// Adds a deposit, which cannot be taken back.
  ///
  /// - Throws: `PaymentError.depositTooLarge` above 80 bits in all.
  public mutating func deposit(_ amount: UInt256, for account: Address) throws(PaymentError) {
    let (sum, overflow) = deposit(of: account).addingReportingOverflow(amount)
    guard !overflow, sum.bitWidth <= 80 else { throw .depositTooLarge }
    deposits[account] = sum
  }

  /// Gives an account a reservation, in place of any earlier one; its bucket begins empty, or as
  /// full as it was.
  ///
  /// - Throws: `PaymentError.emptyReservation` for one that allows nothing, or
  ///   `.timeMovedBackward`; nothing is changed then.
  public mutating func reserve(
    _ reservation: Reservation, for account: Address, at time: UInt64
  ) throws(PaymentError) {
    guard reservation.isMeaningful else { throw .emptyReservation }
    let rate = reservation.symbolsPerSecond
    var bucket =
      reservations[account]?.bucket
      ?? LeakyBucket(
        symbolsPerSecond: rate, capacityInSeconds: Self.bucketCapacityInSeconds, isFull: false,
        at: time)
    try bucket.setRate(symbolsPerSecond: rate, at: time)
    reservations[account] = Reserved(reservation: reservation, bucket: bucket)
  }

  /// Charges a blob: to the reservation if the cumulative payment is zero, else to the deposit.
  ///
  /// - Throws: `PaymentError`; nothing is changed then.
  public mutating func charge(
    _ payment: PaymentHeader, symbols: UInt64, quorums: Bytes, at time: UInt64
  ) throws(PaymentError) -> Charge {
    let billable = billableSymbols(symbols)
    guard payment.cumulativePayment.isZero else {
      // Only the required quorums sell on demand.
      if let other = quorums.first(where: { $0 > 1 }) { throw .quorum(other) }
      let cost = UInt256(billable) * weiPerSymbol
      let total = spent(by: payment.account) + cost
      guard !deposit(of: payment.account).isZero else { throw .noFunds }
      guard total <= deposit(of: payment.account) else { throw .insufficientDeposit }
      spent[payment.account] = total
      return .onDemand(cost)
    }
    guard var reserved = reservations[payment.account] else { throw .noFunds }
    let covered = reserved.reservation.quorums
    if let other = quorums.first(where: { !covered.contains($0) }) { throw .quorum(other) }
    guard reserved.reservation.isValid(atNanoseconds: payment.timestampInNanoseconds) else {
      throw .outsideReservation
    }
    guard try reserved.bucket.fill(symbols: billable, at: time) else { throw .rateExceeded }
    reservations[payment.account] = reserved
    return .reservation(symbols: billable)
  }

  /// Gives back what a dispersal cost that failed.
  public mutating func revert(_ charge: Charge, of account: Address) {
    switch charge {
    case .reservation(let symbols): reservations[account]?.bucket.revert(symbols: symbols)
    case .onDemand(let cost):
      let before = spent(by: account)
      spent[account] = before > cost ? before - cost : .zero
    }
  }

  /// Whether nobody has spent more than it deposited.
  public var isCovered: Bool {
    spent.allSatisfy { account, amount in amount <= deposit(of: account) }
  }
}
