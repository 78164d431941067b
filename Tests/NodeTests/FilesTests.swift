import Contracts
import Cryptography
import Glibc
import Ledger
import NativeCryptography
import Node
import Primitives
import Synchronization
import Testing

@Suite("Files, keys and contents")
struct FilesTests {
  /// A folder that is removed with its owner.
  private final class Folder {
    let path: String
    init() throws { path = try Files.makeTemporaryDirectory() }
    deinit { Files.removeTemporaryDirectory(path) }
  }

  /// Runs a body in several threads at once.
  private func together(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let workers = (0..<count).map { index in
      let worker = SerialWorker()
      worker.enqueue { body(index) }
      return worker
    }
    for worker in workers { worker.stop() }
  }

  // MARK: Files

  @Test("what is written is read again, and replaces what was there")
  func roundTrip() throws {
    let folder = try Folder()
    let path = folder.path + "/file"
    for size in [0, 1, 65_535, 65_536, 65_537, 300_000] {
      let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      try Files.write(bytes, to: path)
      #expect(try Files.read(path) == bytes)
      #expect(try Files.read(path, limitInBytes: size) == bytes)
      guard size > 0 else { continue }
      #expect(throws: NodeError.self) { try Files.read(path, limitInBytes: size - 1) }
    }
  }

  @Test("what cannot be read or written is named")
  func unusable() throws {
    let folder = try Folder()
    let attempts: [(path: String, body: (String) throws -> Void)] = [
      ("/missing", { _ = try Files.read($0) }), ("", { _ = try Files.read($0) }),
      ("/missing/file", { try Files.write([1], to: $0) }),
      ("", { try Files.write([1], to: $0) }),
    ]
    for (name, body) in attempts {
      let path = folder.path + name
      let error = nodeError { try body(path) }
      #expect(error?.message.contains(path) == true, "\(error?.message ?? "")")
    }
    #expect(unsafe mkfifo(folder.path + "/pipe", 0o600) == 0)
    #expect(try Files.read(folder.path + "/pipe") == [], "nobody writes, so nothing is there")
    #expect(throws: NodeError.self) { try Files.makeDirectory(folder.path + "/pipe/below") }
    #expect(!Files.exists(folder.path + "/" + String(repeating: "n", count: 300)))
  }

  @Test("of many that write one file at once, one's stays whole")
  func raced() throws {
    let folder = try Folder()
    let path = folder.path + "/file"
    let failures = Mutex(0)
    together(8) { index in
      for _ in 0..<20 {
        let bytes = Bytes(repeating: UInt8(index), count: 100_000)
        if (try? Files.write(bytes, to: path)) == nil { failures.withLock { $0 += 1 } }
        let read = (try? Files.read(path)) ?? []
        if read.count != 100_000 || Set(read).count != 1 { failures.withLock { $0 += 1 } }
      }
    }
    #expect(failures.withLock { $0 } == 0)
  }

  // MARK: Contents

  @Test("a content is found by its hash, and only by it")
  func contents() throws {
    let folder = try Folder()
    let store = try ContentStore(directory: folder.path + "/a/b/content")
    for bytes in [Bytes(), [0], Bytes(repeating: 7, count: 100_000)] {
      let hash = try store.keep(bytes)
      #expect(hash == Keccak256.hash(bytes))
      #expect(try store.bytes(of: hash) == bytes)
      #expect(try store.keep(bytes) == hash)
    }
    #expect(try store.bytes(of: .zero) == nil)
    let again = try ContentStore(directory: folder.path + "/a/b/content")
    #expect(try again.bytes(of: Keccak256.hash([0])) == [0])
  }

  @Test("a content that was changed is an error and not data, and is mended when it comes again")
  func damagedContent() throws {
    let folder = try Folder()
    let store = try ContentStore(directory: folder.path)
    let bytes = Bytes("what was contributed".utf8)
    let hash = try store.keep(bytes)
    let path = folder.path + "/" + Hexadecimal.encode(hash.bytes)
    for damaged in [Bytes(), Bytes(bytes.dropLast()), bytes + [0]] {
      try Files.write(damaged, to: path)
      let error = nodeError { _ = try store.bytes(of: hash) }
      #expect(error?.message.contains(path) == true)
      try store.keep(bytes)
      #expect(try store.bytes(of: hash) == bytes)
    }
  }

  @Test("many may keep the same content at once")
  func racedContent() throws {
    let folder = try Folder()
    let store = try ContentStore(directory: folder.path)
    let failures = Mutex(0)
    together(8) { _ in
      for number in UInt8(0)..<20 {
        let bytes = Bytes(repeating: number, count: 50_000)
        let hash = try? store.keep(bytes)
        if hash == nil || (try? store.bytes(of: hash ?? .zero)) != bytes {
          failures.withLock { $0 += 1 }
        }
      }
    }
    #expect(failures.withLock { $0 } == 0)
  }

  // MARK: API keys

