import Contracts
import Cryptography
import EVM
import NativeCryptography
import Primitives
import Testing

@Suite struct RegistryTests {
  private let registry = DatanetRegistryContract.address
  private let market = ModelMarketContract.address
  private let curator = Actors.curator.address
  private let stranger = Actors.stranger.address
  private let owner = Actors.modelOwner.address

  @Test("contributions count once the datanet's owner has approved them")
  func contributions() throws {
    let economy = try Economy()
    let chain = economy.chain
    let datanet = try chain.read(DatanetRegistryContract.datanet(1))
    #expect(datanet.owner == curator && datanet.name == "poems")
    #expect(datanet.acceptedSizeInBytes == 300)
    #expect(try chain.read(DatanetRegistryContract.datanetCount) == 1)
    #expect(try chain.read(DatanetRegistryContract.contributionCount(datanet: 1)) == 2)
    let page = try chain.read(
      DatanetRegistryContract.contributors(datanet: 1, offset: 1, limit: 9))
    #expect(
      page == [
        ContributorShare(contributor: Actors.secondContributor.address, weight: 200)
      ])
    for (offset, limit) in [(2, 9), (0, 0), (UInt64.max, UInt64.max)] {
      let view = DatanetRegistryContract.contributors(datanet: 1, offset: offset, limit: limit)
      #expect(try chain.read(view).isEmpty)
    }
    try chain.send(
      Actors.firstContributor.address, registry,
      DatanetRegistryContract.contribute(
        datanet: 1, contentHash: Sample.hash(9), sizeInBytes: 50))
    #expect(
      try chain.read(DatanetRegistryContract.contribution(datanet: 1, contribution: 2)).status
        == .pending)
    try chain.send(
      curator, registry, DatanetRegistryContract.approve(datanet: 1, contribution: 2))
    #expect(
      try chain.read(
        DatanetRegistryContract.acceptedSize(
          datanet: 1, contributor: Actors.firstContributor.address)) == 150)
    #expect(try chain.read(DatanetRegistryContract.contributorCount(datanet: 1)) == 2)
  }

  @Test("a rejected contribution counts nothing, and its content may come again")
  func rejection() throws {
    let economy = try Economy()
    let chain = economy.chain
    let content = Sample.hash(9)
    let submit = DatanetRegistryContract.contribute(
      datanet: 1, contentHash: content, sizeInBytes: 50)
    try chain.send(stranger, registry, submit)
    #expect(
      try chain.refusal(Actors.firstContributor.address, registry, submit)
        == "DuplicateContent")
    try chain.send(
      curator, registry, DatanetRegistryContract.reject(datanet: 1, contribution: 2))
    #expect(
      try chain.read(DatanetRegistryContract.isContentTaken(datanet: 1, contentHash: content))
        == false)
    #expect(
      try chain.refusal(
        curator, registry, DatanetRegistryContract.approve(datanet: 1, contribution: 2))
        == "AlreadyDecided")
    #expect(try chain.refusal(Actors.firstContributor.address, registry, submit) == nil)
    #expect(try chain.read(DatanetRegistryContract.datanet(1)).acceptedSizeInBytes == 300)
  }

  @Test("the registry refuses what makes no sense, and strangers' decisions")
  func registryRefusals() throws {
    let chain = try Economy().chain
    func create(_ name: String) -> Bytes {
      DatanetRegistryContract.createDatanet(name: name, metadataHash: .zero)
    }
    func contribute(_ datanet: UInt256, _ hash: Hash, _ size: UInt64) -> Bytes {
      DatanetRegistryContract.contribute(datanet: datanet, contentHash: hash, sizeInBytes: size)
    }
    let cases: [(String, Bytes)] = [
      ("NameLengthOutOfBounds", create("")),
      ("NameLengthOutOfBounds", create(String(repeating: "x", count: 129))),
      ("UnknownDatanet", contribute(0, Sample.hash(9), 1)),
      ("UnknownDatanet", contribute(2, Sample.hash(9), 1)),
      ("EmptyContent", contribute(1, .zero, 1)),
      ("EmptyContent", contribute(1, Sample.hash(9), 0)),
      ("UnknownContribution", DatanetRegistryContract.approve(datanet: 1, contribution: 2)),
      ("NotDatanetOwner", DatanetRegistryContract.approve(datanet: 1, contribution: 0)),
      ("NotDatanetOwner", DatanetRegistryContract.reject(datanet: 1, contribution: 0)),
    ]
    for (name, input) in cases { #expect(try chain.refusal(stranger, registry, input) == name) }
    #expect(try chain.refusal(stranger, registry, create("x"), value: 1) == "without a reason")
  }

  @Test("the market refuses what makes no sense, and strangers' prices")
  func marketRefusals() throws {
    let chain = try Economy().chain
    func register(
      _ model: Hash, _ datanets: [UInt256] = [1], _ split: RevenueSplit = Economy.split
    ) -> Bytes {
      ModelMarketContract.registerModel(
        model, datanets: datanets, price: Economy.price, split: split)
    }
    let new = Sample.hash(1)
    let cases: [(String, Bytes)] = [
      ("ZeroModel", register(.zero)),
      ("ModelAlreadyRegistered", register(Sample.hash(0xaa))),
      ("SplitNotWhole", register(new, [1], RevenueSplit(owner: 9999, contributors: 0, engine: 0))),
      (
        "SplitNotWhole",
        register(new, [1], RevenueSplit(owner: .max, contributors: .max, engine: .max))
      ),
      ("ContributorsWithoutDatanet", register(new, [])),
      ("UnknownDatanet", register(new, [2])),
      ("DuplicateDatanet", register(new, [1, 1])),
      ("TooManyDatanets", register(new, Array(repeating: 1, count: 33))),
      ("UnknownModel", ModelMarketContract.announcePrice(new, price: Economy.price)),
      (
        "NotModelOwner",
        ModelMarketContract.announcePrice(Sample.hash(0xaa), price: Economy.price)
      ),
      (
        "NotModelOwner",
        ModelMarketContract.restrictEngines(Sample.hash(0xaa), isRestricted: true)
      ),
      ("EngineNotRegistered", ModelMarketContract.retireEngine),
    ]
    for (name, input) in cases { #expect(try chain.refusal(stranger, market, input) == name) }
    #expect(
      try chain.refusal(Actors.engine.address, market, ModelMarketContract.registerEngine)
        == "EngineAlreadyRegistered")
  }

  @Test("a new price holds a day after it was announced; the old one settles until then")
  func prices() throws {
    let economy = try Economy()
    let chain = economy.chain
    let model = economy.model
    let higher = ModelPrice(perPromptToken: 2000, perCompletionToken: 4002)
    try chain.send(owner, market, ModelMarketContract.announcePrice(model, price: higher))
    #expect(try chain.refusal(economy.settlement()) == nil)
    chain.timestamp += ModelMarketContract.priceNotice - 1
    #expect(try chain.read(ModelMarketContract.price(of: model)) == Economy.price)
    chain.timestamp += 1
    #expect(try chain.read(ModelMarketContract.price(of: model)) == higher)
    let entry = try chain.read(ModelMarketContract.model(model))
    #expect(entry.price(at: chain.timestamp) == higher)
    #expect(try chain.refusal(economy.settlement(sequence: 2)) == "WrongFee")
    #expect(
      try economy.refusal(receipt: {
        $0.sequence = 2
        $0.fee = 2 * 29011
      }) == nil)
    // A second announcement leaves the price in force alone until its own day has come.
    try chain.send(owner, market, ModelMarketContract.announcePrice(model, price: Economy.price))
    #expect(try chain.read(ModelMarketContract.price(of: model)) == higher)
  }

  @Test("a restricted model is served by listed engines only, and a retired engine by none")
  func engines() throws {
    let economy = try Economy()
    let chain = economy.chain
    let engine = Actors.engine.address
    try chain.send(
      owner, market, ModelMarketContract.restrictEngines(economy.model, isRestricted: true))
    #expect(try chain.refusal(economy.settlement()) == "EngineNotAllowed")
    try chain.send(
      owner, market,
      ModelMarketContract.allowEngine(economy.model, engine: engine, isAllowed: true))
    #expect(try chain.read(ModelMarketContract.mayServe(economy.model, engine: engine)))
    #expect(try chain.refusal(economy.settlement()) == nil)

    let before = try chain.journal.balance(engine)
    #expect(try chain.read(ModelMarketContract.stake(of: engine)) == 5)
    try chain.send(engine, market, ModelMarketContract.retireEngine)
    #expect(try chain.journal.balance(engine) == before + 5)
    #expect(try chain.read(ModelMarketContract.isEngine(engine)) == false)
    #expect(try chain.refusal(economy.settlement(sequence: 2)) == "EngineNotRegistered")
    let quote = ModelMarketContract.quote(
      economy.model, engine: engine, promptTokens: 1, completionTokens: 1)
    #expect(throws: TestChain.Failure.self) { try chain.read(quote) }
  }
}
