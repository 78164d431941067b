import Blobs
import Cryptography
import DataAvailability
import NativeCryptography
import Pairings
import Primitives
import Synchronization
import Testing

/// A network of four operators, for tests.
struct TestNetwork {
  let network: StorageNetwork
  let key: PrivateKey
  let terms: StorageTerms
  var nodes: [OperatorNode] { network.nodes.values.sorted { $0.id < $1.id } }

  init(operators: Int = 4, record: @escaping (StorageEvent) -> Void = { _ in }) throws {
    terms = DevelopmentNetwork.terms(.development(order: 64))
    key = try #require(PrivateKey(Keccak256.hash(Bytes("payer".utf8)).bytes))
    network = StorageNetwork(
      MemoryRecord(DevelopmentNetwork.initialState, handOn: record), terms: terms,
      cryptography: NativeCryptographyProvider.shared)
    try DevelopmentNetwork(operatorCount: operators, terms: terms, account: key.address)
      .begin(network, block: 10) { _ in MemoryChunkStore() }
  }

  func blob(_ text: String) throws -> Blob { try Blob(payload: Bytes(text.utf8)) }

  /// A request as an honest client makes it.
  func request(
    _ blob: Blob, quorums: Bytes = [0, 1], payment: UInt256 = 447_000_000 * 4096,
    time: UInt64 = 1000
  ) throws -> (certificate: BlobCertificate, payment: PaymentHeader) {
    let payment = PaymentHeader(
      account: key.address, timestampInNanoseconds: time, cumulativePayment: payment)
    let header = BlobHeader(
      version: 0, quorums: quorums,
      commitment: CommitmentWords(try #require(terms.string.commit(blob))),
      paymentHash: payment.hash)
    return (
      BlobCertificate(
        header: header, signature: key.sign(header.blobKey).bytes65, relayKeys: [0]), payment
    )
  }

  /// Disperses a blob, and returns its certificate if it got one.
  func certify(_ blob: Blob, block: UInt32 = 20, time: UInt64 = 1000) throws -> Certificate? {
    let request = try request(blob, time: time)
    let blobKey = try network.disperse(
      blob, request.certificate, payment: request.payment, timeInNanoseconds: time)
    try network.processBatch(referenceBlock: block, timeInSeconds: 1)
    return network.state.certificate(of: blobKey)
  }
}
