import Cryptography
import Execution
import JSON
import Ledger
import Primitives
import Synchronization

/// L1's state after a block, asked of L1's node proof by proof as it is read.
///
/// What the node answers is trie nodes and code, and counts only under its hash, so that nothing of
/// it is taken on trust but the header with the state's root.
final class L1StateReader: StateSource {
  private struct Contents {
    var parts: [Hash: Bytes] = [:]
    var used: Set<Hash> = []
    var failure: String?
  }

  private let header: BlockHeader
  private let l1: NodeClient
  private let contents = Mutex(Contents())

  /// The state after the block of a header.
  init(_ header: BlockHeader, of l1: NodeClient) {
    self.header = header
    self.l1 = l1
  }

  /// The state, which may be read in part.
  var state: State { State(root: header.stateRoot, source: self) }

  /// What was read, for whoever is to read the same; nil if that is nothing.
  var witness: L1Witness? {
    contents.withLock { contents in
      guard !contents.used.isEmpty else { return nil }
      return L1Witness(
        header: header, parts: contents.used.sorted().compactMap { contents.parts[$0] })
    }
  }

  /// Why something could not be had, if that was said.
  var failure: String? { contents.withLock { $0.failure } }

  func node(_ hash: Hash) -> Bytes? {
    contents.withLock { contents in
      guard let part = contents.parts[hash] else { return nil }
      contents.used.insert(hash)
      return part
    }
  }

  func code(_ hash: Hash) -> Bytes? { node(hash) }

  func fetch(_ missing: Hash, account: Address, slot: UInt256?) -> Bool {
    do throws(NodeClientError) {
      let found = try proof(account, slot)
      return contents.withLock { contents in
        for part in found { contents.parts[Keccak256.hash(part)] = part }
        return contents.parts[missing] != nil
      }
    } catch {
      contents.withLock { $0.failure = error.message }
      return false
    }
  }

  /// The nodes that lead to an account and one of its slots, and its code.
  private func proof(_ account: Address, _ slot: UInt256?) throws(NodeClientError) -> [Bytes] {
    let block = JSON.quantity(header.number)
    let slots: [JSON] = slot.map { [.data(Hash($0))] } ?? []
    let answer = try l1.call("eth_getProof", .data(account), .array(slots), block)
    let lists =
      [answer["accountProof"]] + (answer["storageProof"]?.array ?? []).map { $0["proof"] }
    var found = lists.flatMap { $0?.array ?? [] }.compactMap {
      $0.string.flatMap { Hexadecimal.decode($0) }
    }
    if let hash = answer["codeHash"]?.string.flatMap({ Hash(hexadecimal: $0) }),
      hash != Keccak256.empty, contents.withLock({ $0.parts[hash] }) == nil,
      let code = try l1.call("eth_getCode", .data(account), block).string
        .flatMap({ Hexadecimal.decode($0) })
    {
      found.append(code)
    }
    return found
  }
}
