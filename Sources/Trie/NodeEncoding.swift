import Primitives

extension Link {
  /// The name by which a parent refers to this node, memoised in the node; nil when empty.
  func reference() -> NodeReference? {
    switch self {
    case .empty:
      return nil
    case .unresolved(let node):
      return .hash(node.hash)
    case .leaf(let node):
      if let known = node.reference { return known }
      let made = node.makeReference()
      node.reference = made
      return made
    case .extension(let node):
      if let known = node.reference { return known }
      let made = node.makeReference()
      node.reference = made
      return made
    case .branch(let node):
      if let known = node.reference { return known }
      let made = node.makeReference()
      node.reference = made
      return made
    }
  }

  /// The node's RLP (Yellow Paper, appendix D); empty when there is no node in memory.
  func encoded() -> Bytes {
    switch self {
    case .empty, .unresolved:
      return []
    case .leaf(let node):
      let path = node.path.compact(isLeaf: true)
      var bytes = Bytes()
      let payload = encodedSize(path) + encodedSize(node.value)
      bytes.reserveCapacity(payload + 9)
      appendHeader(to: &bytes, size: payload, base: 0xc0)
      append(path, to: &bytes)
      append(node.value, to: &bytes)
      return bytes
    case .extension(let node):
      let path = node.path.compact(isLeaf: false)
      let child = node.child.reference()
      var bytes = Bytes()
      let payload = encodedSize(path) + encodedSize(child)
      bytes.reserveCapacity(payload + 9)
      appendHeader(to: &bytes, size: payload, base: 0xc0)
      append(path, to: &bytes)
      append(child, to: &bytes)
      return bytes
    case .branch(let node):
      return node.encoded()
    }
  }
}

extension BranchNode {
  func encoded() -> Bytes {
    var payload = encodedSize(terminal?.value ?? [])
    for index in 0..<16 { payload += encodedSize(children[index].reference()) }
    var bytes = Bytes()
    bytes.reserveCapacity(payload + 9)
    appendHeader(to: &bytes, size: payload, base: 0xc0)
    for index in 0..<16 { append(children[index].reference(), to: &bytes) }
    append(terminal?.value ?? [], to: &bytes)
    return bytes
  }
}

func encodedSize(_ string: Bytes) -> Int {
  if string.count == 1, string[0] < 0x80 { return 1 }
  return string.count < 56 ? 1 + string.count : 1 + lengthSize(string.count) + string.count
}

func encodedSize(_ reference: NodeReference?) -> Int {
  switch reference {
  case nil: 1
  case .hash: 33
  case .inline(let bytes): bytes.count
  }
}

private func append(_ string: Bytes, to bytes: inout Bytes) {
  if string.count != 1 || string[0] >= 0x80 {
    appendHeader(to: &bytes, size: string.count, base: 0x80)
  }
  bytes.append(contentsOf: string)
}

private func append(_ reference: NodeReference?, to bytes: inout Bytes) {
  switch reference {
  case nil:
    bytes.append(0x80)
  case .hash(let hash):
    bytes.append(0xa0)
    hash.append(to: &bytes)
  case .inline(let encoding):
    bytes.append(contentsOf: encoding)
  }
}

/// An RLP header; `base` is 0x80 for a string and 0xc0 for a list.
private func appendHeader(to bytes: inout Bytes, size: Int, base: UInt8) {
  if size < 56 {
    bytes.append(base + UInt8(truncatingIfNeeded: size))
    return
  }
  let width = lengthSize(size)
  bytes.append(base + 55 + UInt8(truncatingIfNeeded: width))
  for index in stride(from: width - 1, through: 0, by: -1) {
    bytes.append(UInt8(truncatingIfNeeded: size >> (8 * index)))
  }
}

/// How many bytes the number `size` takes.
func lengthSize(_ size: Int) -> Int { (71 - UInt64(size).leadingZeroBitCount) / 8 }
