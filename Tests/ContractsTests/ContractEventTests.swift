import Contracts
import Cryptography
import JSON
import Primitives
import Testing

@Suite struct ContractEventTests {
  private func log(_ json: JSON) throws -> (address: Address, topics: [Hash], data: Bytes) {
    let topics = try json["topics"].elements().map { try $0.asHash() }
    return (
      try json["address"].asAddress(), topics,
      try json["data"].asBytes()
    )
  }

  @Test("logs are read as web3.py writes them, each kind as itself")
  func golden() throws {
    let golden = try Fixtures.golden()["logs"].members()
    for (name, json) in golden {
      let log = try log(json)
      let event = ContractEvent(address: log.address, topics: log.topics, data: log.data)
      let found = try #require(event, "\(name)")
      // A case is called like its event, with a small letter.
      let label = "\(found)".prefix { $0 != "(" }
      #expect(label.lowercased() == name.lowercased())
    }
    let settled = try log(try #require(golden["UsageSettled"]))
    let event = try #require(UsageSettled(topics: settled.topics, data: settled.data))
    #expect(event.receipt == Sample.receipt.digest(Sample.domain))
    #expect(event.authorization == Sample.authorization.digest(Sample.domain))
    #expect(event.payer == Sample.payer && event.engine == Sample.engine)
    #expect(event.model == Sample.hash(0xaa) && event.sequence == 3)
    #expect(event.charged == 29011 && event.engineAmount == 5802)
    #expect(event.contributorAmount == 8703 && event.attributionRoot == Sample.hash(9))
    let registered = try log(try #require(golden["ModelRegistered"]))
    let model = try #require(ModelRegistered(topics: registered.topics, data: registered.data))
    #expect(model.datanets == [1, 2] && model.split.engine == 2000)
    #expect(model.price.perCompletionToken == 2001)
  }

  @Test("every event of the contracts is known, and no other")
  func complete() throws {
    let golden = try Fixtures.golden()["logs"].members()
    var topics: Set<Hash> = []
    for (name, _) in Fixtures.contracts {
      for signature in try Fixtures.signatures("event", of: name) {
        topics.insert(ABI.eventTopic(signature))
      }
    }
    #expect(Set(try golden.map { try log($0.value).topics[0] }) == topics)
  }

  @Test("a log with other topics, cut data or another address is no event")
  func hostile() throws {
    for (name, json) in try Fixtures.golden()["logs"].members() {
      let log = try log(json)
      let data = log.data
      for count in 0..<(data.count - 31) {
        let cut = Bytes(data.prefix(count))
        #expect(
          ContractEvent(address: log.address, topics: log.topics, data: cut) == nil, "\(name)")
      }
      for topics in [
        [], Array(log.topics.dropLast()), log.topics + [.zero], [.zero] + log.topics.dropFirst(),
      ] {
        #expect(
          ContractEvent(address: log.address, topics: topics, data: log.data) == nil, "\(name)")
      }
      #expect(ContractEvent(address: .zero, topics: log.topics, data: log.data) == nil)
    }
  }
}
