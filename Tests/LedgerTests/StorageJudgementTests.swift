import Blobs
import Contracts
import DataAvailability
import EVM
import Foundation
import Ledger
import Primitives
import Testing

@Suite("Certificates of our disperser before L1's own verifier") struct StorageJudgementTests {
  /// How many changes are judged; each may take two pairings in the machine of L1, which only
  /// release builds do fast.
  private static let mutationCount: Int = {
    if ProcessInfo.processInfo.environment["OPAL_CONFORMANCE"] == "full" { return 1_000 }
    #if DEBUG
      return 20
    #else
      return 250
    #endif
  }()

  /// A layer whose registry stands on L1, with one operator down since a block, and certificates of
  /// before and after.
  private func layer() throws -> (layer: LayerDriver, certificates: [Certificate]) {
    let layer = try LayerDriver()
    let network = try layer.network(operators: 4)
    #expect(try layer.mirror() == 2)
    try layer.driver.sealL1()
    var certificates = [try layer.certify("all sign", network, block: 1)]
    let ids = network.nodes.keys.sorted()
    try network.decide(.stakeChanged(id: ids[3], quorum: 0, stake: 90, block: 2))
    try network.decide(.faultInjected(id: ids[2], fault: .slow))
    #expect(try layer.mirror() == 1)
    for _ in 0..<3 { try layer.driver.sealL1() }
    certificates.append(try layer.certify("one is late", network, block: 3))
    try layer.driver.sealL1()
    #expect(certificates.map { $0.attestation.nonSigners.count } == [0, 1])
    return (layer, certificates)
  }

  /// The certificate in each of its layouts.
  private func layouts(_ certificate: Certificate) -> [Certificate] {
    [Certificate.Version.v2, .v3, .v4].map { version in
      var copy = certificate
      copy.version = version
      return copy
    }
  }

  @Test(
    "all versions are valid on L1, with non-signers and without, and nowhere before their block")
  func versions() throws {
    let (layer, certificates) = try layer()
    for certificate in certificates.flatMap(layouts) {
      #expect(try layer.isDerived(certificate) && layer.isNative(certificate))
      // What stands on L1 is what is judged.
      let decoded = try Certificate(genericCommitment: certificate.genericCommitment[...])
      #expect(decoded == certificate)
      #expect(try layer.isDerived(decoded))
      var early = certificate
      early.batchHeader.referenceBlock = UInt32(layer.driver.world.layerOne?.number ?? 0)
      #expect(try !layer.isDerived(early) && !layer.isNative(early))
    }
    var other = certificates[0]
    other.version = .v4
    other.derivationVersion = 1
    #expect(try !layer.isDerived(other) && !layer.isNative(other))
  }

  @Test("a bit changed anywhere, both say the same of it, and yes only to bits that mean nothing")
  func mutations() throws {
    let (layer, certificates) = try layer()
    var generator = SeededGenerator(seed: 5)
    let originals = certificates.flatMap(layouts)
    var judged = 0
    while judged < Self.mutationCount {
      let original = originals[judged % originals.count]
      var bytes = original.bytes
      let position = Int.random(in: 0..<bytes.count, using: &generator)
      bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      // What is no certificate is passed over before anybody is asked.
      guard var changed = try? Certificate(bytes: bytes[...]) else { continue }
      judged += 1
      let isValid = layer.isNative(changed)
      #expect(try layer.isDerived(changed) == isValid, "byte \(position)")
      guard isValid else { continue }
      changed.inclusion.index = original.inclusion.index
      #expect(changed == original, "byte \(position)")
    }
  }

  @Test("a registry that says nothing of an operator's stake on L1 makes no certificate valid")
  func unwritten() throws {
    let layer = try LayerDriver()
    let network = try layer.network(operators: 4)
    for _ in 0..<3 { try layer.driver.sealL1() }
    let certificate = try layer.certify("nobody told L1", network, block: 1)
    #expect(try layer.isNative(certificate) && !layer.isDerived(certificate))
    #expect(try layer.mirror() == 2)
    try layer.driver.sealL1()
    #expect(try layer.isDerived(certificate))
  }
}
