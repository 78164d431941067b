import Blobs
import DataAvailability
import Derivation
import Execution
import HTTP
import JSON
import Ledger
import NativeCryptography
import Node
import Primitives

/// How a follower judges certificates itself: by L1's verifier on L1's state, and payloads by the
/// certificates' commitments.
extension L1Source {
  /// What a certificate in an L1 block stands for, as far as it counts there by the rollup's rules.
  ///
  /// Nothing for one that derivation passes over before it asks for the payload.
  func certified(
    _ commitment: AltDACommitment, in block: BlockHeader, _ configuration: RollupConfiguration,
    _ rules: CertificateConfiguration, reading reader: L1StateReader, keep store: ContentStore
  ) throws(NodeClientError) -> [ContentReference] {
    guard let certificate = try? rules.certificate(of: commitment, inL1Block: block.number),
      try isValid(certificate, in: block, configuration, rules, reader)
    else { return [] }
    let encoded = try encodedPayload(of: certificate, commitment, in: block.number)
    guard points.holds(encoded, to: certificate) else {
      throw NodeClientError(
        message: "L1 block \(block.number): what the DA layer answers is not what the certificate "
          + "is of; derivation waits for that")
    }
    let name = commitment.contentName
    if let payload = try? CertificateConfiguration.payload(encoded) {
      return [try kept(name, payload, store)]
    }
    return [
      ContentReference(name: name, content: ContentReference.refused),
      try kept(ContentReference.encodedPayloadName(of: commitment), encoded, store),
    ]
  }

  /// Whether L1's verifier accepts a certificate in the state after a block.
  private func isValid(
    _ certificate: Certificate, in block: BlockHeader, _ configuration: RollupConfiguration,
    _ rules: CertificateConfiguration, _ reader: L1StateReader
  ) throws(NodeClientError) -> Bool {
    do throws(CertificateCheckError) {
      try rules.check(
        certificate, chainID: configuration.l1ChainID, header: block, state: reader.state,
        provider: NativeCryptographyProvider.shared)
      return true
    } catch {
      guard case .missing = error else { return false }
      throw NodeClientError(
        message: "L1 block \(block.number): the state that a certificate is checked in cannot be "
          + "had: \(reader.failure ?? "what L1's node proves does not fit the header")")
    }
  }

  /// The encoded payload of a certificate as the DA layer gives it, or as L1's node knows it.
  private func encodedPayload(
    of certificate: Certificate, _ commitment: AltDACommitment, in number: UInt64
  ) throws(NodeClientError) -> Bytes {
    guard let proxy else {
      let answer = try l1.call("opal_getInput", .data(commitment.contentName))
      guard let payload = answer.string.flatMap({ Hexadecimal.decode($0) }),
        let length = Int(exactly: certificate.commitment.length),
        let encoded = PayloadCodec.encode(payload, elementCount: length)
      else { throw missing("input", commitment.contentName, in: number) }
      return encoded
    }
    let answer: ProxyClient.Fetched
    do throws(HTTPClientError) {
      answer = try proxy.fetch(commitment.encoded, inclusionBlock: number, wantsEncoded: true)
    } catch {
      throw NodeClientError(message: "DA layer: \(error.message)")
    }
    switch answer {
    case .payload(let encoded): return encoded
    case .dropped(let code):
      throw NodeClientError(
        message: "L1 block \(number): the DA layer refuses (\(code)) a certificate that L1's "
          + "verifier accepts; derivation waits for its payload")
    case .unavailable(let status):
      throw NodeClientError(message: "DA layer: status \(status); derivation waits for it")
    }
  }
}
