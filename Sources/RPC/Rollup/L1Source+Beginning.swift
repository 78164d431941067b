import Contracts
import Derivation
import EVM
import Execution
import JSON
import Ledger
import Primitives

/// What a follower begins with where nobody hands it the documents: L1's node gives them, and L1's
/// contracts say whether they are the rollup's.
extension L1Source {
  /// The documents with which a rollup began, as an Opal node gives them.
  ///
  /// They name the portal and the system configuration that Opal's L1 has, and L2's genesis is the
  /// one whose output root stands in the anchor registry's storage, proved against the state root of
  /// L1's head. The rest (who may post batches, where they go, times) has no place on L1; whoever
  /// does not trust the node with it names the rollup's fingerprint.
  ///
  /// - Throws: ``NodeClientError``.
  public func beginning() throws(NodeClientError) -> (genesis: Bytes, rollup: RollupDocument) {
    let method = "opal_getRollup"
    let answer = try l1.call(method)
    guard let genesis = answer["genesis"]?.string, let text = answer["rollup"]?.string,
      let rollup = try? RollupDocument(parsing: Bytes(text.utf8)),
      let parsed = try? GenesisDocument.parse(Bytes(genesis.utf8))
    else { throw l1.malformed(method) }
    let configuration = rollup.configuration
    guard configuration.depositContract == PortalContract.address,
      configuration.systemConfigurationContract == SystemConfigContract.address
    else {
      throw NodeClientError(
        message: "the rollup's contracts are not those that Opal's L1 has; name its documents")
    }
    guard try anchoredRoot() == parsed.outputRoot.hash else {
      throw NodeClientError(
        message: "L1's contracts say of another genesis that the rollup began with it")
    }
    return (Bytes(genesis.utf8), rollup)
  }

  /// The output root with which L1's contracts began, proved against the head's state.
  private func anchoredRoot() throws(NodeClientError) -> Hash {
    let method = "eth_getProof"
    let address = AnchorStateRegistryContract.address
    let slot = Hash(AnchorStateRegistryContract.startingRootSlot)
    for _ in 0..<3 {
      let number = try headNumber()
      let header = try l1.data("debug_getRawHeader", .quantity(number))
      let answer = try l1.call(
        method, .string(address.hexadecimal), [.string(slot.hexadecimal)], .quantity(number))
      guard let stateRoot = (try? BlockHeader.decode(header))?.stateRoot,
        let proof = L1Source.proof(answer, of: address)
      else { throw l1.malformed(method) }
      // Between the questions L1 may have been reorganised.
      guard proof.isValid(root: stateRoot), let word = proof.storage.first,
        word.slot == AnchorStateRegistryContract.startingRootSlot
      else { continue }
      return Hash(word.value)
    }
    throw NodeClientError(message: "what L1 proves of its contracts does not fit its head")
  }

  /// An answer of `eth_getProof`.
  private static func proof(_ json: JSON, of address: Address) -> AccountProof? {
    func number(_ json: JSON?) -> UInt256? { json?.string.flatMap { UInt256(hexadecimal: $0) } }
    func hash(_ json: JSON?) -> Hash? { json?.string.flatMap { Hash(hexadecimal: $0) } }
    func nodes(_ json: JSON?) -> [Bytes] {
      json?.array?.compactMap { $0.string.flatMap { Hexadecimal.decode($0) } } ?? []
    }
    guard let balance = number(json["balance"]), let nonce = number(json["nonce"])?.asUInt64,
      let storageRoot = hash(json["storageHash"]), let codeHash = hash(json["codeHash"])
    else { return nil }
    var account = Account()
    account.balance = balance
    account.nonce = nonce
    account.storageRoot = storageRoot
    account.codeHash = codeHash
    var storage: [StorageProof] = []
    for entry in json["storageProof"]?.array ?? [] {
      guard let slot = number(entry["key"]), let value = number(entry["value"]) else { return nil }
      storage.append(StorageProof(slot: slot, value: value, nodes: nodes(entry["proof"])))
    }
    return AccountProof(
      address: address, account: account, nodes: nodes(json["accountProof"]), storage: storage)
  }
}
