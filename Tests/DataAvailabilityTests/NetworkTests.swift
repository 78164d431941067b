import Blobs
import Cryptography
import DataAvailability
import Foundation
import NativeCryptography
import Pairings
import Primitives
import Synchronization
import TestSupport
import Testing

@Suite("A data availability network") struct NetworkTests {
  @Test("what is dispersed is certified, and comes back from relay and from chunks alone")
  func roundTrip() throws {
    let test = try TestNetwork()
    let blob = try test.blob("the quick brown fox")
    let certificate = try #require(try test.certify(blob))
    let snapshot = test.network.state.registry.snapshot(at: 20)
    try certificate.verify(test.terms.rules, snapshot, currentBlock: 21)
    let header = certificate.inclusion.certificate.header
    #expect(try test.network.retrieve(header) == blob)
    #expect(try test.network.retrieve(header, usingRelay: false) == blob)
    test.network.relay.set(fault: .lying)
    #expect(try test.network.retrieve(header) == blob)
    let report = try #require(test.network.sample(header, at: 20, count: 12, seed: 1))
    #expect(report.asked == 12 && report.valid == 12)
    #expect(report.confidence > 0.999)
  }

  @Test(
    "quorums whose signers fall short of the threshold certify nothing, and the charge is undone")
  func threshold() throws {
    let test = try TestNetwork()
    for node in test.nodes.prefix(3) {
      try test.network.decide(.faultInjected(id: node.id, fault: .down))
    }
    #expect(try test.certify(try test.blob("lost")) == nil)
    let status = test.network.state.blobs.values.first?.status
    #expect(status == .failed(.thresholdNotReached))
    #expect(test.network.state.payments.spent(by: test.key.address).isZero)
    // They come back, and so does the service.
    for node in test.nodes { try test.network.decide(.faultInjected(id: node.id, fault: .none)) }
    #expect(try test.certify(try test.blob("found"), block: 30, time: 2000) != nil)
  }

  @Test("honest operators sign neither for another blob nor for chunks that are not theirs")
  func lyingDisperser() throws {
    for fault in [DisperserFault.otherBlob, .otherChunks] {
      let test = try TestNetwork()
      test.network.fault = fault
      #expect(try test.certify(try test.blob("a lie")) == nil)
    }
  }

