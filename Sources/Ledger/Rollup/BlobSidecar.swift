import Cryptography
import Execution
import Pairings
import Primitives

/// A blob as it travels beside its transaction: the content store keeps it whole.
public struct BlobSidecar: Hashable, Sendable {
  /// The blob: 4,096 field elements of 32 bytes.
  public var blob: Bytes
  /// The KZG commitment to it, a compressed point of 48 bytes.
  public var commitment: Bytes
  /// The KZG proof that the commitment is the blob's, a compressed point of 48 bytes; of a blob
  /// with cell proofs that of its first cell.
  public var proof: Bytes

  /// How many bytes a blob has.
  public static let blobSizeInBytes = 131_072
  private static let pointSizeInBytes = 48

  /// Makes a sidecar; nil unless blob, commitment and proof have their sizes.
  public init?(blob: Bytes, commitment: Bytes, proof: Bytes) {
    guard blob.count == Self.blobSizeInBytes, commitment.count == Self.pointSizeInBytes,
      proof.count == Self.pointSizeInBytes
    else { return nil }
    self.blob = blob
    self.commitment = commitment
    self.proof = proof
  }

  /// The sidecar that the content store keeps as these bytes; nil if they are none.
  public init?(content: Bytes) {
    let end = Self.blobSizeInBytes + Self.pointSizeInBytes
    guard content.count == end + Self.pointSizeInBytes else { return nil }
    self.init(
      blob: Bytes(content[..<Self.blobSizeInBytes]),
      commitment: Bytes(content[Self.blobSizeInBytes..<end]), proof: Bytes(content[end...]))
  }

  /// The bytes that the content store keeps.
  public var content: Bytes { blob + commitment + proof }

  /// Whether the proof shows that the commitment is the blob's.
  public var isProven: Bool {
    (try? BlobPolynomial(blob))?.verify(commitment: commitment, proof: proof) ?? false
  }

  /// The hash by which a transaction names the blob (EIP-4844).
  public var versionedHash: Hash {
    var bytes = SHA256.hash(commitment).bytes
    bytes[0] = 1
    return Hash(bytes)
  }
}

/// A transaction as the network passes it on: with its blobs beside it, if it has any.
public struct NetworkTransaction: Hashable, Sendable {
  /// The transaction in its EIP-2718 encoding.
  public var encoded: Bytes
  /// Its blobs.
  public var sidecars: [BlobSidecar]
  /// Whether the blobs came with a proof a cell (EIP-7594), which are counted and not checked.
  public var hasCellProofs = false

  /// The most bytes of one: six blobs of Prague's nine fit, as geth has it.
  public static let sizeLimitInBytes = 1 << 20

  /// How many cells a blob has once it is extended.
  private static let cellsPerBlob = 128

  /// Makes a transaction of its parts.
  public init(encoded: Bytes, sidecars: [BlobSidecar]) {
    self.encoded = encoded
    self.sidecars = sidecars
  }

  /// Reads the network's form: for a blob transaction `3 ‖ [transaction, blobs, commitments,
  /// proofs]` or, since Osaka, `3 ‖ [transaction, 1, blobs, commitments, cell proofs]`, for all
  /// others the transaction itself.
  ///
  /// - Throws: `RLPError` when a list of that kind is not of that shape.
  public init(decoding bytes: Bytes) throws(RLPError) {
    encoded = bytes
    sidecars = []
    guard bytes.first == TransactionKind.blob.rawValue else { return }
    var reader = RLPReader(bytes[1...])
    var fields = try reader.list()
    guard try fields.nextIsList() else { return }
    try reader.end()
    encoded = [TransactionKind.blob.rawValue] + (try fields.rawItem())
    if try !fields.nextIsList() {
      guard try fields.uint64() == 1 else { throw .wrongLength }
      hasCellProofs = true
    }
    let blobs = try NetworkTransaction.strings(&fields)
    let commitments = try NetworkTransaction.strings(&fields)
    let proofs = try NetworkTransaction.strings(&fields)
    try fields.end()
    let proofsPerBlob = hasCellProofs ? NetworkTransaction.cellsPerBlob : 1
    guard blobs.count == commitments.count, blobs.count * proofsPerBlob == proofs.count else {
      throw .wrongLength
    }
    for index in blobs.indices {
      guard
        let sidecar = BlobSidecar(
          blob: blobs[index], commitment: commitments[index],
          proof: proofs[index * proofsPerBlob])
      else { throw .wrongLength }
      sidecars.append(sidecar)
    }
  }

  private static func strings(_ fields: inout RLPReader) throws(RLPError) -> [Bytes] {
    var list = try fields.list()
    var strings: [Bytes] = []
    while !list.isAtEnd { strings.append(Bytes(try list.bytes())) }
    return strings
  }

  /// The network's form.
  public var networkEncoded: Bytes {
    guard !sidecars.isEmpty else { return encoded }
    var writer = RLPWriter(reservingCapacity: sidecars.count * BlobSidecar.blobSizeInBytes + 4_096)
    writer.append(raw: [TransactionKind.blob.rawValue])
    writer.list { list in
      list.append(raw: Bytes(encoded.dropFirst()))
      list.list { for sidecar in sidecars { $0.append(bytes: sidecar.blob) } }
      list.list { for sidecar in sidecars { $0.append(bytes: sidecar.commitment) } }
      list.list { for sidecar in sidecars { $0.append(bytes: sidecar.proof) } }
    }
    return writer.bytes
  }
}
