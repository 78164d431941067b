import EVM
import Execution
import JSON
import Primitives
import Views

/// What op-geth adds to receipts of its chains.
extension EthereumJSON {
  /// What a transaction owed beside gas; nil for deposits, and on other chains.
  static func rollupFees(
    _ stored: StoredTransaction, _ specification: ChainSpecification, _ first: Transaction?
  ) -> RollupReceiptFees? {
    guard let fork = specification.rollupFork(at: stored.block.timestamp),
      stored.transaction.kind != .deposit, let first, first.kind == .deposit,
      let attributes = L1Attributes(input: first.data)
    else { return nil }
    return RollupReceiptFees(stored.transaction, attributes: attributes, fork: fork)
  }

  /// Appends the fees; the operator's only where there is one.
  static func append(_ fees: RollupReceiptFees, to json: inout JSONObject) {
    let parameters = fees.parameters
    if !fees.hasOneScalar {
      json["l1BaseFeeScalar"] = .quantity(UInt64(parameters.baseFeeScalar))
      json["l1BlobBaseFee"] = .quantity(parameters.blobBaseFee)
      json["l1BlobBaseFeeScalar"] = .quantity(UInt64(parameters.blobBaseFeeScalar))
    }
    json["l1Fee"] = .quantity(fees.charge.fee)
    if fees.hasOneScalar { json["l1FeeScalar"] = .string(millionths(parameters.scalar)) }
    json["l1GasPrice"] = .quantity(parameters.baseFee)
    json["l1GasUsed"] = .quantity(fees.charge.gasUsed)
    if parameters.operatorFeeScalar != 0 || parameters.operatorFeeConstant != 0 {
      json["operatorFeeConstant"] = .quantity(parameters.operatorFeeConstant)
      json["operatorFeeScalar"] = .quantity(UInt64(parameters.operatorFeeScalar))
    }
  }

  /// A number of millionths as Go writes a `big.Float`: ten digits that count, and a power of ten
  /// where the number is large or small.
  static func millionths(_ number: UInt256) -> String {
    if number.isZero { return "0" }
    var digits = number.decimalString.utf8.map { $0 - 0x30 }
    var exponent = digits.count - 7
    if digits.count > 10 {
      let roundsUp = digits[10] >= 5
      digits = Array(digits[..<10])
      if roundsUp {
        var place = 9
        while place >= 0, digits[place] == 9 {
          digits[place] = 0
          place -= 1
        }
        if place >= 0 {
          digits[place] += 1
        } else {
          digits.insert(1, at: 0)
          exponent += 1
        }
      }
    }
    while digits.count > 1, digits.last == 0 { digits.removeLast() }
    let text = digits.map { String($0) }
    if exponent < -4 || exponent >= 10 {
      let fraction = text.count > 1 ? "." + text[1...].joined() : ""
      let power = String(exponent.magnitude)
      let sign = exponent < 0 ? "-" : "+"
      return text[0] + fraction + "e" + sign + (power.utf8.count < 2 ? "0" : "") + power
    }
    if exponent < 0 {
      return "0." + String(repeating: "0", count: -exponent - 1) + text.joined()
    }
    let whole = text.prefix(exponent + 1).joined()
    let zeros = String(repeating: "0", count: max(0, exponent + 1 - text.count))
    let fraction = text.dropFirst(exponent + 1).joined()
    return whole + zeros + (fraction.isEmpty ? "" : "." + fraction)
  }
}
