import Cryptography
import Derivation
import Execution
import Primitives

/// What a check of the certificates in an L1 block reads of L1's state: for who follows L1 and has
/// no state of it.
///
/// Everything in it is held to the block's hash: the header by its own, and trie nodes and code by
/// the header's state root. So it may come from anybody, and is kept as content.
public struct L1Witness: Hashable, Sendable {
  /// The header of the block after which the state is read.
  public var header: BlockHeader
  /// Trie nodes and codes, each found by its Keccak-256.
  public var parts: [Bytes]

  /// A witness of these parts.
  public init(header: BlockHeader, parts: [Bytes]) {
    self.header = header
    self.parts = parts
  }

  /// The name under which the witness of an L1 block is announced.
  public static func name(ofBlock hash: Hash) -> Hash {
    Keccak256.hash(Bytes("opal: state of l1 after ".utf8) + hash.bytes)
  }

  /// The witness that the content store keeps as these bytes; nil if they are none.
  ///
  /// The form is RLP: the header, and each part as a string.
  public init?(content: Bytes) {
    do throws(RLPError) {
      var reader = RLPReader(content[...])
      var list = try reader.list()
      try reader.end()
      header = try BlockHeader.decode(Bytes(try list.bytes()))
      parts = []
      while !list.isAtEnd { parts.append(Bytes(try list.bytes())) }
    } catch {
      return nil
    }
  }

  /// The bytes that the content store keeps.
  public var content: Bytes {
    var writer = RLPWriter()
    writer.list { list in
      list.append(bytes: header.encoded)
      for part in parts { list.append(bytes: part) }
    }
    return writer.bytes
  }

  /// The state as far as it is here; what is not, is missed.
  public var state: State { State(root: header.stateRoot, source: Parts(parts)) }

  private final class Parts: StateSource {
    private let parts: [Hash: Bytes]

    init(_ parts: [Bytes]) {
      self.parts = [Hash: Bytes](
        parts.map { (Keccak256.hash($0), $0) }, uniquingKeysWith: { first, _ in first })
    }

    func node(_ hash: Hash) -> Bytes? { parts[hash] }

    func code(_ hash: Hash) -> Bytes? { parts[hash] }
  }
}

extension ContentReference {
  /// The name under which the encoded payload of a certificate is announced where it is none: what
  /// shows that derivation passes over it.
  public static func encodedPayloadName(of commitment: AltDACommitment) -> Hash {
    Keccak256.hash(Bytes("opal: encoded payload of ".utf8) + commitment.encoded)
  }
}
