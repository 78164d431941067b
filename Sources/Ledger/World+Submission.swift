import Cryptography
import Derivation
import EVM
import Execution
import Primitives

extension World {
  /// Judges a transaction for a layer's pool, with the blobs and data that came with it.
  func submit(
    _ bytes: Bytes, with content: [Bytes], to layer: Layer
  ) throws(Refusal) -> Decision {
    guard let chain = self[layer] else { throw .layerNotStarted(layer) }
    guard rollup == nil || layerOne != nil else { throw .rollup(.follows) }
    let isBlob = bytes.first == TransactionKind.blob.rawValue
    let limit =
      isBlob
      ? NetworkTransaction.sizeLimitInBytes
      : Limits.pooledTransactionSizeInBytes(on: chain.specification)
    guard bytes.count <= limit else {
      throw .transactionTooLarge(sizeInBytes: bytes.count, limitInBytes: limit)
    }
    let network: NetworkTransaction
    do throws(RLPError) {
      network = try NetworkTransaction(decoding: bytes)
    } catch {
      throw .malformedTransaction("rlp: \(error)")
    }
    return try submit(network, with: content, to: layer, on: chain, isPrepared: false)
  }

  /// Judges a transaction of the batcher's, what came with which is proved and kept.
  func post(
    _ network: NetworkTransaction, with content: [Bytes]
  ) throws(Refusal) -> Decision {
    guard let chain = layerOne else { throw .layerNotStarted(.one) }
    let limit = Limits.pooledTransactionSizeInBytes(on: chain.specification)
    guard network.encoded.count <= limit else {
      throw .transactionTooLarge(sizeInBytes: network.encoded.count, limitInBytes: limit)
    }
    return try submit(network, with: content, to: .one, on: chain, isPrepared: true)
  }

  private func submit(
    _ network: NetworkTransaction, with content: [Bytes], to layer: Layer, on chain: Chain,
    isPrepared: Bool
  ) throws(Refusal) -> Decision {
    let pooled: PooledTransaction
    do throws(TransactionError) {
      pooled = try poolable(network.encoded)
    } catch {
      throw .malformedTransaction(error.message)
    }
    guard pooled.transaction.kind != .deposit else {
      throw .malformedTransaction("transaction type not supported")
    }
    try check(network, pooled.transaction, on: chain, isProven: isPrepared)
    try chain.checkPoolable(pooled)
    let references = try references(of: network, pooled.transaction, content)
    guard !references.isEmpty else {
      return Decision(
        events: [
          .transactionAccepted(TransactionAcceptance(layer: layer, encoded: network.encoded))
        ], hint: .transaction(pooled))
    }
    return Decision(
      events: [
        .carrierAccepted(
          CarrierAcceptance(layer: layer, encoded: network.encoded, content: references))
      ], content: isPrepared ? [] : network.sidecars.map(\.content) + content)
  }

  /// Whether the blobs are those that the transaction names, each with its commitment's proof.
  ///
  /// Cell proofs are what nodes that sample ask for, from Osaka on; here all have all blobs.
  private func check(
    _ network: NetworkTransaction, _ transaction: Transaction, on chain: Chain, isProven: Bool
  ) throws(Refusal) {
    guard transaction.kind == .blob else { return }
    // Only the L1 of a rollup has somebody who reads blobs; elsewhere they may stay at home.
    guard !network.sidecars.isEmpty else {
      guard rollup != nil else { return }
      throw .malformedTransaction("missing sidecar in blob transaction")
    }
    let named = transaction.blobHashes
    guard network.sidecars.map(\.versionedHash) == named else {
      throw .malformedTransaction("blob hashes do not match the sidecar's commitments")
    }
    if network.hasCellProofs {
      guard chain.specification.fork(of: chain.head.header) >= .osaka else {
        throw .malformedTransaction("unsupported sidecar version: 1")
      }
      return
    }
    guard !isProven else { return }
    for (index, sidecar) in network.sidecars.enumerated() where !sidecar.isProven {
      throw .malformedTransaction("invalid proof of blob \(index)")
    }
  }

  /// How L1 names what an input commits to, if it is of this hash.
  private func committedName(_ input: Bytes, to hash: Hash) -> Hash? {
    guard input.first == AltDACommitment.version,
      let commitment = try? AltDACommitment.decode(input[1...])
    else { return nil }
    if case .keccak256(let named) = commitment, named != hash { return nil }
    return commitment.contentName
  }

  /// How L1 names what came with a transaction.
  private func references(
    of network: NetworkTransaction, _ transaction: Transaction, _ content: [Bytes]
  ) throws(Refusal) -> [ContentReference] {
    var references = network.sidecars.map {
      ContentReference(name: $0.versionedHash, content: Keccak256.hash($0.content))
    }
    guard let first = content.first else { return references }
    let hash = Keccak256.hash(first)
    guard content.count == 1, let name = committedName(transaction.data, to: hash) else {
      throw .malformedTransaction("the transaction does not commit to what came with it")
    }
    references.append(ContentReference(name: name, content: hash))
    return references
  }
}
