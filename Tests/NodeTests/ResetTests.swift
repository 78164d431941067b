import Contracts
import Ledger
import Node
import Primitives
import Testing
import Views

@Suite("A head that goes back")
struct ResetTests {
  @Test("takes back a payment, which is then made anew; restart, rebuild and audit agree")
  func payment() throws {
    let market = try Market()
    let before = market.node.world
    let report = try market.report()
    _ = try market.node.submit(.reportUsage(report))
    let earned = try market.earnings(of: Market.engineKey)
    #expect(earned > .zero)
    #expect(market.node.world.usage.openCount == 0)
    _ = try market.node.submit(
      .resetHead(HeadReset(layer: .two, position: before.sequence)))
    // The report stands, so the settler pays it on the new branch at once.
    #expect(market.node.world.usage.openCount == 0)
    #expect(try market.earnings(of: Market.engineKey) == earned)
    let world = market.node.world
    let digests = try market.node.views.digests()
    let audit = try market.audit()
    #expect(audit.receiptsPaid == 1)
    #expect(audit.charged == report.receipt.fee)
    Views.delete(path: market.place.directory.views)
    let again = try market.place.node()
    #expect(again.world.commitment == world.commitment)
    #expect(again.world.componentRoots == world.componentRoots)
    #expect(try again.views.digests() == digests)
    again.stop()
  }

  @Test("survives a restart with its pool, and goes on")
  func restart() throws {
    let place = try Place()
    let node = try place.node()
    for nonce in UInt64(0)..<3 { _ = try node.submit(.submit(transfer(nonce: nonce))) }
    let position = node.world.sequence
    _ = try node.submit(.submit(transfer(from: 1, nonce: 5)))
    _ = try node.submit(.submit(transfer(nonce: 3)))
    _ = try node.submit(.resetHead(HeadReset(layer: .two, position: position)))
    let world = node.world
    #expect(world.layerTwo?.number == 3)
    #expect(world.layerTwo?.pool.count == 0)
    node.stop()
    let again = try place.node()
    #expect(again.world.commitment == world.commitment)
    _ = try again.submit(.submit(transfer(nonce: 3)))
    #expect(again.world.layerTwo?.number == 4)
    again.stop()
    #expect(place.reports.all == [])
  }
}
