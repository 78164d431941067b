import Blobs
import Contracts
import Cryptography
import DataAvailability
import Derivation
import Ledger
import NativeCryptography
import Node
import Primitives
import SQLite

/// The DA layer itself: disperser, operators and proxy as a node serves them, their events in the
/// node's log and their chunks on the simulated disk.
///
/// One operator may lie, with less stake than a certificate leaves to an adversary; the others are
/// at worst down or slow. So whatever was certified must be there at the end, from chunks alone. It is
/// used from one thread.
final class SimulatedStorageLayer: @unchecked Sendable {
  private let terms: StorageTerms
  private let document: StorageDocument
  private let provers = ProverShelf()
  private let disk: SimulatedDisk
  private let clock: SimulatedClock
  private let threads: Int
  private let forgets: Bool
  private let liar: Int
  private var operators: [Hash] = []
  private var proxy: ProxyService?
  private weak var life: Life?
  private var certified: [(commitment: Bytes, payload: Bytes)] = []

  /// Payloads that were certified.
  var certifiedCount: UInt64 { UInt64(certified.count) }
  /// Payloads that were not.
  private(set) var refusals: UInt64 = 0
  /// The last of the layer's events that it was told are in the log.
  private(set) var acknowledged: UInt64 = 0

  /// Their stakes are 100, 125, 150 and 175.
  private static let operatorCount = 4
  private static let account = DevelopmentRole.batcher.key

  /// A layer that has not begun; nil where the plan has none.
  init?(_ plan: SimulationPlan, disk: SimulatedDisk, clock: SimulatedClock) {
    guard let string = plan.points, let document = plan.storage,
      let terms = document.terms(string)
    else { return nil }
    self.document = document
    self.terms = terms
    self.disk = disk
    self.clock = clock
    threads = plan.threads
    forgets = plan.mistake == .forgetfulOperators
    liar = Int(plan.seed / 3 % UInt64(Self.operatorCount))
  }

  // MARK: Lives

  /// Goes on with what the node's log and the operators' stores have.
  ///
  /// - Throws: `StorageMisfit` where the state is not one that the layer made, or nothing can be
  ///   recorded.
  func begin(_ life: Life) throws(StorageMisfit) {
    self.life = life
    let record = LifeRecord(life, initial: document.initialState) { [unowned self] in
      acknowledged = $0
    }
    let network = StorageNetwork(
      record, terms: terms, provers: provers, cryptography: NativeCryptographyProvider.shared)
    network.threads = threads
    var setup = DevelopmentNetwork(
      operatorCount: Self.operatorCount, terms: terms, account: Self.account.address)
    setup.quorums = document.requiredQuorums
    let now = now(life)
    let isEmpty = network.state.registry.changeCount == 0
    try setup.begin(network, block: isEmpty ? now.block : now.block &+ 1) { store($0) }
    operators = network.state.registry.stakes(in: 0, at: .max).map(\.id).sorted()
    try network.resume(timeInSeconds: clock.milliseconds / 1_000)
    var options = ProxyOptions(payloadLimitInBytes: 31 * (terms.blobLengthLimit - 1))
    options.blobVersion = document.blobVersion
    options.quorums = document.requiredQuorums
    let content = ContentStore(
      reading: SimulationPlan.directory.content, storage: .simulated(disk))
    let moment = Moment(now)
    self.moment = moment
    proxy = ProxyService(
      network, options: options,
      account: ProxyAccount(address: Self.account.address) { Self.account.sign($0).bytes65 },
      preimages: content
    ) { moment.now }
  }

  /// Lets go of a node that has ended.
  func end() {
    proxy = nil
    life = nil
  }

  private func store(_ id: Hash) -> any ChunkStore {
    if forgets { return MemoryChunkStore() }
    let folder =
      SimulationPlan.directory.path + "/operators/" + Hexadecimal.encode(id.bytes.prefix(8))
    do throws(ChunkStoreError) {
      return try DiskChunkStore(folder: folder, storage: .simulated(disk))
    } catch {
      return BrokenChunkStore(error)
    }
  }

