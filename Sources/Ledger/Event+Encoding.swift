import Contracts
import Derivation
import Primitives

// The payload of an event, as the log's `payload` column holds it, is canonical RLP:
//
//   kind  event                  payload, version 1
//   0x01  genesis declared       [1, rulesVersion, settler, [[layer, json], …]]
//   0x02  rollup declared        [1, json]
//   0x03  world digested         [1, digest]
//   0x10  transaction accepted   [1, layer, encoded]
//   0x11  transaction dropped    [1, layer, hash, reason]
//   0x12  block sealed           [1, layer, timestamp, feeRecipient, prevRandao, [hash, …]]
//   0x13  head reset             [1, layer, position, parts]: 1 chain, 2 pool, 4 clock, as a sum
//   0x14  controls changed       [1, layer, [isBehind, offset], [nextTimestamp]?, [timestampStep]?,
//                                 [nextBaseFee]?, [nextPrevRandao]?, [feeRecipient]?, [gasLimit]?,
//                                 [chainID]?, [mode, seconds?]?, extraData, [withdrawal, …]]:
//                                 mode 0 manual, 1 instant, 2 interval; a list that is marked ? is
//                                 empty for nil; the last two are there only if one is not empty
//   0x15  accounts edited        [1, layer, [[address, [balance]?, [nonce]?, [code]?,
//                                 [[slot, word], …]], …]]
//   0x16  impersonated           [1, layer, sender, encoded]
//   0x17  operator asked         [1, layer, act, …]: 0 snapshot number; 1 impersonate address, isOn;
//                                 2 impersonate all isOn; 3 trust signature name, address;
//                                 4 minimum gas price; 5 logging isOn
//   0x18  state loaded           [1, layer, content]
//   0x20  rollup block sealed    [1, originNumber, originHash, [hash, …]]
//   0x21  sequencing changed     [1, isActive]
//   0x22  carrier accepted       [1, layer, encoded, [[name, content], …]]
//   0x23  L1 block finalised     [1, number, hash]
//   0x24  derivation reset       [1]
//   0x30  outside block received [1, layer, encoded]
//   0x31  usage reported         [1, authorization, payerSignature, receipt, engineSignature,
//                                 [[contributor, weight], …]]
//   0x32  outside L1 block       [1, encoded, [receipt, …], [[name, content], …]]
//   0x33  chain forked           [1, layer, chainID, header, [hash, …]]
//   0x40  storage declared       [1, json]
//   0x41  storage changed        [1, event], see StorageEvent+Encoding.swift in DataAvailability
//
// Integers are minimal, addresses 20 bytes, hashes 32. Golden bytes of each kind stand in
// `Tests/LedgerTests`; a kind is never changed, only superseded by a new version.

extension Event {
  /// The number by which the log's `kind` column tells events apart.
  public enum Kind: UInt16, CaseIterable, Sendable {
    case genesisDeclared = 0x01
    case rollupDeclared = 0x02
    case worldDigested = 0x03
    case transactionAccepted = 0x10
    case transactionDropped = 0x11
    case blockSealed = 0x12
    case headReset = 0x13
    case controlsChanged = 0x14
    case accountsEdited = 0x15
    case transactionImpersonated = 0x16
    case operatorAsked = 0x17
    case stateLoaded = 0x18
    case rollupBlockSealed = 0x20
    case sequencingChanged = 0x21
    case carrierAccepted = 0x22
    case l1Finalized = 0x23
    case derivationReset = 0x24
    case outsideBlockReceived = 0x30
    case usageReported = 0x31
    case outsideL1BlockReceived = 0x32
    case chainForked = 0x33
    case storageDeclared = 0x40
    case storageChanged = 0x41

    /// The kind in words, for people.
    public var name: String {
      switch self {
      case .genesisDeclared: "genesis declared"
      case .rollupDeclared: "rollup declared"
      case .worldDigested: "world digested"
      case .rollupBlockSealed: "rollup block sealed"
      case .sequencingChanged: "sequencing changed"
      case .carrierAccepted: "carrier transaction accepted"
      case .l1Finalized: "L1 block finalised"
      case .derivationReset: "derivation reset"
      case .outsideL1BlockReceived: "outside L1 block received"
      case .transactionAccepted: "transaction accepted"
      case .transactionDropped: "transaction dropped"
      case .blockSealed: "block sealed"
      case .headReset: "head reset"
      case .controlsChanged: "controls changed"
      case .accountsEdited: "accounts edited"
      case .transactionImpersonated: "transaction impersonated"
      case .operatorAsked: "operator asked"
      case .stateLoaded: "state loaded"
      case .chainForked: "chain forked"
      case .outsideBlockReceived: "outside block received"
      case .usageReported: "usage reported"
      case .storageDeclared: "data availability layer declared"
      case .storageChanged: "data availability layer changed"
      }
    }
  }

