import EVM
import Execution
import JSON
import Primitives
import Trie

/// Receipts with what deposits add to them.
enum RollupReceiptVectors {
  /// The network's form, both ways.
  @Sendable static func encoding(_ test: Fixture) throws(FixtureError) -> Verdict {
    let network = try test.field("networkRlp").bytes()
    let expected = try receipt(test)
    let encoded = expected.encoded
    let isList = expected.kind == .legacy
    let verdict = Verdict.compare(
      "networkRlp", network, isList ? encoded : RLPWriter.encode(bytes: encoded))
    guard verdict == .passed else { return verdict }
    do throws(TransactionError) {
      return .check("decoded", true, try Receipt.decode(encoded) == expected)
    } catch {
      return .check("decoded", true, false)
    }
  }

  /// The root of a block's receipts.
  @Sendable static func root(_ test: Fixture) throws(FixtureError) -> Verdict {
    var receipts: [Receipt] = []
    let hasNonce = test.json["includeDepositNonce"]?.bool ?? true
    let hasVersion = test.json["includeVersion"]?.bool ?? true
    for element in try test.field("receipts").elements() {
      var receipt = try receipt(element)
      if !hasNonce { receipt.depositNonce = nil }
      if receipt.kind == .deposit { receipt.depositReceiptVersion = hasVersion ? 1 : nil }
      receipts.append(receipt)
    }
    let expected = try test.field("receiptsRoot").hash()
    // Base's test network hashed the nonce without a version; no rule of the OP Stack says so.
    let isOwn = !hasNonce || hasVersion
    let got = isOwn ? Block.receiptsRoot(receipts) : networkRoot(receipts)
    return .compare("receiptsRoot", expected, got)
  }

  private static func networkRoot(_ receipts: [Receipt]) -> Hash {
    MerklePatriciaTrie.orderedRoot(receipts.map { $0.encoded })
  }

  private static func receipt(_ fields: Fixture) throws(FixtureError) -> Receipt {
    guard let byte = UInt8(exactly: try fields.field("type").uint64()),
      let kind = TransactionKind(rawValue: byte)
    else { throw fields.fault("its type is unknown") }
    var logs: [Log] = []
    for entry in try fields.field("logs").elements() {
      var log = Log(
        address: try entry.field("address").address(), topics: [],
        data: try entry.field("data").bytes())
      for topic in try entry.field("topics").elements() { log.topics.append(try topic.hash()) }
      logs.append(log)
    }
    var receipt = Receipt(
      kind: kind, outcome: .status(try fields.field("status").uint64() == 1),
      cumulativeGasUsed: try fields.field("cumulativeGasUsed").uint64(), logs: logs)
    receipt.depositNonce = try fields.optional("depositNonce")?.uint64()
    receipt.depositReceiptVersion = try fields.optional("depositReceiptVersion")?.uint64()
    return receipt
  }
}

/// What commits to messages, outputs and payloads, and proofs of accounts.
enum CommitmentVectors {
  @Sendable static func withdrawal(_ test: Fixture) throws(FixtureError) -> Verdict {
    let message = LayerMessage(
      nonce: try test.field("nonce").uint256(), sender: try test.field("sender").address(),
      target: try test.field("target").address(), value: try test.field("value").uint256(),
      gasLimit: try test.field("gasLimit").uint256(), data: try test.field("data").bytes())
    return .all(
      .compare("withdrawalHash", try test.field("withdrawalHash").hash(), message.withdrawalHash),
      .compare(
        "sentMessagesSlot", try test.field("sentMessagesSlot").hash(),
        Hash(message.sentMessagesSlot)))
  }

  @Sendable static func output(_ test: Fixture) throws(FixtureError) -> Verdict {
    let output = OutputRoot(
      stateRoot: try test.field("stateRoot").hash(),
      messagePasserStorageRoot: try test.field("withdrawalStorageRoot").hash(),
      blockHash: try test.field("blockHash").hash())
    return .compare("outputRoot", try test.field("outputRoot").hash(), output.hash)
  }

  @Sendable static func payload(_ test: Fixture) throws(FixtureError) -> Verdict {
    let attributes = try PayloadAttributes(fixture: test.field("attributes"))
    guard let version = UInt8(exactly: try test.field("version").uint64()) else {
      throw test.fault("its version is no byte")
    }
    let identifier = attributes.payloadIdentifier(
      parentHash: try test.field("parentHash").hash(), version: version)
    return .compare("payloadId", try test.field("payloadId").bytes(), identifier)
  }

  /// What `eth_getProof` gave, under a state root.
  @Sendable static func proof(_ test: Fixture) throws(FixtureError) -> Verdict {
    let fields = try test.field("proof")
    let account = Account(
      nonce: try fields.field("nonce").uint64(), balance: try fields.field("balance").uint256(),
      storageRoot: try fields.field("storageHash").hash(),
      codeHash: try fields.field("codeHash").hash())
    var proof = AccountProof(
      address: try fields.field("address").address(), account: account,
      nodes: try nodes(fields.field("accountProof")), storage: [])
    for slot in try fields.field("storageProof").elements() {
      proof.storage.append(
        StorageProof(
          slot: try slot.field("key").uint256(), value: try slot.field("value").uint256(),
          nodes: try nodes(slot.field("proof"))))
    }
    let isExpected = test.json["error"] == nil
    return .check("proof", isExpected, proof.isValid(root: try test.field("stateRoot").hash()))
  }

  private static func nodes(_ list: Fixture) throws(FixtureError) -> [Bytes] {
    var nodes: [Bytes] = []
    for node in try list.elements() { nodes.append(try node.bytes()) }
    return nodes
  }
}

extension PayloadAttributes {
  /// The attributes as the Engine API writes them.
  init(fixture fields: Fixture) throws(FixtureError) {
    var inputs = BlockInputs(
      timestamp: try fields.field("timestamp").uint64(),
      feeRecipient: try fields.field("suggestedFeeRecipient").address(),
      prevRandao: try fields.field("prevRandao").hash(),
      gasLimit: try fields.field("gasLimit").uint64())
    let root = try fields.optional("parentBeaconBlockRoot")?.hash()
    if let root { inputs.parentBeaconBlockRoot = root }
    if let withdrawals = fields.optional("withdrawals"), try !withdrawals.elements().isEmpty {
      throw withdrawals.fault("an OP chain has no withdrawals")
    }
    var transactions: [Bytes] = []
    for transaction in try fields.optional("transactions")?.elements() ?? [] {
      transactions.append(try transaction.bytes())
    }
    self.init(
      inputs: inputs, hasBeaconRoot: root != nil, transactions: transactions,
      excludesPool: fields.json["noTxPool"]?.bool ?? false,
      baseFeeParameters: try fields.optional("eip1559Params")?.bytes(),
      lowestBaseFee: try fields.optional("minBaseFee")?.uint64())
  }
}
