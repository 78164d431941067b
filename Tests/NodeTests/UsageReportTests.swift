import Contracts
import Cryptography
import EventLog
import Execution
import Inference
import Ledger
import NativeCryptography
import Node
import Primitives
import Testing
import Views

@Suite("Usage reports from outside")
struct UsageReportTests {
  @Test("one that is in order is recorded and settled like the engine's own, and only once")
  func inOrder() throws {
    let market = try Market()
    let report = try market.report(sequence: 7)
    _ = try market.node.submit(.reportUsage(report))
    let digest = report.receipt.digest(market.domain)
    #expect(try market.node.views.usage(digest: digest)?.status.name == "settled")
    #expect(
      market.refusal(of: report) == .sequenceNotAbove(last: 7, got: 7), "the same once more")
    #expect(
      market.refusal(of: try market.report(sequence: 6)) == .sequenceNotAbove(last: 7, got: 6))
    let next = try market.report(sequence: .max)
    _ = try market.node.submit(.reportUsage(next))
    #expect(market.refusal(of: next) == .sequenceNotAbove(last: .max, got: .max))
    #expect(try market.audit().receiptsPaid == 2)
  }

  @Test("an engine whose sequence numbers are used up is refused, and the node goes on")
  func sequenceUsedUp() throws {
    let market = try Market()
    _ = try market.node.submit(.reportUsage(try market.report(sequence: .max)))
    let refusal = market.refusal()
    #expect(refusal?.openAI.message.contains("used up") == true)
    _ = try market.node.submit(.submit(transfer(from: 8, nonce: 0)))
    market.node.stop()
  }

  @Test("signatures by others, of other statements, or in their other form")
  func signatures() throws {
    let market = try Market()
    let good = try market.report()
    var report = good
    report.settlement.payerSignature = market.highS(good.settlement.payerSignature)
    #expect(
      market.refusal(of: report)
        == .payerSignature(expected: Market.payer.address, recovered: nil))
    report = good
    report.settlement.engineSignature = market.highS(good.settlement.engineSignature)
    #expect(
      market.refusal(of: report)
        == .engineSignature(expected: Market.engineKey.address, recovered: nil))
    report = try market.report(engine: Market.owner)
    #expect(
      market.refusal(of: report)
        == .engineSignature(
          expected: Market.engineKey.address, recovered: Market.owner.address))
    report = try market.report(grant: market.grant(by: Market.owner))
    #expect(
      market.refusal(of: report)
        == .payerSignature(expected: Market.payer.address, recovered: Market.owner.address))
    report = good
    report.settlement.receipt.fee = good.receipt.fee + .one
    guard case .engineSignature? = market.refusal(of: report) else {
      Issue.record("was not refused as it should be")
      return
    }
    report = good
    report.settlement.engineSignature = Signature(r: .max, s: .one, yParity: true)
    #expect(
      market.refusal(of: report)
        == .engineSignature(expected: Market.engineKey.address, recovered: nil))
    market.node.stop()
  }

  @Test("statements that do not agree with each other")
  func disagreement() throws {
    let market = try Market()
    let other = Keccak256.hash([9])
    var refusal = market.refusal(of: try market.report { $0.authorization = other })
    guard case .authorizationMismatch(named: other, _)? = refusal else {
      Issue.record("\(String(describing: refusal))")
      return
    }
    #expect(
      market.refusal(of: try market.report { $0.payer = Market.owner.address })
        == .payerMismatch)
    refusal = market.refusal(of: try market.report { $0.attributionRoot = other })
    guard case .attributionRootMismatch(named: other, _)? = refusal else {
      Issue.record("\(String(describing: refusal))")
      return
    }
    market.node.stop()
  }

  @Test("shares that make no tree, or too many of them")
  func shares() throws {
    let market = try Market()
    let good = try market.report()
    var report = good
    report.shares = good.shares.reversed()
    #expect(market.refusal(of: report) == .shares(.notAscending))
    report.shares = [good.shares[0], good.shares[0]]
    #expect(market.refusal(of: report) == .shares(.notAscending))
    report.shares = good.shares
    report.shares[0].weight = .zero
    #expect(market.refusal(of: report) == .shares(.zeroWeight))
    report.shares[0].weight = .max
    #expect(market.refusal(of: report) == .shares(.weightTooLarge))
    report.shares = (UInt64(1)...1_025).map {
      ContributorShare(contributor: Address(UInt256($0)), weight: .one)
    }
    #expect(market.refusal(of: report) == .tooManyShares(count: 1_025, limit: 1_024))
    report.shares = []
    guard case .attributionRootMismatch? = market.refusal(of: report) else {
      Issue.record("was not refused as it should be")
      return
    }
    // As many as may be are not too many for a row, and for the contract.
    let most = (UInt64(1)...1_024).map {
      ContributorShare(contributor: Address(UInt256($0)), weight: UInt256($0))
    }
    let root = try AttributionTree(most).root
    report = try market.report { $0.attributionRoot = root }
    report.shares = most
    _ = try market.node.submit(.reportUsage(report))
    #expect(try market.audit().receiptsPaid == 1)
  }

  @Test("what the contract would not pay is refused with the contract's own reason")
  func contract() throws {
    let market = try Market()
    let cases: [(report: UsageReport, name: String)] = [
      (try market.report { $0.fee = $0.fee + .one }, "WrongFee"),
      (try market.report { $0.fee = .zero }, "WrongFee"),
      (try market.report { $0.model = Keccak256.hash([]) }, "ModelNotAuthorized"),
      (try market.report { $0.adapters = [Keccak256.hash([])] }, "ModelNotAuthorized"),
      (try market.report(completionTokens: 1_000_000), "InsufficientBalance"),
    ]
    for (report, name) in cases {
      var report = report
      if name == "InsufficientBalance" {
        var authorization = market.authorization()
        authorization.maximumFee = .max
        report = try market.report(
          completionTokens: 1_000_000, grant: market.grant(authorization))
      }
      guard case .settlement(let reason)? = market.refusal(of: report) else {
        Issue.record("\(name): was not refused as it should be")
        continue
      }
      #expect(reason.contains(name), "\(reason)")
    }
    guard
      case .aboveAuthorized? = market.refusal(of: try market.report(completionTokens: 1_000_000))
    else {
      Issue.record("was not refused as it should be")
      return
    }
    var expired = market.authorization()
    expired.expiry = 1
    guard
      case .settlement(let reason)? = market.refusal(
        of: try market.report(grant: market.grant(expired)))
    else { return }
    #expect(reason.contains("AuthorizationExpired"))
    market.node.stop()
  }

  @Test("a settlement that reverts marks the use as failed, and is not tried again")
  func reverted() throws {
    // Each report is payable when it comes, and the deposit covers but one of the two.
    let fee = Market.price.fee(promptTokens: 3, completionTokens: 5)
    let market = try Market(mode: .manual, deposit: fee + .one)
    let reports = [try market.report(sequence: 1), try market.report(sequence: 2)]
    let digests = reports.map { $0.receipt.digest(market.domain) }
    for report in reports { _ = try market.node.submit(.reportUsage(report)) }
    #expect(market.node.world.usage.openCount == 2)
    for digest in digests {
      #expect(try market.node.views.usage(digest: digest)?.status.name == "settling")
    }
    _ = try market.node.sealNow(.two)
    #expect(market.node.world.usage.openCount == 0)
    #expect(try market.node.views.usage(digest: digests[0])?.status.name == "settled")
    let failed = try #require(try market.node.views.usage(digest: digests[1]))
    guard case .failed(let reason) = failed.status else {
      Issue.record("\(failed.status.name)")
      return
    }
    #expect(reason.contains("reverted"))
    let settler = DevelopmentRole.settler.key.address
    let head = try #require(market.node.world.layerTwo?.number)
    #expect(try market.node.views.transactions(.two, inBlock: head).count == 2)
    _ = try market.node.sealNow(.two)
    #expect(try market.node.views.transactions(.two, inBlock: head + 1).isEmpty)
    #expect(market.node.world.layerTwo?.pool.nextNonce(sender: settler, from: 2) == 2)
    let report = try market.audit()
    #expect(report.usageReports == 2)
    #expect(report.receiptsPaid == 1)
    #expect(report.charged == fee)
  }

  @Test("a use whose settlement another transaction of the settler pushed out is not stuck")
  func pushedOut() throws {
    // The settler's key is no secret on a development chain.
    let market = try Market(mode: .manual)
    let settler = DevelopmentRole.settler.key
    let report = try market.report()
    let digest = report.receipt.digest(market.domain)
    _ = try market.node.submit(.reportUsage(report))
    let settling = try #require(market.node.world.layerTwo?.pool.all.first)
    #expect(settling.sender == settler.address)
    let unsigned = Transaction(
      to: .zero, chainID: 31337, nonce: settling.transaction.nonce,
      maxFeePerGas: settling.transaction.maxFeePerGas * 2, maxPriorityFeePerGas: .one,
      gasLimit: 21_000, value: .one, data: [])
    let replacement = unsigned.signed(with: settler.sign(unsigned.signingHash))
    _ = try market.node.submit(.submit(replacement))
    _ = try market.node.sealNow(.two)
    _ = try market.node.sealNow(.two)
    #expect(market.node.world.usage.openCount == 0)
    let status = try #require(try market.node.views.usage(digest: digest)).status
    #expect(status.name == "settled", "it is tried again, since it was never tried: \(status)")
    #expect(try market.audit().receiptsPaid == 1)
  }

  @Test("a receipt that somebody brought to the contract before the settler is paid once")
  func settledByOthers() throws {
    let market = try Market(mode: .manual)
    let report = try market.report()
    let digest = report.receipt.digest(market.domain)
    let data = AttributionContract.settle(report.settlement)
    // Pays more than the settler does, so it comes first in the block.
    _ = try market.node.submit(
      .submit(
        transfer(
          from: 8, nonce: 0, to: AttributionContract.address, value: .zero,
          tip: 1_000_000_000, gasLimit: 600_000, data: data)))
    _ = try market.node.submit(.reportUsage(report))
    _ = try market.node.sealNow(.two)
    let record = try #require(try market.node.views.usage(digest: digest))
    #expect(record.status.name == "settled")
    #expect(market.node.world.usage.openCount == 0)
    #expect(try market.earnings(of: Market.engineKey) > .zero)
    // Without a report, too, the audit tells of it.
    let other = try market.report(sequence: 2)
    _ = try market.node.submit(
      .submit(
        transfer(
          from: 8, nonce: 1, to: AttributionContract.address, value: .zero, gasLimit: 600_000,
          data: AttributionContract.settle(other.settlement))))
    _ = try market.node.sealNow(.two)
    let audit = try market.audit()
    #expect(audit.receiptsPaid == 2)
    #expect(audit.receiptsPaidUnreported == 1)
  }

  @Test("a report whose signature was altered is found by an audit, whoever wrote the log")
  func forgedLog() throws {
    let market = try Market(mode: .manual)
    let good = try market.report()
    market.node.stop()
    var spoiled: [(report: UsageReport, words: String)] = []
    var report = good
    report.settlement.engineSignature.r = good.settlement.engineSignature.r + .one
    spoiled.append((report, "engine signature"))
    report = good
    report.settlement.payerSignature.s = good.settlement.payerSignature.s - .one
    spoiled.append((report, "payer signature"))
    report = good
    report.shares[0].weight = good.shares[0].weight + .one
    spoiled.append((report, "attribution root"))
    for (report, words) in spoiled {
      let forgery = try forge(after: try market.place.rows(), [report])
      var audit = Audit(directory: forgery.directory, key: nil)
      let error = nodeError { _ = try audit.run() }
      let next = UInt64(try market.place.rows().count) + 1
      #expect(sequence(in: error) == next, "\(error?.message ?? "")")
      #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }
    let twice = try forge(after: try market.place.rows(), [good, good])
    var audit = Audit(directory: twice.directory, key: nil)
    #expect(nodeError { _ = try audit.run() }?.message.contains("reported twice") == true)
  }

  /// A log with rows and further reports, whose commitments and signatures are all as they should.
  private func forge(after rows: [Row], _ reports: [UsageReport]) throws -> Place {
    let place = try Place()
    try Files.makeDirectory(place.directory.path)
    var world = World(provider: NativeCryptographyProvider.shared)
    for row in rows {
      _ = try world.apply(try Event.decode(kind: row.kind, payload: row.payload))
    }
    var forged = rows
    for report in reports {
      let event = Event.usageReported(report)
      let application = try world.apply(event)
      forged.append(
        Row(
          sequence: world.sequence, kind: event.kind.rawValue, payload: event.payload,
          commitment: application.commitment))
    }
    let log = try EventLog(path: place.directory.log, mode: .readWrite)
    try log.append(forged)
    let key = try place.directory.nodeKey()
    _ = try log.writeCheckpoint(
      publicKey: key.publicKey, provider: NativeCryptographyProvider.shared, sign: key.sign)
    return place
  }
}
