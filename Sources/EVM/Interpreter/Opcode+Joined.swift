/// Which instructions are joined (`Registers+Joined.swift`): those that compilers write often.
extension Opcode {
  /// The joined instructions that begin with the one at an index of padded code, if there are such
  /// and their jump leads to a jump destination.
  static func joined(
    at index: Int, of code: UnsafePointer<UInt8>, size: Int, jumpDestinations: UnsafePointer<UInt8>
  ) -> Opcode? {
    func byte(_ distance: Int) -> Opcode {
      unsafe unsafeBitCast(code[index &+ distance], to: Opcode.self)
    }
    func lands(_ distance: Int) -> Bool {
      let isShort = byte(distance) == .push1
      let first = unsafe Int(code[index &+ distance &+ 1])
      let target = isShort ? first : unsafe first &<< 8 | Int(code[index &+ distance &+ 2])
      return unsafe target < size
        && jumpDestinations[target &>> 3] &>> UInt8(truncatingIfNeeded: target & 7) & 1 != 0
    }
    switch byte(0) {
    case .push1:
      switch byte(2) {
      case .add: return .push1Add
      case .shl: return .push1Shl
      case .shr: return .push1Shr
      case .mload: return .push1Mload
      case .mstore: return .push1Mstore
      case .jump: return lands(0) ? .push1Jump : nil
      case .jumpi: return lands(0) ? .push1Jumpi : nil
      default: return nil
      }
    case .push2:
      switch byte(3) {
      case .jump: return lands(0) ? .push2Jump : nil
      case .jumpi: return lands(0) ? .push2Jumpi : nil
      default: return nil
      }
    case .iszero:
      if byte(1) == .push1, byte(3) == .jumpi, lands(1) { return .iszeroPush1Jumpi }
      return byte(1) == .push2 && byte(4) == .jumpi && lands(1) ? .iszeroPush2Jumpi : nil
    case .lt, .gt, .eq:
      return unsafe comparison(byte(0), code + index + 1, lands)
    case .swap1:
      if byte(1) == .jump { return .swap1Jump }
      return byte(1) == .pop ? .swap1Pop : nil
    case .swap2: return byte(1) == .pop ? .swap2Pop : nil
    case .swap3: return byte(1) == .pop ? .swap3Pop : nil
    case .swap4: return byte(1) == .pop ? .swap4Pop : nil
    case .swap5: return byte(1) == .pop ? .swap5Pop : nil
    case .pop:
      if byte(1) == .jump { return .popJump }
      return byte(1) == .pop ? .popPop : nil
    case .dup1: return byte(1) == .mload ? .dup1Mload : nil
    case .dup2:
      if byte(1) == .mstore { return .dup2Mstore }
      return byte(1) == .add ? .dup2Add : nil
    default: return nil
    }
  }

  /// A comparison and what follows it: an ISZERO or none, PUSH2 and JUMPI.
  private static func comparison(
    _ first: Opcode, _ next: UnsafePointer<UInt8>, _ lands: (Int) -> Bool
  ) -> Opcode? {
    let isNegated = unsafe next[0] == Opcode.iszero.rawValue
    let push = isNegated ? 1 : 0
    guard unsafe next[push] == Opcode.push2.rawValue,
      unsafe next[push &+ 3] == Opcode.jumpi.rawValue, lands(push &+ 1)
    else { return nil }
    switch first {
    case .lt: return isNegated ? .ltIszeroPush2Jumpi : .ltPush2Jumpi
    case .gt: return isNegated ? .gtIszeroPush2Jumpi : .gtPush2Jumpi
    default: return isNegated ? .eqIszeroPush2Jumpi : .eqPush2Jumpi
    }
  }
}
