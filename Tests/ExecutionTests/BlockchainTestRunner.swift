import EVM
import Execution
import Foundation
import JSON
import NativeCryptography
import Primitives

/// Runs files of Ethereum's blockchain tests: valid blocks must import, invalid ones must not.
struct BlockchainTestRunner {
  typealias Tally = StateTestRunner.Tally

  /// A block that was imported.
  private struct Known {
    let header: BlockHeader
    let state: State
    let totalDifficulty: UInt256
  }

  /// The hashes of the branch that ends in `parent`.
  private final class Branch: AncestorHashes {
    private let known: [Hash: Known]
    private let parent: Hash

    init(_ known: [Hash: Known], _ parent: Hash) {
      self.known = known
      self.parent = parent
    }

    func blockHash(_ number: UInt64) throws(StateMiss) -> Hash {
      var hash = parent
      while let block = known[hash] {
        if block.header.number == number { return hash }
        hash = block.header.parentHash
      }
      throw .blockHash(number)
    }
  }

  static func run(file: URL) throws -> Tally {
    let tests = try JSON.parse(Bytes(try Data(contentsOf: file)))
    var tally = Tally()
    for (name, test) in tests.object.map({ Array($0) }) ?? [] {
      let network = try test.field("network").string ?? ""
      guard let specification = try specification(network, test["config"]) else { continue }
      let label = "\(file.lastPathComponent) \(name)"
      do {
        switch try run(test, specification) {
        case .unsupported: tally.unsupported += 1
        case .passed: tally.passed += 1
        case .failed(let reason): tally.failures.append("\(label): \(reason)")
        }
      } catch {
        tally.failures.append("\(label): \(error)")
      }
    }
    return tally
  }

  private enum Verdict {
    case passed, unsupported
    case failed(String)
  }

  private static func run(
    _ test: JSON, _ specification: ChainSpecification
  ) throws -> Verdict {
    var genesis = Genesis(specification: specification)
    genesis.alloc = try test.field("pre").accounts()
    let state = genesis.state()
    let first = try firstHeader(test)
    guard state.root == first.stateRoot else { return .failed("genesis state") }
    var known = [
      first.hash: Known(header: first, state: state, totalDifficulty: first.difficulty)
    ]
    for (index, entry) in (try test.field("blocks").array ?? []).enumerated() {
      let isValid =
        entry["blockHeader"] != nil && entry["expectException"] == nil
        && entry.object?.contains { $0.key.hasPrefix("expectException") } != true
      var problem: String?
      do {
        let block = try Block.decode(try entry.field("rlp").byteArray())
        guard let parent = known[block.header.parentHash] else {
          throw MissingField(name: "parent")
        }
        let outcome = try importBlock(
          specification: specification, parent: parent.header, state: parent.state, block: block,
          ancestorHashes: Branch(known, block.header.parentHash),
          provider: NativeCryptographyProvider.shared,
          parentTotalDifficulty: parent.totalDifficulty)
        known[block.hash] = Known(
          header: block.header, state: outcome.state,
          totalDifficulty: parent.totalDifficulty + block.header.difficulty)
      } catch BlockRejection.undecided(.unsupportedPrecompile) {
        return .unsupported
      } catch let rejection as BlockRejection {
        problem = rejection.message
      } catch {
        problem = "\(error)"
      }
      if isValid != (problem == nil) {
        return .failed("block \(index): \(problem ?? "accepted, must be rejected")")
      }
    }
    let last = try test.field("lastblockhash").hash()
    return known[last] == nil ? .failed("the last block is unknown") : .passed
  }

  /// The first block's header, which old files give by its fields alone.
  private static func firstHeader(_ test: JSON) throws -> BlockHeader {
    if let encoded = try test["genesisRLP"]?.byteArray() {
      return try Block.decode(encoded).header
    }
    let fields = try test.field("genesisBlockHeader")
    var header = BlockHeader(
      parentHash: try fields.field("parentHash").hash(),
      feeRecipient: try fields.field("coinbase").address(),
      number: try fields.field("number").uint64Value(),
      gasLimit: try fields.field("gasLimit").uint64Value(),
      timestamp: try fields.field("timestamp").uint64Value())
    header.difficulty = try fields.field("difficulty").uint256()
    header.extraData = try fields.field("extraData").byteArray()
    header.prevRandao = try fields.field("mixHash").hash()
    header.nonce = try fields.field("nonce").uint64Value()
    header.stateRoot = try fields.field("stateRoot").hash()
    guard header.hash == (try fields.field("hash").hash()) else {
      throw MissingField(name: "genesis hash")
    }
    return header
  }