  /// The number of this event's kind.
  public var kind: Kind {
    switch self {
    case .genesisDeclared: .genesisDeclared
    case .rollupDeclared: .rollupDeclared
    case .worldDigested: .worldDigested
    case .rollupBlockSealed: .rollupBlockSealed
    case .sequencingChanged: .sequencingChanged
    case .carrierAccepted: .carrierAccepted
    case .l1Finalized: .l1Finalized
    case .derivationReset: .derivationReset
    case .outsideL1BlockReceived: .outsideL1BlockReceived
    case .transactionAccepted: .transactionAccepted
    case .transactionDropped: .transactionDropped
    case .blockSealed: .blockSealed
    case .headReset: .headReset
    case .controlsChanged: .controlsChanged
    case .accountsEdited: .accountsEdited
    case .transactionImpersonated: .transactionImpersonated
    case .operatorAsked: .operatorAsked
    case .stateLoaded: .stateLoaded
    case .chainForked: .chainForked
    case .outsideBlockReceived: .outsideBlockReceived
    case .usageReported: .usageReported
    case .storageDeclared: .storageDeclared
    case .storageChanged: .storageChanged
    }
  }

  /// The version that payloads are written in.
  public static let payloadVersion: UInt64 = 1

  /// The event's payload in canonical RLP.
  public var payload: Bytes {
    var writer = RLPWriter(reservingCapacity: 256)
    writer.list { list in
      list.append(uint64: Event.payloadVersion)
      switch self {
      case .genesisDeclared(let declaration): declaration.write(to: &list)
      case .rollupDeclared(let declaration): list.append(bytes: declaration.document)
      case .worldDigested(let world): list.append(hash: world.digest)
      case .rollupBlockSealed(let sealing): sealing.write(to: &list)
      case .sequencingChanged(let isActive): list.append(bool: isActive)
      case .carrierAccepted(let acceptance): acceptance.write(to: &list)
      case .l1Finalized(let block):
        list.append(uint64: block.number)
        list.append(hash: block.hash)
      case .derivationReset: break
      case .outsideL1BlockReceived(let block): block.write(to: &list)
      case .transactionAccepted(let acceptance):
        list.append(uint64: UInt64(acceptance.layer.rawValue))
        list.append(bytes: acceptance.encoded)
      case .transactionDropped(let drop):
        list.append(uint64: UInt64(drop.layer.rawValue))
        list.append(hash: drop.hash)
        list.append(bytes: Bytes(drop.reason.utf8))
      case .blockSealed(let sealing): sealing.write(to: &list)
      case .headReset(let reset):
        list.append(uint64: UInt64(reset.layer.rawValue))
        list.append(uint64: reset.position)
        list.append(uint64: UInt64(reset.parts.rawValue))
      case .controlsChanged(let change): change.write(to: &list)
      case .accountsEdited(let edit): edit.write(to: &list)
      case .transactionImpersonated(let impersonation): impersonation.write(to: &list)
      case .operatorAsked(let change): change.write(to: &list)
      case .stateLoaded(let loading): loading.write(to: &list)
      case .chainForked(let fork): fork.write(to: &list)
      case .outsideBlockReceived(let block):
        list.append(uint64: UInt64(block.layer.rawValue))
        list.append(bytes: block.encoded)
      case .usageReported(let report): report.write(to: &list)
      case .storageDeclared(let declaration): list.append(bytes: declaration.document)
      case .storageChanged(let change): list.append(bytes: change.encoded)
      }
    }
    return writer.bytes
  }

  /// Reads an event back from a row's kind and payload.
  ///
  /// - Throws: ``Misfit/undecodable(kind:reason:)`` for an unknown kind or version, and for a
  ///   payload that is not exactly the canonical encoding of an event.
  public static func decode(kind: UInt16, payload: Bytes) throws(Misfit) -> Event {
    guard let known = Kind(rawValue: kind) else {
      throw .undecodable(kind: kind, reason: "unknown kind of event")
    }
    let event: Event?
    do throws(RLPError) {
      event = try read(known, payload)
    } catch {
      throw .undecodable(kind: kind, reason: "payload is not canonical RLP: \(error)")
    }
    guard let event else {
      throw .undecodable(kind: kind, reason: "a field of the payload is out of range")
    }
    return event
  }

