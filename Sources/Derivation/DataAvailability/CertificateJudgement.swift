import Blobs
import Cryptography
import EVM
import Execution
import Primitives

/// What a rollup's derivation makes of a certificate that stands in an L1 block.
///
/// Source: EigenDA, integration specification, derivation: parse, recency, validity, payload.
extension CertificateConfiguration {
  /// The certificate that a commitment in the L1 block `number` is.
  ///
  /// - Throws: `CertificateRefusal` for one that is malformed, or stale.
  public func certificate(
    of commitment: AltDACommitment, inL1Block number: UInt64
  ) throws(CertificateRefusal) -> Certificate {
    let certificate: Certificate
    do throws(CertificateError) {
      certificate = try Certificate(genericCommitment: commitment.encoded[...])
    } catch {
      throw .malformed(error)
    }
    let reference = UInt64(certificate.batchHeader.referenceBlock)
    if certificate.version == .v4, number > reference,
      number - reference > recencyWindow
    {
      throw .stale
    }
    return certificate
  }

  /// Refuses a certificate that the verifier on L1 refuses.
  ///
  /// It is asked in the L1 block of `header`, on the state after it, under Prague's rules; `state`
  /// need not hold more than what the contract reads.
  ///
  /// - Throws: `CertificateCheckError`.
  public func check(
    _ certificate: Certificate, chainID: UInt64, header: BlockHeader, state: State,
    provider: any CryptographyProvider
  ) throws(CertificateCheckError) {
    let call = CallRequest(
      to: verifier, gasLimit: Self.gasLimit, data: certificate.verifierCall)
    // Without code every call succeeds.
    guard try hasVerifier(state) else { throw .refused(.notValid) }
    let outcome: CallOutcome
    do throws(SimulationError) {
      outcome = try simulate(
        specification: ChainSpecification(chainID: chainID, forks: .all(upTo: .prague)),
        header: header, state: state, call: call,
        ancestorHashes: RecentHashes(first: header.number, hashes: []), provider: provider)
    } catch {
      if case .stopped(.miss(let miss)) = error { throw .missing(miss) }
      throw .refused(.notValid)
    }
    guard outcome.status == .success else { throw .refused(.notValid) }
  }

  private func hasVerifier(_ state: State) throws(CertificateCheckError) -> Bool {
    do throws(StateMiss) {
      return (try state.account(verifier)?.codeHash ?? Keccak256.empty) != Keccak256.empty
    } catch {
      throw .missing(error)
    }
  }

  /// More gas than this no certificate takes.
  public static var gasLimit: UInt64 { 30_000_000 }

  /// The payload of the blob of a certificate, in its encoding.
  ///
  /// - Throws: `CertificateRefusal` where it is none.
  public static func payload(_ encoded: Bytes) throws(CertificateRefusal) -> Bytes {
    do throws(PayloadError) {
      return try PayloadCodec.decode(encoded)
    } catch {
      throw .malformedPayload(error)
    }
  }
}

/// What a check of a certificate on L1's state came to, where it is not good.
public enum CertificateCheckError: Error, Hashable, Sendable {
  /// The certificate does not count.
  case refused(CertificateRefusal)
  /// A part of L1's state is not at hand: nothing is decided.
  case missing(StateMiss)
}
