import Cryptography
import EVM
import EventLog
import Ledger
import Primitives

/// How two rows at the same place differ.
enum RowDifference {
  /// The columns that differ, in words.
  static func fields(_ first: Row, _ second: Row) -> [LogDifference.Field] {
    var fields: [LogDifference.Field] = []
    if first.kind != second.kind {
      fields.append(.init(name: "kind", first: name(first.kind), second: name(second.kind)))
    } else if first.payload != second.payload {
      fields.append(
        .init(name: "kind", first: name(first.kind), second: name(second.kind)))
      fields += contents(first, second)
      fields.append(payload(first, second))
    }
    if first.commitment != second.commitment {
      fields.append(
        .init(
          name: "commitment", first: first.commitment.hexadecimal,
          second: second.commitment.hexadecimal))
    }
    return fields
  }

  /// What two events of the operator say otherwise, by name.
  private static func contents(_ first: Row, _ second: Row) -> [LogDifference.Field] {
    let events = [first, second].map { try? Event.decode(kind: $0.kind, payload: $0.payload) }
    switch (events[0], events[1]) {
    case (.controlsChanged(let left)?, .controlsChanged(let right)?):
      let names = zip(words(left), words(right))
      return names.filter { $0.1 != $1.1 }.map { .init(name: $0.0, first: $0.1, second: $1.1) }
    case (.accountsEdited(let left)?, .accountsEdited(let right)?):
      let addresses = Set((left.changes + right.changes).map(\.address)).sorted()
      for address in addresses {
        let both = [left, right].map { edit in edit.changes.first { $0.address == address } }
        if both[0] == both[1] { continue }
        let names = zip(words(both[0]), words(both[1]))
        return [.init(name: "account", first: address.checksummed, second: address.checksummed)]
          + names.filter { $0.1 != $1.1 }.map { .init(name: $0.0, first: $0.1, second: $1.1) }
      }
      return []
    default: return []
    }
  }

  private static func words(_ change: ControlChange) -> [(String, String)] {
    let controls = change.controls
    return [
      ("clock offset", "\(controls.clockOffset) s"),
      ("next timestamp", controls.nextTimestamp.map { "\($0)" } ?? "none"),
      ("timestamp step", controls.timestampStep.map { "\($0)" } ?? "none"),
      ("next base fee", controls.nextBaseFee?.decimalString ?? "none"),
      ("next randomness", controls.nextPrevRandao?.hexadecimal ?? "none"),
      ("fee recipient", controls.feeRecipient?.checksummed ?? "none"),
      ("gas limit", controls.gasLimit.map { "\($0)" } ?? "none"),
      ("chain id", controls.chainID.map { "\($0)" } ?? "none"),
      ("mining", controls.mode.map { "\($0)" } ?? "as configured"),
    ]
  }

  private static func words(_ change: AccountEdit.Change?) -> [(String, String)] {
    [
      ("balance", change?.balance?.decimalString ?? "as it was"),
      ("nonce", change?.nonce.map { "\($0)" } ?? "as it was"),
      ("code", change?.code.map { Hexadecimal.encodePrefixed($0.prefix(24)) } ?? "as it was"),
    ]
  }

  private static func name(_ kind: UInt16) -> String {
    Event.Kind(rawValue: kind)?.name ?? "kind \(kind)"
  }

  /// The payloads, from the first byte on that differs.
  private static func payload(_ first: Row, _ second: Row) -> LogDifference.Field {
    let pairs = zip(first.payload, second.payload)
    let place = pairs.prefix { $0 == $1 }.reduce(0) { count, _ in count + 1 }
    return .init(
      name: "payload from byte \(place)", first: excerpt(first.payload, place),
      second: excerpt(second.payload, place))
  }

  private static func excerpt(_ payload: Bytes, _ place: Int) -> String {
    let rest = payload.dropFirst(place)
    return Hexadecimal.encodePrefixed(rest.prefix(24))
      + (rest.count > 24 ? "… (\(payload.count) bytes)" : "")
  }

  /// A slot that two edits by hand write otherwise.
  static func slot(_ first: Row, _ second: Row) -> LogDifference.Slot? {
    guard let left = edited(first), let right = edited(second) else { return nil }
    for (address, slots) in left.sorted(by: { $0.key < $1.key }) {
      let others = right[address] ?? [:]
      for (slot, word) in slots.sorted(by: { $0.key < $1.key }) {
        let other = others[slot] ?? .zero
        if other != word {
          return .init(address: address, slot: slot, first: word, second: other)
        }
      }
    }
    return nil
  }

  private static func edited(_ row: Row) -> [Address: [UInt256: UInt256]]? {
    guard case .accountsEdited(let edit)? = try? Event.decode(kind: row.kind, payload: row.payload)
    else { return nil }
    return edit.changes.reduce(into: [:]) { written, change in
      for slot in change.slots { written[change.address, default: [:]][slot.slot] = slot.value }
    }
  }
}