  /// Reads a payload of a known kind; nil when a field holds what no event of ours does.
  private static func read(_ kind: Kind, _ payload: Bytes) throws(RLPError) -> Event? {
    var outer = RLPReader(payload)
    var list = try outer.list()
    try outer.end()
    guard try list.uint64() == payloadVersion else { return nil }
    let event: Event?
    switch kind {
    case .genesisDeclared:
      event = try GenesisDeclaration(from: &list).map(Event.genesisDeclared)
    case .rollupDeclared:
      event = .rollupDeclared(RollupDeclaration(document: Bytes(try list.bytes())))
    case .worldDigested: event = .worldDigested(WorldDigest(digest: try list.hash()))
    case .rollupBlockSealed:
      event = .rollupBlockSealed(try RollupBlockSealing(from: &list))
    case .sequencingChanged:
      event = .sequencingChanged(isActive: try list.bool())
    case .carrierAccepted:
      event = try CarrierAcceptance(from: &list).map(Event.carrierAccepted)
    case .l1Finalized:
      let number = try list.uint64()
      event = .l1Finalized(BlockIdentifier(hash: try list.hash(), number: number))
    case .derivationReset: event = .derivationReset
    case .outsideL1BlockReceived:
      event = .outsideL1BlockReceived(try OutsideL1Block(from: &list))
    case .transactionAccepted:
      guard let layer = try Layer(from: &list) else { return nil }
      event = try .transactionAccepted(
        TransactionAcceptance(layer: layer, encoded: Bytes(list.bytes())))
    case .transactionDropped:
      event = try TransactionDrop(from: &list).map(Event.transactionDropped)
    case .blockSealed:
      event = try BlockSealing(from: &list).map(Event.blockSealed)
    case .headReset:
      event = try HeadReset(from: &list).map(Event.headReset)
    case .controlsChanged:
      event = try ControlChange(from: &list).map(Event.controlsChanged)
    case .accountsEdited:
      event = try AccountEdit(from: &list).map(Event.accountsEdited)
    case .transactionImpersonated:
      event = try Impersonation(from: &list).map(Event.transactionImpersonated)
    case .operatorAsked:
      event = try OperatorChange(from: &list).map(Event.operatorAsked)
    case .stateLoaded:
      event = try StateLoading(from: &list).map(Event.stateLoaded)
    case .chainForked:
      event = try ChainFork(from: &list).map(Event.chainForked)
    case .outsideBlockReceived:
      guard let layer = try Layer(from: &list) else { return nil }
      event = try .outsideBlockReceived(OutsideBlock(layer: layer, encoded: Bytes(list.bytes())))
    case .usageReported:
      event = try UsageReport(from: &list).map(Event.usageReported)
    case .storageDeclared:
      event = .storageDeclared(StorageDeclaration(document: Bytes(try list.bytes())))
    case .storageChanged:
      event = .storageChanged(StorageChange(encoded: Bytes(try list.bytes())))
    }
    try list.end()
    return event
  }
}

extension Layer {
  init?(from list: inout RLPReader) throws(RLPError) {
    guard let number = UInt8(exactly: try list.uint64()) else { return nil }
    self.init(rawValue: number)
  }
}

extension GenesisDeclaration {
  fileprivate func write(to list: inout RLPWriter) {
    list.append(uint64: rulesVersion)
    list.append(address: settler)
    list.list { list in
      for document in documents {
        list.list { pair in
          pair.append(uint64: UInt64(document.layer.rawValue))
          pair.append(bytes: document.json)
        }
      }
    }
  }

  fileprivate init?(from list: inout RLPReader) throws(RLPError) {
    let rulesVersion = try list.uint64()
    let settler = try list.address()
    var documents: [Document] = []
    var entries = try list.list()
    while !entries.isAtEnd {
      var pair = try entries.list()
      guard let layer = try Layer(from: &pair) else { return nil }
      documents.append(Document(layer: layer, json: Bytes(try pair.bytes())))
      try pair.end()
    }
    self.init(documents: documents, settler: settler, rulesVersion: rulesVersion)
  }
}

extension TransactionDrop {
  fileprivate init?(from list: inout RLPReader) throws(RLPError) {
    guard let layer = try Layer(from: &list) else { return nil }
    let hash = try list.hash()
    let text = Bytes(try list.bytes())
    guard let reason = String(validating: text, as: UTF8.self) else { return nil }
    self.init(layer: layer, hash: hash, reason: reason)
  }
}

extension HeadReset {
  fileprivate init?(from list: inout RLPReader) throws(RLPError) {
    guard let layer = try Layer(from: &list) else { return nil }
    let position = try list.uint64()
    guard let number = UInt8(exactly: try list.uint64()) else { return nil }
    let parts = Parts(rawValue: number)
    guard parts.contains(.chain), parts.isSubset(of: .all) else { return nil }
    self.init(layer: layer, position: position, parts: parts)
  }
}

extension BlockSealing {
  fileprivate func write(to list: inout RLPWriter) {
    list.append(uint64: UInt64(layer.rawValue))
    list.append(uint64: timestamp)
    list.append(address: feeRecipient)
    list.append(hash: prevRandao)
    list.list { list in
      for hash in order { list.append(hash: hash) }
    }
  }

  fileprivate init?(from list: inout RLPReader) throws(RLPError) {
    guard let layer = try Layer(from: &list) else { return nil }
    let timestamp = try list.uint64()
    let feeRecipient = try list.address()
    let prevRandao = try list.hash()
    var order: [Hash] = []
    var entries = try list.list()
    while !entries.isAtEnd { order.append(try entries.hash()) }
    self.init(
      layer: layer, timestamp: timestamp, feeRecipient: feeRecipient, prevRandao: prevRandao,
      order: order)
  }
}
