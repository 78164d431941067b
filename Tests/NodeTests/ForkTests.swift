import Cryptography
import EVM
import Execution
import JSON
import Ledger
import NativeCryptography
import Node
import Primitives
import TestSupport
import Testing
import Views

/// A chain that goes on from another, whose state comes as proofs.
@Suite struct ForkTests {
  private static let someone = Address(UInt256(0x50de))
  private static let contract = Address(UInt256(0xc0de))

  /// Many accounts, and a contract with many slots, so that tries have branches.
  private static let genesis: Genesis = {
    var genesis = Genesis(specification: ChainSpecification(chainID: 5, forks: ForkSchedule()))
    genesis.alloc = (1...200).map { (Address(UInt256($0)), GenesisAccount(balance: 7)) }
    genesis.alloc.append((someone, GenesisAccount(balance: 100, nonce: 4)))
    genesis.alloc.append(
      (
        contract,
        GenesisAccount(
          code: [0x60, 0x01], storage: (1...60).map { (UInt256($0), UInt256($0 + 1)) })
      ))
    return genesis
  }()

  private func store(_ remote: Remote, _ path: String) throws -> ForkStore {
    let store = try ForkStore(path: path)
    store.use(remote, number: 9, root: remote.state.root)
    return store
  }

  @Test(
    "of an account with few slots all is at hand, once asked for, and of one with many nothing is")
  func completion() throws {
    let folder = try TemporaryDirectory()
    let remote = Remote(Self.genesis.state())
    let store = try store(remote, folder.path + "/fork.cache")
    store.complete([Self.contract, Self.someone, Address(UInt256(0xdead))])
    #expect(remote.questions < 100)
    // Without the other node any slot can be read.
    let state = State(
      root: remote.state.root, source: ForkStore(reading: folder.path + "/fork.cache"))
    for slot in [0, 7, 61, 1_000, 77_777] as [UInt64] {
      let expected: UInt64 = 1...60 ~= slot ? slot + 1 : 0
      #expect(try state.storage(Self.contract, UInt256(slot)) == UInt256(expected))
    }
  }

  @Test("a state that another node has is read by proofs, each node asked for once")
  func reading() throws {
    let folder = try TemporaryDirectory()
    let remote = Remote(Self.genesis.state())
    let store = try store(remote, folder.path + "/fork.cache")
    let state = State(root: remote.state.root, source: store)
    #expect(try state.account(Self.someone)?.balance == 100)
    #expect(try state.account(Address(UInt256(0xdead))) == nil)
    #expect(try state.storage(Self.contract, 7) == 8)
    #expect(try state.storage(Self.contract, 1_000) == 0)
    #expect(try state.code(at: Self.contract) == [0x60, 0x01])
    let asked = remote.questions
    #expect(try state.storage(Self.contract, 7) == 8)
    #expect(try state.account(Self.someone)?.nonce == 4)
    #expect(remote.questions == asked)
    // Without the other node the file has all that was read, and nothing else.
    let again = State(
      root: remote.state.root, source: ForkStore(reading: folder.path + "/fork.cache"))
    #expect(try again.storage(Self.contract, 7) == 8)
    #expect(try again.code(at: Self.contract) == [0x60, 0x01])
    #expect(throws: StateMiss.self) { try again.account(Address(UInt256(77))) }
  }

  @Test("writing and deleting give the roots that the whole state gives")
  func writing() throws {
    let folder = try TemporaryDirectory()
    let remote = Remote(Self.genesis.state())
    let store = try store(remote, folder.path + "/fork.cache")
    var state = State(root: remote.state.root, source: store)
    var whole = remote.state
    // One slot after the other goes, so branches collapse onto neighbours that nobody has read.
    for slot in 1...60 as ClosedRange<UInt64> {
      let diff = StateDiff(accounts: [
        AccountChange(
          address: Self.contract,
          account: .init(nonce: slot, balance: 0, codeHash: Keccak256.hash([0x60, 0x01])),
          storage: [.init(slot: UInt256(slot), value: 0)])
      ])
      try state.apply(diff)
      try whole.apply(diff)
      #expect(state.root == whole.root, "\(slot)")
    }
    for number in 1...200 as ClosedRange<UInt64> {
      let diff = StateDiff(accounts: [
        AccountChange(address: Address(UInt256(number)), account: nil)
      ])
      try state.apply(diff)
      try whole.apply(diff)
      #expect(state.root == whole.root, "\(number)")
    }
  }

