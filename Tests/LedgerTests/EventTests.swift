import Contracts
import Cryptography
import DataAvailability
import Derivation
import EVM
import Execution
import Ledger
import Primitives
import Testing

/// Payloads are a format for life: golden bytes, and nothing else is read.
@Suite struct EventTests {
  static let hash = Hash(UInt256(0x1234))
  static let address = Address(UInt256(0xbeef))

  static let report = UsageReport(
    settlement: Settlement(
      authorization: Contracts.Authorization(
        payer: address, engine: Address(UInt256(0xe)), models: [hash], maximumFee: 1000,
        expiry: 99, nonce: 7),
      payerSignature: Signature(r: 1, s: 2, yParity: false),
      receipt: UsageReceipt(
        authorization: hash, payer: address, model: hash, requestHash: .zero, outputHash: hash,
        promptTokens: 3, completionTokens: 4, fee: 500, attributionRoot: .zero, sequence: 1),
      engineSignature: Signature(r: 3, s: 4, yParity: true)),
    shares: [ContributorShare(contributor: address, weight: 5)])

  static let all: [Event] = [
    .genesisDeclared(
      GenesisDeclaration(
        documents: [.init(layer: .two, json: Bytes("{}".utf8))], settler: address)),
    .transactionAccepted(TransactionAcceptance(layer: .two, encoded: [1, 2, 3])),
    .transactionDropped(TransactionDrop(layer: .one, hash: hash, reason: "nonce too low")),
    .blockSealed(
      BlockSealing(
        layer: .two, timestamp: 1_700_000_000, feeRecipient: address, prevRandao: hash,
        order: [hash, .zero])),
    .outsideBlockReceived(OutsideBlock(layer: .two, encoded: [0xc0])),
    .rollupDeclared(RollupDeclaration(document: Bytes("{}".utf8))),
    .rollupBlockSealed(RollupBlockSealing(originNumber: 5, originHash: .zero, order: [hash])),
    .sequencingChanged(isActive: true),
    .carrierAccepted(
      CarrierAcceptance(
        layer: .one, encoded: [9], content: [ContentReference(name: hash, content: .zero)])),
    .outsideL1BlockReceived(OutsideL1Block(encoded: [0xc0], receipts: [[1]], content: [])),
    .headReset(HeadReset(layer: .one, position: 1_000, parts: [.chain, .clock])),
    .controlsChanged(ControlChange(layer: .two, controls: controls)),
    .controlsChanged(ControlChange(layer: .two, controls: ChainControls())),
    .accountsEdited(
      AccountEdit(
        layer: .two,
        changes: [
          .init(
            address: address, balance: 5, nonce: 0, code: [1],
            slots: [.init(slot: 2, value: 3)]), .init(address: .zero),
        ])),
    .transactionImpersonated(Impersonation(layer: .two, sender: address, encoded: [1, 2])),
    .l1Finalized(BlockIdentifier(hash: hash, number: 300)),
    .storageDeclared(StorageDeclaration(document: Bytes("{}".utf8))),
    .storageChanged(
      StorageChange(.blobsExpired(dispersedBeforeInNanoseconds: 1_000))),
    .usageReported(report), .derivationReset,
    .operatorAsked(OperatorChange(layer: .two, act: .snapshot(number: 3))),
    .operatorAsked(OperatorChange(layer: .two, act: .impersonate(address, isOn: true))),
    .operatorAsked(OperatorChange(layer: .two, act: .impersonateAll(isOn: false))),
    .operatorAsked(OperatorChange(layer: .two, act: .trustSignature(hash, address))),
    .operatorAsked(OperatorChange(layer: .two, act: .setMinimumGasPrice(7))),
    .operatorAsked(OperatorChange(layer: .two, act: .setLogging(isOn: false))),
    .stateLoaded(StateLoading(layer: .two, content: hash)),
    .chainForked(ChainFork(layer: .two, chainID: 1, header: [0xc0], ancestors: [hash])),
    .controlsChanged(ControlChange(layer: .two, controls: furtherControls)),
  ]

  /// Those that came later than the others.
  static let furtherControls: ChainControls = {
    var controls = ChainControls()
    controls.extraData = [1, 2, 3]
    controls.withdrawals = [
      Withdrawal(index: 1, validatorIndex: 2, address: address, amountInGwei: 3)
    ]
    return controls
  }()

  static let controls: ChainControls = {
    var controls = ChainControls()
    controls.clockOffset = -7
    controls.nextTimestamp = 1
    controls.timestampStep = 2
    controls.nextBaseFee = 3
    controls.nextPrevRandao = hash
    controls.feeRecipient = address
    controls.gasLimit = 4
    controls.chainID = 5
    controls.mode = .interval(seconds: 6)
    return controls
  }()

  @Test("each kind has the bytes that it always had")
  func goldenBytes() {
    #expect(Event.all(EventTests.all.prefix(18)) == EventTests.golden)
  }

  @Test("so has the beginning again of derivation")
  func goldenReset() {
    #expect(Event.all([.derivationReset]) == ["derivation reset 36 c101"])
  }

