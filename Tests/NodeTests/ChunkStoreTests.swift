import Blobs
import Cryptography
import DataAvailability
import Node
import Pairings
import Primitives
import SQLite
import TestSupport
import Testing

@Suite("An operator's store on disk")
struct ChunkStoreTests {
  private func held(_ index: Int, expiry: UInt64 = 100) throws -> HeldChunks {
    let shape = try #require(EncodingShape(chunkCount: 64, chunkLength: 1))
    return HeldChunks(
      shape: shape, expiry: expiry,
      chunks: (0...index % 40).map {
        .init(index: $0, chunk: Chunk(coefficients: [.one], proof: .infinity))
      })
  }

  private func key(_ index: Int) -> Hash { Keccak256.hash([UInt8(index)]) }

  @Test("gives back what was put, until it expires; damaged files are errors")
  func diskStore() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/operators/1"
    let store = try DiskChunkStore(folder: path)
    let (id, held) = (key(1), try held(3))
    try store.put(held, for: id)
    try store.put(held, for: .zero)
    #expect(try DiskChunkStore(folder: path).chunks(for: id) == held)
    #expect(try store.blobKeys() == [.zero, id].sorted())
    let file = path + "/" + Hexadecimal.encode(id.bytes) + ".chunks"
    var bytes = try readFile(file)
    bytes[bytes.count / 2] ^= 1
    try writeFile(file, bytes)
    #expect(throws: ChunkStoreError.damaged(id)) { try store.chunks(for: id) }
    #expect(try store.prune(at: 99) == 1)
    #expect(try store.blobKeys() == [.zero])
    #expect(try store.prune(at: 100) == 1)
    #expect(try store.chunks(for: .zero) == nil)
  }

  @Test(
    "has all that it was asked to keep, whenever everything ends, with its power or without",
    arguments: [false, true])
  func ends(losingPower: Bool) throws {
    var change: UInt64 = 0
    while true {
      let disk = SimulatedDisk(seed: change)
      disk.faults.changesUntilEnd = change
      let storage = Storage.simulated(disk)
      var kept = 0
      let store = try DiskChunkStore(folder: "/operators/0123456789abcdef", storage: storage)
      while kept < 12, (try? store.put(held(kept), for: key(kept))) != nil { kept += 1 }
      let hasEnded = disk.hasEnded
      disk.restart(losingPower: losingPower)
      for index in 0..<12 {
        let found = try store.chunks(for: key(index))
        #expect(try found == held(index) || (found == nil && index >= kept), "change \(change)")
      }
      #expect(try store.prune(at: 101) >= kept)
      #expect(disk.names(in: "/operators/0123456789abcdef") == [], "change \(change)")
      guard hasEnded else { break }
      change += 1
    }
    #expect(change > 60)
  }

  @Test("keeps nothing where there is no room, says so, and goes on when there is")
  func full() throws {
    let disk = SimulatedDisk(seed: 1)
    let store = try DiskChunkStore(folder: "/operators/a", storage: .simulated(disk))
    try store.put(held(1), for: key(1))
    disk.faults.capacityInBytes = disk.usedSizeInBytes + 100
    #expect(throws: ChunkStoreError.self) { try store.put(held(30), for: key(2)) }
    #expect(try store.chunks(for: key(1)) == held(1))
    #expect(try store.chunks(for: key(2)) == nil)
    disk.faults.capacityInBytes = nil
    try store.put(held(30), for: key(2))
    #expect(try store.chunks(for: key(2)) == held(30))
  }
}
