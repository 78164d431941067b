import Primitives

extension BranchNode {
  /// Reads a word of each child.
  ///
  /// A copy of a branch counts one more holder of each of its children, and each of them is
  /// somewhere else in memory. The counts are atomic, so the processor waits for one child after the
  /// other; plain reads just before fetch them all at once. Nothing depends on what is read: without
  /// this a copy is the same, only later where a trie does not fit into the caches.
  @inline(__always)
  func touchChildren() {
    #if !hasFeature(Embedded)
      let mask = LinkLayout.addressMask
      if mask == 0 { return }
      var sum = 0
      unsafe withUnsafeMutableBytes(of: &children) { buffer in
        for index in 0..<16 {
          let word = unsafe buffer.loadUnaligned(fromByteOffset: 8 * index, as: UInt.self) & mask
          if let child = unsafe UnsafePointer<Int>(bitPattern: word) {
            sum &+= unsafe child.pointee
          }
        }
      }
      // Else the reads would be left out.
      precondition(sum >= 0, "an object begins with the address of its type")
    #endif
  }
}

/// How a link to a node looks in memory.
private enum LinkLayout {
  /// The bits that are the node's address; zero where links are not what was expected.
  static let addressMask: UInt = {
    // The bits that 64-bit platforms never use in the address of an object.
    let mask: UInt = 0x0fff_ffff_ffff_fff8
    guard MemoryLayout<Link>.size == 8, MemoryLayout<Link>.stride == 8 else { return 0 }
    let leaf = LeafNode(path: .empty, value: [], subtrie: .empty)
    let middle = ExtensionNode(path: .empty, child: .empty)
    let branch = BranchNode()
    let unresolved = UnresolvedNode(.zero)
    let isExpected =
      bits(.empty) & mask == 0 && bits(.leaf(leaf)) & mask == address(leaf)
      && bits(.extension(middle)) & mask == address(middle)
      && bits(.branch(branch)) & mask == address(branch)
      && bits(.unresolved(unresolved)) & mask == address(unresolved)
    return isExpected ? mask : 0
  }()

  private static func bits(_ link: Link) -> UInt { unsafe unsafeBitCast(link, to: UInt.self) }

  private static func address(_ node: AnyObject) -> UInt {
    unsafe UInt(bitPattern: Unmanaged.passUnretained(node).toOpaque())
  }
}
