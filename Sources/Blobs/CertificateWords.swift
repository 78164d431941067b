import Pairings
import Primitives

/// A point of G1 as a certificate has it: two numbers, which need not be those of a point.
public struct G1Words: Hashable, Sendable {
  /// The first coordinate.
  public var x: UInt256
  /// The second coordinate.
  public var y: UInt256

  /// These numbers.
  public init(x: UInt256, y: UInt256) {
    self.x = x
    self.y = y
  }

  /// The numbers of a point; zeros for infinity.
  public init(_ point: BN254.G1) {
    let bytes = BN254.encode(point)
    self.init(x: UInt256(bigEndian: bytes[..<32]), y: UInt256(bigEndian: bytes[32...]))
  }

  /// Both numbers, 32 bytes each.
  public var bytes: Bytes { Hash(x).bytes + Hash(y).bytes }

  /// The point, or nil if the numbers are of none.
  public var point: BN254.G1? { BN254.decodeG1(bytes[...]) }
}

/// A point of G2 as a certificate has it, the coefficient of u before that of 1.
public struct G2Words: Hashable, Sendable {
  /// The first coordinate's coefficient of u.
  public var x1: UInt256
  /// The first coordinate's coefficient of 1.
  public var x0: UInt256
  /// The second coordinate's coefficient of u.
  public var y1: UInt256
  /// The second coordinate's coefficient of 1.
  public var y0: UInt256

  /// These numbers.
  public init(x1: UInt256, x0: UInt256, y1: UInt256, y0: UInt256) {
    self.x1 = x1
    self.x0 = x0
    self.y1 = y1
    self.y0 = y0
  }

  /// The numbers of a point; zeros for infinity.
  public init(_ point: BN254.G2) {
    let bytes = BN254.encode(point)
    self.init(
      x1: UInt256(bigEndian: bytes[..<32]), x0: UInt256(bigEndian: bytes[32..<64]),
      y1: UInt256(bigEndian: bytes[64..<96]), y0: UInt256(bigEndian: bytes[96...]))
  }

  /// The numbers that 128 bytes are, or nil for another length.
  public init?(bytes: ArraySlice<UInt8>) {
    guard bytes.count == 128 else { return nil }
    func number(_ index: Int) -> UInt256 {
      UInt256(bigEndian: bytes.dropFirst(32 * index).prefix(32))
    }
    self.init(x1: number(0), x0: number(1), y1: number(2), y0: number(3))
  }

  /// The numbers in their order, 32 bytes each.
  public var bytes: Bytes { Hash(x1).bytes + Hash(x0).bytes + Hash(y1).bytes + Hash(y0).bytes }

  /// The point, or nil if the numbers are of none in G2.
  public var point: BN254.G2? {
    guard let point = BN254.decodeG2(bytes[...]), BN254.isInSubgroup(point) else { return nil }
    return point
  }
}

/// A blob's commitment as a certificate has it.
public struct CommitmentWords: Hashable, Sendable {
  /// The commitment.
  public var commitment: G1Words
  /// The length commitment.
  public var lengthCommitment: G2Words
  /// The length proof.
  public var lengthProof: G2Words
  /// How many coefficients the blob has.
  public var length: UInt32

  /// A commitment of these parts.
  public init(
    commitment: G1Words, lengthCommitment: G2Words, lengthProof: G2Words, length: UInt32
  ) {
    self.commitment = commitment
    self.lengthCommitment = lengthCommitment
    self.lengthProof = lengthProof
    self.length = length
  }

  /// The words of a commitment.
  public init(_ commitment: BlobCommitment) {
    self.init(
      commitment: G1Words(commitment.commitment),
      lengthCommitment: G2Words(commitment.lengthCommitment),
      lengthProof: G2Words(commitment.lengthProof), length: commitment.length)
  }

  /// The commitment, or nil if a point is none of its group.
  public var points: BlobCommitment? {
    guard let first = commitment.point, let second = lengthCommitment.point,
      let proof = lengthProof.point
    else { return nil }
    return BlobCommitment(
      commitment: first, lengthCommitment: second, lengthProof: proof, length: length)
  }
}
