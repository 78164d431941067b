import Cryptography
import Primitives

// The encodings of `NodeEncoding.swift`, written into memory on the stack and hashed there: a block
// makes thousands, and needs of each the hash alone.

extension LeafNode {
  /// The name by which a parent refers to the leaf.
  func makeReference() -> NodeReference {
    let pathSize = path.compactSize
    let payload = encodedSize(path, pathSize) + encodedSize(value)
    return NodeReference(payload: payload) { writer in
      writer.append(path, isLeaf: true)
      writer.append(value)
    }
  }
}

extension ExtensionNode {
  /// The name by which a parent refers to the extension.
  func makeReference() -> NodeReference {
    let child = child.reference()
    let payload = encodedSize(path, path.compactSize) + encodedSize(child)
    return NodeReference(payload: payload) { writer in
      writer.append(path, isLeaf: false)
      writer.append(child)
    }
  }
}

extension BranchNode {
  /// Branches of fewer ways are soon encoded anew, and not worth the memory.
  private static var waysThatAreKept: Int { 9 }
  /// Payloads whose header has three bytes, as nine hashes and more have without a large value.
  private static var sizesThatAreKept: Range<Int> { 256..<65_536 }

  /// The name by which a parent refers to the branch.
  func makeReference() -> NodeReference {
    if !encoding.isEmpty, renew() {
      changed = 0
      return .hash(Keccak256.hash(encoding))
    }
    changed = 0
    var ways = 0
    var payload = encodedSize(terminal?.value ?? [])
    for index in 0..<16 {
      if !children[index].isEmpty { ways += 1 }
      payload += encodedSize(children[index].reference())
    }
    if ways >= Self.waysThatAreKept, Self.sizesThatAreKept ~= payload {
      encoding = encoded()
      return .hash(Keccak256.hash(encoding))
    }
    encoding = []
    return NodeReference(payload: payload) { writer in
      for index in 0..<16 { writer.append(children[index].reference()) }
      writer.append(terminal?.value ?? [])
    }
  }

  /// Puts the hashes of what has changed into the encoding that was kept; false where a way has
  /// come or gone, or has no hash.
  private func renew() -> Bool {
    var offset = 3
    for index in 0..<16 {
      let width: Int
      switch encoding[offset] {
      case 0x80: width = 1
      case 0xa0: width = 33
      default: return false
      }
      if changed & 1 << UInt16(truncatingIfNeeded: index) != 0 {
        guard width == 33, case .hash(let hash) = children[index].reference() else { return false }
        write(hash, at: offset + 1)
      }
      offset += width
    }
    return true
  }

  private func write(_ hash: Hash, at offset: Int) {
    unsafe encoding.withUnsafeMutableBytes { buffer in
      unsafe buffer.storeBytes(
        of: hash.word0.bigEndian, toByteOffset: offset, as: UInt64.self)
      unsafe buffer.storeBytes(
        of: hash.word1.bigEndian, toByteOffset: offset + 8, as: UInt64.self)
      unsafe buffer.storeBytes(
        of: hash.word2.bigEndian, toByteOffset: offset + 16, as: UInt64.self)
      unsafe buffer.storeBytes(
        of: hash.word3.bigEndian, toByteOffset: offset + 24, as: UInt64.self)
    }
  }
}

extension NodeReference {
  /// The name of a node whose encoding is a list of `payload` bytes, which `body` writes.
  init(payload: Int, _ body: (inout NodeWriter) -> Void) {
    let size = payload + (payload < 56 ? 1 : 1 + lengthSize(payload))
    self = unsafe withUnsafeTemporaryAllocation(byteCount: size, alignment: 8) { buffer in
      var writer = unsafe NodeWriter(buffer: buffer)
      writer.appendHeader(size: payload, base: 0xc0)
      body(&writer)
      precondition(writer.count == size, "a node is as long as its parts")
      let whole = UnsafeRawBufferPointer(buffer)
      return unsafe size < 32 ? .inline(Bytes(whole)) : .hash(Keccak256.hash(whole))
    }
  }
}

/// Writes a node's RLP into memory that is large enough.
@safe
struct NodeWriter {
  private let buffer: UnsafeMutableRawBufferPointer
  /// How many bytes are written.
  private(set) var count = 0

  init(buffer: UnsafeMutableRawBufferPointer) { unsafe self.buffer = buffer }

  private mutating func put(_ byte: UInt8) {
    unsafe buffer[count] = byte
    count += 1
  }

  /// An RLP header; `base` is 0x80 for a string and 0xc0 for a list.
  mutating func appendHeader(size: Int, base: UInt8) {
    if size < 56 {
      put(base + UInt8(truncatingIfNeeded: size))
      return
    }
    let width = lengthSize(size)
    put(base + 55 + UInt8(truncatingIfNeeded: width))
    for index in stride(from: width - 1, through: 0, by: -1) {
      put(UInt8(truncatingIfNeeded: size >> (8 * index)))
    }
  }

  /// A string.
  mutating func append(_ string: Bytes) {
    if string.count != 1 || string[0] >= 0x80 { appendHeader(size: string.count, base: 0x80) }
    copy(string)
  }

  /// A path in hex-prefix form.
  mutating func append(_ path: Nibbles, isLeaf: Bool) {
    let size = path.compactSize
    if size > 1 { appendHeader(size: size, base: 0x80) }
    path.writeCompact(isLeaf: isLeaf) { put($0) }
  }

  /// How a parent names a child.
  mutating func append(_ reference: NodeReference?) {
    switch reference {
    case nil: put(0x80 as UInt8)
    case .inline(let encoding): copy(encoding)
    case .hash(let hash):
      put(0xa0 as UInt8)
      put(hash.word0)
      put(hash.word1)
      put(hash.word2)
      put(hash.word3)
    }
  }

  private mutating func put(_ word: UInt64) {
    unsafe buffer.storeBytes(of: word.bigEndian, toByteOffset: count, as: UInt64.self)
    count += 8
  }

  private mutating func copy(_ bytes: Bytes) {
    unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[count..<count + bytes.count])
      .copyBytes(from: bytes)
    count += bytes.count
  }
}

/// How long the RLP of a path's hex-prefix form is; a form of one byte is below 0x80.
private func encodedSize(_ path: Nibbles, _ size: Int) -> Int {
  size == 1 ? 1 : 1 + (size < 56 ? 0 : lengthSize(size)) + size
}
