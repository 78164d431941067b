import Blobs
import Cryptography
import Derivation
import EVM
import Execution
import Primitives

/// What commitments on L1 stand for, out of an oracle: each is held to its commitment here.
///
/// Data under a Keccak-256 by their hash; a blob of a DA layer by its certificate, which the verifier
/// on L1 checks in the state that the L1 block has, and by an opening of its commitment.
struct OracleInputs {
  let reader: OracleReader
  let configuration: RollupConfiguration
  let provider: any CryptographyProvider

  /// What derivation gets for a commitment in the L1 block `block`.
  func input(
    of commitment: AltDACommitment, in block: L1BlockReference
  ) throws(ProgramStop) -> AltDAInput {
    let reader = reader
    if case .keccak256(let hash) = commitment {
      return .data(
        try preimages { () throws(PreimageFault) in
          try reader.keccak256(hash, .l2Input(commitment.encoded))
        })
    }
    guard let certificates = configuration.altDA?.certificates else {
      throw .undecided(.commitment)
    }
    let certificate: Certificate
    do throws(CertificateRefusal) {
      certificate = try certificates.certificate(of: commitment, inL1Block: block.number)
    } catch {
      return .dropped(error)
    }
    if let refusal = try refusal(of: certificate, certificates, in: block) {
      return .dropped(refusal)
    }
    let encoded = try encodedPayload(of: certificate, commitment, certificates)
    do throws(CertificateRefusal) {
      return .data(try CertificateConfiguration.payload(encoded))
    } catch {
      return .dropped(error)
    }
  }

  /// What the verifier on L1 says against a certificate; nil for nothing.
  private func refusal(
    of certificate: Certificate, _ certificates: CertificateConfiguration,
    in block: L1BlockReference
  ) throws(ProgramStop) -> CertificateRefusal? {
    let reader = reader
    let header = try preimages { () throws(PreimageFault) in
      try reader.header(block.hash, .l1Header(block.hash))
    }
    reader.oracle.hint(.l1State(block.hash))
    let state = State(root: header.stateRoot, source: OracleL1State(reader.oracle))
    do throws(CertificateCheckError) {
      try certificates.check(
        certificate, chainID: configuration.l1ChainID, header: header, state: state,
        provider: provider)
      return nil
    } catch {
      switch error {
      case .refused(let refusal): return refusal
      case .missing: throw .undecided(.l1State)
      }
    }
  }

  /// The encoded payload behind a certificate, opened against its commitment.
  ///
  /// The preimage is the proof, a point of G1 in 64 bytes, and the elements, as many as the
  /// certificate says.
  private func encodedPayload(
    of certificate: Certificate, _ commitment: AltDACommitment,
    _ certificates: CertificateConfiguration
  ) throws(ProgramStop) -> Bytes {
    reader.oracle.hint(.l2Input(commitment.encoded))
    let key = PreimageKey.generic(Keccak256.hash(commitment.encoded))
    guard let preimage = reader.oracle.preimage(key) else {
      throw .undecided(.preimage(.missing(key)))
    }
    let words = certificate.commitment
    guard let tau2 = certificates.tau2.point else { throw .undecided(.configuration) }
    let size = Int(words.length) * PayloadCodec.elementSizeInBytes
    guard preimage.count == PayloadPreimage.proofSizeInBytes + size,
      PayloadProof.isValid(
        PayloadPreimage.proof(preimage), encodedPayload: PayloadPreimage.payload(preimage),
        commitment: words.commitment, tau2: tau2)
    else { throw .undecided(.preimage(.malformed(key))) }
    return PayloadPreimage.payload(preimage)
  }
}

/// The form of the preimage of a DA layer's commitment: a proof, and the encoded payload.
public enum PayloadPreimage {
  /// The bytes of the proof.
  public static var proofSizeInBytes: Int { 64 }

  /// The preimage of these parts.
  public static func bytes(proof: G1Words, encodedPayload: Bytes) -> Bytes {
    proof.bytes + encodedPayload
  }

  static func proof(_ preimage: Bytes) -> G1Words {
    G1Words(
      x: UInt256(bigEndian: preimage[..<32]), y: UInt256(bigEndian: preimage[32..<64]))
  }

  static func payload(_ preimage: Bytes) -> Bytes { Bytes(preimage[64...]) }
}

/// The nodes and the code of an L1 state, out of an oracle.
final class OracleL1State: StateSource {
  private let oracle: any PreimageOracle

  init(_ oracle: any PreimageOracle) { self.oracle = oracle }

  func node(_ hash: Hash) -> Bytes? { oracle.preimage(.keccak256(hash)) }

  func code(_ hash: Hash) -> Bytes? {
    oracle.hint(.l1Code(hash))
    return oracle.preimage(.keccak256(hash))
  }
}
