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
  /// Nil where it counts, and where this log says nothing of L1's state: then the DA layer's word
  /// stands, which an event recorded.
  func refusal(
    of commitment: AltDACommitment, in block: L1BlockReference,
    _ configuration: RollupConfiguration
  ) throws(ContentMiss) -> CertificateRefusal? {
    guard case .generic = commitment, let rules = configuration.altDA?.certificates else {
      return nil
    }
    let certificate: Certificate
    do throws(CertificateRefusal) {
      certificate = try rules.certificate(of: commitment, inL1Block: block.number)
    } catch {
      return error
    }
    guard let (header, state) = try stateOfL1(after: block) else { return nil }
    do throws(CertificateCheckError) {
      try rules.check(
        certificate, chainID: configuration.l1ChainID, header: header, state: state,
        provider: provider)
      return nil
    } catch {
      guard case .refused(let refusal) = error else {
        throw ContentMiss(
          message: "what is kept of L1's state after block \(block.number) does not suffice")
      }
      return refusal
    }
  }

  /// L1's state after a block, of the L1 in this world, or as far as an event told of it.
  private func stateOfL1(
    after block: L1BlockReference
  ) throws(ContentMiss) -> (BlockHeader, State)? {
    if let including = layerOne?.block(block.number), including.hash == block.hash {
      return (including.header, including.state)
    }
    guard let hash = carried[L1Witness.name(ofBlock: block.hash)] else { return nil }
    guard let witness = content?.content(of: hash).flatMap({ L1Witness(content: $0) }),
      witness.header.hash == block.hash
    else {
      throw ContentMiss(
        message: "the content store does not have what it kept of L1's state after block "
          + "\(block.number)")
    }
    return (witness.header, witness.state)
  }
}
