import Blobs
import Cryptography
import Derivation
import Execution
import Ledger
import NativeCryptography
import Primitives

/// Takes a batcher transaction apart, and prints what becomes of each part.
struct BatchInspection {
  private let batcher: Address?
  private let inbox: Address?
  private let chainID: UInt64
  private let genesisTime: UInt64
  private let blockTime: UInt64
  private let showsTransactions: Bool
  /// The data beside L1 that are at hand, by L1's names for them.
  var carried: [Hash: Bytes] = [:]

  /// An inspection by a command line's options, and by a rollup's configuration where those say
  /// nothing.
  init(
    _ arguments: Arguments, configuration: RollupConfiguration? = nil
  ) throws(Failure) {
    func address(_ option: String) throws(Failure) -> Address? {
      guard let text = try arguments.value(option) else { return nil }
      guard let address = Address(hexadecimal: text) else {
        throw .usage("\(option) is not an address")
      }
      return address
    }
    batcher = try address("--batcher")
    let named = try address("--inbox")
    inbox = named ?? configuration?.batchInbox
    chainID = try arguments.number("--chain-id") ?? configuration?.l2ChainID ?? 10
    genesisTime =
      try arguments.number("--genesis-time") ?? configuration?.genesis.l2Time ?? 1_686_068_903
    blockTime =
      try arguments.number("--block-time", in: 1...UInt64(UInt32.max)) ?? configuration?.blockTime
      ?? 2
    showsTransactions = arguments.has("--transactions")
  }

  private func accept(_ what: String) { Terminal.say(what) }

  /// Prints that something is dropped; false, as the caller returns it.
  private func drop(_ what: String, _ rule: DropRule) -> Bool {
    Terminal.say("\(what): DROP, \(rule.name)")
    return false
  }

  /// Prints what the bytes hold; whether all of it counts.
  func print(_ bytes: Bytes, isChannel: Bool) -> Bool {
    if isChannel { return printChannel(bytes, "channel") }
    do throws(TransactionError) {
      return printTransaction(try Transaction.decode(bytes))
    } catch {
      return printData(bytes)
    }
  }

  private func printTransaction(_ transaction: Transaction) -> Bool {
    accept("transaction \(transaction.hash.hexadecimal), type \(transaction.kind.rawValue)")
    if transaction.kind == .setCode { return drop("transaction", .wrongTransactionType) }
    let sender: Address
    do throws(TransactionError) {
      sender = try transaction.sender(NativeCryptographyProvider.shared)
    } catch {
      return drop("transaction", .wrongSender)
    }
    accept("  from \(sender.checksummed)")
    accept("  to   \(transaction.to?.checksummed ?? "a new contract")")
    if let batcher, batcher != sender { return drop("transaction", .wrongSender) }
    if let inbox, inbox != transaction.to {
      accept("transaction: not to the batch inbox; derivation does not look at it")
      return false
    }
    guard transaction.kind == .blob else { return printData(transaction.data) }
    accept("  \(transaction.blobHashes.count) blobs; its data do not count:")
    var isGood = true
    for hash in transaction.blobHashes {
      accept("    \(hash.hexadecimal)")
      guard let blob = carried[hash] else { continue }
      do throws(BlobDataError) {
        isGood = printFrames(of: try BlobData.decode(blob)) && isGood
      } catch {
        isGood = drop("    blob", .malformedBlob(error))
      }
    }
    return isGood
  }

  private func printData(_ data: Bytes) -> Bool {
    if data.first == AltDACommitment.version {
      do throws(AltDACommitmentError) {
        let commitment = try AltDACommitment.decode(data[1...])
        switch commitment {
        case .keccak256(let hash): accept("commitment keccak256 \(hash.hexadecimal)")
        case .generic(let layer, let payload):
          accept("commitment of DA layer \(layer), \(payload.count) bytes")
          guard layer != 0 || printCertificate(commitment) else { return false }
        }
        return carried[commitment.contentName].map { printFrames(of: $0) } ?? true
      } catch {
        return drop("commitment", .malformedCommitment(error))
      }
    }
    return printFrames(of: data)
  }

  /// Prints what a certificate of EigenDA says; whether it is one.
  ///
  /// The verifier on L1 is not asked.
  private func printCertificate(_ commitment: AltDACommitment) -> Bool {
    do throws(CertificateError) {
      let certificate = try Certificate(genericCommitment: commitment.encoded[...])
      let quorums = certificate.signedQuorums.map { String($0) }.joined(separator: " ")
      accept(
        "certificate of version \(certificate.contractVersion), reference block "
          + "\(certificate.batchHeader.referenceBlock), quorums \(quorums), blob of "
          + "\(certificate.commitment.length) elements, "
          + "\(certificate.attestation.nonSigners.count) operators did not sign")
      return true
    } catch {
      return drop("commitment", .refusedCertificate(.malformed(error)))
    }
  }

