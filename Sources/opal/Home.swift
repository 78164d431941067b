import Contracts
import Glibc
import Inference
import Ledger
import NativeCryptography
import Node
import Primitives

/// Where the program's own files are: genesis documents and the embedded model.
struct Home {
  /// The folder that holds `genesis/`.
  let path: String

  /// Finds the folder: `OPAL_HOME`, the working directory, or a folder above the program.
  static func find() throws(Failure) -> Home {
    var candidates = ["."]
    if let named = unsafe getenv("OPAL_HOME") {
      candidates.insert(unsafe String(cString: named), at: 0)
    }
    var folder = executablePath()[...]
    while let slash = folder.lastIndex(of: "/") {
      folder = folder[..<slash]
      candidates.append(String(folder))
    }
    guard let found = candidates.first(where: { Files.exists($0 + "/genesis/dev.json") }) else {
      throw .failed("genesis/dev.json was not found; set OPAL_HOME to the project's folder")
    }
    return Home(path: found)
  }

  /// Where a user's programs keep what they can fetch again.
  static var cacheFolder: String? {
    if let named = unsafe getenv("XDG_CACHE_HOME") {
      return unsafe String(cString: named) + "/opal"
    }
    return unsafe getenv("HOME").map { unsafe String(cString: $0) + "/.cache/opal" }
  }

  private static func executablePath() -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count - 1)
    guard count > 0 else { return "" }
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The model that comes with opal, under this name.
  static let modelName = "opal-demo"

  /// The folder of the model that comes with opal.
  var modelDirectory: String { path + "/genesis/models/demo" }

  /// Loads the model that comes with opal.
  func loadModel() throws(Failure) -> LanguageModel {
    do throws(ModelError) {
      return try LanguageModel.load(directory: modelDirectory)
    } catch {
      throw .failed("\(error)")
    }
  }

  /// A genesis document.
  func genesis(_ name: String) throws(Failure) -> Bytes { try read(path + "/genesis/" + name) }

  /// Reads a file that a person named.
  func read(_ path: String, limitInBytes: Int = 1 << 30) throws(Failure) -> Bytes {
    do throws(NodeError) {
      return try Files.read(path, limitInBytes: limitInBytes)
    } catch {
      throw .failed(error.message)
    }
  }

  /// Reads a file that a person named, where no home is needed.
  static func readFile(_ path: String) throws(Failure) -> Bytes {
    try Home(path: ".").read(path, limitInBytes: 1 << 28)
  }

  /// The API keys of a data directory.
  func payers(_ directory: DataDirectory) throws(Failure) -> PayerBook {
    do throws(NodeError) {
      return try PayerBook(path: directory.apiKeys)
    } catch {
      throw .failed(error.message)
    }
  }

  /// The keys of the first test accounts.
  func developmentKeys(count: UInt32) -> [PrivateKey] {
    (0..<count).compactMap { Mnemonic(Mnemonic.development)?.privateKey(account: $0) }
  }

  /// A node of the development chain: the usual accounts, and the development roles' keys.
  func developmentConfiguration(
    directory: DataDirectory, isDurable: Bool, mode: Sequencer.Mode, genesis: Bytes? = nil
  ) throws(Failure) -> NodeConfiguration {
    guard let wallet = Wallet(mnemonic: Mnemonic.development, count: 10) else {
      throw .failed("the development mnemonic is not valid")
    }
    let layerTwo = if let genesis { genesis } else { try self.genesis("dev.json") }
    var configuration = NodeConfiguration(
      directory: directory, isDurable: isDurable,
      genesis: GenesisDeclaration(
        documents: [
          .init(layer: .one, json: try self.genesis("l1.json")),
          .init(layer: .two, json: layerTwo),
        ],
        settler: DevelopmentRole.settler.key.address),
      wallet: wallet, serviceWallet: Wallet(keys: DevelopmentRole.allCases.map(\.key)),
      sequencers: [
        Sequencer(layer: .one, mode: .slots(seconds: 12)), Sequencer(layer: .two, mode: mode),
      ],
      report: { Terminal.complain("opal: " + $0) })
    configuration.answersEarly = !isDurable
    return configuration
  }

  /// A node of a rollup and its L1: all services, and the usual accounts on both chains.
  ///
  /// A directory that holds a log goes on with what it began with; the moment of a new one is now.
  func rollupConfiguration(
    directory: DataDirectory, isDurable: Bool, mode: Sequencer.Mode, document: Bytes? = nil,
    change: (inout RollupDocument) -> Void = { _ in }
  ) throws(Failure) -> NodeConfiguration {
    var configuration = try developmentConfiguration(
      directory: directory, isDurable: isDurable, mode: mode)
    let beginning: RollupBeginning
    let (one, two) = (try genesis("rollup/l1.json"), try genesis("rollup/l2.json"))
    let usual = try genesis("rollup/rollup.json")
    do throws(GenesisError) {
      beginning = try RollupBeginning(
        layerOne: one, layerTwo: two, rollup: document ?? usual, at: configuration.clock() / 1000,
        startingRoot: (
          AnchorStateRegistryContract.address, AnchorStateRegistryContract.startingRootSlot
        ), change: change)
    } catch {
      throw .failed("genesis/rollup: \(error.message)")
    }
    configuration.genesis.documents = [
      .init(layer: .one, json: beginning.layerOne), .init(layer: .two, json: beginning.layerTwo),
    ]
    configuration.rollup = RollupServices(
      document: beginning.rollup, batcher: Batcher(address: DevelopmentRole.batcher.key.address),
      proposer: Proposer(address: DevelopmentRole.proposer.key.address),
      trustedSetupPath: path + "/genesis/kzg_trusted_setup.txt")
    configuration.sequencers = [
      Sequencer(layer: .one, mode: .everySlot(seconds: beginning.rollup.slotTime)),
      Sequencer(layer: .two, mode: mode),
    ]
    return configuration
  }

  /// A node that takes foreign history in and decides nothing of its own.
  func importConfiguration(
    directory: DataDirectory, genesis: Bytes
  ) throws(Failure) -> NodeConfiguration {
    var configuration = try developmentConfiguration(
      directory: directory, isDurable: true, mode: .manual, genesis: genesis)
    configuration.genesis.settler = .zero
    configuration.sequencers = []
    return configuration
  }
}