  /// The moment that the proxy believes it to be, which stands still while it works.
  private final class Moment: @unchecked Sendable {
    var now: ProxyTime
    init(_ now: ProxyTime) { self.now = now }
  }

  private var moment: Moment?

  private func now(_ life: Life) -> ProxyTime {
    ProxyTime(
      nanoseconds: clock.milliseconds * 1_000_000,
      block: UInt32(clamping: life.node.world.layerOne?.number ?? 0))
  }

  // MARK: What it does

  /// The commitment to a payload, if enough operators attest it.
  func disperse(_ payload: Bytes) -> Bytes? {
    guard let proxy, let life else { return nil }
    moment?.now = now(life)
    let answer = proxy.respond(method: "POST", path: "/put", query: "", body: payload)
    guard answer.status == 200 else {
      refusals += 1
      return nil
    }
    certified.append((answer.body, payload))
    return answer.body
  }

  /// Has an operator, the disperser or the relay fail, or come back; what was done, in words.
  func fail(_ chance: inout SplitMix64) -> String? {
    let index = Int(chance.next(below: UInt64(Self.operatorCount) + 2))
    if index < operators.count {
      let faults = index == liar ? OperatorFault.allCases : [.none, .none, .down, .slow]
      let fault = faults[Int(chance.next(below: UInt64(faults.count)))]
      return set(fault, of: index) ? "operator \(index) is \(fault.name)" : nil
    }
    let choice = Int(chance.next(below: 4))
    proxy?.withNetwork { network in
      if index == operators.count {
        network.fault = [.none, .none, .otherBlob, .otherChunks][choice]
      } else {
        network.relay.set(fault: [.none, .withholding, .lying, .none][choice])
      }
    }
    return index == operators.count ? "the disperser changes its mind" : "the relay does"
  }

  private func set(_ fault: OperatorFault, of index: Int) -> Bool {
    guard let id = index < operators.count ? operators[index] : nil else { return false }
    return proxy?.withNetwork { network in
      (try? network.decide(.faultInjected(id: id, fault: fault))) != nil
    } ?? false
  }

  /// Has everybody but the liar do as he should.
  func recover() {
    proxy?.withNetwork { network in
      network.fault = .none
      network.relay.set(fault: .none)
    }
    for index in 0..<Self.operatorCount where index != liar { _ = set(.none, of: index) }
  }

  /// What was certified and cannot be had from the operators' chunks; nil if there is nothing.
  func missing() -> String? {
    guard let proxy, let life else { return certified.isEmpty ? nil : "the layer is not there" }
    moment?.now = now(life)
    proxy.withNetwork { $0.relay.set(fault: .withholding) }
    defer { proxy.withNetwork { $0.relay.set(fault: .none) } }
    for (index, blob) in certified.enumerated() {
      let path = "/get/" + Hexadecimal.encodePrefixed(blob.commitment)
      let answer = proxy.respond(method: "GET", path: path, query: "", body: [])
      guard answer.status == 200, answer.body == blob.payload else {
        return "certificate \(index): \(answer.status) "
          + String(decoding: answer.body.prefix(100), as: UTF8.self)
      }
    }
    return nil
  }
}

/// The record of a DA layer in the log of a node that is stepped.
private final class LifeRecord: StorageRecord {
  private weak var life: Life?
  private let initial: StorageState
  private let acknowledge: (UInt64) -> Void

  init(_ life: Life, initial: StorageState, acknowledge: @escaping (UInt64) -> Void) {
    self.life = life
    self.initial = initial
    self.acknowledge = acknowledge
  }

  var state: StorageState { life?.node.world.storage?.state ?? initial }

  func record(_ events: [StorageEvent]) throws(StorageMisfit) {
    if events.isEmpty { return }
    guard let life else { throw .notRecorded("the node has ended") }
    do throws(WriteFailure) {
      _ = try life.node.perform(.changeStorage(events)).get()
    } catch {
      if case .refused(.storage(.misfit(let misfit))) = error { throw misfit }
      throw .notRecorded(error.message)
    }
    do throws(NodeError) {
      try life.node.commit()
    } catch {
      throw .notRecorded(error.message)
    }
    acknowledge(life.node.world.sequence)
  }
}
