import EVM
import Primitives

/// What an OP chain's block knows of L1: the input of its first deposit.
///
/// Source: the OP Stack specification, L1 attributes of Bedrock, Ecotone, Isthmus and Jovian.
public struct L1Attributes: Hashable, Sendable {
  /// How the attributes are written.
  public enum Format: UInt8, Hashable, Sendable {
    /// As an ABI call with eight words.
    case bedrock
    /// Packed, with the scalars of base fee and blob base fee.
    case ecotone
    /// With the operator fee's parameters at the end.
    case isthmus
    /// With the scalar of the data footprint at the end.
    case jovian

    /// The first four bytes.
    public var selector: Bytes {
      switch self {
      case .bedrock: [0x01, 0x5d, 0x8e, 0xb9]
      case .ecotone: [0x44, 0x0a, 0x5e, 0x20]
      case .isthmus: [0x09, 0x89, 0x99, 0xbe]
      case .jovian: [0x3d, 0xb6, 0xbe, 0x2b]
      }
    }

    /// The length of the whole input.
    public var sizeInBytes: Int {
      switch self {
      case .bedrock: 260
      case .ecotone: 164
      case .isthmus: 176
      case .jovian: 178
      }
    }
  }

  /// How they are written.
  public var format: Format
  /// The L1 block's number.
  public var number: UInt64 = 0
  /// The L1 block's time, in seconds since 1970.
  public var timestamp: UInt64 = 0
  /// The L1 block's base fee, in wei.
  public var baseFee: UInt256 = .zero
  /// The L1 block's hash.
  public var hash: Hash = .zero
  /// How many L2 blocks came before with the same L1 block.
  public var sequenceNumber: UInt64 = 0
  /// The batcher's address, in the last 20 bytes.
  public var batcherHash: Hash = .zero
  /// Bedrock: gas added to that of a transaction's data.
  public var overhead: UInt256 = .zero
  /// Bedrock: the scalar of the L1 fee, in millionths.
  public var scalar: UInt256 = .zero
  /// Ecotone: the scalar of the base fee, in millionths.
  public var baseFeeScalar: UInt32 = 0
  /// Ecotone: the scalar of the blob base fee, in millionths.
  public var blobBaseFeeScalar: UInt32 = 0
  /// Ecotone: what a blob gas costs in the L1 block, in wei.
  public var blobBaseFee: UInt256 = .zero
  /// Isthmus: the operator's fee for gas, in millionths of a wei; times 10⁸ since Jovian.
  public var operatorFeeScalar: UInt32 = 0
  /// Isthmus: the operator's fee for a transaction, in wei.
  public var operatorFeeConstant: UInt64 = 0
  /// Jovian: how much of a block's gas limit a byte of data takes; 0 stands for 400.
  public var daFootprintGasScalar: UInt16 = 0

  /// Attributes of zeros, written as `format` says.
  public init(format: Format) { self.format = format }

  /// Who sends them.
  public static let depositor = Address(
    0xdead_dead_dead_dead, 0xdead_dead_dead_dead, 0xdead_0001)

  /// The attributes that `input` gives, or nil if it has no known selector or a wrong length.
  public init?(input: Bytes) {
    let formats: [Format] = [.bedrock, .ecotone, .isthmus, .jovian]
    guard
      let format = formats.first(where: { input.starts(with: $0.selector) }),
      input.count == format.sizeInBytes
    else { return nil }
    self.init(format: format)
    if format == .bedrock {
      guard readWords(input) else { return nil }
    } else {
      readPacked(input)
    }
  }

  private mutating func readWords(_ input: Bytes) -> Bool {
    let words = (0..<8).map { UInt256(bigEndian: input[4 + $0 * 32..<36 + $0 * 32]) }
    guard let number = words[0].asUInt64, let timestamp = words[1].asUInt64,
      let sequenceNumber = words[4].asUInt64
    else { return false }
    self.number = number
    self.timestamp = timestamp
    baseFee = words[2]
    hash = Hash(words[3])
    self.sequenceNumber = sequenceNumber
    batcherHash = Hash(words[5])
    overhead = words[6]
    scalar = words[7]
    return true
  }

  private mutating func readPacked(_ input: Bytes) {
    func number(_ start: Int, _ size: Int) -> UInt64 {
      input[start..<start + size].reduce(0) { $0 << 8 | UInt64($1) }
    }
    baseFeeScalar = UInt32(number(4, 4))
    blobBaseFeeScalar = UInt32(number(8, 4))
    sequenceNumber = number(12, 8)
    timestamp = number(20, 8)
    self.number = number(28, 8)
    baseFee = UInt256(bigEndian: input[36..<68])
    blobBaseFee = UInt256(bigEndian: input[68..<100])
    hash = Hash(input[100..<132])
    batcherHash = Hash(input[132..<164])
    if format.rawValue >= Format.isthmus.rawValue {
      operatorFeeScalar = UInt32(number(164, 4))
      operatorFeeConstant = number(168, 8)
    }
    if format == .jovian { daFootprintGasScalar = UInt16(number(176, 2)) }
  }

  /// The input that gives these attributes; fields that its format lacks are left out.
  public var input: Bytes {
    var bytes = format.selector
    func append(_ value: UInt64, _ size: Int) {
      for index in 0..<size {
        bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * (size - 1 - index))))
      }
    }
    if format == .bedrock {
      for word in [
        UInt256(number), UInt256(timestamp), baseFee, UInt256(hash), UInt256(sequenceNumber),
        UInt256(batcherHash), overhead, scalar,
      ] { word.append(to: &bytes) }
      return bytes
    }
    append(UInt64(baseFeeScalar), 4)
    append(UInt64(blobBaseFeeScalar), 4)
    append(sequenceNumber, 8)
    append(timestamp, 8)
    append(number, 8)
    baseFee.append(to: &bytes)
    blobBaseFee.append(to: &bytes)
    hash.append(to: &bytes)
    batcherHash.append(to: &bytes)
    if format.rawValue >= Format.isthmus.rawValue {
      append(UInt64(operatorFeeScalar), 4)
      append(operatorFeeConstant, 8)
    }
    if format == .jovian { append(UInt64(daFootprintGasScalar), 2) }
    return bytes
  }
}

/// The scalars that a system configuration's one word holds, since Ecotone.
public struct EcotoneScalars: Hashable, Sendable {
  /// The scalar of the base fee, in millionths.
  public var baseFeeScalar: UInt32
  /// The scalar of the blob base fee, in millionths.
  public var blobBaseFeeScalar: UInt32

  /// The scalars in `word`, or nil if a word of version 1 has bytes that mean nothing.
  ///
  /// Version 0 is Bedrock's single scalar; one that is too large counts as the largest.
  public init?(word: Hash) {
    let version = word.word0 >> 56
    let low = UInt32(truncatingIfNeeded: word.word3)
    let high = UInt32(truncatingIfNeeded: word.word3 >> 32)
    let rest = word.word0 << 8 | word.word1 | word.word2
    switch version {
    case 0:
      baseFeeScalar = rest == 0 && high == 0 ? low : .max
      blobBaseFeeScalar = 0
    case 1:
      guard rest == 0 else { return nil }
      baseFeeScalar = low
      blobBaseFeeScalar = high
    default:
      return nil
    }
  }
}
