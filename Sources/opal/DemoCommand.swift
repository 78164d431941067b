import Contracts
import Cryptography
import Derivation
import EVM
import Execution
import Inference
import Ledger
import NativeCryptography
import Node
import Primitives
import Views

/// `opal demo`: the whole loop, told as a story.
let demoCommand = Command(
  name: "demo", summary: "run the whole loop: data, model, use, payment, replay",
  details: """
    A datanet gets data, a model is registered on it, a caller asks it something and pays, the
    engine's signed receipt is settled, everybody is paid to the wei, and the log is replayed.
    A data directory that exists is continued. Exit code 0: the replay agrees in everything.
    """,
  example: "opal demo --datadir .opal/demo",
  options: [
    .init("--datadir", value: "PATH", help: "where the log and views are (.opal/demo)"),
    .init("--prompt", value: "TEXT", help: "what the caller asks (\"What is love?\")"),
  ]
) { arguments throws(Failure) in
  try arguments.expectOperands(0...0)
  let path = try arguments.value("--datadir") ?? ".opal/demo"
  let prompt = try arguments.value("--prompt") ?? "What is love?"
  var demo = try Demo(path: path)
  try demo.tell(prompt: prompt)
  return 0
}

/// The people of the story and the node that serves them.
struct Demo {
  private let home: Home
  private let directory: DataDirectory
  private let node: Node
  private let engine: Engine
  private let model: LanguageModel

  private let datanetOwner: PrivateKey
  private let contributors: [(name: String, key: PrivateKey, text: String)]
  private let modelOwner: PrivateKey
  private let caller: PrivateKey

  private static let datanet = UInt256(1)
  private static let deposit = UInt256(10_000_000_000_000_000)
  private static let price = ModelPrice(
    perPromptToken: UInt256(1_000_000_000_000), perCompletionToken: UInt256(3_000_000_000_000))
  private static let split = RevenueSplit(owner: 3_000, contributors: 5_000, engine: 2_000)

  init(path: String) throws(Failure) {
    home = try Home.find()
    directory = DataDirectory(path: path)
    let isNew = !directory.holdsLog
    let configuration = try home.rollupConfiguration(
      directory: directory, isDurable: true, mode: .instant)
    do throws(NodeError) {
      node = try Node(configuration)
    } catch {
      throw .failed(error.message)
    }
    model = try home.loadModel()
    engine = Engine(
      node: node, key: DevelopmentRole.engine.key, payers: try home.payers(directory),
      development: nil)
    let keys = home.developmentKeys(count: 5)
    datanetOwner = keys[0]
    contributors = [
      ("Ada", keys[1], Demo.adaText), ("Ben", keys[2], Demo.benText),
    ]
    modelOwner = keys[3]
    caller = keys[4]
    let world = node.world
    Terminal.say(
      isNew
        ? "A rollup starts in \(path): chain \(world.layerTwo?.specification.chainID ?? 0), "
          + "and L1, chain \(world.layerOne?.specification.chainID ?? 0), on which it settles; "
          + "one log under both."
        : "The chain in \(path) goes on at block \(world.layerTwo?.number ?? 0), "
          + "event \(world.sequence).")
  }

  mutating func tell(prompt: String) throws(Failure) {
    try gatherData()
    try offerModel()
    try fund()
    let use = try ask(prompt)
    try pay(use)
    try settle()
    node.stop()
    try prove()
  }

  // MARK: The data

  private func gatherData() throws(Failure) {
    Terminal.say("\n1. Data")
    if try read(DatanetRegistryContract.datanetCount).isZero {
      try send(
        datanetOwner, to: DatanetRegistryContract.address,
        DatanetRegistryContract.createDatanet(
          name: "Public-domain prose", metadataHash: Keccak256.hash(Bytes("prose".utf8))))
    }
    let datanet = try read(DatanetRegistryContract.datanet(Demo.datanet))
    Terminal.say("   datanet 1, \"\(datanet.name)\", of \(short(datanet.owner))")
    for (index, contributor) in contributors.enumerated() {
      let content = Bytes(contributor.text.utf8)
      let hash = try keep(content)
      let isThere = try read(
        DatanetRegistryContract.isContentTaken(datanet: Demo.datanet, contentHash: hash))
      if !isThere {
        try send(
          contributor.key, to: DatanetRegistryContract.address,
          DatanetRegistryContract.contribute(
            datanet: Demo.datanet, contentHash: hash, sizeInBytes: UInt64(content.count)))
        try send(
          datanetOwner, to: DatanetRegistryContract.address,
          DatanetRegistryContract.approve(datanet: Demo.datanet, contribution: UInt256(index)))
      }
      Terminal.say(
        "   \(contributor.name) (\(short(contributor.key.address))) gave \(content.count) bytes, "
          + "accepted as \(short(hash))")
    }
  }

