import Blobs
import Contracts
import Cryptography
import DataAvailability
import Foundation
import JSON
import Pairings
import Primitives
import TestSupport
import Testing

@Suite struct CertificateContractTests {
  /// How many mutations are judged; each may take two pairings, which only release builds do fast.
  private static let mutationCount: Int = {
    #if DEBUG
      return 100
    #else
      return 1_000
    #endif
  }()

  @Test(
    "a certificate of each version is valid natively and on L1, and by what EigenDA's clients ask")
  func valid() throws {
    let network = try DataNetwork(stakes: [(40, 30), (30, 30), (20, 30), (10, 10)])
    for version in [Certificate.Version.v2, .v3, .v4] {
      let certificate = try network.certificate(version, signers: [0, 1, 2], at: 13)
      let snapshot = network.registry.snapshot(at: 13)
      #expect(
        CertificateJudge.native(certificate, snapshot, block: network.chain.number) == nil)
      #expect(try CertificateJudge.contract(certificate, on: network.chain) == nil)
      guard version == .v3 else { continue }
      let ask = CertificateVerifierContract.isValid(certificate.abiEncoded)
      #expect(try network.chain.read(ask))
      var other = certificate
      other.batchHeader.referenceBlock = 12
      let asked = CertificateVerifierContract.isValid(other.abiEncoded)
      #expect(try !network.chain.read(asked))
      var long = certificate
      long.inclusion.certificate.relayKeys = [UInt32](repeating: 1, count: 8_192)
      #expect(
        CertificateJudge.native(long, snapshot, block: network.chain.number) == "TooLong")
      #expect(try CertificateJudge.contract(long, on: network.chain) == "TooLong")
      let cut = CertificateVerifierContract.isValid(Bytes(certificate.abiEncoded.dropLast(40)))
      #expect(try !network.chain.read(cut))
    }
  }

  @Test(
    "the threshold is 55 per cent of each quorum's stake, and the required quorums are required")
  func thresholds() throws {
    let network = try DataNetwork(stakes: [(55, 45), (45, 55), (0, 0)])
    let cases: [([Int], Bytes, Bytes, String?)] = [
      ([0, 1], [0, 1], [0, 1], nil),
      ([0], [0, 1], [0, 1], "BlobQuorumsNotConfirmed"),
      ([0], [0, 1], [0], "RequiredQuorumsMissing"),
      ([0], [0], [0], "RequiredQuorumsMissing"),
      ([0, 1], [0, 1], [1, 0], "BlobQuorumsNotConfirmed"),
    ]
    for (signers, quorums, blobQuorums, reason) in cases {
      let certificate = try network.certificate(
        quorums: quorums, signers: signers, at: 12, blobQuorums: blobQuorums)
      let snapshot = network.registry.snapshot(at: 12)
      #expect(
        CertificateJudge.native(certificate, snapshot, block: network.chain.number) == reason)
      #expect(try CertificateJudge.contract(certificate, on: network.chain) == reason)
    }
  }

  @Test("histories on L1 have the entries of the registry, at its indices, block by block")
  func histories() throws {
    let network = try DataNetwork(stakes: [(40, 30), (30, 30)])
    let first = network.keys[0].operatorID
    try network.registry.setStake(of: first, in: 0, to: 99, at: UInt32(network.chain.number))
    try network.write()
    network.chain.number += 5
    try network.registry.remove(first, from: [1], at: UInt32(network.chain.number))
    try network.write()
    for block in UInt32(9)...UInt32(network.chain.number) {
      let snapshot = network.registry.snapshot(at: block)
      for known in snapshot.operators {
        let bitmap = try network.chain.read(
          OperatorRegistryContract.value(
            of: .quorums(of: known.id), index: known.quorums.index, block: block))
        #expect(bitmap == known.quorums.value)
        for stake in known.stakes {
          let value = try network.chain.read(
            OperatorRegistryContract.value(
              of: .stake(of: known.id, in: stake.quorum), index: stake.stake.index, block: block))
          #expect(value == stake.stake.value)
          let next = try network.chain.read(
            OperatorRegistryContract.value(
              of: .stake(of: known.id, in: stake.quorum), index: stake.stake.index + 1,
              block: block))
          #expect(next == nil)
        }
      }
    }
    #expect(
      try network.chain.refusal(
        Parts.alice, OperatorRegistryContract.address, OperatorRegistryContract.write([]))
        == "Ownable: caller is not the owner")
  }

  @Test("whatever is changed in a certificate, the contract says of it what the native check says")
  func mutations() throws {
    let network = try DataNetwork(stakes: [(40, 30), (30, 30), (20, 30), (10, 10)])
    let block = UInt32(network.chain.number) - 1
    let original = try network.certificate(.v4, signers: [0, 1, 2], at: block)
    var numbers = SeededNumbers(state: 41)
    var reasons: Set<String> = []
    for _ in 0..<Self.mutationCount {
      var changed = original
      CertificateMutation.apply(to: &changed, &numbers)
      let snapshot = network.registry.snapshot(at: changed.batchHeader.referenceBlock)
      let native = CertificateJudge.native(changed, snapshot, block: network.chain.number)
      let contract = try CertificateJudge.contract(changed, on: network.chain)
      #expect(CertificateJudge.agree(native, contract), "\(native ?? "-") \(contract ?? "-")")
      if let native { reasons.insert(native) }
    }
    #expect(reasons.count >= 10)
  }

  @Test(
    "real certificates are valid where their non-signers hold little, and changed ones judged alike",
    .enabled(if: Project.hasVectors("da/certs/real_network_certs.json")))
  func realCertificates() throws {
    let path = Project.vectors.appending(path: "da/certs/real_network_certs.json")
    let file = try JSON.parse(Bytes(try Data(contentsOf: path)))
    var numbers = SeededNumbers(state: 42)
    for entry in try file["certs"].elements() {
      let bytes = try #require(
        Hexadecimal.decode("0x" + (entry["altda_commitment_hex"]?.string ?? "")))
      let certificate = try Certificate(genericCommitment: bytes[...])
      let counts = try entry["checks"]?["non_signer_quorum_counts"].elements() ?? []
      let network = try SnapshotOnChain(
        certificate, counts: counts.compactMap { $0.uint64.map { Int($0) } })
      let native = CertificateJudge.native(
        certificate, network.snapshot, block: network.chain.number)
      let contract = try CertificateJudge.contract(certificate, on: network.chain)
      #expect(native == nil && contract == nil, "\(native ?? "-") \(contract ?? "-")")
      for _ in 0..<Self.mutationCount / 3 {
        var changed = certificate
        CertificateMutation.apply(to: &changed, &numbers)
        let block = changed.batchHeader.referenceBlock
        if block != certificate.batchHeader.referenceBlock { continue }
        let native = CertificateJudge.native(
          changed, network.snapshot, block: network.chain.number)
        let contract = try CertificateJudge.contract(changed, on: network.chain)
        #expect(CertificateJudge.agree(native, contract), "\(native ?? "-") \(contract ?? "-")")
      }
    }
  }
}

