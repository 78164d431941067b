import Cryptography
import EVM
import Primitives

/// Why a log changes no system configuration; derivation passes over it.
public enum SystemConfigurationUpdateError: Error, Hashable, Sendable {
  /// It is another event, or has not its three topics.
  case otherEvent
  /// The version is not 0.
  case unknownVersion
  /// The type is none that is known.
  case unknownType
  /// The data are not one byte string of the type's length, as the ABI writes it.
  case malformedData
  /// A value does not fit its field.
  case valueTooLarge
}

extension SystemConfigurationUpdate {
  /// `ConfigUpdate(uint256,uint8,bytes)`, the contract's event.
  public static let event = Keccak256.hash(Bytes("ConfigUpdate(uint256,uint8,bytes)".utf8))

  /// The change that a log of the contract announces.
  ///
  /// Source: the OP Stack specification, system configuration, and its changes by Holocene, Isthmus
  /// and Jovian.
  ///
  /// - Throws: `SystemConfigurationUpdateError`.
  public init(_ log: Log) throws(SystemConfigurationUpdateError) {
    guard log.topics.count == 3, log.topics[0] == Self.event else { throw .otherEvent }
    guard log.topics[1].isZero else { throw .unknownVersion }
    let type = UInt256(log.topics[2])
    guard let type = type.asUInt64, type <= 7 else { throw .unknownType }
    let words = try Self.words(log.data, count: type == 1 ? 2 : 1)
    let word = words[0]
    switch type {
    case 0: self = .batcher(try Self.address(word))
    case 1: self = .feeScalars(overhead: word, scalar: Hash(words[1]))
    case 2: self = .gasLimit(try Self.number(word, bits: 64))
    case 3: self = .unsafeBlockSigner(try Self.address(word))
    case 4:
      self = .baseFeeParameters(
        changeDenominator: UInt32(truncatingIfNeeded: word.limb0 >> 32),
        elasticity: UInt32(truncatingIfNeeded: word.limb0))
    case 5:
      self = .operatorFee(
        scalar: UInt32(truncatingIfNeeded: word.limb1), constant: word.limb0)
    case 6: self = .lowestBaseFee(try Self.number(word, bits: 64))
    default:
      self = .daFootprintGasScalar(
        UInt16(truncatingIfNeeded: try Self.number(word, bits: 16)))
    }
  }

  /// The words of a byte string that is all of `data`.
  private static func words(
    _ data: Bytes, count: Int
  ) throws(SystemConfigurationUpdateError) -> [UInt256] {
    guard data.count == 64 + 32 * count, UInt256(bigEndian: data[0..<32]) == 32,
      UInt256(bigEndian: data[32..<64]) == UInt256(UInt64(32 * count))
    else { throw .malformedData }
    var words: [UInt256] = []
    for index in 0..<count {
      words.append(UInt256(bigEndian: data[64 + 32 * index..<96 + 32 * index]))
    }
    return words
  }

  private static func address(
    _ word: UInt256
  ) throws(SystemConfigurationUpdateError) -> Address {
    let address = Address(word)
    guard UInt256(address) == word else { throw .valueTooLarge }
    return address
  }

  private static func number(
    _ word: UInt256, bits: UInt64
  ) throws(SystemConfigurationUpdateError) -> UInt64 {
    guard let number = word.asUInt64, bits == 64 || number >> bits == 0 else {
      throw .valueTooLarge
    }
    return number
  }
}