  // MARK: Networks

  /// The rules of a network by its name in the tests; nil for those that are out of scope.
  static func specification(_ name: String, _ config: JSON?) throws -> ChainSpecification? {
    if name.contains("Dao") { return nil }
    var forks: ForkSchedule
    var blobTimes: [(String, UInt64)] = []
    if let parts = transition(name) {
      guard let before = fork(parts.from), let after = fork(parts.to) else { return nil }
      forks = .all(upTo: before)
      if parts.isTime {
        let time: UInt64 = 15_000
        if after > before {
          if after == .shanghai { forks.shanghaiTime = time }
          if after == .cancun { forks.cancunTime = time }
          if after == .prague { forks.pragueTime = time }
          if after == .osaka { forks.osakaTime = time }
        }
        blobTimes = [(parts.from, 0), (parts.to, time)]
      } else {
        forks.begin(after, from: parts.from, at: 5)
      }
      if name.hasSuffix("AtDiffC0000") { forks.terminalTotalDifficulty = 0xc0000 }
    } else {
      guard let fork = fork(name) else { return nil }
      forks = .all(upTo: fork)
      blobTimes = [(name, 0)]
    }
    var schedule: [BlobScheduleEntry] = []
    for (fork, time) in blobTimes {
      guard let entry = config?["blobSchedule"]?[fork] else { continue }
      let parameters = BlobParameters(
        target: try entry.field("target").uint64Value(),
        maximum: try entry.field("max").uint64Value(),
        updateFraction: try entry.field("baseFeeUpdateFraction").uint64Value())
      schedule.append(BlobScheduleEntry(timestamp: time, parameters: parameters))
    }
    return ChainSpecification(
      chainID: 1, forks: forks, blobSchedule: schedule.isEmpty ? nil : schedule)
  }

  private static func fork(_ name: String) -> Fork? {
    if name.hasPrefix("BPO") { return .osaka }
    if name == "ArrowGlacier" || name == "GrayGlacier" { return .london }
    return StateTestRunner.forks[name]
  }

  private static func transition(
    _ name: String
  ) -> (from: String, to: String, isTime: Bool)? {
    guard let middle = name.range(of: "To"), let end = name.range(of: "At", options: .backwards)
    else { return nil }
    return (
      String(name[..<middle.lowerBound]), String(name[middle.upperBound..<end.lowerBound]),
      name.hasSuffix("Time15k")
    )
  }
}

extension ForkSchedule {
  /// Begins `fork`, and what lies between, at block `number`.
  fileprivate mutating func begin(_ fork: Fork, from previous: String, at number: UInt64) {
    if fork == .paris { return }
    let all = ForkSchedule.all(upTo: fork)
    if homesteadBlock == nil, all.homesteadBlock != nil { homesteadBlock = number }
    if tangerineWhistleBlock == nil, all.tangerineWhistleBlock != nil {
      tangerineWhistleBlock = number
    }
    if spuriousDragonBlock == nil, all.spuriousDragonBlock != nil { spuriousDragonBlock = number }
    if byzantiumBlock == nil, all.byzantiumBlock != nil { byzantiumBlock = number }
    if constantinopleBlock == nil, all.constantinopleBlock != nil { constantinopleBlock = number }
    if petersburgBlock == nil, all.petersburgBlock != nil { petersburgBlock = number }
    if istanbulBlock == nil, all.istanbulBlock != nil { istanbulBlock = number }
    if muirGlacierBlock == nil, all.muirGlacierBlock != nil { muirGlacierBlock = number }
    if berlinBlock == nil, all.berlinBlock != nil { berlinBlock = number }
    if londonBlock == nil, all.londonBlock != nil { londonBlock = number }
  }
}