  @Test("so have those of a development chain's operator")
  func goldenOperatorBytes() {
    let zeros = String(repeating: "0", count: 36)
    let hash = "a0" + String(repeating: "0", count: 60) + "1234"
    #expect(
      Event.all(EventTests.all.suffix(9)) == [
        "operator asked 23 c401028003", "operator asked 23 d90102" + "0194" + zeros + "beef01",
        "operator asked 23 c401020280",
        "operator asked 23 f8390102" + "03" + hash + "94" + zeros + "beef",
        "operator asked 23 c401020407", "operator asked 23 c401020580",
        "state loaded 24 e30102" + hash, "chain forked 51 e7010201" + "81c0" + "e1" + hash,
        "controls changed 20 eb0102c28080c0c0c0c0c0c0c0c0" + "83010203" + "d9d801" + "0294" + zeros
          + "beef03",
      ])
  }

  static let golden = [
    "genesis declared 1 dd010194" + String(repeating: "0", count: 36) + "beefc5c402827b7d",
    "transaction accepted 16 c6010283010203",
    "transaction dropped 17 f10101a0" + String(repeating: "0", count: 60) + "1234"
      + "8d6e6f6e636520746f6f206c6f77",
    "block sealed 18 f881010284" + "6553f100" + "94" + String(repeating: "0", count: 36) + "beef"
      + "a0" + String(repeating: "0", count: 60) + "1234" + "f842a0"
      + String(repeating: "0", count: 60) + "1234" + "a0" + String(repeating: "0", count: 64),
    "outside block received 48 c4010281c0",
    "rollup declared 2 c401827b7d",
    "rollup block sealed 32 f8450105a0" + String(repeating: "0", count: 64) + "e1a0"
      + String(repeating: "0", count: 60) + "1234",
    "sequencing changed 33 c20101",
    "carrier transaction accepted 34 f849010109f844f842a0" + String(repeating: "0", count: 60)
      + "1234a0" + String(repeating: "0", count: 64),
    "outside L1 block received 50 c60181c0c101c0",
    "head reset 19 c601018203e805",
    "controls changed 20 f84a" + "0102c20107c101c102c103e1a0" + String(repeating: "0", count: 60)
      + "1234d594" + String(repeating: "0", count: 36) + "beefc104c105c20206",
    "controls changed 20 cd0102c28080c0c0c0c0c0c0c0c0",
    "accounts edited 21 f83e0102f83ad994" + String(repeating: "0", count: 40) + "c0c0c0c0df94"
      + String(repeating: "0", count: 36) + "beefc105c180c101c3c20203",
    "transaction impersonated 22 da010294" + String(repeating: "0", count: 36) + "beef820102",
    "L1 block finalised 35 e50182012ca0" + String(repeating: "0", count: 60) + "1234",
    "data availability layer declared 64 c401827b7d",
    "data availability layer changed 65 c70185c40c8203e8",
  ]

  @Test("what was written is read back")
  func roundTrip() throws {
    for event in EventTests.all {
      #expect(try Event.decode(kind: event.kind.rawValue, payload: event.payload) == event)
    }
  }

  @Test("a payload that is cut short, lengthened or bent is refused or another event")
  func hostile() {
    for event in EventTests.all {
      let payload = event.payload
      let kind = event.kind.rawValue
      for length in 0..<payload.count {
        #expect(throws: Misfit.self) {
          try Event.decode(kind: kind, payload: Bytes(payload.prefix(length)))
        }
      }
      #expect(throws: Misfit.self) { try Event.decode(kind: kind, payload: payload + [0]) }
      for index in payload.indices {
        var bent = payload
        bent[index] ^= 0x81
        let read = try? Event.decode(kind: kind, payload: bent)
        #expect(read != event)
        if let read { #expect(read.payload == bent, "byte \(index) of \(event.kind.name)") }
      }
    }
  }

  @Test("an unknown kind is refused by name")
  func unknownKind() {
    #expect(throws: Misfit.undecodable(kind: 999, reason: "unknown kind of event")) {
      try Event.decode(kind: 999, payload: [0xc0])
    }
  }

  @Test("commitments are the hashes that the format says")
  func commitment() {
    let entry = Commitment.entryHash(sequence: 1, kind: 1, payload: [0xc0])
    #expect(entry == SHA256.hash([0x02, 0xc4, 0x01, 0x01, 0x81, 0xc0]))
    // Computed apart from this program, with the log's other golden bytes.
    let golden = Commitment.entryHash(
      sequence: 258, kind: 16, payload: Bytes("a decision".utf8))
    #expect(
      golden.hexadecimal == "0xfa65be246870dd70c19d46a09dc80f1f07f1ab3507dcb93943495e050d036562")
    let root = Commitment.combine(
      version: 1, previous: .zero, entry: entry,
      changed: [.init(name: "usage", root: EventTests.hash)])
    var bytes: Bytes = [0x03, 0xf8, 0x6c, 0x01, 0xa0] + Hash.zero.bytes
    bytes += [0xa0] + entry.bytes
    bytes += [0xe8, 0xe7, 0x85] + Bytes("usage".utf8) + [0xa0] + EventTests.hash.bytes
    #expect(root == SHA256.hash(bytes))
  }
}

extension Event {
  /// A line an event: kind in words, its number, its payload.
  static func all(_ events: some Sequence<Event>) -> [String] {
    events.map {
      "\($0.kind.name) \($0.kind.rawValue) \(Hexadecimal.encode($0.payload))"
    }
  }
}
