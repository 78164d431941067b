import Cryptography
import Derivation
import Execution
import Glibc
import HTTP
import JSON
import Ledger
import Node
import Primitives
import Synchronization

/// Brings L1's blocks into a node that holds nothing else, and derives the rollup from them.
///
/// It asks the L1 node, and records each answer; what it was told it does not ask again. A
/// reorganisation of L1 is seen from the hashes, and followed from the last common block on.
public final class RollupFollower: Sendable {
  private let node: Node
  private let source: L1Source
  private let isStopped = Atomic(false)
  private let thread = Mutex<Worker?>(nil)
  private let lastComplaint = Mutex("")

  /// How long it waits before it asks again.
  private static let pauseInMilliseconds = 500

  /// A follower for a node whose log has no L1 of its own.
  public init(node: Node, source: L1Source) {
    self.node = node
    self.source = source
  }

  /// Begins to follow on a thread of its own.
  public func start() {
    thread.withLock { $0 = Worker { [self] in run() } }
  }

  /// Ends it, and waits until it has.
  public func stop() {
    isStopped.store(true, ordering: .relaxed)
    thread.withLock { $0.take() }?.join()
  }

  private func run() {
    while !isStopped.load(ordering: .relaxed) {
      do throws(NodeClientError) {
        try catchUp()
        lastComplaint.withLock { $0 = "" }
      } catch {
        complain(error.message)
      }
      for _ in 0..<10 where !isStopped.load(ordering: .relaxed) {
        usleep(UInt32(RollupFollower.pauseInMilliseconds * 100))
      }
    }
  }

  /// Says what is wrong, once.
  private func complain(_ message: String) {
    let isNew = lastComplaint.withLock { last in
      defer { last = message }
      return last != message
    }
    if isNew { node.configuration.report(message) }
  }

  /// Takes in the L1 blocks that are not known yet.
  func catchUp() throws(NodeClientError) {
    let head = try source.headNumber()
    var next = try firstUnknown(upTo: head)
    while next <= head, !isStopped.load(ordering: .relaxed) {
      guard let rollup = node.world.rollup else { return }
      let block = try source.block(next, configuration: rollup.configuration, keep: node.content)
      do throws(WriteFailure) {
        _ = try node.submit(.receiveL1Block(block))
      } catch {
        throw NodeClientError(message: "L1 block \(next): \(error.message)")
      }
      next += 1
    }
  }

  /// The number after the last block that both know.
  private func firstUnknown(upTo head: UInt64) throws(NodeClientError) -> UInt64 {
    guard let rollup = node.world.rollup else {
      throw NodeClientError(message: RollupRefusal.none.message)
    }
    guard let known = rollup.l1Head else { return rollup.configuration.genesis.l1.number }
    var number = min(known.number, head)
    while let epoch = rollup.epoch(number), try source.hash(of: number) != epoch.reference.hash {
      guard number > rollup.configuration.genesis.l1.number else {
        throw NodeClientError(message: "this L1 is not the one that the rollup settles on")
      }
      number -= 1
    }
    return number + 1
  }
}

/// An L1 node, and the node that has the data beside L1.
public struct L1Source: Sendable {
  private let l1: NodeClient
  private let da: NodeClient
  private let proxy: ProxyClient?

  /// Nodes at addresses of the form `http://host:port`; without `da` L1's is asked for data too.
  ///
  /// - Throws: ``NodeClientError`` when an address is none.
  public init(l1: String, da: String?) throws(NodeClientError) {
    self.l1 = try NodeClient(address: l1)
    self.da = try NodeClient(address: da ?? l1)
    proxy = da.flatMap { try? ProxyClient(address: $0) }
  }

  /// The documents with which a rollup began, as an Opal node gives them.
  ///
  /// - Throws: ``NodeClientError``.
  public func beginning() throws(NodeClientError) -> (genesis: Bytes, rollup: RollupDocument) {
    let method = "opal_getRollup"
    let answer = try l1.call(method)
    guard let genesis = answer["genesis"]?.string, let text = answer["rollup"]?.string,
      let rollup = try? RollupDocument(parsing: Bytes(text.utf8))
    else { throw l1.malformed(method) }
    return (Bytes(genesis.utf8), rollup)
  }

