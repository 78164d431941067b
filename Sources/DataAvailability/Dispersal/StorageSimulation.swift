import Blobs
import Cryptography
import Pairings
import Primitives

/// A rule of the layer that a simulated run broke.
public struct BrokenRule: Error, Equatable, Sendable, CustomStringConvertible {
  /// The run's seed.
  public let seed: UInt64
  /// What should have held.
  public let rule: String

  /// Both in words.
  public var description: String { "seed \(seed): \(rule)" }
}

/// What a simulated run saw.
public struct SimulationOutcome: Equatable, Sendable {
  /// Blobs that were certified.
  public var certified = 0
  /// Blobs that were not.
  public var refused = 0
  /// Blobs that were retrieved from chunks.
  public var retrieved = 0
  /// Certified blobs that adversaries with more than their share made unavailable.
  public var withheld = 0
  /// How often the network was stopped and started again from its events.
  public var restarts = 0
  /// How many events were recorded.
  public var events: UInt64 = 0
  /// The fingerprint of the last state.
  public var fingerprint = Hash.zero

  /// Nothing yet.
  public init() {}

  /// Adds another run's counts.
  public mutating func add(_ other: SimulationOutcome) {
    certified += other.certified
    refused += other.refused
    retrieved += other.retrieved
    withheld += other.withheld
    restarts += other.restarts
    events += other.events
    fingerprint = other.fingerprint
  }
}

/// A network with random operators, stakes and faults, and rules that must hold whatever happens.
///
/// A seed determines the run. Operators go down, dawdle, corrupt what they give out, sign what they
/// do not hold, or sign anything; the disperser lies; the process stops and starts again from its
/// events; blobs expire.
public struct StorageSimulation {
  private let seed: UInt64
  private var generator: SeededGenerator
  private let terms: StorageTerms
  private let cryptography: any CryptographyProvider
  private let provers: ProverShelf
  /// The account that pays, and how it signs.
  private let account: Address
  private let sign: (Hash) -> Bytes
  private var nodes: [OperatorNode] = []
  private var network: StorageNetwork
  private var record: SimulatedRecord
  private var outcome = SimulationOutcome()
  private var block: UInt32 = 100
  private var second: UInt64 = 1_800_000_000

  /// The terms of simulated networks: 64 chunks, at most 16 operators, blobs of 64 coefficients.
  public static func terms() -> StorageTerms {
    var rules = CertificateRules.mainnet
    rules.blobVersions = [.small]
    return StorageTerms(
      string: .development(order: 64), rules: rules, retentionInSeconds: 1000,
      blobLengthLimit: 64)
  }

  /// A run of a seed; runs under the same terms may share their provers.
  public init(
    seed: UInt64, terms: StorageTerms, provers: ProverShelf = ProverShelf(),
    cryptography: any CryptographyProvider, account: Address, sign: @escaping (Hash) -> Bytes
  ) {
    self.provers = provers
    self.seed = seed
    self.terms = terms
    self.cryptography = cryptography
    self.account = account
    self.sign = sign
    generator = SeededGenerator(seed: seed)
    record = SimulatedRecord(StorageState(registry: Self.emptyRegistry))
    network = StorageNetwork(
      record, terms: terms, provers: provers, cryptography: cryptography)
  }

  private static var emptyRegistry: OperatorRegistry {
    OperatorRegistry(quorums: [(0, 16), (1, 16)])
  }

  /// Runs it to its end.
  ///
  /// - Throws: `BrokenRule` if one is broken.
  public mutating func run() throws(BrokenRule) -> SimulationOutcome {
    try begin()
    for round in 0..<3 {
      try injectFaults()
      try disperse(round)
      if Int.random(in: 0..<3, using: &generator) == 0 { try restart() }
      try changeFaultsLater()
      try checkBlobs()
      block += 10
      second += 20
    }
    try expire()
    outcome.fingerprint = network.state.fingerprint
    outcome.events = UInt64(record.events.count)
    return outcome
  }

