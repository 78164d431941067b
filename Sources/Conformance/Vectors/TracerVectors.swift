import EVM
import Execution
import JSON
import NativeCryptography
import Primitives
import Tracers

/// Traces of single transactions, as geth's tests of its tracers have them: which tracer is meant is
/// told by the folder.
///
/// Source: go-ethereum, `eth/tracers/internal/tracetest`.
let tracerVectors: [VectorKind] = [
  VectorKind(
    { $0.isDocument(of: "genesis", "context", "input", "result") },
    document: { document, path throws(FixtureError) in
      [CaseResult(name: "", verdict: try TracerCase(document, path: path).verdict())]
    })
]

/// One such test.
private struct TracerCase {
  private let document: Fixture
  private let name: String

  init(_ document: Fixture, path: String) throws(FixtureError) {
    self.document = document
    let folders = path.split(separator: "/").dropLast()
    guard let name = folders.reversed().compactMap({ Self.tracers[String($0)] }).first else {
      throw FixtureError(place: "", reason: "no folder of its path names a tracer")
    }
    self.name = name
  }

  private static let tracers = [
    "call_tracer": "callTracer", "call_tracer_withLog": "callTracer",
    "call_tracer_legacy": "callTracerLegacy", "call_tracer_flat": "flatCallTracer",
    "prestate_tracer": "prestateTracer", "prestate_tracer_with_diff_mode": "prestateTracer",
    "prestate_tracer_legacy": "prestateTracerLegacy",
    "erc7562_tracer": "erc7562Tracer", "4byte_tracer": "4byteTracer",
    "keccak256_preimage_tracer": "keccak256PreimageTracer",
  ]

  func verdict() throws(FixtureError) -> Verdict {
    let header = try header()
    let genesis = try document.field("genesis")
    let specification = try genesis.field("config").chainSpecification()
    let transaction = try transaction()
    let sender: Address
    do throws(TransactionError) {
      sender = try transaction.sender(
        NativeCryptographyProvider.shared,
        allowsHighS: specification.fork(of: header) < .homestead)
    } catch {
      throw document.fault("input: \(error.message)")
    }
    var context = TraceContext(
      specification: specification, header: header, transaction: transaction, sender: sender)
    context.authorities = transaction.authorizations.compactMap {
      $0.authority(NativeCryptographyProvider.shared)
    }
    let tracer = try selection().tracer(context)
    let state = try genesis.field("alloc").state()
    do throws(ExecutionFailure) {
      let execution = try executeTransaction(
        specification: specification, header: header, state: state,
        candidate: Candidate(transaction: transaction, sender: sender),
        ancestorHashes: RecentHashes(first: 0, hashes: []),
        provider: NativeCryptographyProvider.shared, tracer: tracer)
      tracer.finish(gasUsed: execution.outcome.gasUsed)
    } catch {
      return .failed(
        Difference("execution", expected: "an outcome", got: "\(error)"))
    }
    return compare(tracer.result())
  }

  private func header() throws(FixtureError) -> BlockHeader {
    let context = try document.field("context")
    let genesis = try document.field("genesis")
    var header = BlockHeader(
      parentHash: .zero, feeRecipient: try context.field("miner").address(),
      number: try context.field("number").uint64(),
      gasLimit: try context.field("gasLimit").uint64(),
      timestamp: try context.field("timestamp").uint64())
    header.difficulty = try context.field("difficulty").uint256()
    header.baseFee = try context.optional("baseFeePerGas")?.uint256()
    let terminal = try genesis.field("config").optional("terminalTotalDifficulty")?.uint256()
    if terminal == .zero {
      header.difficulty = .zero
      header.prevRandao = try genesis.optional("mixHash")?.hash() ?? .zero
    }
    if genesis.optional("excessBlobGas") != nil { header.excessBlobGas = 0 }
    return header
  }

