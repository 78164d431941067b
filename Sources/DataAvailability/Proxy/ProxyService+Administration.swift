import Blobs
import Primitives

/// What an operator of the network may change while it runs: EigenDA's own route, and ours for
/// faults and reservations, each change an event.
extension ProxyService {
  /// Answers a request below `/admin/`.
  ///
  ///     eigenda-dispersal-backend          GET, PUT {"eigenDADispersalBackend":"V2" or "none"}
  ///     opal/operators                     GET: who holds what, and how it behaves
  ///     opal/operators/ID/FAULT            POST: the operator misbehaves so from now on
  ///     opal/disperser/FAULT               POST: none, otherBlob, otherChunks, falseLength, down
  ///     opal/relay/FAULT                   POST: none, withholding, lying
  ///     opal/reservations/ACCOUNT/RATE     POST: symbols a second, for a year from now
  func administer(_ method: String, _ path: String, _ body: Bytes) -> ProxyResponse {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
    switch (method, parts.count) {
    case ("GET", 1) where path == "eigenda-dispersal-backend": return backend
    case ("PUT", 1) where path == "eigenda-dispersal-backend": return setBackend(body)
    case (_, 1) where path == "eigenda-dispersal-backend": return .text(405, "GET or PUT")
    case ("GET", 2) where path == "opal/operators": return operators
    case ("POST", 4) where parts[1] == "operators": return injectFault(parts[2], parts[3])
    case ("POST", 4) where parts[1] == "reservations": return reserve(parts[2], parts[3])
    case ("POST", 3) where parts[1] == "disperser": return setDisperserFault(parts[2])
    case ("POST", 3) where parts[1] == "relay": return setRelayFault(parts[2])
    default: return .text(404, "404 page not found")
    }
  }

  /// Whether blobs are dispersed: V2, or nowhere, so that a batcher fails over.
  private var backend: ProxyResponse {
    let name = withNetwork { $0.fault == .down } ? "none" : "V2"
    return .json(200, #"{"eigenDADispersalBackend":"\#(name)"}"#)
  }

  private func setBackend(_ body: Bytes) -> ProxyResponse {
    let text = String(decoding: body.prefix(256), as: UTF8.self).lowercased()
    if text.contains("\"none\"") {
      withNetwork { $0.fault = .down }
    } else if text.contains("\"v2\"") {
      withNetwork { $0.fault = .none }
    } else {
      return .text(400, "the backend is V2 or none")
    }
    return backend
  }

  private var operators: ProxyResponse {
    let health = withNetwork { OperatorHealth.all($0) }
    let entries = health.map { known in
      let stakes = known.stakes.map { #""\#($0.quorum)":"\#($0.stake.decimalString)""# }
      return #"{"id":"\#(known.id.hexadecimal)","stakes":{\#(stakes.joined(separator: ","))},"#
        + #""blobs":\#(known.blobCount),"chunks":\#(known.chunkCount),"#
        + #""fault":"\#(known.fault.name)","reachable":\#(known.isReachable)}"#
    }
    return .json(200, "[" + entries.joined(separator: ",") + "]")
  }

  private func injectFault(_ id: String, _ name: String) -> ProxyResponse {
    guard let id = Hash(hexadecimal: id), let fault = OperatorFault(name: name) else {
      return .text(400, "an operator's identifier, and one of its faults, are needed")
    }
    return decide(.faultInjected(id: id, fault: fault))
  }

  private func reserve(_ account: String, _ rate: String) -> ProxyResponse {
    guard let account = Address(hexadecimal: account), let rate = UInt64(rate) else {
      return .text(400, "an account and a rate in symbols a second are needed")
    }
    let time = clock()
    return decide(
      .reserved(
        account: account,
        reservation: Reservation(
          symbolsPerSecond: rate, start: time.seconds,
          end: time.seconds.addingReportingOverflow(31_536_000).partialValue,
          quorums: options.quorums),
        timeInNanoseconds: time.nanoseconds))
  }

  private func decide(_ event: StorageEvent) -> ProxyResponse {
    withNetwork { network in
      do throws(StorageMisfit) {
        try network.decide(event)
        return .text(200, "")
      } catch {
        return .text(400, "it does not fit: \(error)")
      }
    }
  }

  private func setDisperserFault(_ name: String) -> ProxyResponse {
    let faults: [String: DisperserFault] = [
      "none": .none, "otherBlob": .otherBlob, "otherChunks": .otherChunks,
      "falseLength": .falseLength, "down": .down,
    ]
    guard let fault = faults[name] else { return .text(400, "there is no such fault") }
    withNetwork { $0.fault = fault }
    return .text(200, "")
  }

  private func setRelayFault(_ name: String) -> ProxyResponse {
    let faults: [String: RelayFault] = [
      "none": .none, "withholding": .withholding, "lying": .lying,
    ]
    guard let fault = faults[name] else { return .text(400, "there is no such fault") }
    withNetwork { $0.relay.set(fault: fault) }
    return .text(200, "")
  }
}

/// How an operator is doing: what it answers for, what it holds, and whether it behaves.
public struct OperatorHealth: Equatable, Sendable {
  /// Its identifier.
  public let id: Hash
  /// Its stakes, by quorum.
  public let stakes: [StorageEvent.QuorumStake]
  /// Of how many blobs it holds chunks.
  public let blobCount: Int
  /// How many chunks it holds.
  public let chunkCount: Int
  /// Files of its store that are not what was written.
  public let damagedCount: Int
  /// How it misbehaves.
  public let fault: OperatorFault
  /// Whether it is one of this process.
  public let isReachable: Bool

  /// All operators of a network, by identifier.
  public static func all(_ network: StorageNetwork) -> [OperatorHealth] {
    let state = network.state
    return state.registry.operatorIDs.map { id in
      let stakes = state.registry.quorumNumbers.compactMap { number in
        state.registry.stakes(in: number, at: .max).first { $0.id == id }.map {
          StorageEvent.QuorumStake(quorum: number, stake: $0.stake)
        }
      }
      let node = network.nodes[id]
      let held = node.map { Self.held($0.store) } ?? (blobs: 0, chunks: 0, damaged: 0)
      return OperatorHealth(
        id: id, stakes: stakes, blobCount: held.blobs, chunkCount: held.chunks,
        damagedCount: held.damaged, fault: state.fault(of: id), isReachable: node != nil)
    }
  }

  private static func held(
    _ store: any ChunkStore
  ) -> (blobs: Int, chunks: Int, damaged: Int) {
    var (blobs, chunks, damaged) = (0, 0, 0)
    for key in (try? store.blobKeys()) ?? [] {
      do throws(ChunkStoreError) {
        guard let held = try store.chunks(for: key) else { continue }
        blobs += 1
        chunks += held.chunks.count
      } catch {
        damaged += 1
      }
    }
    return (blobs, chunks, damaged)
  }
}

extension OperatorFault {
  /// The name by which people ask for it.
  public var name: String {
    switch self {
    case .none: "none"
    case .down: "down"
    case .slow: "slow"
    case .corrupting: "corrupting"
    case .signsWithoutHolding: "signsWithoutHolding"
    case .equivocating: "equivocating"
    }
  }

  /// The fault of a name, or nil.
  public init?(name: String) {
    guard let fault = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = fault
  }
}