  private func require(_ condition: Bool, _ rule: String) throws(BrokenRule) {
    guard condition else { throw BrokenRule(seed: seed, rule: rule) }
  }

  private mutating func decide(_ event: StorageEvent) throws(BrokenRule) {
    do throws(StorageMisfit) {
      try network.decide(event)
    } catch {
      throw BrokenRule(seed: seed, rule: "a decision fits the state: \(error)")
    }
  }

  // MARK: Steps

  private mutating func begin() throws(BrokenRule) {
    try decide(.deposited(account: account, amount: 1 << 60))
    for index in 0..<Int.random(in: 4...15, using: &generator) {
      let secret = BN254.ScalarField(
        reducing: UInt256(Keccak256.hash(Bytes("operator \(seed) \(index)".utf8))))
      let node = OperatorNode(secret: secret, store: MemoryChunkStore(), terms: terms)
      nodes.append(node)
      network.connect(node)
      var stakes: [StorageEvent.QuorumStake] = []
      for quorum in UInt8(0)...1
      where index < 2 || Int.random(in: 0..<4, using: &generator) > 0 {
        let stake = UInt256(UInt64.random(in: 1...1000, using: &generator))
        stakes.append(.init(quorum: quorum, stake: stake))
      }
      try decide(
        .operatorRegistered(
          key: node.key, account: account, signature: node.registration(account),
          stakes: stakes, block: block))
    }
    block += 1
  }

  private mutating func injectFaults() throws(BrokenRule) {
    // From runs in which everybody is honest to runs in which most are not.
    let percent = Int.random(in: 0...90, using: &generator)
    for node in nodes {
      let isFaulty = Int.random(in: 0..<100, using: &generator) < percent
      let fault = isFaulty ? OperatorFault.allCases.randomElement(using: &generator) : nil
      try decide(.faultInjected(id: node.id, fault: fault ?? .none))
    }
    if let node = nodes.randomElement(using: &generator),
      !network.state.registry.stakes(in: 0, at: block).filter({ $0.id == node.id }).isEmpty
    {
      let stake = UInt256(UInt64.random(in: 1...1000, using: &generator))
      try decide(.stakeChanged(id: node.id, quorum: 0, stake: stake, block: block))
    }
    switch Int.random(in: 0..<8, using: &generator) {
    case 0: network.fault = .otherBlob
    case 1: network.fault = .otherChunks
    case 2: network.fault = .falseLength
    default: network.fault = .none
    }
    let relays: [RelayFault] = [.none, .none, .withholding, .lying]
    network.relay.set(fault: relays.randomElement(using: &generator) ?? .none)
  }

  /// Disperses a few blobs in one batch; at times the process stops in the middle of it.
  private mutating func disperse(_ round: Int) throws(BrokenRule) {
    let mayStop = Int.random(in: 0..<4, using: &generator) == 0
    record.timesLeft = mayStop ? Int.random(in: 0...4, using: &generator) : nil
    for number in 0..<Int.random(in: 1...2, using: &generator) {
      let length = 1 << Int.random(in: 0...6, using: &generator)
      let coefficients = (0..<length).map { index in
        BN254.ScalarField(
          reducing: UInt256(
            Keccak256.hash(Bytes("blob \(seed) \(round) \(number) \(index)".utf8))))
      }
      let quorums: Bytes = Bool.random(using: &generator) ? [0, 1] : [0]
      do throws(DispersalRefusal) {
        try disperse(Blob(coefficients: coefficients), quorums)
      } catch {
        if record.isStopped { break }
        throw BrokenRule(seed: seed, rule: "an honest request is accepted: \(error)")
      }
    }
    try processBatch()
    if record.isStopped {
      try restart()
      // What was accepted before the stop still waits.
      try processBatch()
    }
    record.timesLeft = nil
    try checkSigners()
  }

