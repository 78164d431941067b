import Blobs
import Contracts
import DataAvailability
import EVM
import Execution
import Primitives

/// Writes the data availability layer's registry down on L1, where the certificate verifier reads
/// it.
///
/// A policy: its memory is what L1's contracts say, and what waits for them. Entries go in their order
/// with the blocks from which on they hold here, so both sides know the same at every block. One
/// transaction with entries is under way: where more are due, it gives way to one with all of them, so
/// that L1's next block has what the next certificates are judged by.
public struct RegistryMirror: Sendable {
  /// The contracts' owner, who signs.
  public var owner: Address

  /// The most entries of one transaction.
  private static let entryLimit = 100
  /// More than an entry takes.
  private static let gasPerEntry: UInt64 = 120_000

  /// Makes the policy.
  public init(owner: Address) { self.owner = owner }

  /// The transactions to L1 that are due, unsigned, in the order of their nonces.
  public func due(_ world: World) -> [Transaction] {
    guard let l1 = world.layerOne, let storage = world.storage,
      let versionCount = try? world.read(CertificateVerifierContract.blobVersionCount, on: .one)
    else { return [] }
    var inputs: [(contract: Address, data: Bytes, entryCount: Int)] = []
    // What comes next is in a block after the head.
    let missing = missingEntries(world, storage).filter { UInt64($0.fromBlock) <= l1.number + 1 }
    if !missing.isEmpty {
      let entries = Array(missing.prefix(Self.entryLimit))
      inputs.append(
        (OperatorRegistryContract.address, OperatorRegistryContract.write(entries), entries.count))
    }
    for version in storage.document.blobVersions.dropFirst(Int(clamping: versionCount)) {
      inputs.append(
        (
          CertificateVerifierContract.address,
          CertificateVerifierContract.addBlobVersion(version), 1
        ))
    }
    let account = (try? l1.head.state.account(owner)) ?? nil
    let first = account?.nonce ?? 0
    var next = l1.pool.nextNonce(sender: owner, from: first)
    let waiting = (first..<next).compactMap { nonce in
      l1.pool.transaction(sender: owner, nonce: nonce)?.transaction
    }
    var due: [Transaction] = []
    for input in inputs {
      if waiting.contains(where: { $0.to == input.contract && $0.data == input.data }) { continue }
      let isRegistry = input.contract == OperatorRegistryContract.address
      let formers = isRegistry ? waiting.filter { $0.to == input.contract } : []
      // After a reorganisation of L1 several may wait again, which together have what they had.
      if formers.count > 1 { continue }
      let former = formers.first
      due.append(
        Transaction(
          to: input.contract, chainID: l1.specification.chainID, nonce: former?.nonce ?? next,
          maxFeePerGas: Self.fee(
            l1.baseFeeOfNextBlock &* 10 &+ Self.tip, instead: former?.maxFeePerGas),
          maxPriorityFeePerGas: Self.fee(Self.tip, instead: former?.maxPriorityFeePerGas),
          gasLimit: 50_000 + Self.gasPerEntry * UInt64(input.entryCount), value: .zero,
          data: input.data))
      if former == nil { next += 1 }
    }
    return due
  }

  /// A fee in wei that is paid at least, and enough more than a former one to take its place.
  private static func fee(_ least: UInt256, instead former: UInt256?) -> UInt256 {
    guard let former else { return least }
    return max(least, former &+ (former >> 3) &+ .one)
  }

  /// The entries that L1 lacks, or has with another value, ascending by block.
  private func missingEntries(
    _ world: World, _ storage: StorageLayer
  ) -> [OperatorRegistryContract.Entry] {
    var missing: [OperatorRegistryContract.Entry] = []
    for known in storage.state.registry.histories {
      let history = OperatorRegistryContract.History(known.subject)
      guard
        let count = try? world.read(
          OperatorRegistryContract.entryCount(of: history), on: .one)
      else { return [] }
      var rest = known.entries.dropFirst(Int(clamping: count))
      // The last entry of a block may have been written before the block had its last value.
      if count > 0, count <= UInt64(known.entries.count) {
        let last = known.entries[Int(count) - 1]
        let written = try? world.read(
          OperatorRegistryContract.value(
            of: history, index: UInt32(clamping: count - 1), block: last.block),
          on: .one)
        if written != last.value { rest = known.entries.dropFirst(Int(count) - 1) }
      }
      missing += rest.map {
        OperatorRegistryContract.Entry(history, fromBlock: $0.block, value: $0.value)
      }
    }
    return missing.sorted { $0.fromBlock < $1.fromBlock }
  }

  /// Priority fee, in wei.
  private static var tip: UInt256 { 1_000_000_000 }
}

extension OperatorRegistryContract.History {
  /// The contract's history of what the registry's is of.
  public init(_ subject: OperatorRegistry.Subject) {
    self =
      switch subject {
      case .quorumKey(let quorum): .quorumKey(quorum)
      case .totalStake(let quorum): .totalStake(quorum)
      case .quorums(let member): .quorums(of: member)
      case .stake(let member, let quorum): .stake(of: member, in: quorum)
      }
  }
}
