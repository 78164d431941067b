import Contracts
import Cryptography
import EVM
import Execution
import Foundation
import Ledger
import NativeCryptography
import Primitives
import TestSupport
import Testing

/// The development chain as tests use it: its genesis, its keys, and a driver without a node.
enum Development {
  static func genesis(_ name: String) throws -> Bytes {
    try Bytes(Data(contentsOf: Project.root.appending(path: "genesis/\(name).json")))
  }

  static func declaration() throws -> GenesisDeclaration {
    GenesisDeclaration(
      documents: [
        .init(layer: .one, json: try genesis("l1")), .init(layer: .two, json: try genesis("dev")),
      ],
      settler: key(9).address)
  }

  static func key(_ index: UInt32) -> PrivateKey {
    guard let key = Mnemonic(Mnemonic.development)?.privateKey(account: index) else {
      preconditionFailure("the development mnemonic has ten keys")
    }
    return key
  }
}

/// A world with the log that led to it.
struct Driver {
  var world = World(provider: NativeCryptographyProvider.shared)
  var log: [(event: Event, commitment: Hash)] = []
  var consequences: [Consequence] = []

  init() throws {
    try self.init(Development.declaration())
  }

  /// A world that begins otherwise.
  init(_ declaration: GenesisDeclaration) throws {
    try submit(.declareGenesis(declaration))
  }

  mutating func submit(_ command: Command) throws {
    let decision = try world.decide(command)
    for (index, event) in decision.events.enumerated() {
      let hint = index == decision.events.count - 1 ? decision.hint : nil
      let application = try world.apply(event, hint: hint)
      log.append((event, application.commitment))
      consequences += application.consequences
    }
  }

  /// Lets the policies do what is due at a time until nothing is.
  mutating func settle(now: UInt64) throws {
    for _ in 0..<100 {
      var isDone = true
      if let command = Sequencer(layer: .two, mode: .instant).due(world, now: now) {
        try submit(command)
        isDone = false
      }
      for transaction in Settler().due(world) {
        let signed = transaction.signed(with: Development.key(9).sign(transaction.signingHash))
        try submit(.submitTransaction(.two, encoded: signed.encoded))
        isDone = false
      }
      if isDone { return }
    }
  }

  /// A signed transfer of a wei, or whatever else is asked for.
  static func transfer(
    from index: UInt32 = 0, nonce: UInt64, to: Address = Address(UInt256(0xabc)),
    value: UInt256 = 1, maxFee: UInt64 = 10_000_000_000, tip: UInt64 = 1, gasLimit: UInt64 = 21_000,
    data: Bytes = [], chainID: UInt64 = 31337
  ) -> Bytes {
    let key = Development.key(index)
    let unsigned = Transaction(
      to: to, chainID: chainID, nonce: nonce, maxFeePerGas: UInt256(maxFee),
      maxPriorityFeePerGas: UInt256(tip), gasLimit: gasLimit, value: value, data: data)
    return unsigned.signed(with: key.sign(unsigned.signingHash)).encoded
  }

  /// The world that the log leads to, each event read from its bytes and checked by its commitment.
  func replayed(_ content: (any ContentSource)? = nil) throws -> World {
    var world = World(provider: NativeCryptographyProvider.shared, content: content)
    for (event, commitment) in log {
      let read = try Event.decode(kind: event.kind.rawValue, payload: event.payload)
      #expect(try world.apply(read).commitment == commitment)
    }
    return world
  }

  func balance(of address: Address) throws -> UInt256 {
    try world.layerTwo?.head.state.account(address)?.balance ?? .zero
  }
}
