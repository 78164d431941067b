import Cryptography
import EVM
import Execution
import JSON
import Primitives

/// Collects a call's logs and, if asked to, its transfers of ether as if they were logs of an ERC-20
/// contract at the address of ERC-7528; as `eth_simulateV1` shows them.
///
/// The numbers go on from call to call of a block, over what failed too.
public final class TransferTracer: Tracer {
  /// A log with its number in the block.
  public struct Entry: Sendable {
    /// The log.
    public var log: Log
    /// Its number.
    public var index: Int
  }

  private let tracesTransfers: Bool
  private var frames: [[Entry]] = []
  private var count = 0
  private static let topic = Keccak256.hash(Bytes("Transfer(address,address,uint256)".utf8))
  private static let address = Address(0xeeee_eeee_eeee_eeee, 0xeeee_eeee_eeee_eeee, 0xeeee_eeee)

  /// A tracer for the calls of one block.
  public init(tracesTransfers: Bool) { self.tracesTransfers = tracesTransfers }

  /// What the last call logged, nothing if it failed; the next call begins afresh.
  public func takeLogs() -> [Entry] {
    defer { frames = [] }
    return frames.first ?? []
  }

  /// False: steps do not matter.
  public var watchesSteps: Bool { false }
  /// False.
  public var wantsAbort: Bool { false }
  /// Does nothing.
  public func step(_ step: TraceStep) {}
  /// Does nothing.
  public func stepDone(cost: UInt64) {}

  /// A frame begins.
  public func enter(_ message: Message, depth: Int) {
    frames.append([])
    guard message.kind != .delegateCall, message.kind != .callCode, message.kind != .staticCall
    else { return }
    transfer(message.value, from: message.caller, to: message.target)
  }

  /// A frame ends.
  public func exit(_ result: MessageResult, depth: Int) {
    let hasFailed = result.status != .success
    if depth == 0 {
      if hasFailed, !frames.isEmpty { frames[0] = [] }
      return
    }
    guard frames.count > 1 else { return }
    let inner = frames.removeLast()
    if !hasFailed { frames[frames.count - 1] += inner }
  }

  /// A log is written.
  public func log(_ log: Log, depth: Int) { append(log) }

  /// A contract gives its balance away.
  public func selfDestruct(
    _ contract: Address, beneficiary: Address, balance: UInt256, depth: Int
  ) {
    transfer(balance, from: contract, to: beneficiary)
  }

  private func transfer(_ value: UInt256, from sender: Address, to recipient: Address) {
    guard tracesTransfers, !value.isZero else { return }
    append(
      Log(
        address: Self.address,
        topics: [Self.topic, Hash(UInt256(sender)), Hash(UInt256(recipient))],
        data: Hash(value).bytes))
  }

  private func append(_ log: Log) {
    guard !frames.isEmpty else { return }
    frames[frames.count - 1].append(Entry(log: log, index: count))
    count += 1
  }
}
