import Contracts
import Cryptography
import EVM
import Execution
import Primitives
import Tracers

/// The lines that tell a node's operator of a new block: one of the block, and one a transaction.
struct BlockReport {
  /// Names of functions and errors, if anybody gave artifacts.
  let artifacts: ArtifactBook?

  /// Transactions of one block that are shown.
  private static let transactionLimit = 20

  /// The lines of a block; `watches` are of the transactions that were run again.
  ///
  /// A block in which nobody sent anything has none.
  func lines(of outcome: BlockOutcome, watches: [CallWatch]) -> [String] {
    let block = outcome.block
    let places = block.transactions.indices.filter { block.transactions[$0].kind != .deposit }
    guard !places.isEmpty else { return [] }
    var first = "block "
    first.reserveCapacity(160)
    first += String(block.header.number)
    first += " "
    first += outcome.hash.hexadecimal
    first += places.count == 1 ? ": 1 transaction, " : ": \(places.count) transactions, "
    first += String(block.header.gasUsed)
    first += " gas"
    if let fee = block.header.baseFee {
      first += ", base fee "
      first += fee.decimalString
      first += " wei"
    }
    var lines = [first]
    for place in places.prefix(Self.transactionLimit) {
      let watch = watches.indices.contains(place) ? watches[place] : nil
      let gas = outcome.receipts[place].gasUsed
      var line = "  "
      line.reserveCapacity(160)
      line += outcome.transactionHashes[place].hexadecimal
      line += " "
      line += words(outcome, place)
      line += ", "
      line += String(gas)
      line += " gas"
      lines.append(line)
      if !outcome.receipts[place].succeeded { lines.append("    failed: " + reason(watch)) }
      for line in (watch?.lines ?? []) + (watch?.calls ?? []) { lines.append("    " + line) }
    }
    if places.count > Self.transactionLimit {
      lines.append("  and \(places.count - Self.transactionLimit) more")
    }
    return lines
  }

  /// What a transaction does.
  private func words(_ outcome: BlockOutcome, _ place: Int) -> String {
    let transaction = outcome.block.transactions[place]
    let sent = transaction.value.isZero ? "" : " with \(transaction.value.inEther) ether"
    guard let to = transaction.to else {
      let address = outcome.receipts[place].contractAddress
      return "new contract" + (address.map { " \($0.checksummed)" } ?? "") + sent
    }
    if transaction.data.isEmpty { return "\(transaction.value.inEther) ether to \(to.checksummed)" }
    if let call = artifacts?.describe(call: transaction.data) {
      return "\(call) at \(to.checksummed)\(sent)"
    }
    let selector = Hexadecimal.encodePrefixed(transaction.data.prefix(4))
    return "\(selector) at \(to.checksummed)\(sent)"
  }

  private func reason(_ watch: CallWatch?) -> String {
    guard let result = watch?.lastResult else { return "unknown" }
    switch result.status {
    case .success: return "unknown"
    case .halt(let halt): return halt.message(result.haltDetail)
    case .revert:
      let words = RevertReason.decode(result.output) ?? artifacts?.describe(error: result.output)
      if let words { return "execution reverted: " + words }
      return "execution reverted"
        + (result.output.isEmpty ? "" : " " + Hexadecimal.encodePrefixed(result.output.prefix(68)))
    }
  }
}

extension UInt256 {
  /// An amount of wei in ether, without zeros at its end.
  public var inEther: String {
    let digits = decimalString
    let padded = String(repeating: "0", count: Swift.max(0, 19 - digits.utf8.count)) + digits
    let fraction = padded.suffix(18).reversed().drop { $0 == "0" }.reversed()
    return padded.dropLast(18) + (fraction.isEmpty ? "" : "." + String(fraction))
  }
}