  @Test("a disperser that takes a false length gets no honest signature for it")
  func falseLength() throws {
    for liars in [0, 4] {
      let test = try TestNetwork()
      test.network.fault = .falseLength
      for node in test.nodes.prefix(liars) {
        try test.network.decide(.faultInjected(id: node.id, fault: .signsWithoutHolding))
      }
      let blob = try test.blob(String(repeating: "long", count: 100))
      var request = try test.request(blob)
      request.certificate.header.commitment.length /= 2
      request.certificate.signature = test.key.sign(request.certificate.header.blobKey).bytes65
      let blobKey = try test.network.disperse(
        blob, request.certificate, payment: request.payment, timeInNanoseconds: 1000)
      try test.network.processBatch(referenceBlock: 20, timeInSeconds: 1)
      // Only where nobody looks is it certified, and then it cannot be had.
      let certificate = test.network.state.certificate(of: blobKey)
      #expect((certificate == nil) == (liars == 0))
      #expect(throws: RetrievalError.self) {
        try test.network.retrieve(request.certificate.header)
      }
    }
  }

  @Test("a certificate survives one operator in four that does not sign, and names it")
  func nonSigner() throws {
    let test = try TestNetwork()
    let absent = test.nodes[2]
    try test.network.decide(.faultInjected(id: absent.id, fault: .slow))
    let certificate = try #require(try test.certify(try test.blob("without one")))
    #expect(certificate.attestation.nonSigners == [G1Words(absent.key.first)])
    let snapshot = test.network.state.registry.snapshot(at: 20)
    try certificate.verify(test.terms.rules, snapshot, currentBlock: 21)
    #expect(throws: CertificateRejection.referenceBlock(20)) {
      try certificate.verify(test.terms.rules, snapshot, currentBlock: 20)
    }
    var strict = test.terms.rules
    strict.confirmationPercent = 90
    #expect(throws: CertificateRejection.blobQuorums) {
      try certificate.verify(strict, snapshot, currentBlock: 21)
    }
    strict = test.terms.rules
    strict.adversaryPercent = 50
    #expect(throws: CertificateRejection.securityAssumptions) {
      try certificate.verify(strict, snapshot, currentBlock: 21)
    }
    strict = test.terms.rules
    strict.requiredQuorums = [0, 1, 2]
    #expect(throws: CertificateRejection.requiredQuorums) {
      try certificate.verify(strict, snapshot, currentBlock: 21)
    }
  }

  @Test("no certificate with a bit changed is valid, but for bits that mean nothing")
  func mutations() throws {
    let test = try TestNetwork()
    try test.network.decide(.faultInjected(id: test.nodes[1].id, fault: .down))
    for (number, version) in [Certificate.Version.v2, .v3, .v4].enumerated() {
      let time = 1000 + UInt64(number)
      let made = try #require(
        try test.certify(try test.blob("\(number)"), block: 20 + UInt32(number), time: time))
      var certificate = made
      certificate.version = version
      let snapshot = test.network.state.registry.snapshot(
        at: certificate.batchHeader.referenceBlock)
      func isValid(_ certificate: Certificate) -> Bool {
        (try? certificate.verify(test.terms.rules, snapshot, currentBlock: 100)) != nil
      }
      #expect(isValid(certificate))
      let bytes = certificate.bytes
      var generator = SeededGenerator(seed: UInt64(number))
      for _ in 0..<350 {
        var changed = bytes
        let position = Int.random(in: 0..<changed.count, using: &generator)
        changed[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        guard var decoded = try? Certificate(bytes: changed[...]), isValid(decoded) else {
          continue
        }
        decoded.inclusion.index = certificate.inclusion.index
        #expect(decoded == certificate, "byte \(position)")
      }
    }
  }

  @Test("requests that do not add up are refused without a trace")
  func refusals() throws {
    let test = try TestNetwork()
    let blob = try test.blob("payload")
    let before = test.network.state
    func refusal(
      _ blob: Blob, _ request: (certificate: BlobCertificate, payment: PaymentHeader)
    ) -> DispersalRefusal? {
      do throws(DispersalRefusal) {
        _ = try test.network.disperse(
          blob, request.certificate, payment: request.payment, timeInNanoseconds: 1000)
        return nil
      } catch {
        return error
      }
    }
    #expect(refusal(try test.blob("another"), try test.request(blob)) == .commitment)
    #expect(refusal(blob, try test.request(blob, quorums: [1, 0])) == .quorums)
    #expect(refusal(blob, try test.request(blob, quorums: [7])) == .quorums)
    var request = try test.request(blob)
    request.certificate.signature[3] ^= 1
    #expect(refusal(blob, request) == .signature)
    request = try test.request(blob)
    request.certificate.header.commitment.length = 1
    #expect(refusal(blob, request) == .header)
    #expect(refusal(blob, try test.request(blob, payment: .zero)) == .payment(.noFunds))
    let limit = StorageNetwork.ageLimitInNanoseconds
    #expect(refusal(blob, try test.request(blob, time: 1001 + limit)) == .time)
    #expect(refusal(blob, try test.request(blob, time: .max)) == .time)
    test.network.fault = .down
    #expect(refusal(blob, try test.request(blob)) == .unavailable)
    #expect(test.network.state == before)
  }

  @Test("events replay to the same state, whatever happened, and damaged ones are refused")
  func replay() throws {
    let recorded = Mutex<[StorageEvent]>([])
    let test = try TestNetwork { event in recorded.withLock { $0.append(event) } }
    _ = try test.certify(try test.blob("one"))
    try test.network.decide(
      .reserved(
        account: test.key.address,
        reservation: Reservation(symbolsPerSecond: 9, start: 0, end: 9, quorums: [0]),
        timeInNanoseconds: 5))
    try test.network.decide(
      .stakeChanged(id: test.nodes[0].id, quorum: 1, stake: 7, block: 40))
    try test.network.decide(
      .operatorRemoved(id: test.nodes[0].id, quorums: [0], block: 41))
    var state = DevelopmentNetwork.initialState
    for event in recorded.withLock({ $0 }) {
      let bytes = event.bytes
      try state.apply(try StorageEvent(bytes: bytes))
      for cut in [0, 1, bytes.count / 2, bytes.count - 1] {
        #expect(throws: StorageEventError.self) {
          try StorageEvent(bytes: Bytes(bytes[..<cut]))
        }
      }
    }
    #expect(state == test.network.state)
    #expect(state.fingerprint == test.network.state.fingerprint)
    #expect(throws: StorageMisfit.self) { try state.apply(.blobEncoded(blobKey: .zero)) }
  }

  @Test("what nobody keeps any more is forgotten, and cannot be dispersed again")
  func expiry() throws {
    let test = try TestNetwork()
    let blob = try test.blob("old")
    let request = try test.request(blob)
    #expect(try test.certify(blob) != nil)
    let later = test.terms.retentionInSeconds + 86_402
    #expect(try test.network.prune(timeInSeconds: later) == test.nodes.count)
    #expect(test.network.state.blobs.isEmpty && test.network.state.batches.isEmpty)
    #expect(throws: DispersalRefusal.duplicate) {
      _ = try test.network.disperse(
        blob, request.certificate, payment: request.payment, timeInNanoseconds: 2000)
    }
  }

  /// How many networks are simulated: debug builds are slow, and a thousand take a minute.
  private static let seedCount: UInt64 = {
    if ProcessInfo.processInfo.environment["OPAL_CONFORMANCE"] == "full" { return 1_000 }
    #if DEBUG
      return 5
    #else
      return 40
    #endif
  }()

  @Test("networks with random faults break no rule, and the same seed gives the same run")
  func simulation() throws {
    let (terms, provers) = (StorageSimulation.terms(), ProverShelf())
    let key = try #require(PrivateKey(Keccak256.hash(Bytes("payer".utf8)).bytes))
    var first: Hash?
    for seed in Array(0..<Self.seedCount) + [0] {
      var simulation = StorageSimulation(
        seed: seed, terms: terms, provers: provers,
        cryptography: NativeCryptographyProvider.shared, account: key.address,
        sign: { key.sign($0).bytes65 })
      let outcome = try simulation.run()
      if seed != 0 { continue }
      #expect(first == nil || outcome.fingerprint == first)
      first = outcome.fingerprint
    }
  }
}