/// A registry on L1 that has just the entries which a certificate refers to.
private struct SnapshotOnChain {
  let chain: RollupChain
  let snapshot: OperatorSnapshot

  /// `counts` says in how many of the signed quorums each non-signer is.
  init(_ certificate: Certificate, counts: [Int]) throws {
    chain = try RollupChain(layer: 1)
    let attestation = certificate.attestation
    let block = certificate.batchHeader.referenceBlock
    chain.number = UInt64(block) + 50
    var quorums: [OperatorSnapshot.Quorum] = []
    for (index, number) in certificate.signedQuorums.enumerated() {
      quorums.append(
        OperatorSnapshot.Quorum(
          number: number,
          keyHash: .init(
            Keccak256.hash(attestation.quorumKeys[index].bytes),
            index: attestation.quorumKeyIndices[index]),
          totalStake: .init(1_000, index: attestation.totalStakeIndices[index])))
    }
    var left = attestation.nonSignerStakeIndices.map { $0[...] }
    var remaining = counts
    var operators: [OperatorSnapshot.Operator] = []
    for (index, words) in attestation.nonSigners.enumerated() {
      // Those in both quorums first of all take one entry of each; the others what is left.
      let both = remaining.dropFirst(index + 1).filter { $0 == 2 }.count
      var bitmap = UInt256.zero
      var stakes: [OperatorSnapshot.Stake] = []
      for (row, number) in certificate.signedQuorums.enumerated()
      where stakes.count < counts[index] && (counts[index] == 2 || left[row].count > both) {
        guard let entry = left[row].popFirst() else { continue }
        bitmap = bitmap | UInt256.one << Int(number)
        stakes.append(.init(quorum: number, stake: .init(7, index: entry)))
      }
      remaining[index] = 0
      operators.append(
        .init(
          id: Keccak256.hash(words.bytes),
          quorums: .init(bitmap, index: attestation.nonSignerBitmapIndices[index]),
          stakes: stakes))
    }
    snapshot = OperatorSnapshot(block: block, quorums: quorums, operators: operators)
    for quorum in quorums {
      try place(
        .quorumKey(quorum.number), UInt256(quorum.keyHash.value) >> 64, quorum.keyHash.index)
      try place(
        .totalStake(quorum.number), quorum.totalStake.value, quorum.totalStake.index)
    }
    for known in operators {
      try place(.quorums(of: known.id), known.quorums.value, known.quorums.index)
      for stake in known.stakes {
        try place(
          .stake(of: known.id, in: stake.quorum), stake.stake.value, stake.stake.index)
      }
    }
  }

