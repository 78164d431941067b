/// Numbers as text: hexadecimal quantities as JSON-RPC writes them, and decimals.
extension UInt256 {
  /// The number that 1 to 64 hexadecimal digits spell, with or without "0x", or nil.
  public init?(hexadecimal text: String) { self.init(hexadecimal: text.utf8) }

  /// The number that 1 to 64 ASCII hexadecimal digits spell, with or without "0x", or nil.
  public init?(hexadecimal text: some Collection<UInt8>) {
    let digits = Hexadecimal.withoutPrefix(Bytes(text))
    guard !digits.isEmpty, digits.count <= 64 else { return nil }
    self.init()
    for character in digits {
      guard let digit = Hexadecimal.value(of: character) else { return nil }
      self = shiftedLeft(by: 4 as UInt64)
      limb0 |= UInt64(digit)
    }
  }

  /// The number that decimal digits spell, or nil if they are none, others, or too large.
  public init?(decimal text: String) { self.init(decimal: text.utf8) }

  /// The number that ASCII decimal digits spell, or nil if they are none, others, or too large.
  public init?(decimal text: some Collection<UInt8>) {
    guard !text.isEmpty else { return nil }
    self.init()
    for character in Bytes(text) {
      guard 0x30...0x39 ~= character else { return nil }
      let (scaled, first) = multipliedReportingOverflow(by: 10)
      let (sum, second) = scaled.addingReportingOverflow(UInt256(UInt64(character - 0x30)))
      guard !first, !second else { return nil }
      self = sum
    }
  }

  /// The number as "0x" and hexadecimal digits without leading zeros: "0x0" for 0.
  public var hexadecimal: String {
    var text: Bytes = [0x30, 0x78]
    var shift = Swift.max(0, (bitWidth &- 1) / 4 &* 4)
    while shift >= 0 {
      let digit = shiftedRight(by: UInt64(truncatingIfNeeded: shift)).limb0 & 15
      text.append(Hexadecimal.digit(UInt8(truncatingIfNeeded: digit)))
      shift &-= 4
    }
    return Hexadecimal.string(text)
  }

  /// The number as decimal digits.
  public var decimalString: String {
    var reversed = Bytes()
    var rest = self
    repeat {
      var (quotient, digits) = rest.quotientAndRemainder(dividingBy: 10_000_000_000_000_000_000)
      rest = quotient
      quotient = .zero
      for _ in 0..<19 {
        reversed.append(0x30 + UInt8(truncatingIfNeeded: digits.limb0 % 10))
        digits.limb0 /= 10
        if rest.isZero && digits.limb0 == 0 { break }
      }
    } while !rest.isZero
    reversed.reverse()
    return Hexadecimal.string(reversed)
  }
}
