import EVM
import Execution
import Primitives

/// Collects the accounts and slots that a call touches, for `eth_createAccessList`.
public final class AccessListTracer: Tracer {
  private var slots: [Address: Set<UInt256>] = [:]
  private let excluded: Set<Address>

  /// A tracer that leaves out the addresses that are warm anyway, unless their slots are touched.
  public init(excluded: Set<Address>, given: [AccessListEntry]) {
    self.excluded = excluded
    for entry in given where !excluded.contains(entry.address) || !entry.storageKeys.isEmpty {
      slots[entry.address, default: []].formUnion(entry.storageKeys)
    }
  }

  /// The list, sorted.
  public var accessList: [AccessListEntry] {
    slots.sorted { $0.key < $1.key }.map {
      AccessListEntry(address: $0.key, storageKeys: $0.value.sorted())
    }
  }

  /// True: instructions touch.
  public var watchesSteps: Bool { true }
  /// False.
  public var wantsAbort: Bool { false }
  /// Does nothing.
  public func enter(_ message: Message, depth: Int) {}
  /// Does nothing.
  public func exit(_ result: MessageResult, depth: Int) {}
  /// Does nothing.
  public func stepDone(cost: UInt64) {}
  /// Does nothing.
  public func log(_ log: Log, depth: Int) {}
  /// Does nothing.
  public func selfDestruct(
    _ contract: Address, beneficiary: Address, balance: UInt256, depth: Int
  ) {}

  /// An instruction is about to run.
  public func step(_ step: TraceStep) {
    switch step.opcode {
    case 0x54, 0x55:
      guard step.stackHeight >= 1 else { return }
      slots[step.address, default: []].insert(step.word(0))
    case 0x31, 0x3b, 0x3c, 0x3f, 0xff:
      guard step.stackHeight >= 1 else { return }
      touch(Address(step.word(0)))
    case 0xf1, 0xf2, 0xf4, 0xfa:
      guard step.stackHeight >= 5 else { return }
      touch(Address(step.word(1)))
    default: break
    }
  }

  private func touch(_ address: Address) {
    guard !excluded.contains(address), slots[address] == nil else { return }
    slots[address] = []
  }
}
