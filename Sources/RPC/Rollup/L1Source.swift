import Cryptography
import Derivation
import Execution
import HTTP
import JSON
import Ledger
import NativeCryptography
import Node
import Primitives

/// An L1 node, and the node that has the data beside L1.
public struct L1Source: Sendable {
  let l1: NodeClient
  private let da: NodeClient
  let proxy: ProxyClient?
  /// The DA layer's, by which payloads are held to certificates.
  let points: PayloadPoints

  /// Nodes at addresses of the form `http://host:port`; without `da` L1's is asked for data too.
  ///
  /// `points` are the DA layer's, where the rollup's rules judge its certificates.
  ///
  /// - Throws: ``NodeClientError`` when an address is none.
  public init(
    l1: String, da: String?, points: PayloadPoints = .development
  ) throws(NodeClientError) {
    self.points = points
    self.l1 = try NodeClient(address: l1)
    self.da = try NodeClient(address: da ?? l1)
    proxy = da.flatMap { try? ProxyClient(address: $0) }
  }

  func headNumber() throws(NodeClientError) -> UInt64 { try l1.number("eth_blockNumber") }

  /// The last L1 block that is final; nil where the node knows of none.
  func finalized() throws(NodeClientError) -> BlockIdentifier? {
    let block = try l1.call("eth_getBlockByNumber", "finalized", false)
    guard let number = block["number"]?.string.flatMap({ UInt256(hexadecimal: $0)?.asUInt64 }),
      let hash = block["hash"]?.string.flatMap({ Hash(hexadecimal: $0) })
    else { return nil }
    return BlockIdentifier(hash: hash, number: number)
  }

  func hash(of number: UInt64) throws(NodeClientError) -> Hash {
    Keccak256.hash(try l1.data("debug_getRawHeader", .quantity(number)))
  }

  /// An L1 block with its receipts, and the data that the batcher's transactions in it name.
  ///
  /// - Throws: ``NodeClientError``, also where the batcher's data cannot be had now: then derivation
  ///   waits for them, as it may not pass over them.
  func block(
    _ number: UInt64, of rollup: Rollup, keep store: ContentStore
  ) throws(NodeClientError) -> OutsideL1Block {
    let encoded = try l1.data("debug_getRawBlock", .quantity(number))
    let answer = try l1.call("debug_getRawReceipts", .quantity(number))
    guard let list = answer.array else { throw l1.malformed("debug_getRawReceipts") }
    let receipts = list.compactMap { $0.string.flatMap { Hexadecimal.decode($0) } }
    var content: [ContentReference] = []
    if let parts = try? EncodedBlock.decode(encoded),
      let block = try? L1Block(
        checking: parts, encodedReceipts: receipts, configuration: rollup.configuration)
    {
      let reader = L1StateReader(block.header, of: l1)
      for transaction in L1Source.batches(in: block, of: rollup) {
        content += try carried(
          by: transaction, in: block.header, rollup.configuration, reading: reader, keep: store)
      }
      if let witness = reader.witness {
        content.append(try kept(L1Witness.name(ofBlock: block.hash), witness.content, store))
      }
    }
    return OutsideL1Block(encoded: encoded, receipts: receipts, content: content)
  }

  /// The transactions to the batch inbox whose sender is the batcher, or becomes it in the block:
  /// what anybody else names need not be there.
  private static func batches(in block: L1Block, of rollup: Rollup) -> [Transaction] {
    var batchers = [rollup.batcher]
    let updates = (try? L1Epoch(block, configuration: rollup.configuration))?.configurationUpdates
    for case .batcher(let address) in updates ?? [] { batchers.append(address) }
    return block.transactions.filter { transaction in
      guard transaction.to == rollup.configuration.batchInbox,
        let sender = try? transaction.sender(NativeCryptographyProvider.shared)
      else { return false }
      return batchers.contains(sender)
    }
  }

  private func carried(
    by transaction: Transaction, in block: BlockHeader, _ configuration: RollupConfiguration,
    reading reader: L1StateReader, keep store: ContentStore
  ) throws(NodeClientError) -> [ContentReference] {
    let number = block.number
    var found: [ContentReference] = []
    for name in transaction.blobHashes {
      let answer = try l1.call("opal_getBlob", .data(name))
      if answer.isNull { throw missing("blob", name, in: number) }
      guard let sidecar = L1Source.sidecar(answer), sidecar.versionedHash == name,
        sidecar.isProven
      else { throw l1.malformed("opal_getBlob") }
      found.append(try kept(name, sidecar.content, store))
    }
    guard configuration.altDA != nil, transaction.data.first == AltDACommitment.version,
      let commitment = try? AltDACommitment.decode(transaction.data[1...])
    else { return found }
    if case .generic = commitment, let rules = configuration.altDA?.certificates {
      return found
        + (try certified(
          commitment, in: block, configuration, rules, reading: reader, keep: store))
    }
    let name = commitment.contentName
    if case .generic = commitment, let proxy {
      return found
        + [try fetched(commitment, named: name, inclusionBlock: number, from: proxy, store)]
    }
    guard let bytes = try input(commitment, named: name) else {
      throw missing("input", name, in: number)
    }
    found.append(try kept(name, bytes, store))
    return found
  }

  func missing(_ what: String, _ name: Hash, in number: UInt64) -> NodeClientError {
    NodeClientError(
      message: "L1 block \(number): nobody has \(what) \(name.hexadecimal); derivation waits for it"
    )
  }

  /// What a commitment stands for: asked of the DA layer, a proxy or a node, and of L1's node; nil
  /// where none of them has it.
  private func input(
    _ commitment: AltDACommitment, named name: Hash
  ) throws(NodeClientError) -> Bytes? {
    if let proxy,
      case .payload(let bytes)? = try? proxy.fetch(commitment.encoded, inclusionBlock: nil),
      commitment.commits(to: bytes) == true
    {
      return bytes
    }
    // A proxy speaks no JSON-RPC, and one that lacks the data does not speak for L1's node.
    var answer = (try? da.call("opal_getInput", .data(name))) ?? .null
    if answer.isNull { answer = try l1.call("opal_getInput", .data(name)) }
    if answer.isNull { return nil }
    guard let bytes = answer.string.flatMap({ Hexadecimal.decode($0) }),
      commitment.commits(to: bytes) ?? true
    else { throw l1.malformed("opal_getInput") }
    return bytes
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

  func kept(
    _ name: Hash, _ bytes: Bytes, _ store: ContentStore
  ) throws(NodeClientError) -> ContentReference {
    do throws(NodeError) {
      return ContentReference(name: name, content: try store.keep(bytes))
    } catch {
      throw NodeClientError(message: error.message)
    }
  }
}