  private func keep(_ content: Bytes) throws(Failure) -> Hash {
    do throws(NodeError) {
      return try node.content.keep(content)
    } catch {
      throw .failed(error.message)
    }
  }

  // MARK: The model

  private func offerModel() throws(Failure) {
    Terminal.say("\n2. Model")
    let hash = model.identity.modelHash
    if (try? read(ModelMarketContract.model(hash))) == nil {
      try send(
        modelOwner, to: ModelMarketContract.address,
        ModelMarketContract.registerModel(
          hash, datanets: [Demo.datanet], price: Demo.price, split: Demo.split))
    }
    if !(try read(ModelMarketContract.isEngine(engine.address))) {
      try send(
        DevelopmentRole.engine.key, to: ModelMarketContract.address,
        ModelMarketContract.registerEngine)
    }
    let registered = try read(ModelMarketContract.model(hash))
    Terminal.say(
      "   \(short(hash)) of \(short(registered.owner)), on datanet 1, served by engine "
        + short(engine.address))
    Terminal.say(
      "   \(registered.price.perPromptToken.decimalString) wei a prompt token, "
        + "\(registered.price.perCompletionToken.decimalString) wei a generated one")
    Terminal.say(
      "   of each fee \(percent(registered.split.owner)) to the owner, "
        + "\(percent(registered.split.contributors)) to the contributors, "
        + "\(percent(registered.split.engine)) to the engine")
  }

  // MARK: The caller

  private func fund() throws(Failure) {
    Terminal.say("\n3. Caller")
    let balance = try read(AttributionContract.balance(of: caller.address))
    if balance < Demo.deposit {
      try send(
        caller, to: AttributionContract.address, AttributionContract.deposit, value: Demo.deposit)
    }
    let now = try read(AttributionContract.balance(of: caller.address))
    Terminal.say("   \(short(caller.address)) has \(now.decimalString) wei deposited for uses")
  }

  // MARK: The use

  private func ask(_ prompt: String) throws(Failure) -> ServedUse {
    Terminal.say("\n4. Use")
    let now = node.configuration.clock() / 1000
    let authorization = Contracts.Authorization(
      payer: caller.address, engine: engine.address, models: [model.identity.modelHash],
      maximumFee: Demo.deposit, expiry: now + 3_600, nonce: UInt256(now))
    guard let domain = node.world.usageDomain else { throw .failed("the chain has no domain") }
    let grant = Grant(
      authorization: authorization, signature: caller.sign(authorization.digest(domain)))
    Terminal.say(
      "   the caller allows the engine at most \(authorization.maximumFee.decimalString) wei, "
        + "signed \(short(authorization.digest(domain)))")
    Terminal.say("   > \(prompt)")
    Terminal.write("   ")
    let use: ServedUse
    do {
      let request = try model.request(
        chat: [ChatMessage(role: .user, content: prompt)], maximumTokens: 48, sampling: .greedy)
      use = try engine.serve(request, model: model, credential: .authorization(grant)) { piece in
        Terminal.write(piece.text)
        return true
      }
    } catch let refusal as EngineRefusal {
      throw .failed(refusal.openAI.message)
    } catch {
      throw .failed("\(error)")
    }
    let receipt = use.report.receipt
    Terminal.say(
      "\n   \(receipt.promptTokens) + \(receipt.completionTokens) tokens, fee "
        + "\(receipt.fee.decimalString) wei; receipt \(receipt.sequence) of the engine, "
        + "signed \(short(use.digest)), in the log")
    return use
  }

  // MARK: The payment