  private func printFrames(of data: Bytes) -> Bool {
    let frames: [Frame]
    do throws(FrameError) {
      frames = try Frame.decode(data)
    } catch {
      return drop("data of \(data.count) bytes", .malformedFrames(error))
    }
    return printFrames(frames)
  }

  private func printFrames(_ frames: [Frame]) -> Bool {
    var isGood = true
    var channels: [(identifier: ChannelIdentifier, frames: [Frame])] = []
    for frame in frames {
      let name = Hexadecimal.encodePrefixed(frame.channel.bytes)
      accept(
        "frame \(frame.number) of channel \(name), \(frame.data.count) bytes"
          + (frame.isLast ? ", the last" : ""))
      if let index = channels.firstIndex(where: { $0.identifier == frame.channel }) {
        channels[index].frames.append(frame)
      } else {
        channels.append((frame.channel, [frame]))
      }
    }
    for channel in channels {
      let name = "channel " + Hexadecimal.encodePrefixed(channel.identifier.bytes)
      let numbers = channel.frames.map { Int($0.number) }
      guard numbers == Array(0..<numbers.count), channel.frames.last?.isLast == true else {
        accept("\(name): not complete in this transaction")
        continue
      }
      isGood = printChannel(channel.frames.flatMap(\.data), name) && isGood
    }
    return isGood
  }

  private func printChannel(_ bytes: Bytes, _ name: String) -> Bool {
    var content: ChannelContent
    do throws(DropRule) {
      content = try ChannelContent(
        channel: bytes, limit: RollupConfiguration.contentLimitSinceFjord, isFjord: true)
    } catch {
      return drop(name, error)
    }
    let compression = content.compression == .zlib ? "zlib" : "brotli"
    accept(
      "\(name): \(bytes.count) bytes of \(compression) hold \(content.sizeInBytes) bytes")
    var index = 0
    while true {
      do throws(DropRule) {
        guard let encoded = try content.next() else { return true }
        let batch: Batch
        do throws(BatchError) {
          batch = try Batch.decode(encoded, chainID: chainID)
        } catch {
          throw .malformedBatch(error)
        }
        guard printBatch(batch, index) else { return false }
        index += 1
      } catch {
        return drop("batch \(index)", error)
      }
    }
  }

  private func printBatch(_ batch: Batch, _ index: Int) -> Bool {
    switch batch {
    case .singular(let batch):
      accept(
        "batch \(index): singular, time \(batch.timestamp), L1 origin \(batch.epochNumber) "
          + "\(batch.epochHash.hexadecimal), parent \(batch.parentHash.hexadecimal), "
          + "\(batch.transactions.count) transactions")
      return printTransactions(batch.transactions, "batch \(index)")
    case .span(let span):
      let count = span.blocks.reduce(0) { $0 + $1.transactions.count }
      let first = genesisTime &+ span.relativeTimestamp
      accept(
        "batch \(index): span of \(span.blocks.count) blocks, \(count) transactions, from time "
          + "\(first), L1 origins \(span.firstOriginNumber) to \(span.lastOriginNumber), "
          + "parent check \(Hexadecimal.encodePrefixed(span.parentCheck)), "
          + "origin check \(Hexadecimal.encodePrefixed(span.originCheck))")
      let origins = span.originNumbers
      var isGood = true
      for (place, block) in span.blocks.enumerated() {
        accept(
          "  block \(place): time \(first &+ UInt64(place) &* blockTime), "
            + "L1 origin \(origins[place])\(block.startsEpoch ? " (new)" : ""), "
            + "\(block.transactions.count) transactions")
        isGood = printTransactions(block.transactions, "  block \(place)") && isGood
      }
      return isGood
    }
  }

  private func printTransactions(_ transactions: [Bytes], _ name: String) -> Bool {
    if showsTransactions {
      for transaction in transactions {
        accept("    \(Keccak256.hash(transaction).hexadecimal)")
      }
    }
    for transaction in transactions {
      guard let type = transaction.first else {
        return drop(name, .invalidBatch(.emptyTransaction))
      }
      if type == TransactionKind.deposit.rawValue {
        return drop(name, .invalidBatch(.depositTransaction))
      }
      if type == TransactionKind.blob.rawValue {
        return drop(name, .invalidBatch(.blobTransaction))
      }
    }
    return true
  }
}
