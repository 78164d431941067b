import Cryptography
import Execution
import Glibc
import JSON
import Primitives
import Synchronization
import Trie

/// What is known of the state of another chain: trie nodes, code, and addresses and slots by their
/// hashes.
///
/// What is not known is asked of the other node as a proof (`eth_getProof`) when somebody wants to
/// read it, and kept before it is used. Everything is kept under its Keccak-256, so it follows from
/// the state root that the log has recorded, whoever it came from: a replay needs this file, and
/// neither network nor trust.
///
/// The file is a sequence of records, each of four bytes of length, big-endian, and so many bytes.
/// An unfinished last record counts as none.
public final class ForkStore: StateSource {
  private struct Contents {
    var records: [Hash: Bytes] = [:]
    var file: Int32 = -1
    var remote: (any RemoteChain)?
    /// The block whose state is asked for.
    var number: UInt64 = 0
    var root = Hash.zero
    var failure: String?
  }

  /// The most bytes of one record: more than any node, and than any code a transaction makes.
  private static let recordLimitInBytes = 1 << 24

  private let contents = Mutex(Contents())
  private let path: String
  private let isSynced: Bool
  private let isWritable: Bool

  /// Opens the store in a file, which need not be there.
  ///
  /// - Throws: ``NodeError/file(path:reason:)``.
  public init(path: String, isSynced: Bool = false) throws(NodeError) {
    self.path = path
    self.isSynced = isSynced
    isWritable = true
    let records = Files.exists(path) ? try Self.records(of: Files.read(path)) : [:]
    contents.withLock { $0.records = records }
  }

  /// Reads the store in a file, which need not be there.
  public init(reading path: String) {
    self.path = path
    isSynced = false
    isWritable = false
    let records = Self.records(of: (try? Files.read(path)) ?? [])
    contents.withLock { $0.records = records }
  }

  deinit {
    contents.withLock { if $0.file >= 0 { close($0.file) } }
  }

  private static func records(of bytes: Bytes) -> [Hash: Bytes] {
    var records: [Hash: Bytes] = [:]
    var place = 0
    while place + 4 <= bytes.count {
      let count = bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
      guard count <= recordLimitInBytes, place + 4 + count <= bytes.count else { break }
      let record = Bytes(bytes[place + 4..<place + 4 + count])
      records[Keccak256.hash(record)] = record
      place += 4 + count
    }
    return records
  }

  // MARK: The other node

  /// The node that is asked for what is missing, if there is one.
  public var remote: (any RemoteChain)? { contents.withLock { $0.remote } }

  /// Why the other node was asked in vain last, if it was.
  public var failure: String? { contents.withLock { $0.failure } }

  /// Has what is missing of the state at a block asked of a node.
  public func use(_ remote: any RemoteChain, number: UInt64, root: Hash) {
    contents.withLock { contents in
      contents.remote = remote
      contents.number = number
      contents.root = root
    }
  }

  // MARK: What is known

  /// The record of this hash.
  public func node(_ hash: Hash) -> Bytes? { contents.withLock { $0.records[hash] } }

  /// The record of this hash.
  public func code(_ hash: Hash) -> Bytes? { node(hash) }

  /// Asks the other node for a proof, and where what is missing hangs beside it, as the last child
  /// but one of a branch does that is to vanish, for a proof of a neighbour.
  public func fetch(_ missing: Hash, account: Address, slot: UInt256?) -> Bool {
    guard isWritable, let (remote, number, root) = target else { return false }
    do throws(RemoteFailure) {
      let storageRoot = try prove(account, slot, number, remote)
      if node(missing) != nil { return true }
      if let path = place(of: missing, Keccak256.hash(account).bytes, root) {
        guard let neighbour = Self.preimage(path, sizeInBytes: 20) else { return false }
        _ = try prove(Address(neighbour), nil, number, remote)
      } else if let slot, let path = place(of: missing, Keccak256.hash(slot).bytes, storageRoot) {
        guard let neighbour = Self.preimage(path, sizeInBytes: 32) else { return false }
        _ = try prove(account, UInt256(bigEndian: neighbour), number, remote)
      }
    } catch {
      contents.withLock { $0.failure = error.message }
      return false
    }
    return node(missing) != nil
  }