  /// Puts one entry into the contract's storage, at any index, with nothing before it but a first.
  private func place(
    _ history: OperatorRegistryContract.History, _ value: UInt256, _ index: UInt32
  ) throws {
    let contract = OperatorRegistryContract.address
    func slot(_ key: Hash, _ base: UInt256) -> UInt256 {
      UInt256(Keccak256.hash(key.bytes + base.bigEndianBytes))
    }
    let entries = slot(history.key, 1)
    let from = UInt256(UInt64(snapshot.block))
    // The first entry says since when there are any.
    try chain.place(from, in: slot(.zero, entries), of: contract)
    let entry = value << 64 | from
    try chain.place(
      entry, in: slot(Hash(UInt256(UInt64(index))), entries), of: contract)
    try chain.place(UInt256(UInt64(index)) &+ 1, in: slot(history.key, 2), of: contract)
  }
}

/// Changes of a certificate, from all its parts.
enum CertificateMutation {
  static func apply(to certificate: inout Certificate, _ numbers: inout SeededNumbers) {
    let choice = numbers.next(below: 24)
    let bit = UInt32(1) << UInt32(numbers.next(below: 4))
    switch choice {
    case 0: certificate.inclusion.index ^= bit
    case 1: certificate.inclusion.certificate.header.version += 1
    case 2: certificate.inclusion.certificate.signature.append(0)
    case 3: certificate.inclusion.certificate.relayKeys.append(3)
    case 4: certificate.batchHeader.referenceBlock ^= bit
    case 5: certificate.derivationVersion += 1
    case 6: certificate.signedQuorums = []
    case 7: certificate.signedQuorums = Bytes(certificate.signedQuorums.reversed())
    case 8: certificate.signedQuorums = [0, 1, 2, 3, 4, 5]
    case 9: certificate.signedQuorums = [0, 200]
    case 10: certificate.inclusion.proof.append(0)
    default: apply(choice - 11, to: &certificate.attestation, &numbers)
    }
    if choice > 11 || choice == 4 { return }
    // A changed blob would only ever fail its inclusion: the batch has it too, half of the time.
    if choice <= 3, numbers.next(below: 2) == 0 {
      let tree = BatchTree(leaves: [certificate.inclusion.certificate.hash])
      certificate.inclusion.proof = []
      certificate.batchHeader.root = tree.root
    }
  }

  private static func apply(
    _ choice: UInt64, to attestation: inout Attestation, _ numbers: inout SeededNumbers
  ) {
    let last = attestation.nonSignerStakeIndices.count - 1
    switch choice {
    case 0: attestation.signature.x = attestation.signature.x ^ 1
    case 1: attestation.signature = G1Words(x: 1, y: 2)
    case 2: attestation.signersKey.x0 = attestation.signersKey.x0 ^ 1
    case 3: attestation.quorumKeys.swapAt(0, attestation.quorumKeys.count - 1)
    case 4: attestation.quorumKeyIndices[0] += 1
    case 5: attestation.totalStakeIndices[0] += 1
    case 6: attestation.nonSignerStakeIndices[last].append(0)
    case 7: attestation.nonSignerStakeIndices[last] = [9]
    case 8: attestation.nonSignerStakeIndices[0] = Array(repeating: 0, count: 500)
    case 9: attestation.totalStakeIndices.append(0)
    case 10:
      attestation.nonSigners.append(G1Words(x: 1, y: 2))
      attestation.nonSignerBitmapIndices.append(0)
    case 11:
      attestation.nonSigners = []
      attestation.nonSignerBitmapIndices = []
    default:
      if !attestation.nonSignerBitmapIndices.isEmpty { attestation.nonSignerBitmapIndices[0] += 1 }
    }
  }
}
