import Blobs
import Contracts
import Cryptography
import DataAvailability
import Derivation
import EVM
import Execution
import JSON
import Ledger
import NativeCryptography
import Pairings
import Primitives
import Testing

/// A rollup's world with a data availability layer in it, whose network decides into its log.
final class LayerDriver: StorageRecord {
  var driver: RollupDriver
  let document: StorageDocument
  let terms: StorageTerms
  let key: PrivateKey
  private var certifiedCount: UInt64 = 0

  /// A layer over so many powers; `isJudged` has L1's verifier judge the rollup's certificates.
  init(order: Int = 8, isJudged: Bool = false) throws {
    let string = ReferenceString.development(order: order)
    document = StorageDocument(development: string)
    terms = try #require(document.terms(string))
    key = try #require(PrivateKey(Keccak256.hash(Bytes("payer".utf8)).bytes))
    let rules = CertificateConfiguration(
      verifier: CertificateVerifierContract.address,
      tau2: G2Words(string.verificationPoints.doublings2[0]))
    driver = try RollupDriver { document in
      if isJudged { document.useCommitments(.generic, certificates: rules) }
    }
    if isJudged { driver.batcher.carrier = .layer }
    try driver.submit(
      .declareStorage(StorageDeclaration(document: document.json.serialized())))
  }

  var state: StorageState { driver.world.storage?.state ?? document.initialState }

  func record(_ events: [StorageEvent]) throws(StorageMisfit) {
    do {
      try driver.submit(.changeStorage(events))
    } catch {
      if case .storage(.misfit(let misfit))? = error as? Refusal { throw misfit }
      throw .notRecorded("\(error)")
    }
  }

  func network(operators: Int) throws -> StorageNetwork {
    let network = StorageNetwork(
      self, terms: terms, cryptography: NativeCryptographyProvider.shared)
    try DevelopmentNetwork(operatorCount: operators, terms: terms, account: key.address)
      .begin(network, block: 0) { _ in MemoryChunkStore() }
    return network
  }

  /// Submits what the mirror finds due; how many transactions that was.
  func mirror() throws -> Int {
    let owner = Development.key(18)
    let due = RegistryMirror(owner: owner.address).due(driver.world)
    for unsigned in due {
      let signed = unsigned.signed(with: owner.sign(unsigned.signingHash))
      try driver.submit(.submitTransaction(.one, encoded: signed.encoded))
    }
    return due.count
  }

  func certify(_ text: String, _ network: StorageNetwork, block: UInt32) throws -> Certificate {
    try certify(Bytes(text.utf8), network, block: block)
  }

  func certify(_ payload: Bytes, _ network: StorageNetwork, block: UInt32) throws -> Certificate {
    let blob = try Blob(payload: payload)
    certifiedCount += 1
    let time = UInt64(block) * 1_000_000_000 + certifiedCount
    let payment = PaymentHeader(
      account: key.address, timestampInNanoseconds: time,
      cumulativePayment: state.payments.spent(by: key.address) + 447_000_000 * 4096)
    let header = BlobHeader(
      version: document.blobVersion, quorums: [0, 1],
      commitment: CommitmentWords(try #require(terms.string.commit(blob))),
      paymentHash: payment.hash)
    let blobKey = try network.disperse(
      blob,
      BlobCertificate(
        header: header, signature: key.sign(header.blobKey).bytes65, relayKeys: [0]),
      payment: payment, timeInNanoseconds: time)
    try network.processBatch(referenceBlock: block, timeInSeconds: UInt64(block))
    return try #require(state.certificate(of: blobKey))
  }

  func isValidOnL1(_ certificate: Certificate) throws -> Bool {
    try driver.world.read(
      CertificateVerifierContract.isValid(certificate.abiEncoded), on: .one)
  }

  func isValidNatively(_ certificate: Certificate) -> Bool {
    let block = certificate.batchHeader.referenceBlock
    let current = (driver.world.layerOne?.number ?? 0) + 1
    return
      (try? certificate.verify(
        document.rules, state.registry.snapshot(at: block), currentBlock: current)) != nil
  }

  /// Whether derivation takes a certificate in L1's head: the verifier there is asked.
  func isDerived(_ certificate: Certificate) throws -> Bool {
    let l1 = try #require(driver.world.layerOne)
    let configuration = CertificateConfiguration(
      verifier: CertificateVerifierContract.address,
      tau2: G2Words(terms.string.verificationPoints.doublings2[0]))
    do throws(CertificateCheckError) {
      try configuration.check(
        certificate, chainID: l1.specification.chainID, header: l1.head.header,
        state: l1.head.state, provider: NativeCryptographyProvider.shared)
      return true
    } catch {
      #expect(error == .refused(.notValid))
      return false
    }
  }

  /// Whether the native check takes a certificate in L1's head.
  func isNative(_ certificate: Certificate) -> Bool {
    let snapshot = state.registry.snapshot(at: certificate.batchHeader.referenceBlock)
    let block = driver.world.layerOne?.number ?? 0
    return (try? certificate.verify(document.rules, snapshot, currentBlock: block)) != nil
  }
}

extension LayerDriver {
  /// Has what the batcher finds due certified, and posts the certificates; how many those are.
  func post(_ network: StorageNetwork) throws -> Int {
    let postings = driver.batcher.due(driver.world) { bytes, _ in RollupDriver.stored(bytes) }
    for posting in postings {
      let payload = try #require(posting.content)
      driver.content.keep(payload)
      let certificate = try certify(
        payload, network, block: UInt32(driver.world.layerOne?.number ?? 0))
      let unsigned = Batcher.transaction(
        posting.transaction, with: [AltDACommitment.version] + certificate.genericCommitment)
      let signed = unsigned.signed(with: Development.key(14).sign(unsigned.signingHash))
      try driver.submit(
        .submitTransaction(.one, encoded: signed.encoded, content: [payload]))
    }
    return postings.count
  }

  /// The last L1 block for who follows, with all of the state that its certificates are judged in.
  func noteWitness() throws {
    let head = try #require(driver.world.layerOne?.head)
    var parts: [Bytes] = []
    head.state.visitNodes { _, encoding in
      parts.append(encoding)
      return true
    }
    for address in [CertificateVerifierContract.address, OperatorRegistryContract.address] {
      parts.append(try head.state.code(at: address))
    }
    let content = L1Witness(header: head.header, parts: parts).content
    driver.content.keep(content)
    driver.l1Blocks[head.hash]?.content.append(
      ContentReference(
        name: L1Witness.name(ofBlock: head.hash), content: Keccak256.hash(content)))
  }
}