  var target: (remote: any RemoteChain, number: UInt64, root: Hash)? {
    contents.withLock { contents in
      contents.remote.map { ($0, contents.number, contents.root) }
    }
  }

  /// The nibbles that lead to a node of a trie of the other chain.
  private func place(of missing: Hash, _ key: Bytes, _ root: Hash) -> [UInt8]? {
    MerklePatriciaTrie(root: root, source: self).path(to: missing, near: key)
  }

  /// Something whose hash begins with these nibbles; nil where that would take too long to find.
  static func preimage(_ path: [UInt8], sizeInBytes: Int) -> Bytes? {
    guard path.count <= 6 else { return nil }
    for number in 0..<UInt64(1) << 28 {
      let bytes = Bytes(UInt256(number).bigEndianBytes.suffix(sizeInBytes))
      let hash = Keccak256.hash(bytes).bytes
      let isFound = path.indices.allSatisfy {
        path[$0] == ($0 % 2 == 0 ? hash[$0 / 2] >> 4 : hash[$0 / 2] & 15)
      }
      if isFound { return bytes }
    }
    return nil
  }

  /// Asks for an account, a slot, and code that is not known; returns the storage root.
  private func prove(
    _ account: Address, _ slot: UInt256?, _ number: UInt64, _ remote: any RemoteChain
  ) throws(RemoteFailure) -> Hash {
    try prove(account, slots: slot.map { [$0] } ?? [], number, remote).root
  }

  /// Asks for an account, slots, and code that is not known; returns the storage root, and of how
  /// many nodes the longest proof of a slot is.
  func prove(
    _ account: Address, slots: [UInt256], _ number: UInt64, _ remote: any RemoteChain
  ) throws(RemoteFailure) -> (root: Hash, depth: Int) {
    let block = JSON.quantity(number)
    let proof = try remote.ask(
      "eth_getProof", [.data(account), .array(slots.map { .data(Hash($0)) }), block])
    var found: [Bytes] = [account.bytes] + slots.map { $0.bigEndianBytes }
    let lists =
      [proof["accountProof"]] + (proof["storageProof"]?.array ?? []).map { $0["proof"] }
    for element in lists.flatMap({ $0?.array ?? [] }) {
      guard let bytes = element.string.flatMap({ Hexadecimal.decode($0) }) else {
        throw RemoteFailure(message: "\(remote.url): eth_getProof: a node is no data")
      }
      found.append(bytes)
    }
    if let text = proof["codeHash"]?.string, let hash = Hash(hexadecimal: text),
      hash != Keccak256.empty, hash != .zero, node(hash) == nil
    {
      let code = try remote.ask("eth_getCode", [.data(account), block])
      if let bytes = code.string.flatMap({ Hexadecimal.decode($0) }) { found.append(bytes) }
    }
    try keep(found)
    let root = proof["storageHash"]?.string.flatMap { Hash(hexadecimal: $0) }
    let depths = (proof["storageProof"]?.array ?? []).map { $0["proof"]?.array?.count ?? 0 }
    return (root ?? MerklePatriciaTrie.emptyRoot, depths.max() ?? 0)
  }

  /// Keeps records, in the file first.
  private func keep(_ found: [Bytes]) throws(RemoteFailure) {
    let reason = contents.withLock { contents -> String? in
      var text: Bytes = []
      var new: [Hash: Bytes] = [:]
      for bytes in found where bytes.count <= Self.recordLimitInBytes {
        let hash = Keccak256.hash(bytes)
        guard contents.records[hash] == nil, new.updateValue(bytes, forKey: hash) == nil else {
          continue
        }
        text += UInt256(UInt64(bytes.count)).bigEndianBytes.suffix(4) + bytes
      }
      guard !text.isEmpty else { return nil }
      if contents.file < 0 {
        contents.file = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
      }
      guard contents.file >= 0 else { return "\(path) cannot be written" }
      let count = unsafe text.withUnsafeBytes { bytes in
        unsafe write(contents.file, bytes.baseAddress, bytes.count)
      }
      guard count == text.count, !isSynced || fdatasync(contents.file) == 0 else {
        return "\(path) cannot be written"
      }
      contents.records.merge(new) { first, _ in first }
      return nil
    }
    if let reason { throw RemoteFailure(message: reason) }
  }
}
