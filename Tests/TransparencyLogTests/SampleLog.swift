import Cryptography
import NativeCryptography
import Primitives
import TransparencyLog

/// A log of a few entries in memory, signed by a key that everybody knows.
struct SampleLog: TileSource {
  var files: [String: Bytes] = [:]
  let checkpoint: SignedTreeHead
  let leaves: [Hash]

  static let key = Ed25519PrivateKey(seed: Bytes(repeating: 7, count: 32))
  static let signer = key.flatMap { NoteSigner(name: "log.example/sample", key: $0) }

  static func entry(_ index: Int, _ variant: String = "") -> Bytes {
    Bytes("entry \(index)\(variant)".utf8)
  }

  /// The tiles of the first `size` entries; those from `change` on are others.
  init(size: Int, changedFrom change: Int = .max) throws {
    let entries = (0..<size).map { Self.entry($0, $0 >= change ? " changed" : "") }
    leaves = entries.map { MerkleTree.leafHash($0) }
    var level = leaves
    for number in 0..<8 where !level.isEmpty {
      for start in stride(from: 0, to: level.count, by: 256) {
        let hashes = level[start..<min(start + 256, level.count)]
        let path = TilePath(level: number, index: UInt64(start / 256), width: hashes.count)
        files[path.text] = hashes.flatMap(\.bytes)
        guard number == 0 else { continue }
        let bundle = TilePath(level: nil, index: path.index, width: path.width)
        files[bundle.text] = EntryBundle.encode(
          Array(entries[start..<start + hashes.count]))
      }
      level = stride(from: 0, to: level.count / 256 * 256, by: 256).map {
        MerkleTree.root(Array(level[$0..<$0 + 256]))
      }
    }
    let head = TreeHead(
      origin: "log.example/sample", size: UInt64(size), root: MerkleTree.root(leaves))
    checkpoint = SignedTreeHead(
      head, signatures: Self.signer.map { [$0.sign(head.text, time: 0)] } ?? [])
    files["checkpoint"] = checkpoint.bytes
  }

  func resource(_ name: String) throws(TransparencyError) -> Bytes? { files[name] }

  /// The tree, read and checked.
  func tree() throws -> TileTree<SampleLog> {
    try TileTree(size: checkpoint.head.size, root: checkpoint.head.root, source: self)
  }
}
