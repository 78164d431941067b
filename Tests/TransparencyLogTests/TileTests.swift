import Cryptography
import Primitives
import Testing
import TransparencyLog

@Suite("A log's tiles")
struct TileTests {
  @Test("paths are those of the specification, and each is spelled in one way")
  func paths() throws {
    let known: [(TilePath, String)] = [
      (TilePath(level: 0, index: 1_234_067), "tile/0/x001/x234/067"),
      (TilePath(level: 3, index: 0, width: 5), "tile/3/000.p/5"),
      (TilePath(level: nil, index: 1_000, width: 255), "tile/entries/x001/000.p/255"),
      (TilePath(level: 63, index: .max), "tile/63/x018/x446/x744/x073/x709/x551/615"),
    ]
    for (path, text) in known {
      #expect(path.text == text)
      #expect(TilePath(text) == path)
    }
    let wrong = [
      "", "tile", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/00/000",
      "tile/64/000", "tile/-1/000", "tile/+1/000", "tile/0/x000/000", "tile/0/000/000",
      "tile/0/001/x234", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01",
      "tile/0/000.p", "tile/0/000.p/", "tile/0/000.p/1/2", "tile/0/..", "tile/0/x001/../067",
      "/tile/0/000", "tile/data/000", "tile/0/x018/x446/x744/x073/x709/x551/616", "tile/0/٠٠٠",
    ]
    for text in wrong { #expect(TilePath(text) == nil, "\(text)") }
  }

  @Test("a tree of 70,000 has the tiles that the specification counts")
  func count() {
    let all = TilePath.all(treeSize: 70_000)
    #expect(all.filter { $0.level == 0 && !$0.isPartial }.count == 273)
    #expect(
      all.filter { $0.isPartial }.map(\.text) == [
        "tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1",
      ])
    #expect(TilePath.all(treeSize: 256).map(\.text) == ["tile/0/000", "tile/1/000.p/1"])
    #expect(TilePath.all(treeSize: 0).isEmpty)
  }

  @Test("every proof from tiles is the reference tree's")
  func proofs() throws {
    for size in [1, 2, 255, 256, 257, 511, 512, 700, 66_000] {
      let log = try SampleLog(size: size)
      var tree = try log.tree()
      for index in stride(from: 0, to: size, by: max(1, size / 7)) {
        let proof = try tree.inclusionProof(index: UInt64(index), treeSize: UInt64(size))
        #expect(
          MerkleTree.verifyInclusion(
            leaf: log.leaves[index], index: UInt64(index), treeSize: UInt64(size),
            root: log.checkpoint.head.root, proof: proof))
        let old = index + 1
        let oldRoot = try tree.root(size: UInt64(old))
        if size < 1_000 { #expect(oldRoot == MerkleTree.root(Array(log.leaves[..<old]))) }
        #expect(
          MerkleTree.verifyConsistency(
            oldSize: UInt64(old), oldRoot: oldRoot, newSize: UInt64(size),
            newRoot: log.checkpoint.head.root,
            proof: try tree.consistencyProof(oldSize: UInt64(old))))
      }
      var seen = 0
      try tree.forEachEntry { (index, bytes) throws(TransparencyError) in
        seen += bytes == SampleLog.entry(Int(index)) ? 1 : 0
      }
      #expect(seen == size)
    }
    #expect(try SampleLog(size: 0).tree().root == MerkleTree.emptyRoot)
  }

  @Test("no resource can be altered, cut off, lengthened or taken away unnoticed")
  func tampering() throws {
    let log = try SampleLog(size: 600)
    for name in log.files.keys.sorted() where name != "checkpoint" {
      let bytes = try #require(log.files[name])
      var flipped = bytes
      flipped[bytes.count / 2] ^= 1
      let changes: [Bytes?] = [
        nil, [], flipped, Bytes(bytes.dropLast()), Bytes(bytes.dropLast(32)), bytes + [0],
        bytes + Bytes(repeating: 0, count: 32),
      ]
      for change in changes {
        var altered = log
        altered.files[name] = change
        #expect(throws: TransparencyError.self, "\(name)") {
          var tree = try altered.tree()
          try tree.forEachEntry { (_, _) throws(TransparencyError) in }
        }
      }
    }
  }

  @Test("the beginning of a full tile serves where the partial one is gone")
  func fallback() throws {
    let (small, large) = (try SampleLog(size: 300), try SampleLog(size: 600))
    var log = small
    for path in ["tile/0/001.p/44", "tile/entries/001.p/44"] { log.files[path] = nil }
    for path in ["tile/0/001", "tile/entries/001"] { log.files[path] = large.files[path] }
    var tree = try log.tree()
    var count = 0
    try tree.forEachEntry { (_, _) throws(TransparencyError) in count += 1 }
    #expect(count == 300)
  }

  @Test("bundles are read strictly, and hold no entry of more than 65,535 bytes")
  func bundles() throws {
    let entries: [Bytes] = [[], [1], Bytes(repeating: 2, count: 65_535)]
    let bytes = try #require(EntryBundle.encode(entries))
    #expect(try EntryBundle.decode(bytes, count: 3, name: "b") == entries)
    #expect(EntryBundle.encode([Bytes(repeating: 0, count: 65_536)]) == nil)
    for (bytes, count) in [
      (bytes, 2), (bytes, 4), (Bytes(bytes.dropLast()), 3), (bytes + [0], 3), (bytes + [0, 0], 3),
    ] {
      #expect(throws: TransparencyError.self) {
        try EntryBundle.decode(bytes, count: count, name: "b")
      }
    }
  }
}
