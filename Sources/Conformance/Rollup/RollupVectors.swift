import EVM
import Execution
import JSON
import Primitives

/// The OP Stack's vector files: each a list of cases, whose members say of which kind they are.
let rollupVectors: [VectorKind] = [
  VectorKind({ $0.isDocument(of: "source", "note", "cases") }, document: RollupVectors.run)
]

/// The kinds of case in the OP Stack's vector files.
enum RollupVectors {
  /// A kind of case: the members that it has, and what runs it.
  struct Kind: Sendable {
    let members: [String]
    let run: @Sendable (Fixture) throws(FixtureError) -> Verdict

    init(
      _ members: String..., run: @escaping @Sendable (Fixture) throws(FixtureError) -> Verdict
    ) {
      self.members = members
      self.run = run
    }
  }

  /// The kinds; the first of which a case has all members runs it.
  static let kinds: [Kind] = [
    Kind("input", "len", run: RollupFeeVectors.compressedSize),
    Kind("params", "l1Fee", run: RollupFeeVectors.l1Fee),
    Kind("operatorFeeScalar", "operatorFee", run: RollupFeeVectors.operatorFee),
    Kind("op", "fork", run: RollupFeeVectors.extraData),
    Kind("op", "next", run: RollupFeeVectors.baseFee),
    Kind("calldata", run: AttributesVectors.verdict),
    Kind("raw", "decoded", run: DepositVectors.transaction),
    Kind("topics", "data", "updateType", run: ConfigurationVectors.update),
    Kind("topics", "data", "ok", run: DepositVectors.log),
    Kind("domain", "sourceHash", run: DepositVectors.sourceHash),
    Kind("raw", "sourceHash", run: DepositVectors.upgrade),
    Kind("context", "genesis", "input", "result", run: DepositVectors.execution),
    Kind("networkRlp", run: RollupReceiptVectors.encoding),
    Kind("receipts", "receiptsRoot", run: RollupReceiptVectors.root),
    Kind("payloadId", run: CommitmentVectors.payload),
    Kind("withdrawalHash", run: CommitmentVectors.withdrawal),
    Kind("outputRoot", run: CommitmentVectors.output),
    Kind("proof", "stateRoot", run: CommitmentVectors.proof),
    Kind("rpcBlock", "ok", run: BlockAnswerVectors.verdict),
    Kind("scalar", run: AttributesVectors.scalars),
    Kind("codes", run: RollupGenesisVectors.codes),
    Kind("preimages", "expectedBlockHash", run: WitnessBlock.verdict),
    Kind("data", "ok", run: BatcherVectors.frames),
    Kind("txData", run: BatcherVectors.commitment),
    Kind("batcherData", "batch", run: BatchVectors.singular),
    Kind("spanBatch", "compression", run: BatchVectors.span),
    Kind("rawSpanBatch", run: BatchVectors.span),
    Kind("compressed", run: BatcherVectors.compression),
    Kind("config", run: ConfigurationVectors.chain),
    Kind("display", "encoded", run: ConfigurationVectors.version),
    Kind("versionedNonce", run: MessageVectors.message),
    Kind("l1", "l2", run: MessageVectors.alias),
    Kind("type", "key", run: MessageVectors.key),
  ]

  /// Kinds of case that are recognised and not run: what they are of comes later, or not at all.
  static let unanswered: [(members: Set<String>, reason: String)] = [
    (["data", "timestamp"], "an envelope of the gossip network, which Opal has not"),
    (["stateData", "proofData", "postStateHash"], "a step of the machine of disputes: to come"),
    (["witness", "stateHash"], "a state of the machine of disputes: to come"),
    (["startingL2Block", "depth", "traceIndex"], "a trace of the dispute game's toy: to come"),
    (["input", "stateCommitments"], "a large preimage proposed on L1: to come"),
    (["rootHash", "leafCount", "proofs"], "a large preimage proposed on L1: to come"),
    (["op", "gindex"], "a position in the dispute game: to come"),
    (["op", "traceIndex", "maxDepth"], "a position in the dispute game: to come"),
  ]

  @Sendable static func run(
    _ document: Fixture, path: String
  ) throws(FixtureError) -> [CaseResult] {
    var results: [CaseResult] = []
    for (index, test) in try document.field("cases").elements().enumerated() {
      var result = CaseResult(name: test.json["id"]?.string ?? String(index), verdict: .passed)
      result.fork = test.json["fork"]?.string ?? ""
      do throws(FixtureError) {
        result.verdict = try verdict(test, path, document)
      } catch {
        result.verdict = .malformed(error)
      }
      results.append(result)
    }
    return results
  }

  private static func verdict(
    _ test: Fixture, _ path: String, _ document: Fixture
  ) throws(FixtureError) -> Verdict {
    let members = Set(test.json.object?.keys ?? [])
    if members.isSuperset(of: ["alloc", "expectedHash"]) {
      return try RollupGenesisVectors.verdict(test, path: path)
    }
    if members.isSuperset(of: ["stateRoot", "expectedHash", "accounts"]) {
      return try RollupGenesisVectors.entry(test, path: path)
    }
    if members.isSuperset(of: ["l1Blocks", "l2SafeHead", "l1InclusionBlock"]) {
      return try BatchValidityVectors.verdict(test, document: document)
    }
    guard let kind = kinds.first(where: { members.isSuperset(of: $0.members) }) else {
      if let known = unanswered.first(where: { members.isSuperset(of: $0.members) }) {
        return .skipped(known.reason)
      }
      throw test.fault("is no kind of case that is known here")
    }
    return try kind.run(test)
  }

  /// The fork of that name.
  static func fork(_ name: Fixture) throws(FixtureError) -> RollupFork {
    let forks: [String: RollupFork] = [
      "bedrock": .bedrock, "regolith": .regolith, "canyon": .canyon, "ecotone": .ecotone,
      "fjord": .fjord, "granite": .granite, "holocene": .holocene, "isthmus": .isthmus,
      "jovian": .jovian,
    ]
    let text = try name.text()
    guard let fork = forks[text] else {
      throw name.fault("\"\(text)\" is no fork that is known here")
    }
    return fork
  }
}

extension Verdict {
  /// Passed if both numbers are the same.
  static func compare(_ field: String, _ expected: UInt256, _ got: UInt256) -> Verdict {
    compare(field, expected.decimalString, got.decimalString)
  }

  /// Passed if both hashes are the same.
  static func compare(_ field: String, _ expected: Hash, _ got: Hash) -> Verdict {
    compare(field, expected.hexadecimal, got.hexadecimal)
  }
}
