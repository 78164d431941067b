import Cryptography
import EVM
import Execution
import JSON
import Ledger
import Node
import Primitives
import Views

extension EthereumService {
  /// Controls and questions that only one of the development chains has.
  var furtherControls: [String: RPCMethod] {
    [
      "anvil_classifyTransaction": reading(1, classifyTransaction),
      "anvil_getBlobByHash": reading(1) { [self] (parameters) throws(RPCError) in
        let hash = try parameters.required(0).hash()
        return try blob(hash).map { .data($0) } ?? .null
      },
      "anvil_getBlobsByTransactionHash": reading(1, blobsOfTransaction),
      "anvil_getLastBlockWallTime": immediate(0) { [self] (_) throws(RPCError) in
        // The world's time when the head was closed: its own without what it was shifted by.
        let chain = try chain()
        let header = chain.head.header.timestamp
        let offset = chain.controls.clockOffset
        let world = offset < 0 ? header.addingClamped(offset.magnitude) : header
        return .integer(offset < 0 ? world : world - min(world, offset.magnitude))
      },
      "miner_start": miner(.instant), "miner_stop": miner(.manual),
      "miner_setEtherbase": settingRecipient, "dev_setFeeRecipient": settingRecipient,
      "miner_setExtra": changing(1, answer: true) { (parameters, controls) throws(RPCError) in
        let value = try parameters.required(0)
        // geth takes the bytes as a text, and tools send them in hexadecimal.
        let text = try value.string()
        controls.extraData = text.hasPrefix("0x") ? try value.data() : Bytes(text.utf8)
      },
      "dev_addWithdrawal": changing(1) { (parameters, controls) throws(RPCError) in
        controls.withdrawals.append(try parameters.required(0).withdrawal())
      },
      "miner_setGasPrice": asking(1, answer: true) { (parameters) throws(RPCError) in
        .setMinimumGasPrice(try parameters.required(0).looseQuantity())
      },
    ]
  }

  private func miner(_ mode: ChainControls.Mode) -> RPCMethod {
    changing(1, answer: mode == .manual ? true : .null) { (_, controls) in
      controls.mode = mode
    }
  }

  private var settingRecipient: RPCMethod {
    changing(1, answer: true) { (parameters, controls) throws(RPCError) in
      controls.feeRecipient = try parameters.required(0).address()
    }
  }

  // MARK: Blobs

  /// The bytes of a blob that came with a transaction.
  private func blob(_ name: Hash) throws(RPCError) -> Bytes? {
    guard let content = node.world.carried[name] else { return nil }
    do throws(NodeError) {
      return try node.content.bytes(of: content)
    } catch {
      throw .internalFailure(error.message)
    }
  }

  private func blobsOfTransaction(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    guard let transaction = try transaction(try parameters.required(0).hash()),
      !transaction.blobHashes.isEmpty
    else { return .null }
    var blobs: [JSON] = []
    for name in transaction.blobHashes {
      guard let blob = try blob(name) else { return .null }
      blobs.append(.data(blob))
    }
    return .array(blobs)
  }

  private func transaction(_ hash: Hash) throws(RPCError) -> Transaction? {
    if let pooled = try chain().pool[hash] { return pooled.transaction }
    return try reading { (views) throws(ViewsError) in
      try views.transaction(layer, hash: hash)
    }?.transaction
  }

  /// What kind of transaction a hash, signed bytes or a description stand for.
  private func classifyTransaction(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let value = try parameters.required(0)
    var transaction: Transaction?
    if case .object = value.json {
      let arguments = try value.transactionArguments()
      var made = Transaction(
        to: arguments.to, chainID: arguments.chainID ?? 0, nonce: 0,
        maxFeePerGas: .zero, maxPriorityFeePerGas: .zero, gasLimit: 0,
        value: arguments.value ?? .zero, data: arguments.data ?? [])
      if arguments.gasPrice != nil { made.kind = .legacy }
      if arguments.blobHashes != nil { made.kind = .blob }
      if arguments.authorizations != nil { made.kind = .setCode }
      transaction = made
    } else {
      let bytes = try value.data()
      if let hash = Hash(checking: bytes) {
        transaction = try self.transaction(hash)
      } else {
        do throws(TransactionError) {
          transaction = try Transaction.decode(bytes)
        } catch {
          throw value.error(error.message)
        }
      }
    }
    guard let transaction else { return .null }
    let state = try chain().head.state
    let code = try readingState { () throws(StateMiss) in
      try transaction.to.map { (target) throws(StateMiss) in try state.code(at: target) } ?? []
    }
    let isPlain = code.isEmpty && transaction.data.isEmpty
    return [
      "type": .quantity(UInt64(transaction.kind.rawValue)),
      "kind": .string(transaction.to == nil ? "create" : isPlain ? "transfer" : "call"),
      "selector": transaction.to != nil && transaction.data.count >= 4
        ? .data(Bytes(transaction.data.prefix(4))) : .null,
    ]
  }
}
