import Cryptography
import Primitives

// The encodings of `NodeEncoding.swift`, written into memory on the stack and hashed there: a block
// makes thousands, and needs of each the hash alone.

extension Link {
  /// The name by which a parent refers to this node, memoised in the node; none when empty.
  func reference() -> NodeReference {
    switch self {
    case .empty:
      return .none
    case .unresolved(let node):
      return node.reference
    case .leaf(let node):
      if node.reference.isNone { node.reference = node.makeReference() }
      return node.reference
    case .extension(let node):
      if node.reference.isNone { node.reference = node.makeReference() }
      return node.reference
    case .branch(let node):
      if node.reference.isNone { node.reference = node.makeReference() }
      return node.reference
    }
  }
}

extension Link {
  /// The node's RLP, written as for its hash; empty when there is no node in memory.
  func encodedAtOnce() -> Bytes {
    switch self {
    case .empty, .unresolved: []
    case .leaf(let node): NodeWriter.encoding(itemSize: node.itemSize) { node.write(to: &$0) }
    case .extension(let node): NodeWriter.encoding(itemSize: node.itemSize) { node.write(to: &$0) }
    case .branch(let node): NodeWriter.encoding(itemSize: node.itemSize) { node.write(to: &$0) }
    }
  }
}

extension LeafNode {
  /// The name by which a parent refers to the leaf.
  func makeReference() -> NodeReference {
    NodeWriter.reference(itemSize: itemSize) { write(to: &$0) }
  }

  @inline(__always)
  fileprivate var itemSize: Int { path.compactSize + value.count }

  @inline(__always)
  fileprivate func write(to writer: inout NodeWriter) {
    writer.append(path, isLeaf: true)
    writer.append(value)
  }
}

extension ExtensionNode {
  /// The name by which a parent refers to the extension.
  func makeReference() -> NodeReference {
    NodeWriter.reference(itemSize: itemSize) { write(to: &$0) }
  }

  @inline(__always)
  fileprivate var itemSize: Int { path.compactSize }

  @inline(__always)
  fileprivate func write(to writer: inout NodeWriter) {
    writer.append(path, isLeaf: false)
    writer.append(child.reference())
  }
}

extension BranchNode {
  /// The name by which a parent refers to the branch.
  func makeReference() -> NodeReference {
    NodeWriter.reference(itemSize: itemSize) { write(to: &$0) }
  }

  @inline(__always)
  fileprivate var itemSize: Int { terminal?.value.count ?? 0 }

  @inline(__always)
  fileprivate func write(to writer: inout NodeWriter) {
    forEachReference { writer.append($0) }
    if let terminal { writer.append(terminal.value) } else { writer.append(.none) }
  }
}

/// Writes a node's RLP into memory that is large enough.
@safe
struct NodeWriter {
  /// The most bytes of a list's header, which is put before the items when they are there.
  private static var headerSize: Int { 9 }
  /// The most bytes of sixteen references, of the headers of two items, and of what is written
  /// behind a reference that is shorter than a hash.
  private static var fixedSize: Int { headerSize + 16 * 33 + 2 * 9 + 32 }

  private let buffer: UnsafeMutableRawBufferPointer
  private var end = Self.headerSize

  private init(_ buffer: UnsafeMutableRawBufferPointer) { unsafe self.buffer = buffer }

  /// The name of the node whose items `body` writes: of those that are no references, the bytes are
  /// `itemSize` together.
  static func reference(
    itemSize: Int, _ body: (inout NodeWriter) -> Void
  ) -> NodeReference {
    unsafe withUnsafeTemporaryAllocation(
      byteCount: fixedSize + itemSize, alignment: 8
    ) { buffer in
      var writer = unsafe NodeWriter(buffer)
      body(&writer)
      return unsafe NodeReference(encoding: writer.finish())
    }
  }

  /// That node's encoding.
  static func encoding(itemSize: Int, _ body: (inout NodeWriter) -> Void) -> Bytes {
    unsafe withUnsafeTemporaryAllocation(
      byteCount: fixedSize + itemSize, alignment: 8
    ) { buffer in
      var writer = unsafe NodeWriter(buffer)
      body(&writer)
      return unsafe Bytes(writer.finish())
    }
  }

  /// Puts the list's header before the items; the whole, in the memory that was written to.
  private func finish() -> UnsafeRawBufferPointer {
    let size = end - Self.headerSize
    var start = Self.headerSize
    if size < 56 {
      start -= 1
      unsafe buffer[start] = 0xc0 + UInt8(truncatingIfNeeded: size)
    } else {
      var rest = size
      while rest > 0 {
        start -= 1
        unsafe buffer[start] = UInt8(truncatingIfNeeded: rest)
        rest >>= 8
      }
      let width = Self.headerSize - start
      start -= 1
      unsafe buffer[start] = 0xf7 + UInt8(truncatingIfNeeded: width)
    }
    return unsafe UnsafeRawBufferPointer(rebasing: buffer[start..<end])
  }

  private mutating func put(_ byte: UInt8) {
    unsafe buffer[end] = byte
    end += 1
  }

  /// A string's header, for a size that is not that of a byte which is its own encoding.
  private mutating func appendHeader(size: Int) {
    if size < 56 {
      put(0x80 + UInt8(truncatingIfNeeded: size))
      return
    }
    let width = (71 - UInt64(size).leadingZeroBitCount) / 8
    put(0xb7 + UInt8(truncatingIfNeeded: width))
    for index in stride(from: width - 1, through: 0, by: -1) {
      put(UInt8(truncatingIfNeeded: size >> (8 * index)))
    }
  }

  /// A string.
  mutating func append(_ string: Bytes) {
    if string.count != 1 || string[0] >= 0x80 { appendHeader(size: string.count) }
    unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[end..<end + string.count])
      .copyBytes(from: string)
    end += string.count
  }

  /// A path in hex-prefix form; a form of one byte is below 0x80.
  mutating func append(_ path: Nibbles, isLeaf: Bool) {
    let size = path.compactSize
    if size > 1 { appendHeader(size: size) }
    path.writeCompact(isLeaf: isLeaf) { put($0) }
  }

  /// How a parent names a child.
  @inline(__always)
  mutating func append(_ reference: NodeReference) {
    switch reference.count {
    case 0:
      put(0x80)
    case 32:
      put(0xa0)
      store(reference.content)
      end += 32
    default:
      // What is behind the encoding is written over.
      store(reference.content)
      end += Int(reference.count)
    }
  }

  @inline(__always)
  private func store(_ hash: Hash) {
    unsafe buffer.storeBytes(of: hash.word0.bigEndian, toByteOffset: end, as: UInt64.self)
    unsafe buffer.storeBytes(of: hash.word1.bigEndian, toByteOffset: end + 8, as: UInt64.self)
    unsafe buffer.storeBytes(of: hash.word2.bigEndian, toByteOffset: end + 16, as: UInt64.self)
    unsafe buffer.storeBytes(of: hash.word3.bigEndian, toByteOffset: end + 24, as: UInt64.self)
  }
}
