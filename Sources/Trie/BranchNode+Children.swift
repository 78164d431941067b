import Primitives

// A copy of a branch counts one more holder of each of its children, and its encoding has the name
// of each; and each of them is somewhere else in memory. So what both need of a child is read here
// past the language: a node's address, its first word and its reference. Where links or nodes do
// not lie in memory as they should, and in Embedded Swift, the plain way is taken.

extension BranchNode {
  /// Reads a word at either end of what is needed of each child.
  ///
  /// The counts of holders are atomic, so the processor waits for one child after the other; plain
  /// reads just before fetch them all at once. Nothing depends on what is read: without this a copy
  /// is the same, only later where a trie does not fit into the caches.
  @inline(__always)
  func touchChildren() {
    #if !hasFeature(Embedded)
      let mask = NodeLayout.addressMask
      if mask == 0 { return }
      var sum = 0
      for index in 0..<16 {
        guard let child = unsafe address(ofChild: index, mask) else { continue }
        sum &+= unsafe child.load(as: Int.self)
        sum &+= Int(
          unsafe child.load(fromByteOffset: NodeLayout.referenceOffset + 32, as: UInt8.self))
      }
      // Else the reads would be left out.
      precondition(sum >= 0, "an object begins with the address of its type")
    #endif
  }

  /// Hands over how this branch names each child: what `children[index].reference()` gives.
  @inline(__always)
  func forEachReference(_ body: (NodeReference) -> Void) {
    #if !hasFeature(Embedded)
      let mask = NodeLayout.addressMask
      if mask != 0 {
        for index in 0..<16 {
          guard let child = unsafe address(ofChild: index, mask) else {
            body(.none)
            continue
          }
          let known = unsafe child.load(
            fromByteOffset: NodeLayout.referenceOffset, as: NodeReference.self)
          body(known.isNone ? children[index].reference() : known)
        }
        return
      }
    #endif
    for index in 0..<16 { body(children[index].reference()) }
  }

  #if !hasFeature(Embedded)
    /// Where a child is, or nil where there is none; nobody else is told that it is used.
    @inline(__always)
    private func address(ofChild index: Int, _ mask: UInt) -> UnsafeRawPointer? {
      let own = unsafe UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque())
      let link = unsafe own.load(
        fromByteOffset: NodeLayout.childrenOffset + 8 * index, as: UInt.self)
      return unsafe UnsafeRawPointer(bitPattern: link & mask)
    }
  #endif
}

#if !hasFeature(Embedded)
  /// How links and nodes lie in memory.
  private enum NodeLayout {
    /// Where a node's reference is: behind the object's header.
    static let referenceOffset = 16
    /// Where a branch's links are: behind that.
    static let childrenOffset = 16 + MemoryLayout<NodeReference>.stride

    /// The bits of a link that are the node's address; zero where something is not as expected.
    static let addressMask: UInt = {
      // The bits that 64-bit platforms never use in the address of an object.
      let mask: UInt = 0x0fff_ffff_ffff_fff8
      guard MemoryLayout<Link>.size == 8, MemoryLayout<Link>.stride == 8 else { return 0 }
      let name = NodeReference(Hash(1, 2, 3, 4))
      let leaf = LeafNode(path: .empty, value: [], subtrie: .empty)
      let middle = ExtensionNode(path: .empty, child: .empty)
      let inner = BranchNode()
      let unresolved = UnresolvedNode(Hash(1, 2, 3, 4))
      leaf.reference = name
      middle.reference = name
      inner.reference = name
      let links: [(link: Link, node: AnyObject)] = [
        (.leaf(leaf), leaf), (.extension(middle), middle), (.branch(inner), inner),
        (.unresolved(unresolved), unresolved),
      ]
      let outer = BranchNode()
      for (index, entry) in links.enumerated() { outer.children[3 * index] = entry.link }
      let isExpected = withExtendedLifetime((links, outer)) {
        (0..<16).allSatisfy { index in
          let found = word(of: outer, at: childrenOffset + 8 * index) & mask
          guard index % 3 == 0, index / 3 < links.count else { return found == 0 }
          let node = links[index / 3].node
          return found == word(of: node) && reference(of: node).content == name.content
            && reference(of: node).count == name.count
        }
      }
      return isExpected ? mask : 0
    }()

    private static func pointer(_ node: AnyObject) -> UnsafeRawPointer {
      unsafe UnsafeRawPointer(Unmanaged.passUnretained(node).toOpaque())
    }

    /// A node's address.
    private static func word(of node: AnyObject) -> UInt {
      unsafe UInt(bitPattern: pointer(node))
    }

    private static func word(of node: AnyObject, at offset: Int) -> UInt {
      unsafe pointer(node).load(fromByteOffset: offset, as: UInt.self)
    }

    private static func reference(of node: AnyObject) -> NodeReference {
      unsafe pointer(node).load(fromByteOffset: referenceOffset, as: NodeReference.self)
    }
  }
#endif
