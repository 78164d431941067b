import Execution
import Primitives

/// How the operator of a development chain has its next blocks made; all nil for a chain that is
/// left alone.
public struct ChainControls: Hashable, Sendable {
  /// What makes a block due, in place of the sequencer's own mode.
  public enum Mode: Hashable, Sendable {
    /// A transaction that is ready for it.
    case instant
    /// So many seconds since the last block.
    case interval(seconds: UInt64)
    /// A request alone.
    case manual
  }

  /// How many seconds the chain's time is ahead of the world's; may be negative.
  public var clockOffset: Int64 = 0
  /// The next block's time alone, in seconds since 1970.
  public var nextTimestamp: UInt64?
  /// Seconds between blocks, whatever the time is.
  public var timestampStep: UInt64?
  /// The next block's base fee alone, in wei.
  public var nextBaseFee: UInt256?
  /// The next block's randomness alone.
  public var nextPrevRandao: Hash?
  /// Who gets the fees.
  public var feeRecipient: Address?
  /// The most gas of a block.
  public var gasLimit: UInt64?
  /// The chain's number.
  public var chainID: UInt64?
  /// What makes a block due.
  public var mode: Mode?
  /// What headers say besides, at most 32 bytes; the chain's usual word where it is empty.
  public var extraData: Bytes = []
  /// Ether that accounts get from outside, in the next blocks.
  public var withdrawals: [Withdrawal] = []

  /// Withdrawals that one block takes, as consensus has it.
  public static let withdrawalsPerBlock = 16

  /// A chain that is left alone.
  public init() {}

  /// The withdrawals of the next block.
  public var nextWithdrawals: [Withdrawal] {
    [Withdrawal](withdrawals.prefix(Self.withdrawalsPerBlock))
  }

  /// The controls after a block: what was for it alone is over.
  var afterBlock: ChainControls {
    var controls = self
    controls.nextTimestamp = nil
    controls.nextBaseFee = nil
    controls.nextPrevRandao = nil
    controls.withdrawals = [Withdrawal](withdrawals.dropFirst(Self.withdrawalsPerBlock))
    return controls
  }

  /// The chain's time when the world's is `now`, in seconds since 1970.
  public func time(at now: UInt64) -> UInt64 {
    clockOffset < 0
      ? now - min(now, clockOffset.magnitude)
      : now.addingReportingOverflow(clockOffset.magnitude).overflow
        ? .max : now + clockOffset.magnitude
  }
}

/// That a chain's operator had its next blocks made otherwise.
public struct ControlChange: Hashable, Sendable {
  /// The chain.
  public var layer: Layer
  /// How things are from now on.
  public var controls: ChainControls

  /// A change to these controls.
  public init(layer: Layer, controls: ChainControls) {
    self.layer = layer
    self.controls = controls
  }
}

// MARK: Encoding

extension ControlChange {
  /// `layer, [isBehind, offset], [nextTimestamp]?, …`: what may be nil is a list of one or none; the
  /// last two, extra data and withdrawals, are left out where both are empty.
  func write(to list: inout RLPWriter) {
    list.append(uint64: UInt64(layer.rawValue))
    list.list { pair in
      pair.append(bool: controls.clockOffset < 0)
      pair.append(uint64: controls.clockOffset.magnitude)
    }
    list.list { item in if let value = controls.nextTimestamp { item.append(uint64: value) } }
    list.list { item in if let value = controls.timestampStep { item.append(uint64: value) } }
    list.list { item in if let value = controls.nextBaseFee { item.append(uint256: value) } }
    list.list { item in if let value = controls.nextPrevRandao { item.append(hash: value) } }
    list.list { item in if let value = controls.feeRecipient { item.append(address: value) } }
    list.list { item in if let value = controls.gasLimit { item.append(uint64: value) } }
    list.list { item in if let value = controls.chainID { item.append(uint64: value) } }
    list.list { item in
      switch controls.mode {
      case nil: break
      case .manual: item.append(uint64: 0)
      case .instant: item.append(uint64: 1)
      case .interval(let seconds):
        item.append(uint64: 2)
        item.append(uint64: seconds)
      }
    }
    if controls.extraData.isEmpty, controls.withdrawals.isEmpty { return }
    list.append(bytes: controls.extraData)
    list.list { list in
      for withdrawal in controls.withdrawals { list.append(raw: withdrawal.encoded) }
    }
  }

  init?(from list: inout RLPReader) throws(RLPError) {
    guard let layer = try Layer(from: &list) else { return nil }
    self.init(layer: layer, controls: ChainControls())
    var clock = try list.list()
    let isBehind = try clock.bool()
    guard let offset = Int64(exactly: try clock.uint64()), !isBehind || offset > 0 else {
      return nil
    }
    try clock.end()
    controls.clockOffset = isBehind ? -offset : offset
    controls.nextTimestamp = try Self.one(&list) { (item) throws(RLPError) in try item.uint64() }
    controls.timestampStep = try Self.one(&list) { (item) throws(RLPError) in try item.uint64() }
    controls.nextBaseFee = try Self.one(&list) { (item) throws(RLPError) in try item.uint256() }
    controls.nextPrevRandao = try Self.one(&list) { (item) throws(RLPError) in try item.hash() }
    controls.feeRecipient = try Self.one(&list) { (item) throws(RLPError) in try item.address() }
    controls.gasLimit = try Self.one(&list) { (item) throws(RLPError) in try item.uint64() }
    controls.chainID = try Self.one(&list) { (item) throws(RLPError) in try item.uint64() }
    var mode = try list.list()
    if !mode.isAtEnd {
      switch try mode.uint64() {
      case 0: controls.mode = .manual
      case 1: controls.mode = .instant
      case 2: controls.mode = .interval(seconds: try mode.uint64())
      default: return nil
      }
    }
    try mode.end()
    if list.isAtEnd { return }
    controls.extraData = Bytes(try list.bytes())
    var withdrawals = try list.list()
    while !withdrawals.isAtEnd {
      controls.withdrawals.append(try Withdrawal(from: &withdrawals))
    }
    guard !controls.extraData.isEmpty || !controls.withdrawals.isEmpty,
      controls.extraData.count <= Limits.extraDataSizeInBytes,
      controls.withdrawals.count <= Limits.waitingWithdrawals
    else { return nil }
  }

  /// What a list of one or none holds.
  private static func one<Value>(
    _ list: inout RLPReader, _ read: (inout RLPReader) throws(RLPError) -> Value
  ) throws(RLPError) -> Value? {
    var item = try list.list()
    guard !item.isAtEnd else { return nil }
    let value = try read(&item)
    try item.end()
    return value
  }
}
