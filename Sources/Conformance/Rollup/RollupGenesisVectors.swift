import Cryptography
import EVM
import Execution
import JSON
import Primitives
import Trie

/// The first blocks of real OP chains.
enum RollupGenesisVectors {
  /// Codes by their hashes.
  @Sendable static func codes(_ test: Fixture) throws(FixtureError) -> Verdict {
    for (name, code) in try test.field("codes").members() {
      let hash = Keccak256.hash(try code.bytes()).hexadecimal
      if !hash.utf8.elementsEqual(name.utf8) { return .compare("code", name, hash) }
    }
    return .passed
  }

  /// A chain's state, and its first block's hash; codes stand in `genesis_codes.json` beside it.
  static func verdict(_ test: Fixture, path: String) throws(FixtureError) -> Verdict {
    let config = try test.field("config")
    let header = try BlockHeader(rpc: test.field("header"))
    var genesis = Genesis(
      specification: try ChainSpecification(
        rollup: config.field("chain_id"), times: config.field("hardforks"),
        fees: config.field("optimism")))
    genesis.timestamp = header.timestamp
    genesis.gasLimit = header.gasLimit
    genesis.difficulty = header.difficulty
    genesis.nonce = header.nonce
    genesis.extraData = header.extraData
    genesis.prevRandao = header.prevRandao
    genesis.feeRecipient = header.feeRecipient
    genesis.baseFee = header.baseFee
    genesis.blobGasUsed = header.blobGasUsed ?? 0
    genesis.excessBlobGas = header.excessBlobGas ?? 0
    genesis.number = header.number
    genesis.parentHash = header.parentHash
    genesis.alloc = try accounts(try test.field("alloc"), path: path)
    let state = genesis.state()
    let block = genesis.block(over: state)
    let passer = try messagePasserRoot(state)
    return .all(
      .compare("stateRoot", header.stateRoot, state.root),
      .compare(
        "messagePasserStorageRoot", try test.field("messagePasserStorageRoot").hash(), passer),
      .compare("header", header.encoded, block.header.encoded),
      .compare("hash", try test.field("expectedHash").hash(), block.hash))
  }

  private static func messagePasserRoot(_ state: State) throws(FixtureError) -> Hash {
    do throws(StateMiss) {
      return try state.storageTrie(Predeploys.messagePasser).root
    } catch {
      throw FixtureError(place: "alloc", reason: "its state is not whole")
    }
  }

  private static func accounts(
    _ alloc: Fixture, path: String
  ) throws(FixtureError) -> [(address: Address, account: GenesisAccount)] {
    var accounts = try alloc.accounts()
    var known: Fixture?
    for (index, (_, fields)) in try alloc.members().enumerated() {
      guard let hash = try fields.optional("codeHash")?.hash(), hash != Keccak256.empty else {
        continue
      }
      if known == nil { known = try codesBeside(path) }
      guard let code = known?.optional(hash.hexadecimal) else {
        throw fields.fault("its code is not in genesis_codes.json")
      }
      accounts[index].account.code = try code.bytes()
    }
    return accounts
  }

  /// The codes of the file beside this one that holds them, whatever it is called.
  private static func codesBeside(_ path: String) throws(FixtureError) -> Fixture {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    var siblings = FixtureFolder()
    do throws(FixtureError) { try siblings.add(folder.isEmpty ? "." : folder) } catch {
      throw FixtureError(place: "alloc", reason: "its codes are not beside it: \(error.reason)")
    }
    let usual = siblings.files.filter { $0.path.hasSuffix("genesis_codes.json") }
    for file in usual + siblings.files where file.path != path {
      guard let cases = try? file.document().optional("cases"), let first = try? cases.element(0),
        let codes = first.optional("codes")
      else { continue }
      return codes
    }
    throw FixtureError(place: "alloc", reason: "there is no file with its codes beside it")
  }

  /// An entry of a list of chains: compared with the genesis beside it, where there is one.
  static func entry(_ test: Fixture, path: String) throws(FixtureError) -> Verdict {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    guard let name = test.json["id"]?.string, let dash = name.firstIndex(of: "-"),
      name.utf8.allSatisfy({ $0 != UInt8(ascii: "/") })
    else { return .skipped("names a genesis without its accounts") }
    let file = folder + "genesis_\(name[..<dash])_\(name[name.index(after: dash)...]).json"
    guard let genesis = try? FixtureFile(name: file, path: file).document() else {
      return .skipped("names a genesis whose accounts are not here")
    }
    let other = try genesis.field("cases").element(0)
    return .all(
      try verdict(other, path: file),
      .compare(
        "stateRoot", try test.field("stateRoot").hash(),
        try other.field("header").field("stateRoot").hash()),
      .compare(
        "expectedHash", try test.field("expectedHash").hash(),
        try other.field("expectedHash").hash()))
  }
}
