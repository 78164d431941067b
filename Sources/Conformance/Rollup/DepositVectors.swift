import Cryptography
import EVM
import Execution
import JSON
import NativeCryptography
import Primitives
import Tracers

/// Deposits of OP chains: their encoding, the logs they come from, and what they do.
enum DepositVectors {
  /// A deposit decoded, encoded again and hashed.
  @Sendable static func transaction(_ test: Fixture) throws(FixtureError) -> Verdict {
    let raw = try test.field("raw").bytes()
    let fields = try test.field("decoded")
    guard let transaction = decode(raw), let deposit = transaction.deposit else {
      return .check("raw", true, false)
    }
    let to = fields.optional("to")
    return .all(
      .compare("encoded", raw, transaction.encoded),
      .compare("sourceHash", try fields.field("sourceHash").hash(), deposit.sourceHash),
      .compare("from", try fields.field("from").address().bytes, deposit.from.bytes),
      .compare("to", try to?.optionalAddress()?.bytes ?? [], transaction.to?.bytes ?? []),
      .compare("mint", try fields.field("mint").uint256(), deposit.mint),
      .compare("value", try fields.field("value").uint256(), transaction.value),
      .compare("gas", try fields.field("gas").uint256(), UInt256(transaction.gasLimit)),
      .compare("data", try fields.field("data").bytes(), transaction.data),
      .check(
        "isSystemTx", fields.json["isSystemTx"]?.bool ?? false, deposit.isSystemTransaction),
      .compare("hash", try fields.field("hash").hash(), transaction.hash))
  }

  private static func decode(_ raw: Bytes) -> Transaction? {
    do throws(TransactionError) { return try Transaction.decode(raw) } catch { return nil }
  }

  /// A log of the portal.
  @Sendable static func log(_ test: Fixture) throws(FixtureError) -> Verdict {
    var log = Log(address: .zero, topics: [], data: try test.field("data").bytes())
    for topic in try test.field("topics").elements() { log.topics.append(try topic.hash()) }
    let isExpected = test.json["ok"]?.bool ?? false
    let block = try test.optional("l1BlockHash")?.hash() ?? .zero
    let index = try test.optional("logIndex")?.uint64() ?? 0
    do throws(DepositLogError) {
      let deposit = try Transaction.deposit(from: log, l1BlockHash: block, logIndex: index)
      if !isExpected { return .check("log", false, true) }
      guard let expected = test.optional("depositTx") else { return .passed }
      return compare(expected, deposit)
    } catch {
      return .check("log", isExpected, false)
    }
  }

  private static func compare(_ expected: Fixture, _ deposit: Transaction) -> Verdict {
    do throws(FixtureError) {
      return .compare("depositTx", try expected.bytes(), deposit.encoded)
    } catch {
      return .malformed(error)
    }
  }

  /// The hash of a deposit's cause.
  @Sendable static func sourceHash(_ test: Fixture) throws(FixtureError) -> Verdict {
    let block = try test.optional("l1BlockHash")?.hash() ?? .zero
    let index = try test.optional("index")?.uint64() ?? 0
    let source: DepositSource
    switch try test.field("domain").uint64() {
    case 0: source = .user(l1BlockHash: block, logIndex: index)
    case 1: source = .l1Attributes(l1BlockHash: block, sequenceNumber: index)
    case 2: source = .upgrade(intent: try test.field("intent").text())
    case 3: source = .afterForceInclude(l1BlockHash: block, sequenceNumber: index)
    default: throw test.fault("its domain is unknown")
    }
    return .compare("sourceHash", try test.field("sourceHash").hash(), source.hash)
  }

  /// A deposit of a network upgrade: one that creates a contract makes the code it should.
  @Sendable static func upgrade(_ test: Fixture) throws(FixtureError) -> Verdict {
    let raw = try test.field("raw").bytes()
    guard let transaction = decode(raw), let deposit = transaction.deposit else {
      return .check("raw", true, false)
    }
    let form = Verdict.all(
      .compare("encoded", raw, transaction.encoded),
      .compare("sourceHash", try test.field("sourceHash").hash(), deposit.sourceHash))
    guard form == .passed, let address = test.optional("creates") else { return form }
    let created = try address.address()
    let expected = try test.field("runtimeCodeHash").hash()
    let result = execute(transaction, in: State(), fork: .isthmus, header: emptyHeader)
    guard let result else { return .check("execution", true, false) }
    do throws(StateMiss) {
      let account = try result.state.account(created)
      return .compare("runtimeCodeHash", expected, account?.codeHash ?? Keccak256.empty)
    } catch {
      return .check("state", true, false)
    }
  }

  private static var emptyHeader: BlockHeader {
    var header = BlockHeader(
      parentHash: .zero, feeRecipient: .zero, number: 1, gasLimit: 1 << 40, timestamp: 1)
    header.baseFee = 1
    header.excessBlobGas = 0
    return header
  }

  private static func execute(
    _ transaction: Transaction, in state: State, fork: RollupFork, header: BlockHeader,
    tracer: (any Tracer)? = nil
  ) -> TransactionExecution? {
    do throws(ExecutionFailure) {
      return try executeTransaction(
        specification: ChainSpecification(chainID: 10, rollup: .all(upTo: fork)),
        header: header, state: state,
        candidate: Candidate(
          transaction: transaction, sender: transaction.deposit?.from ?? .zero),
        ancestorHashes: RecentHashes(first: 0, hashes: []),
        provider: NativeCryptographyProvider.shared, tracer: tracer)
    } catch {
      return nil
    }
  }

  /// A deposit over a state, and the tree of calls that a tracer told of it.
  ///
  /// These ran under Ethereum's London alone, where op-geth counts a deposit's gas as in Bedrock.
  @Sendable static func execution(_ test: Fixture) throws(FixtureError) -> Verdict {
    guard let transaction = decode(try test.field("input").bytes()) else {
      return .check("input", true, false)
    }
    var header = emptyHeader
    header.timestamp = try test.field("context").field("timestamp").uint64()
    header.number = try test.field("context").field("number").uint64()
    let state = try test.field("genesis").field("alloc").state()
    let context = TraceContext(
      specification: ChainSpecification(chainID: 10, rollup: .all(upTo: .bedrock)),
      header: header, transaction: transaction, sender: transaction.deposit?.from ?? .zero)
    let tracer = CallTracer(context)
    let result = execute(transaction, in: state, fork: .bedrock, header: header, tracer: tracer)
    guard let result else { return .check("execution", true, false) }
    tracer.finish(gasUsed: result.outcome.gasUsed)
    var got = (try? JSON.parse(tracer.result().serialized())) ?? .null
    if got.isNull {
      // A deposit that cannot be has no call, which op-geth shows so.
      got = [
        "from": .data(Address.zero), "gas": "0x0", "gasUsed": .quantity(result.outcome.gasUsed),
        "input": "0x", "error": "failed deposit transaction", "type": "STOP",
      ]
    }
    let expected = lowercased(try test.field("result").json)
    return JSONComparison(isShapeOnly: false).verdict("result", expected, got)
  }

  /// The same with addresses in small letters.
  private static func lowercased(_ json: JSON) -> JSON {
    switch json {
    case .string(let text): return .string(text.hasPrefix("0x") ? text.lowercased() : text)
    case .array(let elements): return .array(elements.map(lowercased))
    case .object(let members):
      var object = JSONObject()
      for (key, value) in members { object[key] = lowercased(value) }
      return .object(object)
    default: return json
    }
  }
}