  /// Whoever is honest does not sign a lie.
  private func checkSigners() throws(BrokenRule) {
    let state = network.state
    for (_, batch) in state.batches.sorted(by: { $0.key < $1.key })
    where batch.header.referenceBlock == block && !batch.blobKeys.allSatisfy(isTrue) {
      for signer in batch.signers ?? [] {
        let fault = state.fault(of: signer)
        try require(
          fault == .signsWithoutHolding || fault == .equivocating,
          "an operator that checks does not sign what a disperser lies about")
      }
    }
  }

  /// Whether operators have nothing to find fault with in what they were sent of a blob; chunks of
  /// another operator may happen to be one's own too.
  private func isTrue(_ blobKey: Hash) -> Bool {
    switch network.fault {
    case .none, .down, .otherChunks: return true
    case .otherBlob: return false
    case .falseLength:
      let commitment = network.state.blobs[blobKey]?.certificate.header.commitment.points
      return commitment?.verifyLength(terms.string.verificationPoints) ?? false
    }
  }

  private mutating func processBatch() throws(BrokenRule) {
    do throws(StorageMisfit) {
      try network.processBatch(referenceBlock: block, timeInSeconds: second)
    } catch {
      if record.isStopped { return }
      throw BrokenRule(seed: seed, rule: "a batch fits the state: \(error)")
    }
  }

  private mutating func disperse(_ blob: Blob, _ quorums: Bytes) throws(DispersalRefusal) {
    let time = second * 1_000_000_000
    let spent = network.state.payments.spent(by: account)
    let payment = PaymentHeader(
      account: account, timestampInNanoseconds: time,
      cumulativePayment: spent + UInt256(447_000_000 * 4096))
    guard var commitment = terms.string.commit(blob) else { throw .header }
    // A liar says that a blob is half as long, so that it were paid, coded and kept as less.
    if network.fault == .falseLength, commitment.length > 1 { commitment.length /= 2 }
    let header = BlobHeader(
      version: 0, quorums: quorums, commitment: CommitmentWords(commitment),
      paymentHash: payment.hash)
    let certificate = BlobCertificate(
      header: header, signature: sign(header.blobKey), relayKeys: [0])
    _ = try network.disperse(
      blob, certificate, payment: payment, timeInNanoseconds: time)
  }

  /// The process stops and starts again: the state comes from the events alone, and is the same;
  /// what the relay had in memory may be lost.
  private mutating func restart() throws(BrokenRule) {
    var state = StorageState(registry: Self.emptyRegistry)
    for bytes in record.events {
      guard let event = try? StorageEvent(bytes: bytes), event.bytes == bytes,
        (try? state.apply(event)) != nil
      else { throw BrokenRule(seed: seed, rule: "every event that was recorded can be replayed") }
    }
    try require(state == network.state, "a replay gives the same state")
    let fault = network.fault
    let relay = Bool.random(using: &generator) ? network.relay : BlobRelay()
    record = SimulatedRecord(state, events: record.events)
    network = StorageNetwork(
      record, terms: terms, relay: relay, provers: provers, cryptography: cryptography)
    network.fault = fault
    for node in nodes { network.connect(node) }
    guard (try? network.resume(timeInSeconds: second)) != nil else {
      throw BrokenRule(seed: seed, rule: "an interrupted batch is taken up again")
    }
    outcome.restarts += 1
  }

  /// Operators that were honest when they signed fail afterwards, at times.
  private mutating func changeFaultsLater() throws(BrokenRule) {
    for node in nodes where Int.random(in: 0..<6, using: &generator) == 0 {
      let faults: [OperatorFault] = [.down, .corrupting, .none]
      try decide(
        .faultInjected(id: node.id, fault: faults.randomElement(using: &generator) ?? .none))
    }
  }

  // MARK: Rules

  private mutating func checkBlobs() throws(BrokenRule) {
    try require(network.state.payments.isCovered, "nobody spends more than it deposited")
    for (blobKey, blob) in network.state.blobs.sorted(by: { $0.key < $1.key })
    where blob.batch.flatMap({ network.state.batches[$0]?.header.referenceBlock }) == block {
      switch blob.status {
      case .complete:
        outcome.certified += 1
        try check(blobKey, blob)
      case .failed:
        outcome.refused += 1
        try require(
          network.state.certificate(of: blobKey) == nil, "a failed blob has no certificate")
      default: try require(false, "no blob is left without an end")
      }
    }
  }

