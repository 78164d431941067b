/// Brotli's constant tables.
///
/// Source: RFC 7932, sections 4 to 7.
enum BrotliLengths {
  static let insertBases = [
    0, 1, 2, 3, 4, 5, 6, 8, 10, 14, 18, 26, 34, 50, 66, 98, 130, 194, 322, 578, 1090, 2114, 6210,
    22594,
  ]
  static let insertBits: [UInt8] = [
    0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, 10, 12, 14, 24,
  ]
  static let copyBases = [
    2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 18, 22, 30, 38, 54, 70, 102, 134, 198, 326, 582, 1094,
    2118,
  ]
  static let copyBits: [UInt8] = [
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, 10, 24,
  ]
  static let blockBases = [
    1, 5, 9, 13, 17, 25, 33, 41, 49, 65, 81, 97, 113, 145, 177, 209, 241, 305, 369, 497, 753,
    1265, 2289, 4337, 8433, 16625,
  ]
  static let blockBits: [UInt8] = [
    2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 7, 8, 9, 10, 11, 12, 13, 24,
  ]
  private static let insertCells = [0, 0, 0, 0, 8, 8, 0, 16, 8, 16, 16]
  private static let copyCells = [0, 8, 0, 8, 0, 8, 16, 0, 16, 8, 16]

  static func insertCode(of command: Int) -> Int {
    insertCells[command >> 6] + command >> 3 & 7
  }

  static func copyCode(of command: Int) -> Int { copyCells[command >> 6] + command & 7 }

  /// What a short distance code adds to an earlier distance: -1, 1, -2, 2, -3, 3.
  static func distanceOffset(_ index: Int) -> Int {
    let size = index / 2 + 1
    return index % 2 == 0 ? -size : size
  }

  /// The context of a literal by the two bytes before it.
  @inline(__always)
  static func literalContext(mode: UInt8, last: UInt8, secondLast: UInt8) -> Int {
    switch mode {
    case 0: Int(last & 0x3f)
    case 1: Int(last >> 2)
    case 2: Int(lastByteContexts[Int(last)] | secondByteContexts[Int(secondLast)])
    default: Int(signedContexts[Int(last)] << 3 | signedContexts[Int(secondLast)])
    }
  }

  private static let lastByteContexts: [UInt8] =
    [
      0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 4, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
      0, 8, 12, 16, 12, 12, 20, 12, 16, 24, 28, 12, 12, 32, 12, 36, 12, 44, 44, 44, 44, 44, 44,
      44, 44, 44, 44, 32, 32, 24, 40, 28, 12, 12, 48, 52, 52, 52, 48, 52, 52, 52, 48, 52, 52, 52,
      52, 52, 48, 52, 52, 52, 52, 52, 48, 52, 52, 52, 52, 52, 24, 12, 28, 12, 12, 12, 56, 60, 60,
      60, 56, 60, 60, 60, 56, 60, 60, 60, 60, 60, 56, 60, 60, 60, 60, 60, 56, 60, 60, 60, 60, 60,
      24, 12, 28, 12, 0,
    ] + (128..<256).map { UInt8($0 < 192 ? $0 % 2 : 2 + $0 % 2) }

  private static let secondByteContexts: [UInt8] = (0..<256).map { byte in
    switch byte {
    case 48...57, 65...90, 224...255: 2
    case 97...122: 3
    case 33...126: 1
    default: 0
    }
  }

  private static let signedContexts: [UInt8] = (0..<256).map { byte in
    switch byte {
    case 0: 0
    case ..<16: 1
    case ..<64: 2
    case ..<128: 3
    case ..<192: 4
    case ..<240: 5
    case ..<255: 6
    default: 7
    }
  }
}
