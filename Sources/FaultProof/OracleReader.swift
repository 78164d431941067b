import Cryptography
import Derivation
import EVM
import Execution
import Primitives
import Trie

/// Reads an oracle, and checks what it gives against the key.
final class OracleReader: NodeSource {
  let oracle: any PreimageOracle

  init(_ oracle: any PreimageOracle) { self.oracle = oracle }

  /// What has this Keccak-256.
  func keccak256(_ hash: Hash, _ hint: PreimageHint) throws(PreimageFault) -> Bytes {
    oracle.hint(hint)
    let key = PreimageKey.keccak256(hash)
    guard let bytes = oracle.preimage(key) else { throw .missing(key) }
    guard Keccak256.hash(bytes) == hash else { throw .malformed(key) }
    return bytes
  }

  /// What has this SHA-256; the hash's first byte does not count.
  func sha256(_ hash: Hash) throws(PreimageFault) -> Bytes {
    let key = PreimageKey.sha256(hash)
    guard let bytes = oracle.preimage(key) else { throw .missing(key) }
    guard PreimageKey.sha256(SHA256.hash(bytes)) == key else { throw .malformed(key) }
    return bytes
  }

  /// A node of a trie of transactions or receipts; the trie checks it.
  func node(_ hash: Hash) -> Bytes? { oracle.preimage(.keccak256(hash)) }

  /// The header with this hash.
  func header(_ hash: Hash, _ hint: PreimageHint) throws(PreimageFault) -> BlockHeader {
    let bytes = try keccak256(hash, hint)
    do throws(RLPError) {
      return try BlockHeader.decode(bytes)
    } catch {
      throw .malformed(.keccak256(hash))
    }
  }

  /// The items of the ordered trie with this root, up to `limit` of them.
  func items(
    root: Hash, _ hint: PreimageHint, limit: Int = .max
  ) throws(PreimageFault) -> [Bytes] {
    oracle.hint(hint)
    let trie = MerklePatriciaTrie(root: root, source: self)
    var items: [Bytes] = []
    while items.count < limit {
      do throws(TrieMiss) {
        guard let item = try trie.get(MerklePatriciaTrie.orderedKey(items.count)) else { break }
        items.append(item)
      } catch {
        throw .missing(.keccak256(error.hash))
      }
    }
    return items
  }
}

/// The nodes and the code of an L2 state, out of an oracle.
final class OracleState: StateSource {
  private let oracle: any PreimageOracle

  init(_ oracle: any PreimageOracle) { self.oracle = oracle }

  func node(_ hash: Hash) -> Bytes? {
    oracle.hint(.l2StateNode(hash))
    return oracle.preimage(.keccak256(hash))
  }

  func code(_ hash: Hash) -> Bytes? {
    oracle.hint(.l2Code(hash))
    return oracle.preimage(.keccak256(hash))
  }
}
