import Contracts
import Cryptography
import Derivation
import EVM
import Execution
import Foundation
import JSON
import Ledger
import NativeCryptography
import Node
import Primitives
import RPC
import Synchronization
import TestSupport
import Testing
import Views

/// A rollup whose blocks are made on command, and a follower that is told of L1 by hand, each asked
/// through a dispatcher.
final class TestRollup: Sendable {
  let sequencer: Node
  let follower: Node
  private let dispatchers: [JSONRPCDispatcher]
  private let folder: String
  /// What the follower's node reported.
  let reports: Reports

  /// Lines of a node's log.
  final class Reports: Sendable {
    private let lines = Mutex<[String]>([])

    func add(_ line: String) { lines.withLock { $0.append(line) } }

    var all: [String] { lines.withLock { $0 } }
  }

  init() throws {
    folder = try Files.makeTemporaryDirectory()
    let home = Project.root.appending(path: "genesis/rollup")
    func document(_ name: String) throws -> Bytes {
      Bytes(try Data(contentsOf: home.appending(path: name + ".json")))
    }
    let beginning = try RollupBeginning(
      layerOne: try document("l1"), layerTwo: try document("l2"),
      rollup: try document("rollup"), at: TestNode.start / 1000,
      startingRoot: (
        AnchorStateRegistryContract.address, AnchorStateRegistryContract.startingRootSlot
      ))
    let roles = Wallet(keys: DevelopmentRole.allCases.map(\.key))
    let settler = DevelopmentRole.settler.key.address
    let two = GenesisDeclaration.Document(layer: .two, json: beginning.layerTwo)
    let one = GenesisDeclaration.Document(layer: .one, json: beginning.layerOne)
    let (folder, reports) = (folder, Reports())
    func node(
      _ name: String, _ documents: [GenesisDeclaration.Document], _ sequencers: [Sequencer]
    ) throws -> Node {
      var configuration = NodeConfiguration(
        directory: DataDirectory(path: folder + "/" + name), isDurable: false,
        genesis: GenesisDeclaration(documents: documents, settler: settler),
        wallet: try #require(Wallet(mnemonic: Mnemonic.development, count: 10)),
        serviceWallet: roles, sequencers: sequencers, clock: { TestNode.start },
        report: { reports.add($0) })
      configuration.rollup = RollupServices(document: beginning.rollup)
      return try Node(configuration)
    }
    sequencer = try node(
      "sequencer", [one, two],
      [Sequencer(layer: .one, mode: .manual), Sequencer(layer: .two, mode: .manual)])
    follower = try node("follower", [two], [])
    self.reports = reports
    dispatchers = [sequencer, follower].map {
      JSONRPCDispatcher(methods: rollupMethods(node: $0))
    }
    let genesis = try GenesisDocument.parse(beginning.layerOne).block()
    _ = try follower.submit(
      .receiveL1Block(OutsideL1Block(encoded: genesis.encoded, receipts: [], content: [])))
  }

  deinit {
    follower.stop()
    sequencer.stop()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// The reply of the sequencer, or of the follower.
  func reply(
    _ method: String, _ parameters: [JSON] = [], ofFollower: Bool = true
  ) async throws -> JSON {
    let request: JSON = [
      "jsonrpc": "2.0", "id": 1, "method": .string(method), "params": .array(parameters),
    ]
    let dispatcher = dispatchers[ofFollower ? 1 : 0]
    guard let bytes = await dispatcher.reply(to: request.serialized()) else {
      throw Missing("reply")
    }
    return try JSON.parse(bytes)
  }

  /// What a call is refused with.
  func refusal(
    _ method: String, _ parameters: [JSON], ofFollower: Bool = true
  ) async throws -> String {
    let reply = try await reply(method, parameters, ofFollower: ofFollower)
    guard let message = reply["error"]?["message"]?.string else {
      throw Missing("error: " + String(decoding: reply.serialized(), as: UTF8.self))
    }
    return message
  }

  /// The next L2 block of the sequencer, with a transfer in it, as an envelope.
  func block(value: UInt64) throws -> JSONObject {
    let key = DevelopmentRole.settler.key
    let world = sequencer.world
    let nonce = try world.layerTwo?.head.state.account(key.address)?.nonce ?? 0
    let unsigned = Transaction(
      to: Address(UInt256(0xabc)), chainID: world.layerTwo?.specification.chainID ?? 0,
      nonce: nonce, maxFeePerGas: UInt256(20_000_000_000), maxPriorityFeePerGas: 1_000,
      gasLimit: 21_000, value: UInt256(value))
    let signed = unsigned.signed(with: key.sign(unsigned.signingHash))
    _ = try sequencer.submit(.submitTransaction(.two, encoded: signed.encoded))
    _ = try sequencer.sealNow(.two)
    let number = sequencer.world.layerTwo?.number ?? 0
    let header = try #require(sequencer.world.layerTwo).head.header
    let transactions = try sequencer.views.transactions(.two, inBlock: number)
    return TestRollup.envelope(header, transactions.map(\.transaction))
  }

  /// A block as op-node's admin methods take it.
  static func envelope(_ header: BlockHeader, _ transactions: [Transaction]) -> JSONObject {
    var payload = JSONObject()
    payload["parentHash"] = .data(header.parentHash)
    payload["feeRecipient"] = .data(header.feeRecipient)
    payload["stateRoot"] = .data(header.stateRoot)
    payload["receiptsRoot"] = .data(header.receiptsRoot)
    payload["logsBloom"] = .data(header.bloom.bytes)
    payload["prevRandao"] = .data(header.prevRandao)
    payload["blockNumber"] = .quantity(header.number)
    payload["gasLimit"] = .quantity(header.gasLimit)
    payload["gasUsed"] = .quantity(header.gasUsed)
    payload["timestamp"] = .quantity(header.timestamp)
    payload["extraData"] = .data(header.extraData)
    payload["baseFeePerGas"] = .quantity(header.baseFee ?? .zero)
    payload["blockHash"] = .data(header.hash)
    payload["transactions"] = .array(transactions.map { .data($0.encoded) })
    payload["withdrawals"] = []
    payload["blobGasUsed"] = .quantity(header.blobGasUsed ?? 0)
    payload["excessBlobGas"] = .quantity(header.excessBlobGas ?? 0)
    payload["withdrawalsRoot"] = header.withdrawalsRoot.map { .data($0) } ?? .null
    var envelope = JSONObject()
    envelope["parentBeaconBlockRoot"] = header.parentBeaconBlockRoot.map { .data($0) } ?? .null
    envelope["executionPayload"] = .object(payload)
    return envelope
  }
}
