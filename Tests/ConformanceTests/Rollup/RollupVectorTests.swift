import Conformance
import Foundation
import TestSupport
import Testing

@Suite("The OP Stack's vectors") struct RollupVectorTests {
  static let files = [
    "account_proof", "address_alias", "alt_da_commitment", "batch_validity", "chain_configs",
    "channel_compression", "cross_domain_message", "deposit_call_tracer", "deposit_logs",
    "deposit_source_hash", "deposit_tx", "ecotone_scalar", "eip1559_params", "fastlz_len",
    "frames", "genesis_codes", "l1_attributes", "l1_fee", "l1_rpc_block_verify", "operator_fee",
    "output_root_v0", "payload_id", "preimage_keys", "protocol_version", "receipt_rlp",
    "receipts_root", "singular_batches", "span_batches", "system_config_updates", "upgrade_txs",
    "withdrawal_hash",
  ]
  static let geneses = [
    "genesis_mainnet_bob", "genesis_mainnet_ink", "genesis_mainnet_mode",
    "genesis_mainnet_soneium", "genesis_mainnet_unichain", "genesis_mainnet_worldchain",
    "genesis_sepolia_op", "genesis_sepolia_settlus-sepolia",
  ]
  static let blocks = [26_207_960, 26_207_961, 26_207_962, 26_207_963, 26_208_858, 26_208_927]

  private func failures(_ name: String, _ suite: any Suite) -> [String] {
    let path = Project.vectors.appending(path: "op/\(name).json").path
    var failures: [String] = []
    for result in suite.run(file: FixtureFile(name: path, path: path)) {
      guard case .failed(let difference) = result.verdict else { continue }
      failures.append("\(result.name): \(difference)")
    }
    return failures
  }

  @Test("agree in every case of a file", .enabled(if: Project.hasVectors("op")), arguments: files)
  func vectors(_ name: String) { #expect(failures(name, VectorTest()) == []) }

  @Test(
    "give the roots and hashes of real chains' first blocks",
    .enabled(if: Project.hasVectors("op")), arguments: geneses)
  func genesis(_ name: String) { #expect(failures(name, VectorTest()) == []) }

  @Test(
    "give the hashes of real blocks from their witnesses alone",
    .enabled(if: Project.hasVectors("op")), arguments: blocks)
  func block(_ number: Int) {
    #expect(failures("exec_block_op_sepolia_\(number)", WitnessBlock()) == [])
  }
}
