import EVM
import Execution
import JSON
import NativeCryptography
import Primitives

/// Ethereum's blockchain tests: blocks that must be taken, and blocks that must be refused.
///
/// A block that must be refused leaves nothing behind. At the end the head of the chain, which the
/// sum of difficulties chooses before Paris and the last valid block after it, must be the one
/// that the test names, with the accounts that it lists.
public struct BlockTest: Suite {
  /// The suite.
  public init() {}

  /// Runs every chain of a document.
  public func run(_ document: Fixture, path: String) throws(FixtureError) -> [CaseResult] {
    if let other = VectorTest.resultOfAnotherKind(document, than: .block) { return [other] }
    var results: [CaseResult] = []
    let workspace = Workspace()
    for (name, test) in try document.members() where name != "_info" {
      var verdict: Verdict
      do throws(FixtureError) {
        verdict = try Self.run(test, workspace: workspace)
      } catch {
        verdict = .malformed(error)
      }
      let network = test.optional("network")?.json.string ?? ""
      results.append(CaseResult(name: name, fork: network, verdict: verdict))
    }
    return results
  }

  private static func run(
    _ test: Fixture, workspace: Workspace
  ) throws(FixtureError) -> Verdict {
    let networkName = try test.field("network")
    guard let network = Network(try networkName.text()) else {
      throw networkName.fault("\"\(try networkName.text())\" is no network that is known here")
    }
    let specification = try network.specification(config: test.optional("config"))
    let genesis = try genesis(of: test)
    let state = try test.field("pre").state()
    if state.root != genesis.stateRoot {
      return .failed(
        Difference(
          "genesis stateRoot", expected: genesis.stateRoot.hexadecimal,
          got: state.root.hexadecimal))
    }
    let wantedHash = try test.field("genesisBlockHeader").field("hash").hash()
    if genesis.hash != wantedHash {
      return .failed(
        Difference(
          "genesis hash", expected: wantedHash.hexadecimal, got: genesis.hash.hexadecimal))
    }
    let chain = TestChain(
      specification: specification, genesis: genesis, state: state, workspace: workspace,
      checksSeals: test.json["sealEngine"]?.string == "Ethash")
    for (index, entry) in try test.field("blocks").elements().enumerated() {
      let verdict = try take(
        entry, into: chain, label: "block \(index)", network: try networkName.text())
      if verdict != .passed { return verdict }
    }
    return try compare(chain, test)
  }

  /// The first header, from its RLP where the file has it.
  private static func genesis(of test: Fixture) throws(FixtureError) -> BlockHeader {
    guard let field = test.optional("genesisRLP") else {
      return try HeaderFields(try test.field("genesisBlockHeader")).header()
    }
    do throws(BlockError) {
      return try Block.decode(bytes(field)).header
    } catch {
      throw field.fault("is no block")
    }
  }

  /// The bytes of a field; none where it has none, which then decode to nothing.
  private static func bytes(_ field: Fixture) -> Bytes { (try? field.bytes()) ?? [] }

  private static func take(
    _ entry: Fixture, into chain: TestChain, label: String, network: String
  ) throws(FixtureError) -> Verdict {
    let problem = chain.take(try entry.field("rlp").bytes())
    if let exception = exception(entry, network) {
      if problem != nil { return .passed }
      return .failed(Difference(label, expected: "refused: \(exception)", got: "accepted"))
    }
    if let problem {
      return .failed(Difference(label, expected: "accepted", got: problem.message))
    }
    return .passed
  }

  /// Why the block must be refused, or nil if it must not: some files only leave its header out.
  private static func exception(_ entry: Fixture, _ network: String) -> String? {
    for key in ["expectException", "expectExceptionALL", "expectException" + network] {
      if let reason = entry.optional(key) { return reason.json.string ?? key }
    }
    return entry.optional("blockHeader") == nil ? "no header is listed" : nil
  }

  private static func compare(
    _ chain: TestChain, _ test: Fixture
  ) throws(FixtureError) -> Verdict {
    let last = try test.field("lastblockhash").hash()
    guard last == chain.head.hash else {
      return .failed(
        Difference(
          "lastblockhash", expected: last.hexadecimal, got: chain.head.hash.hexadecimal))
    }
    if let root = try test.optional("postStateHash")?.hash(), root != chain.head.state.root {
      return .failed(
        Difference(
          "postStateHash", expected: root.hexadecimal,
          got: chain.head.state.root.hexadecimal))
    }
    let difference = StateComparison.firstDifference(
      expected: try test.optional("postState")?.accounts(), state: chain.head.state)
    return difference.map { .failed($0) } ?? .passed
  }
}
