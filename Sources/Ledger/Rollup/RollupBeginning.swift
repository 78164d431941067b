import Derivation
import EVM
import Execution
import JSON
import Primitives
import Trie

/// The documents with which a rollup and its L1 begin at a moment.
///
/// Both chains' genesis blocks have that moment's time, so the hashes in the rollup's own document,
/// and the output root that L1's contracts begin with, follow from it.
public struct RollupBeginning: Sendable {
  /// L1's genesis document.
  public var layerOne: Bytes
  /// L2's genesis document.
  public var layerTwo: Bytes
  /// The rollup's document.
  public var rollup: RollupDocument

  /// Moves a rollup's documents to a moment, in seconds since 1970.
  ///
  /// `startingRoot` names the contract and slot of L1 that hold the output root of L2's genesis;
  /// `change` has the last word on the configuration before it is written down.
  ///
  /// - Throws: ``GenesisError`` when a document cannot be read.
  public init(
    layerOne: Bytes, layerTwo: Bytes, rollup: Bytes, at timestamp: UInt64,
    startingRoot: (contract: Address, slot: UInt256),
    change: (inout RollupDocument) -> Void = { _ in }
  ) throws(GenesisError) {
    self.rollup = try RollupDocument(parsing: rollup)
    change(&self.rollup)
    let time = JSON.string("0x" + String(timestamp, radix: 16))
    var two = try RollupBeginning.parse(layerTwo)
    two.set(["timestamp"], time)
    self.layerTwo = two.serialized()
    let output = try GenesisDocument.parse(self.layerTwo).outputRoot
    var one = try RollupBeginning.parse(layerOne)
    one.set(["timestamp"], time)
    one.set(
      [
        "alloc", startingRoot.contract.hexadecimal, "storage",
        Hash(startingRoot.slot).hexadecimal,
      ], .string(output.hash.hexadecimal))
    self.layerOne = one.serialized()
    let first = try GenesisDocument.parse(self.layerOne)
    var configuration = self.rollup.configuration
    configuration.genesis.l1 = BlockIdentifier(hash: first.block().hash, number: 0)
    configuration.genesis.l2 = BlockIdentifier(hash: output.blockHash, number: 0)
    configuration.genesis.l2Time = timestamp
    configuration.l1BlobSchedule = first.specification.blobSchedule
    self.rollup.configuration = configuration
  }

  private static func parse(_ text: Bytes) throws(GenesisError) -> JSON {
    do throws(JSONError) {
      return try JSON.parse(text)
    } catch {
      throw GenesisError(field: "", reason: "not JSON: \(error.message) at byte \(error.offset)")
    }
  }
}

extension Genesis {
  /// What a proposer would claim of the genesis block.
  public var outputRoot: OutputRoot {
    let state = state()
    let storage = (try? state.storageTrie(Predeploys.messagePasser)) ?? nil
    return OutputRoot(
      stateRoot: state.root, messagePasserStorageRoot: storage?.root ?? .zero,
      blockHash: block(over: state).hash)
  }
}

extension JSON {
  /// Sets the member at a path of objects, which are made where they are missing.
  fileprivate mutating func set(_ path: ArraySlice<String>, _ value: JSON) {
    guard let name = path.first else {
      self = value
      return
    }
    var members = object ?? JSONObject()
    var member = members[name] ?? .null
    member.set(path.dropFirst(), value)
    members[name] = member
    self = .object(members)
  }

  fileprivate mutating func set(_ path: [String], _ value: JSON) { set(path[...], value) }
}
