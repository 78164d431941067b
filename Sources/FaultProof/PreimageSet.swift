import Cryptography
import Pairings
import Primitives

/// Why bytes are no set of preimages that can be trusted.
public enum PreimageSetError: Error, Hashable, Sendable {
  /// They are not of the file's form.
  case malformed
  /// A preimage is not what its key commits to.
  case wrongPreimage(PreimageKey)
  /// A blob's elements are not all there, or are not what its commitment opens to.
  case wrongBlob(versionedHash: Hash)
  /// A key is of a kind that such a set cannot vouch for.
  case unknownKind(PreimageKey)
}

/// Everything that one run of the program asked for.
///
/// Its file is self-contained: each preimage is checked against its key when it is read, and blobs
/// against their commitments by a proof that lies beside them.
public struct PreimageSet: Sendable {
  private var preimages: [PreimageKey: Bytes] = [:]
  private var blobProofs: [BlobProof] = []

  /// That a blob is the one of a commitment.
  public struct BlobProof: Hashable, Sendable {
    /// The commitment, a compressed point of 48 bytes.
    public var commitment: Bytes
    /// The proof, a compressed point of 48 bytes.
    public var proof: Bytes

    /// A proof for a commitment.
    public init(commitment: Bytes, proof: Bytes) {
      self.commitment = commitment
      self.proof = proof
    }
  }

  /// The first bytes of a file.
  private static let magic = Bytes("opal-preimages-1".utf8)

  /// A set without preimages.
  public init() {}

  /// How many preimages there are.
  public var count: Int { preimages.count }

  /// How many bytes they have together.
  public var sizeInBytes: Int { preimages.values.reduce(0) { $0 + $1.count } }

  /// The preimage under a key; nil when there is none.
  public subscript(_ key: PreimageKey) -> Bytes? {
    get { preimages[key] }
    set { preimages[key] = newValue }
  }

  /// Puts a preimage under its Keccak-256.
  public mutating func insert(_ preimage: Bytes) {
    preimages[.keccak256(Keccak256.hash(preimage))] = preimage
  }

  /// Puts in that a blob is the one of a commitment.
  public mutating func insert(_ proof: BlobProof) {
    if !blobProofs.contains(proof) { blobProofs.append(proof) }
  }

  /// The proof for the blob of this versioned hash; nil when there is none.
  public func blobProof(of versionedHash: Hash) -> BlobProof? {
    blobProofs.first { PreimageKey.sha256(SHA256.hash($0.commitment)) == .sha256(versionedHash) }
  }

  /// Puts the five local inputs in.
  public mutating func insert(_ inputs: BootInputs) {
    for index in 1...BootInputs.count { preimages[.local(index)] = inputs.local(index) }
  }

  /// The local inputs; nil if they are not all there.
  public var inputs: BootInputs? { try? BootInputs(PreimageSetOracle(self)) }

  /// The file: proofs of blobs, then preimages, each ordered.
  public var encoded: Bytes {
    var bytes = Self.magic
    func append(_ number: Int) {
      for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }
    let proofs = blobProofs.sorted { $0.commitment.lexicographicallyPrecedes($1.commitment) }
    append(proofs.count)
    for proof in proofs { bytes += proof.commitment + proof.proof }
    append(preimages.count)
    for key in preimages.keys.sorted(by: { $0.bytes < $1.bytes }) {
      guard let preimage = preimages[key] else { continue }
      key.bytes.append(to: &bytes)
      append(preimage.count)
      bytes += preimage
    }
    return bytes
  }

  /// The set in a file, every preimage of it checked.
  ///
  /// - Throws: `PreimageSetError`.
  public init(encoded: Bytes) throws(PreimageSetError) {
    var position = 0
    func take(_ count: Int) throws(PreimageSetError) -> ArraySlice<UInt8> {
      guard count <= encoded.count - position else { throw .malformed }
      defer { position += count }
      return encoded[position..<position + count]
    }
    func number() throws(PreimageSetError) -> Int {
      try take(4).reduce(0) { $0 << 8 | Int($1) }
    }
    guard try take(Self.magic.count) == Self.magic[...] else { throw .malformed }
    for _ in 0..<(try number()) {
      blobProofs.append(
        BlobProof(commitment: Bytes(try take(48)), proof: Bytes(try take(48))))
    }
    var last: Hash?
    for _ in 0..<(try number()) {
      let bytes = Hash(try take(32))
      guard let key = PreimageKey(bytes: bytes), last.map({ $0 < bytes }) ?? true else {
        throw .malformed
      }
      last = bytes
      preimages[key] = Bytes(try take(try number()))
    }
    guard position == encoded.count else { throw .malformed }
    try check()
  }

  private func check() throws(PreimageSetError) {
    var elements: Set<PreimageKey> = []
    for proof in blobProofs { try check(proof, &elements) }
    for (key, preimage) in preimages {
      let isRight =
        switch key.kind {
        case .local: key.bytes.word0 == 1 << 56 && (1...5).contains(key.bytes.word3)
        case .keccak256: PreimageKey.keccak256(Keccak256.hash(preimage)) == key
        // Nothing in the key vouches for it: the program holds it to the commitment.
        case .generic: true
        case .sha256: PreimageKey.sha256(SHA256.hash(preimage)) == key
        case .blob: elements.contains(key)
        case .precompile: false
        }
      guard isRight else {
        if key.kind == .precompile { throw .unknownKind(key) }
        throw .wrongPreimage(key)
      }
    }
  }

  /// Checks a blob's elements together, and adds their keys.
  private func check(
    _ proof: BlobProof, _ elements: inout Set<PreimageKey>
  ) throws(PreimageSetError) {
    var versionedHash = SHA256.hash(proof.commitment).bytes
    versionedHash[0] = 1
    var blob: Bytes = []
    for key in PreimageKey.blobElements(of: proof.commitment) {
      guard let element = preimages[key], element.count == 32 else {
        throw .wrongBlob(versionedHash: Hash(versionedHash))
      }
      blob += element
      elements.insert(key)
    }
    let polynomial: BlobPolynomial
    do throws(BlobKZGError) {
      polynomial = try BlobPolynomial(blob)
    } catch {
      throw .wrongBlob(versionedHash: Hash(versionedHash))
    }
    guard polynomial.verify(commitment: proof.commitment, proof: proof.proof) else {
      throw .wrongBlob(versionedHash: Hash(versionedHash))
    }
  }
}

/// A set of preimages as an oracle: a replay without any host.
public final class PreimageSetOracle: PreimageOracle {
  private let set: PreimageSet

  /// An oracle that has what is in the set, and nothing else.
  public init(_ set: PreimageSet) { self.set = set }

  /// The preimage of `key`, or nil.
  public func preimage(_ key: PreimageKey) -> Bytes? { set[key] }

  /// Does nothing: there is no host.
  public func hint(_ hint: PreimageHint) {}
}
