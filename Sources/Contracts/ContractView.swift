import Primitives

/// A call that reads: whom to ask, with what input, and how to understand the answer.
public struct ContractView<Result: Sendable>: Sendable {
  /// The contract to call.
  public let contract: Address
  /// The input: selector and arguments.
  public let input: Bytes

  private let types: [ABIType]
  private let make: @Sendable ([ABIValue]) -> Result?

  init(
    _ contract: Address, _ input: Bytes, returning types: ABIType...,
    make: @escaping @Sendable ([ABIValue]) -> Result?
  ) {
    self.contract = contract
    self.input = input
    self.types = types
    self.make = make
  }

  /// What the contract answered.
  /// - Throws: `ABIError` if it is not what this function answers, as when nothing lies there.
  public func result(from output: Bytes) throws(ABIError) -> Result {
    guard let result = make(try ABI.decode(types, output)) else { throw .outOfRange }
    return result
  }
}

extension ContractView where Result == UInt256 {
  init(number contract: Address, _ input: Bytes) {
    self.init(contract, input, returning: .uint256) { values in values[0].asUInt256 }
  }
}

extension ContractView where Result == UInt64 {
  init(shortNumber contract: Address, _ input: Bytes) {
    self.init(contract, input, returning: .uint(bits: 64)) { values in values[0].asUInt64 }
  }
}

extension ContractView where Result == Bool {
  init(flag contract: Address, _ input: Bytes) {
    self.init(contract, input, returning: .bool) { values in values[0].asBool }
  }
}

extension ContractView where Result == Hash {
  init(hash contract: Address, _ input: Bytes) {
    self.init(contract, input, returning: .bytes32) { values in values[0].asHash }
  }
}

extension ContractView where Result == Address {
  init(address contract: Address, _ input: Bytes) {
    self.init(contract, input, returning: .address) { values in values[0].asAddress }
  }
}
