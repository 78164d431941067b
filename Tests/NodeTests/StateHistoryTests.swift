import EVM
import Execution
import Ledger
import Node
import Primitives
import Testing
import Trie
import Views

@Suite("The states of all blocks")
struct StateHistoryTests {
  private let target = Address(UInt256(0xabc))

  /// Reads states from the views alone, of the last blocks and of some before them, and compares
  /// them with what they were.
  private func expect(_ node: Node, _ blocks: [(number: UInt64, root: Hash, balance: UInt256)])
    throws
  {
    for (index, block) in blocks.enumerated() where index % 9 == 0 || index > blocks.count - 70 {
      let state = try #require(try node.states.state(.two, number: block.number))
      #expect(state.root == block.root, "block \(block.number)")
      #expect(try state.account(target)?.balance ?? .zero == block.balance)
      let late = node.states.state(root: block.root, layer: .two, number: block.number)
      #expect(try late.account(target)?.balance ?? .zero == block.balance)
    }
  }

  private func note(_ node: Node) throws -> (number: UInt64, root: Hash, balance: UInt256) {
    let head = try #require(node.world.layerTwo?.head)
    return (
      head.header.number, head.state.root, try head.state.account(target)?.balance ?? .zero
    )
  }

  @Test("are those that the blocks left, across whole tries, resets and edits, and after a restart")
  func all() throws {
    let place = try Place()
    let node = try place.node(mode: .manual)
    var blocks = [try note(node)]
    for nonce in UInt64(0)..<560 {
      if nonce % 3 == 0 { _ = try node.submit(.submit(transfer(nonce: nonce / 3, value: 7))) }
      _ = try node.sealNow(.two)
      blocks.append(try note(node))
    }
    try expect(node, blocks)
    let depth = try #require(try node.world.layerTwo?.position(depth: 50))
    _ = try node.submit(.resetHead(HeadReset(layer: .two, position: depth)))
    blocks.removeLast(50)
    let edit = AccountEdit(layer: .two, changes: [.init(address: target, balance: 1_000)])
    _ = try node.submit(.editAccounts(edit))
    blocks[blocks.count - 1] = try note(node)
    for _ in 0..<20 {
      _ = try node.sealNow(.two)
      blocks.append(try note(node))
    }
    try expect(node, blocks)
    #expect(try node.states.state(.two, number: 1_000) == nil)
    node.stop()
    let again = try place.node(mode: .manual)
    try expect(again, blocks)
    again.stop()
  }

  @Test("have contracts' code and storage, and prove both")
  func contracts() throws {
    let market = try Market()
    let node = market.node
    let head = try #require(node.world.layerTwo?.head)
    let number = head.header.number
    for _ in 0..<3 { _ = try node.sealNow(.two) }
    let state = try #require(try node.states.state(.two, number: number))
    let address = Address(0x4f50_414c_0000_0000, 0, 3)
    #expect(try state.code(at: address) == head.state.code(at: address))
    #expect(try state.code(at: address).isEmpty == false)
    let trie = try state.storageTrie(address)
    #expect(try trie.root == head.state.storageTrie(address).root)
    #expect(try trie.entries().count == head.state.storageTrie(address).entries().count)
    node.stop()
  }
}
