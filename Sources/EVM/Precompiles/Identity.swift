extension PrecompileTable {
  /// 0x04: the input itself.
  static func identity(_ call: PrecompileCall) -> PrecompileAnswer {
    let cost = PrecompileGas.identity + PrecompileGas.identityWord * call.inputWords
    guard cost <= call.gasLimit else { return .outOfGas }
    return .output(call.input, cost: cost)
  }
}
