import Blobs
import Contracts
import Cryptography
import DataAvailability
import EVM
import Execution
import JSON
import Ledger
import NativeCryptography
import Pairings
import Primitives
import Testing

@Suite("The data availability layer in the one log") struct StorageLayerTests {
  @Test("its decisions are events, and a replay arrives at the same operators, payments and blobs")
  func replay() throws {
    let layer = try LayerDriver()
    let network = try layer.network(operators: 3)
    let certificate = try layer.certify("a batch of the rollup", network, block: 1)
    try network.decide(.faultInjected(id: try #require(network.nodes.keys.first), fault: .down))
    try network.decide(
      .reserved(
        account: layer.key.address,
        reservation: Reservation(symbolsPerSecond: 9, start: 0, end: 9, quorums: [0]),
        timeInNanoseconds: 5))
    #expect(network.state.certificate(of: certificate.inclusion.certificate.header.blobKey) != nil)
    let again = try layer.driver.replayed()
    #expect(again.storage?.state == layer.state)
    #expect(again.commitment == layer.driver.world.commitment)
    let root = again.componentRoots.first { $0.name == "storage" }?.root
    #expect(root == layer.state.fingerprint)
  }

  @Test("its registry stands on L1, where the verifier judges its certificates as we do")
  func mirror() throws {
    let layer = try LayerDriver()
    let network = try layer.network(operators: 3)
    #expect(try layer.mirror() == 2)
    // One at a time is under way, and nothing is written twice.
    #expect(try layer.mirror() == 0)
    try layer.driver.sealL1()
    #expect(try layer.mirror() == 0)
    let first = try layer.certify("first", network, block: 1)
    // A stake changes and an operator leaves, from the next block on.
    let ids = network.nodes.keys.sorted()
    try network.decide(.stakeChanged(id: ids[0], quorum: 0, stake: 90, block: 2))
    try network.decide(.stakeChanged(id: ids[0], quorum: 0, stake: 80, block: 2))
    try network.decide(.operatorRemoved(id: ids[1], quorums: [1], block: 2))
    try network.decide(.faultInjected(id: ids[1], fault: .down))
    #expect(try layer.mirror() == 1)
    try layer.driver.sealL1()
    #expect(try layer.mirror() == 0)
    try layer.driver.sealL1()
    let second = try? layer.certify("second", network, block: 2)
    for certificate in [first, second].compactMap({ $0 }) {
      #expect(layer.isValidNatively(certificate))
      #expect(try layer.isValidOnL1(certificate))
      var changed = certificate
      changed.attestation.totalStakeIndices[0] += 1
      #expect(!layer.isValidNatively(changed))
      #expect(try !layer.isValidOnL1(changed))
      changed = certificate
      changed.batchHeader.referenceBlock += 1
      #expect(!layer.isValidNatively(changed))
      #expect(try !layer.isValidOnL1(changed))
    }
  }

  @Test("what is due later takes the place of what waits, so that L1's next block has all of it")
  func growingMirror() throws {
    let layer = try LayerDriver()
    #expect(try layer.mirror() == 1)
    for operators in 1...3 {
      _ = try layer.network(operators: operators)
      #expect(try layer.mirror() == 1)
      #expect(try layer.mirror() == 0)
      #expect(layer.driver.world.layerOne?.pool.count == 2)
    }
    // Another transaction of the owner's is left alone.
    try layer.driver.send(.one, from: 18, value: 1)
    let network = try layer.network(operators: 4)
    #expect(try layer.mirror() == 1)
    #expect(layer.driver.world.layerOne?.pool.count == 3)
    try layer.driver.sealL1()
    #expect(layer.driver.world.layerOne?.pool.count == 0)
    #expect(try layer.mirror() == 0)
    let certificate = try layer.certify("first", network, block: 1)
    try layer.driver.sealL1()
    #expect(try layer.isValidOnL1(certificate))
  }

  @Test("what does not fit is refused and leaves no trace; what no log of ours has is a misfit")
  func refusals() throws {
    let layer = try LayerDriver()
    let before = layer.driver.log.count
    #expect(throws: Refusal.storage(.misfit(.blob(.zero)))) {
      try layer.driver.submit(
        .changeStorage([
          .deposited(account: .zero, amount: 1), .blobEncoded(blobKey: .zero),
        ]))
    }
    #expect(throws: Refusal.storage(.declaredTwice)) {
      try layer.driver.submit(
        .declareStorage(StorageDeclaration(document: layer.document.json.serialized())))
    }
    #expect(layer.driver.log.count == before)
    #expect(layer.state == layer.document.initialState)
    var driver = try RollupDriver()
    #expect(throws: Refusal.storage(.none)) { try driver.submit(.changeStorage([])) }
    for payload: Bytes in [[0xc2, 0x01, 0x80], [0xc3, 0x01, 0x81, 0xc0]] {
      let event = try? Event.decode(kind: Event.Kind.storageChanged.rawValue, payload: payload)
      var world = layer.driver.world
      if let event { #expect(throws: Misfit.storage(.malformed)) { try world.apply(event) } }
    }
  }

  @Test("a document is read back as it was written, and a bent one is refused by its member")
  func document() throws {
    let string = ReferenceString.development(order: 8)
    for usesMainnetShape in [false, true] {
      let document = StorageDocument(development: string, usesMainnetShape: usesMainnetShape)
      #expect(try StorageDocument(parsing: document.json.serialized()) == document)
    }
    let document = StorageDocument(development: string)
    #expect(document.terms(.development(order: 16)) == nil)
    #expect(document.profile == .development && document.blobLimit == 8)
    guard case .object(let members) = document.json else { return }
    let bent: [(String, JSON)] = [
      ("points", .null), ("points", ["profile": "main"]), ("blob_versions", .array([])),
      ("blob_versions", .array([["chunks": 3, "rate": 1, "operators": 0]])),
      ("blob_version", 2), ("blob_limit", 3), ("blob_limit", .string("0x10000000000000000")),
      ("quorums", .array([["number": 200, "operators": 1]])),
      ("quorums", .array([["number": 0, "operators": 1], ["number": 0, "operators": 1]])),
      ("required_quorums", .array([1, 0])), ("required_quorums", .array([9])),
      ("confirmation_percent", 101), ("retention", 0), ("minimum_symbols", .string("x")),
    ]
    for (name, value) in bent {
      var changed = members
      changed[name] = value
      #expect(throws: GenesisError.self, "\(name)") {
        try StorageDocument(parsing: JSON.object(changed).serialized())
      }
    }
    for member in members {
      var changed = members
      changed[member.key] = nil
      #expect(throws: GenesisError.self, "\(member.key)") {
        try StorageDocument(parsing: JSON.object(changed).serialized())
      }
    }
  }
}