  func headNumber() throws(NodeClientError) -> UInt64 { try l1.number("eth_blockNumber") }

  func hash(of number: UInt64) throws(NodeClientError) -> Hash {
    Keccak256.hash(try l1.data("debug_getRawHeader", .quantity(number)))
  }

  /// An L1 block with its receipts, and the data that the batcher's transactions in it name.
  func block(
    _ number: UInt64, configuration: RollupConfiguration, keep store: ContentStore
  ) throws(NodeClientError) -> OutsideL1Block {
    let encoded = try l1.data("debug_getRawBlock", .quantity(number))
    let answer = try l1.call("debug_getRawReceipts", .quantity(number))
    guard let list = answer.array else { throw l1.malformed("debug_getRawReceipts") }
    let receipts = list.compactMap { $0.string.flatMap { Hexadecimal.decode($0) } }
    var content: [ContentReference] = []
    if let block = try? Block.decode(encoded) {
      for transaction in block.transactions where transaction.to == configuration.batchInbox {
        content += try carried(by: transaction, in: number, configuration, keep: store)
      }
    }
    return OutsideL1Block(encoded: encoded, receipts: receipts, content: content)
  }

  private func carried(
    by transaction: Transaction, in number: UInt64, _ configuration: RollupConfiguration,
    keep store: ContentStore
  ) throws(NodeClientError) -> [ContentReference] {
    var found: [ContentReference] = []
    for name in transaction.blobHashes {
      let answer = try l1.call("opal_getBlob", .data(name))
      // Nobody has it: then it is none of the batcher's, and derivation does not ask for it.
      if answer.isNull { continue }
      guard let sidecar = L1Source.sidecar(answer), sidecar.versionedHash == name,
        sidecar.isProven
      else { throw l1.malformed("opal_getBlob") }
      found.append(try kept(name, sidecar.content, store))
    }
    guard configuration.altDA != nil, transaction.data.first == AltDACommitment.version,
      let commitment = try? AltDACommitment.decode(transaction.data[1...])
    else { return found }
    let name = commitment.contentName
    if case .generic = commitment, let proxy {
      return found
        + [try fetched(commitment, named: name, inclusionBlock: number, from: proxy, store)]
    }
    let answer = try da.call("opal_getInput", .data(name))
    if answer.isNull { return found }
    guard let bytes = answer.string.flatMap({ Hexadecimal.decode($0) }),
      commitment.commits(to: bytes) ?? true
    else { throw da.malformed("opal_getInput") }
    found.append(try kept(name, bytes, store))
    return found
  }

  /// What a DA layer's certificate stands for, as its proxy says.
  private func fetched(
    _ commitment: AltDACommitment, named name: Hash, inclusionBlock: UInt64,
    from proxy: ProxyClient, _ store: ContentStore
  ) throws(NodeClientError) -> ContentReference {
    let answer: ProxyClient.Fetched
    do throws(HTTPClientError) {
      answer = try proxy.fetch(commitment.encoded, inclusionBlock: inclusionBlock)
    } catch {
      throw NodeClientError(message: "DA layer: \(error.message)")
    }
    switch answer {
    case .payload(let bytes): return try kept(name, bytes, store)
    case .dropped: return ContentReference(name: name, content: ContentReference.refused)
    case .unavailable(let status):
      throw NodeClientError(message: "DA layer: status \(status); derivation waits for it")
    }
  }

  private static func sidecar(_ json: JSON) -> BlobSidecar? {
    func bytes(_ name: String) -> Bytes? { json[name]?.string.flatMap { Hexadecimal.decode($0) } }
    guard let blob = bytes("blob"), let commitment = bytes("commitment"), let proof = bytes("proof")
    else { return nil }
    return BlobSidecar(blob: blob, commitment: commitment, proof: proof)
  }

  private func kept(
    _ name: Hash, _ bytes: Bytes, _ store: ContentStore
  ) throws(NodeClientError) -> ContentReference {
    do throws(NodeError) {
      return ContentReference(name: name, content: try store.keep(bytes))
    } catch {
      throw NodeClientError(message: error.message)
    }
  }
}