  private func transaction() throws(FixtureError) -> Transaction {
    let encoded = try document.field("input").bytes()
    do throws(TransactionError) {
      return try Transaction.decode(encoded)
    } catch {
      throw document.fault("input: \(error.message)")
    }
  }

  private func selection() throws(FixtureError) -> TracerSelection {
    do throws(TracerError) {
      return try TracerSelection(name, document.optional("tracerConfig")?.json ?? .null)
    } catch {
      throw document.fault(error.message)
    }
  }

  private func compare(_ result: JSON) -> Verdict {
    let got = (try? JSON.parse(result.serialized(), limits: FixtureFile.limits)) ?? .null
    let expected = document.json["result"] ?? .null
    let comparison = JSONComparison(isShapeOnly: false)
    return comparison.verdict("result", normal(expected), normal(got))
  }

  private static func isZero(_ json: JSON) -> Bool {
    switch json {
    case .null: true
    case .object(let members): members.isEmpty
    case .string(let text): text.hasPrefix("0x") && text.dropFirst(2).allSatisfy { $0 == "0" }
    default: false
    }
  }

  /// A result without what geth's own tests do not compare.
  private func normal(_ json: JSON) -> JSON {
    switch json {
    case .array(let elements): return .array(elements.map(normal))
    case .object(let members):
      let isFlat = name == "flatCallTracer"
      let isCalls = ["callTracer", "callTracerLegacy"].contains(name)
      let ignored: Set<String> =
        switch name {
        case "flatCallTracer":
          ["blockHash", "blockNumber", "transactionHash", "transactionPosition", "time"]
        case "callTracer", "callTracerLegacy": ["time"]
        default: []
        }
      var kept = JSONObject()
      for (key, value) in members where !ignored.contains(key) {
        let value = normal(value)
        // There, geth compares records in which nothing and zero are the same.
        if isFlat && Self.isZero(value) { continue }
        // geth reads calls into records, for which no bytes and nothing are the same.
        if isCalls, ["input", "output"].contains(key), value == "0x" { continue }
        if isCalls, ["from", "to"].contains(key), case .string(let text) = value {
          kept[key] = .string(text.lowercased())
          continue
        }
        // Older files do not have the places of logs, which geth then takes for zero.
        if ["index", "position"].contains(key), value == "0x0" { continue }
        kept[key] = value
      }
      return .object(kept)
    default: return json
    }
  }
}

extension Fixture {
  /// The rules in geth's form.
  fileprivate func chainSpecification() throws(FixtureError) -> ChainSpecification {
    var forks = ForkSchedule()
    forks.homesteadBlock = try named("homesteadBlock")?.uint64()
    forks.daoForkBlock = try named("daoForkBlock")?.uint64()
    forks.tangerineWhistleBlock = try named("eip150Block")?.uint64()
    forks.spuriousDragonBlock = try named("eip158Block")?.uint64()
    forks.byzantiumBlock = try named("byzantiumBlock")?.uint64()
    forks.constantinopleBlock = try named("constantinopleBlock")?.uint64()
    forks.petersburgBlock = try named("petersburgBlock")?.uint64()
    forks.istanbulBlock = try named("istanbulBlock")?.uint64()
    forks.berlinBlock = try named("berlinBlock")?.uint64()
    forks.londonBlock = try named("londonBlock")?.uint64()
    forks.terminalTotalDifficulty = try named("terminalTotalDifficulty")?.uint256()
    forks.shanghaiTime = try named("shanghaiTime")?.uint64()
    forks.cancunTime = try named("cancunTime")?.uint64()
    forks.pragueTime = try named("pragueTime")?.uint64()
    forks.osakaTime = try named("osakaTime")?.uint64()
    return ChainSpecification(chainID: try field("chainId").uint64(), forks: forks)
  }
  /// The member of that name in any case, which is how Go reads it.
  private func named(_ name: String) -> Fixture? {
    guard let key = json.object?.keys.first(where: { $0.lowercased() == name.lowercased() }) else {
      return nil
    }
    return optional(key)
  }
}