  private mutating func check(_ blobKey: Hash, _ blob: DispersedBlob) throws(BrokenRule) {
    let state = network.state
    guard let certificate = state.certificate(of: blobKey) else {
      throw BrokenRule(seed: seed, rule: "a complete blob has a certificate")
    }
    var rules = terms.rules
    rules.requiredQuorums = [0]
    let snapshot = state.registry.snapshot(at: certificate.batchHeader.referenceBlock)
    let verdict = Result { () throws(CertificateRejection) in
      try certificate.verify(rules, snapshot, currentBlock: UInt64(block) + 1)
    }
    if case .failure(let rejection) = verdict {
      throw BrokenRule(seed: seed, rule: "its certificate is valid: \(rejection)")
    }
    let decoded = try? Certificate(genericCommitment: certificate.genericCommitment[...])
    try require(decoded == certificate, "a certificate survives its encoding")
    let mayFail = !isGuaranteed(blob, certificate)
    for usingRelay in [true, false] {
      let blob = try? network.retrieve(blob.certificate.header, usingRelay: usingRelay)
      if let blob {
        try require(
          terms.string.commit(blob).map { CommitmentWords($0) } == certificate.commitment,
          "what is retrieved is what was committed to")
        if !usingRelay { outcome.retrieved += 1 }
      } else {
        try require(mayFail, "certified data can be retrieved while enough honest stake holds it")
        if !usingRelay { outcome.withheld += 1 }
      }
    }
  }

  /// Whether signers that hold their chunks and give them out have the reconstruction threshold of
  /// some quorum.
  private func isGuaranteed(_ blob: DispersedBlob, _ certificate: Certificate) -> Bool {
    guard let commitment = certificate.commitment.points,
      commitment.verifyLength(terms.string.verificationPoints)
    else { return false }
    let block = certificate.batchHeader.referenceBlock
    return blob.certificate.header.quorums.contains { quorum in
      let stakes = network.state.registry.stakes(in: quorum, at: block)
      let total = stakes.reduce(UInt256.zero) { $0 + $1.stake }
      let giving = stakes.reduce(UInt256.zero) { sum, stake in
        let fault = network.state.fault(of: stake.id)
        let gives = fault == .none || fault == .slow
        return gives && holds(stake.id, blob.certificate.header) ? sum + stake.stake : sum
      }
      let percent = UInt256(terms.rules.blobVersions[0].reconstructionPercent)
      return giving * 100 >= total * percent
    }
  }

  /// Whether an operator has a blob's own chunks: who signed anything may have kept what a lying
  /// disperser sent, and behave ever since.
  private func holds(_ id: Hash, _ header: BlobHeader) -> Bool {
    guard let node = nodes.first(where: { $0.id == id }),
      let held = try? node.store.chunks(for: header.blobKey),
      let commitment = header.commitment.commitment.point,
      let verifier = ChunkVerifier(held.shape, terms.string)
    else { return false }
    return verifier.areValid(
      held.chunks.map {
        ChunkClaim(commitment: commitment, index: $0.index, chunk: $0.chunk)
      })
  }

  private mutating func expire() throws(BrokenRule) {
    second += terms.retentionInSeconds + 1
    try prune()
    for blob in network.state.blobs.values where blob.status == .complete {
      let late = try? network.retrieve(blob.certificate.header, usingRelay: false)
      try require(late == nil, "expired blobs are gone")
    }
    second += 86_400
    try prune()
    try require(
      network.state.blobs.isEmpty && network.state.batches.isEmpty,
      "what nobody keeps is forgotten a day later")
    try restart()
  }

  private func prune() throws(BrokenRule) {
    guard (try? network.prune(timeInSeconds: second)) != nil else {
      throw BrokenRule(seed: seed, rule: "expired blobs can be thrown away")
    }
  }
}