  @Test("another node's lies are not taken, and its silence is a miss")
  func lies() throws {
    let folder = try TemporaryDirectory()
    let remote = Remote(Self.genesis.state())
    remote.isLying.withLock { $0 = true }
    let store = try store(remote, folder.path + "/fork.cache")
    let state = State(root: remote.state.root, source: store)
    #expect(throws: StateMiss.self) { try state.account(Self.someone) }
  }

  @Test("a chain that goes on from another opens in what came since, and its past can be read")
  func snapshot() throws {
    let place = try Place()
    let remote = Remote(Self.genesis.state())
    var configuration = try place.configuration()
    configuration.isDurable = true
    configuration.snapshotIntervalInEvents = 16
    var header = Self.genesis.block().header
    header.number = 9
    let node = try Node(configuration)
    node.fork.use(remote, number: 9, root: remote.state.root)
    _ = try node.submit(
      .fork(ChainFork(layer: .two, chainID: 31_337, header: header.encoded, ancestors: [])))
    let edit = AccountEdit(
      layer: .two,
      changes: [.init(address: Project.key(0).address, balance: UInt256(1) << 70)])
    _ = try node.submit(.editAccounts(edit))
    for nonce in UInt64(0)..<40 {
      _ = try node.submit(.submit(transfer(nonce: nonce, to: Address(UInt256(nonce + 21)))))
    }
    let world = node.world
    node.stop()
    var applied: UInt64 = 0
    let again = try Node(configuration) { applied = $0.events }
    #expect(applied < 20)
    #expect(again.world.snapshot() == world.snapshot())
    #expect(again.world.layerTwo?.forkNumber == 9)
    let past = try #require(try again.states.state(.two, number: 20))
    #expect(try past.account(Address(UInt256(23)))?.balance == 8)
    #expect(try past.account(Address(UInt256(50)))?.balance == 7)
    #expect(try again.world.layerTwo?.head.state.account(Address(UInt256(50)))?.balance == 8)
    again.fork.use(remote, number: 9, root: remote.state.root)
    #expect(try again.world.layerTwo?.head.state.account(Self.someone)?.nonce == 4)
    let digests = try again.views.digests()
    again.stop()
    let rebuilt = try ViewRebuild.run(place.directory, keeps: true) { _ in }
    #expect(rebuilt.lines.map(\.made) == digests)
    #expect(place.reports.all == [])
  }

  @Test("a file whose last record is cut off is read up to there")
  func cutOff() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path + "/fork.cache"
    let remote = Remote(Self.genesis.state())
    let root = remote.state.root
    _ = try State(root: root, source: try store(remote, path)).account(Self.someone)
    let whole = try Files.read(path)
    for count in stride(from: 0, through: whole.count, by: 101) {
      try Files.write(Bytes(whole[..<count]), to: path)
      let state = State(root: root, source: try store(remote, path))
      #expect(try state.account(Self.someone)?.balance == 100)
    }
  }
}

import Synchronization

/// Another node, as far as a state that is all there can play it.
private final class Remote: RemoteChain {
  let state: State
  let url = "the other"
  let isLying = Mutex(false)
  private let count = Mutex(0)

  init(_ state: State) { self.state = state }

  var questions: Int { count.withLock { $0 } }

  func ask(_ method: String, _ parameters: [JSON]) throws(RemoteFailure) -> JSON {
    count.withLock { $0 += 1 }
    do {
      guard let address = parameters[0].string.flatMap({ Address(hexadecimal: $0) }) else {
        throw RemoteFailure(message: "no address")
      }
      if method == "eth_getCode" { return .data(try state.code(at: address)) }
      let slots = parameters[1].array?.compactMap { $0.string.flatMap { UInt256(hexadecimal: $0) } }
      let proof = try state.accountProof(address, slots: slots ?? [])
      if isLying.withLock({ $0 }) {
        return ["accountProof": [.data([0xc0])], "storageProof": []]
      }
      return [
        "accountProof": .array(proof.nodes.map { .data($0) }),
        "storageHash": .data(proof.account?.storageRoot ?? Account.emptyStorageRoot),
        "codeHash": .data(proof.account?.codeHash ?? Keccak256.empty),
        "storageProof": .array(
          proof.storage.map { ["proof": .array($0.nodes.map { .data($0) })] }),
      ]
    } catch {
      throw RemoteFailure(message: "\(error)")
    }
  }
}