  private func pay(_ use: ServedUse) throws(Failure) {
    Terminal.say("\n5. Payment")
    let record: StoredUsage?
    do {
      record = try node.views.usage(digest: use.digest)
    } catch {
      throw .failed("\(error)")
    }
    guard case .settled(let transaction, let block)? = record?.status else {
      throw .failed("the use was not settled: \(record?.status.name ?? "unknown")")
    }
    Terminal.say("   settled in block \(block) by transaction \(short(transaction))")
    let pool = try read(AttributionContract.pool(of: use.digest))
    let tree = try attributionTree(use.report.shares)
    for claim in tree.claims(receipt: use.digest, pool: pool.amount) {
      try send(caller, to: AttributionContract.address, AttributionContract.claim(claim))
    }
    let earners: [(name: String, key: PrivateKey)] =
      [("model owner", modelOwner), ("engine", DevelopmentRole.engine.key)]
      + contributors.map { ($0.name, $0.key) }
    var total = UInt256.zero
    for earner in earners {
      let earned = try read(AttributionContract.earnings(of: earner.key.address))
      try send(
        earner.key, to: AttributionContract.address, AttributionContract.withdrawEarnings)
      total = total + earned
      Terminal.say("   \(padded(earner.name, 12)) was paid \(earned.decimalString) wei")
    }
    Terminal.say("   \(padded("together", 12))          \(total.decimalString) wei: the fee")
    guard total == use.report.receipt.fee else {
      throw .failed("paid \(total.decimalString) wei of \(use.report.receipt.fee.decimalString)")
    }
  }

  private func attributionTree(_ shares: [ContributorShare]) throws(Failure) -> AttributionTree {
    do throws(AttributionTreeError) {
      return try AttributionTree(shares)
    } catch {
      throw .failed("the shares make no tree: \(error)")
    }
  }

  // MARK: The settlement

  /// Lets L1 go on until it has said all that happened.
  private func settle() throws(Failure) {
    guard let target = node.world.rollup?.unsafe.reference else { return }
    Terminal.say("\n6. Settlement")
    for _ in 0..<Demo.settlementLimit {
      if let safe = node.world.rollup?.safe.reference, safe.number >= target.number { break }
      do throws(WriteFailure) {
        _ = try node.sealNow(.one)
      } catch {
        throw .failed(error.message)
      }
    }
    guard let rollup = node.world.rollup, let l1 = rollup.safeHeads.last?.l1,
      rollup.block(target.number)?.reference.hash == target.hash,
      rollup.safe.reference.number >= target.number
    else { throw .failed("L1 does not say what happened on L2") }
    Terminal.say(
      "   block \(target.number), \(short(target.hash)), follows from the batches in L1 up to "
        + "block \(l1.number): anybody derives it from there")
  }

  /// L1 blocks after which everything must have been said.
  private static let settlementLimit = 20

  // MARK: The proof

  private func prove() throws(Failure) {
    Terminal.say("\n7. Proof")
    let report = try ReplayCheck.run(directory: directory, compareViews: true)
    Terminal.say("   " + report)
    Terminal.say(
      "\nLook closer: opal replay --datadir \(directory.path)"
        + "\n             opal audit --datadir \(directory.path)"
        + "\n             opal node --rollup --datadir \(directory.path)")
  }

  // MARK: Words

  private func read<Value>(_ view: ContractView<Value>) throws(Failure) -> Value {
    do throws(ViewFailure) {
      return try node.world.read(view)
    } catch {
      throw .failed(error.message)
    }
  }

  private func send(
    _ key: PrivateKey, to: Address, _ data: Bytes, value: UInt256 = .zero
  ) throws(Failure) {
    do throws(WriteFailure) {
      _ = try node.send(from: key, to: to, data: data, value: value)
    } catch {
      throw .failed(error.message)
    }
  }

  private func short(_ address: Address) -> String { short(address.hexadecimal) }
  private func short(_ hash: Hash) -> String { short(hash.hexadecimal) }
  private func short(_ text: String) -> String { "\(text.prefix(8))…\(text.suffix(4))" }

  private func percent(_ basisPoints: UInt16) -> String { "\(basisPoints / 100) %" }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  // Two passages of the texts that the embedded model was trained on, both public domain.
  private static let adaText = """
    In the beginning, God created the heavens and the earth. The earth was formless and empty.
    Darkness was on the surface of the deep and God's Spirit was hovering over the surface of the
    waters. God said, "Let there be light," and there was light. (World English Bible, Genesis 1)
    """
  private static let benText = """
    hack: Originally, a quick job that produces what is needed, but not well. (Jargon File)
    """
}
