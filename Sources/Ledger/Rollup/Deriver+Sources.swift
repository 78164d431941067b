import Blobs
import Cryptography
import Derivation
import EVM
import Execution
import Primitives

extension Deriver {
  /// What the world has for a pipeline.
  struct Sources {
    var carried: CarriedContent
    var content: (any ContentSource)?
    /// L2 blocks at hand, and those before them.
    var blocks: [RollupBlock]
    var older: OlderBlocks
    /// L1, where it is a part of this world.
    var layerOne: Chain?
    var provider: any CryptographyProvider

    /// The L2 block of a number, if it is there.
    func block(_ number: UInt64) -> RollupBlock? {
      guard let first = blocks.first?.reference.number, number >= first else {
        return older.block(number)
      }
      return number - first < UInt64(blocks.count) ? blocks[Int(number - first)] : nil
    }

    /// The first L2 block that is there.
    var oldest: L2BlockReference? { (older.first ?? blocks.first)?.reference }
  }
}

extension Deriver.Sources {
  /// Why a certificate on L1 does not count, by the rules that the rollup's configuration has for it.
  ///
  /// Nil where it counts, and where this world cannot tell: who only follows L1 has none of its
  /// state, and takes the DA layer's word, which an event recorded.
  func refusal(
    of commitment: AltDACommitment, in block: L1BlockReference,
    _ configuration: RollupConfiguration
  ) -> CertificateRefusal? {
    guard case .generic = commitment, let rules = configuration.altDA?.certificates else {
      return nil
    }
    let certificate: Certificate
    do throws(CertificateRefusal) {
      certificate = try rules.certificate(of: commitment, inL1Block: block.number)
    } catch {
      return error
    }
    guard let including = layerOne?.block(block.number), including.hash == block.hash else {
      return nil
    }
    do throws(CertificateCheckError) {
      try rules.check(
        certificate, chainID: configuration.l1ChainID, header: including.header,
        state: including.state, provider: provider)
      return nil
    } catch {
      guard case .refused(let refusal) = error else { return nil }
      return refusal
    }
  }
}
