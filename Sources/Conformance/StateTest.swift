import Cryptography
import EVM
import Execution
import JSON
import NativeCryptography
import Primitives

/// Ethereum's state tests: one transaction against a state, under one or more forks.
///
/// The post-state's root and the logs' hash decide. Nothing of a block happens but that its fee
/// recipient gets a reward of zero, as the tests were filled: before Spurious Dragon that makes an
/// empty account of it, also where the transaction is refused (`docs/conformance.md`).
public struct StateTest: Suite {
  /// The suite.
  public init() {}

  /// Runs every transaction of every test under every fork of a document.
  public func run(_ document: Fixture, path: String) throws(FixtureError) -> [CaseResult] {
    if let other = VectorTest.resultOfAnotherKind(document, than: .state) { return [other] }
    var results: [CaseResult] = []
    let workspace = Workspace()
    for (name, test) in try document.members() where name != "_info" {
      let parts: (pre: State, post: [(name: String, value: Fixture)])
      do throws(FixtureError) {
        parts = (try test.field("pre").state(), try test.field("post").members())
      } catch {
        results.append(CaseResult(name: name, verdict: .malformed(error)))
        continue
      }
      for (fork, cases) in parts.post {
        results += run(
          test, named: name, fork: fork, cases: cases, pre: parts.pre, workspace: workspace)
      }
    }
    return results
  }

  private func run(
    _ test: Fixture, named name: String, fork: String, cases: Fixture, pre: State,
    workspace: Workspace
  ) -> [CaseResult] {
    var results: [CaseResult] = []
    do throws(FixtureError) {
      let block = try StateTestBlock(test, fork: fork, place: cases)
      let expectations = try cases.elements()
      for (index, expected) in expectations.enumerated() {
        let label = expectations.count == 1 ? name : "\(name)[\(index)]"
        var verdict: Verdict
        do throws(FixtureError) {
          verdict = try StateTestCase(
            test: test, expected: expected, block: block, pre: pre
          ).run(workspace: workspace)
        } catch {
          verdict = .malformed(error)
        }
        verdict = Contradictions.judge(verdict, of: name)
        results.append(CaseResult(name: label, fork: fork, verdict: verdict))
      }
    } catch {
      results.append(CaseResult(name: name, fork: fork, verdict: .malformed(error)))
    }
    return results
  }
}

/// The rules and the block of a state test.
struct StateTestBlock {
  let specification: ChainSpecification
  let fork: Fork
  let header: BlockHeader

  init(_ test: Fixture, fork name: String, place: Fixture) throws(FixtureError) {
    guard let network = Network(name), let fork = Network.fork(name) else {
      throw place.fault("\"\(name)\" is no fork that is known here")
    }
    self.fork = fork
    specification = try network.specification(config: test.optional("config"))
    let env = try test.field("env")
    header = try Self.header(env, fork, specification.blobParameters(at: 0))
  }

  private static func header(
    _ env: Fixture, _ fork: Fork, _ blobs: BlobParameters
  ) throws(FixtureError) -> BlockHeader {
    var header = BlockHeader(
      parentHash: .zero, feeRecipient: try env.field("currentCoinbase").address(),
      number: try env.field("currentNumber").uint64(),
      gasLimit: try env.field("currentGasLimit").uint256().clampedUInt64,
      timestamp: try env.field("currentTimestamp").uint64())
    if fork >= .paris {
      header.prevRandao = Hash(try env.optional("currentRandom")?.uint256() ?? .zero)
    } else {
      header.difficulty = try env.optional("currentDifficulty")?.uint256() ?? .zero
    }
    // Tests older than London were filled for it with this fee.
    if fork >= .london { header.baseFee = try env.optional("currentBaseFee")?.uint256() ?? 10 }
    if fork >= .cancun {
      header.blobGasUsed = 0
      if let excess = try env.optional("currentExcessBlobGas")?.uint64() {
        header.excessBlobGas = excess
      } else {
        header.excessBlobGas = blobs.nextExcess(
          parentExcess: try env.optional("parentExcessBlobGas")?.uint64() ?? 0,
          parentUsed: try env.optional("parentBlobGasUsed")?.uint64() ?? 0, reserveBaseFee: nil)
      }
    }
    return header
  }
}

/// BLOCKHASH in state tests: the hash of the number's decimal text.
final class TextHashes: AncestorHashes {
  func blockHash(_ number: UInt64) throws(StateMiss) -> Hash {
    Keccak256.hash(Bytes(String(number).utf8))
  }
}

/// One transaction of a state test under one fork.
struct StateTestCase {
  let test: Fixture
  let expected: Fixture
  let block: StateTestBlock
  let pre: State

  /// What a transaction came to.
  private struct Outcome {
    var state: State
    var logs: [Log] = []
    var refusal: String?
    var transaction: TransactionOutcome?
  }

