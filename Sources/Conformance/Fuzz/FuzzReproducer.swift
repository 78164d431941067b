import Cryptography
import EVM
import Execution
import JSON
import Primitives

extension FuzzCase {
  /// A state test of this case with another implementation's outcome as the expectation.
  ///
  /// Beside what state tests have, `outcome` says how the transaction ended (`StateTest` holds it
  /// too), and `_info` where it comes from.
  public func stateTest(named name: String, expecting theirs: FuzzOutcome, comment: String) -> Bytes
  {
    var writer = JSONWriter(indentation: 1)
    writer.beginObject()
    writer.key(name)
    writer.beginObject()
    writer.key("_info")
    writer.beginObject()
    writer.key("comment")
    writer.string(comment)
    writer.endObject()
    write(to: &writer)
    writer.key("post")
    writer.beginObject()
    writer.array(forkName) { writeExpectation(theirs, to: &$0) }
    writer.endObject()
    writer.endObject()
    writer.endObject()
    return writer.bytes
  }

  private func writeExpectation(_ theirs: FuzzOutcome, to writer: inout JSONWriter) {
    var after = State()
    var genesis = Genesis(
      specification: ChainSpecification(chainID: 1, forks: .all(upTo: .frontier)))
    let wasRefused = theirs.refusal != nil
    let accounts =
      wasRefused
      ? pairs.map { ($0.address, FuzzAccount($0.account)) }
      : theirs.accounts.keys.sorted().map { ($0, theirs.accounts[$0] ?? FuzzAccount()) }
    genesis.alloc = accounts.map { ($0.0, $0.1.genesisAccount) }
    after = genesis.state()
    writer.beginObject()
    if let reason = theirs.refusal {
      // State tests reward the fee recipient with nothing, also where nothing ran.
      after.reward(header.feeRecipient, fork: fork)
      writer.key("expectException")
      writer.string(reason)
    } else {
      writer.key("outcome")
      writer.beginObject()
      writer.key("status")
      writer.string(theirs.status.rawValue)
      writer.key("gasUsed")
      writer.quantity(theirs.gasUsed)
      writer.key("output")
      writer.data(theirs.output)
      writer.endObject()
    }
    writer.key("hash")
    writer.data(after.root)
    writer.key("logs")
    writer.data(
      Keccak256.hash(
        RLPWriter.list { list in for log in theirs.logs { log.append(to: &list) } }))
    writer.key("indexes")
    writer.beginObject()
    for name in ["data", "gas", "value"] {
      writer.key(name)
      writer.integer(0)
    }
    writer.endObject()
    writer.key("state")
    writer.beginObject()
    for (address, account) in accounts {
      writer.key(address.hexadecimal)
      account.write(to: &writer)
    }
    writer.endObject()
    writer.endObject()
  }
}