  private func grant(nonce: UInt64) -> Grant {
    let key = Project.key(4)
    let authorization = Contracts.Authorization(
      payer: key.address, engine: Project.key(5).address, models: [Keccak256.hash([1])],
      maximumFee: .max, expiry: .max, nonce: UInt256(nonce))
    let digest = authorization.digest(UsageDomain(chainID: 31337))
    return Grant(authorization: authorization, signature: key.sign(digest))
  }

  @Test("a key is bound to its authorisation, after a restart too, and only its hash is kept")
  func payerBook() throws {
    let folder = try Folder()
    let path = folder.path + "/keys.json"
    let book = try PayerBook(path: path)
    let keys = try (UInt64(0)..<3).map { try book.bind(grant(nonce: $0)) }
    #expect(Set(keys).count == 3)
    let again = try PayerBook(path: path)
    for (nonce, key) in keys.enumerated() {
      #expect(again.grant(apiKey: key) == grant(nonce: UInt64(nonce)))
      #expect(again.grant(apiKey: key)?.isSigned(UsageDomain(chainID: 31337)) == true)
      #expect(again.grant(apiKey: key)?.isSigned(UsageDomain(chainID: 1)) == false)
      #expect(again.grant(apiKey: key + " ") == nil)
      #expect(!String(decoding: try Files.read(path), as: UTF8.self).contains(key))
    }
    #expect(again.grant(apiKey: "") == nil)
    var status = stat()
    #expect(unsafe stat(path, &status) == 0)
    #expect(status.st_mode & 0o077 == 0, "nobody else may read it")
  }

  @Test("keys that are bound at once are all kept")
  func racedKeys() throws {
    let folder = try Folder()
    let path = folder.path + "/keys.json"
    let book = try PayerBook(path: path)
    let keys = Mutex<[String]>([])
    let grants = (UInt64(0)..<8).map { grant(nonce: $0) }
    together(8) { index in
      for _ in 0..<5 {
        guard let key = try? book.bind(grants[index]) else { continue }
        keys.withLock { $0.append(key) }
      }
    }
    let all = keys.withLock { $0 }
    #expect(all.count == 40)
    let again = try PayerBook(path: path)
    for key in all {
      #expect(book.grant(apiKey: key) != nil)
      #expect(again.grant(apiKey: key) != nil)
    }
  }

  @Test("a book that is none is refused and left alone")
  func damagedBook() throws {
    let folder = try Folder()
    let path = folder.path + "/keys.json"
    let book = try PayerBook(path: path)
    _ = try book.bind(grant(nonce: 0))
    let whole = String(decoding: try Files.read(path), as: UTF8.self)
    let damaged = [
      "", "[]", "{", "{\"keys\":{}}", "{\"keys\":[{}]}", String(whole.dropLast(30)),
      whole.replacingFirst("\"hash\"", by: "\"hush\""),
      whole.replacingFirst("\"signature\": \"0x", by: "\"signature\": \"0xzz"),
      whole.replacingFirst("\"payer\"", by: "\"player\""),
    ]
    for text in damaged {
      try Files.write(Bytes(text.utf8), to: path)
      let error = nodeError { _ = try PayerBook(path: path) }
      #expect(error?.message.contains(path) == true, "\(text)")
      #expect(try Files.read(path) == Bytes(text.utf8))
    }
  }

  @Test("a key that cannot be written down is not bound")
  func unwritableBook() throws {
    let folder = try Folder()
    let book = try PayerBook(path: folder.path + "/gone/keys.json")
    #expect(throws: NodeError.self) { try book.bind(grant(nonce: 0)) }
    try Files.makeDirectory(folder.path + "/gone")
    let key = try book.bind(grant(nonce: 1))
    #expect(try PayerBook(path: folder.path + "/gone/keys.json").grant(apiKey: key) != nil)
  }

  // MARK: Threads

  @Test("a thread does one thing after another, all of them, and nothing once it is stopped")
  func serialWorker() {
    let worker = SerialWorker()
    let done = Mutex<[Int]>([])
    for number in 0..<1_000 {
      #expect(worker.enqueue { done.withLock { $0.append(number) } })
    }
    worker.enqueue { worker.enqueue { done.withLock { $0.append(-1) } } }
    while done.withLock({ $0.last }) != -1 { usleep(1_000) }
    worker.stop()
    #expect(done.withLock { $0 } == Array(0..<1_000) + [-1])
    #expect(!worker.enqueue { done.withLock { $0.append(-2) } })
    #expect(done.withLock { $0.count } == 1_001)
  }

  @Test("many threads may fill the queue of one")
  func sharedWorker() {
    let worker = SerialWorker()
    let done = Mutex<[Int: [Int]]>([:])
    together(8) { index in
      for number in 0..<500 {
        worker.enqueue { done.withLock { $0[index, default: []].append(number) } }
      }
    }
    worker.stop()
    for index in 0..<8 { #expect(done.withLock { $0[index] } == Array(0..<500)) }
  }
}

extension String {
  fileprivate func replacingFirst(_ old: String, by new: String) -> String {
    let parts = split(separator: old, maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else {
      Issue.record("\(old) is not there")
      return self
    }
    return parts[0] + new + parts[1]
  }
}