  func run(workspace: Workspace) throws(FixtureError) -> Verdict {
    let mustFail = expected.optional("expectException")
    let wantedRoot = try expected.field("hash").hash()
    let wantedLogs = try expected.field("logs").hash()
    var outcome: Outcome
    switch try execute(workspace: workspace, mayBeMalformed: mustFail != nil) {
    case .success(let done): outcome = done
    case .failure(let stop): return .failed(stop)
    }
    if let mustFail, outcome.refusal == nil {
      return .failed(
        Difference(
          "transaction", expected: "refused: \(mustFail.json.string ?? "")", got: "accepted"))
    }
    if mustFail == nil, let refusal = outcome.refusal, hasExceptionField {
      return .failed(
        Difference("transaction", expected: "accepted", got: "refused: \(refusal)"))
    }
    if let wanted = expected.optional("outcome"), let transaction = outcome.transaction,
      let difference = try Self.difference(from: wanted, transaction)
    {
      return .failed(difference)
    }
    outcome.state.reward(block.header.feeRecipient, fork: block.fork)
    if outcome.state.root != wantedRoot {
      let difference = StateComparison.firstDifference(
        expected: try expected.optional("state")?.accounts(), state: outcome.state)
      return .failed(
        difference
          ?? Difference(
            "stateRoot" + (outcome.refusal.map { " (refused: \($0))" } ?? ""),
            expected: wantedRoot.hexadecimal, got: outcome.state.root.hexadecimal))
    }
    let logs = Keccak256.hash(
      RLPWriter.list { list in for log in outcome.logs { log.append(to: &list) } })
    return .compare("logs", wantedLogs.hexadecimal, logs.hexadecimal)
  }

  /// How the transaction ended otherwise than our own files tell (`outcome`).
  private static func difference(
    from wanted: Fixture, _ transaction: TransactionOutcome
  ) throws(FixtureError) -> Difference? {
    let got = FuzzOutcome(transaction)
    let status = try wanted.field("status").text()
    if status != got.status.rawValue {
      return Difference("status", expected: status, got: got.status.rawValue)
    }
    let gasUsed = try wanted.field("gasUsed").uint64()
    if gasUsed != got.gasUsed {
      return Difference("gasUsed", expected: String(gasUsed), got: String(got.gasUsed))
    }
    let output = try wanted.field("output").bytes()
    guard output != got.output else { return nil }
    return Difference(
      "output", expected: Hexadecimal.encodePrefixed(output),
      got: Hexadecimal.encodePrefixed(got.output))
  }

  /// The oldest tests do not say that a transaction must be refused; their root alone does.
  private var hasExceptionField: Bool { expected.optional("txbytes") != nil }

  private enum Execution {
    case success(Outcome)
    case failure(Difference)
  }

  private func execute(
    workspace: Workspace, mayBeMalformed: Bool
  ) throws(FixtureError) -> Execution {
    let candidate: Candidate
    do throws(StateTestTransactionError) {
      candidate = try StateTestTransaction(
        test: test, expected: expected, fork: block.fork,
        chainID: block.specification.chainID
      ).candidate()
    } catch {
      switch error {
      case .refused(let reason): return .success(Outcome(state: pre, refusal: reason))
      case .malformed(let fault):
        // A value that no transaction can hold is a reason to refuse it, where that is due.
        guard mayBeMalformed else { throw fault }
        return .success(Outcome(state: pre, refusal: fault.reason))
      }
    }
    do throws(ExecutionFailure) {
      let result = try executeTransaction(
        specification: block.specification, header: block.header, state: pre,
        candidate: candidate, ancestorHashes: TextHashes(),
        provider: NativeCryptographyProvider.shared, workspace: workspace)
      return .success(
        Outcome(
          state: result.state, logs: result.outcome.logs, transaction: result.outcome))
    } catch {
      switch error {
      case .refused(let refusal):
        return .success(Outcome(state: pre, refusal: refusal.message))
      case .stopped(let stop):
        return .failure(
          Difference(
            "execution", expected: "an end", got: BlockRejection.undecided(stop).message))
      }
    }
  }
}

extension State {
  /// Gives an account a reward of zero, which only touches it (EIP-161).
  mutating func reward(_ address: Address, fork: Fork) {
    guard let account = try? account(address) else {
      guard fork < .spuriousDragon else { return }
      let empty = Account.empty
      let fields = AccountChange.Fields(nonce: 0, balance: .zero, codeHash: empty.codeHash)
      try? apply(StateDiff(accounts: [AccountChange(address: address, account: fields)]))
      return
    }
    guard fork >= .spuriousDragon, account.isEmpty else { return }
    try? apply(StateDiff(accounts: [AccountChange(address: address, account: nil)]))
  }
}
