import Execution
import Ledger
import Primitives

/// Brings foreign blocks into a log.
public final class ChainImport {
  private var record: Record

  /// How many blocks are made durable at once.
  private static let batchCount = 64

  /// Opens the data directory of a configuration, whose genesis must be the one it has, if any.
  ///
  /// - Throws: ``NodeError``.
  public init(_ configuration: NodeConfiguration) throws(NodeError) {
    record = try Record.open(configuration, progress: { _ in })
    let genesis: Genesis
    guard let document = configuration.genesis.documents.first(where: { $0.layer == .two }) else {
      throw .refused("there is no genesis of l2")
    }
    do throws(GenesisError) {
      genesis = try GenesisDocument.parse(document.json)
    } catch {
      throw .refused("genesis: \(error.message)")
    }
    guard record.world.layerTwo?.genesisHash == genesis.block().hash else {
      throw .otherGenesis(path: configuration.directory.path)
    }
  }

  /// The number of the last block.
  public var headNumber: UInt64 { record.world.layerTwo?.number ?? 0 }

  /// The hash of the last block.
  public var headHash: Hash { record.world.layerTwo?.head.hash ?? .zero }

  /// Imports the blocks of a file: RLP lists, one after the other; those that are there already
  /// are passed over.
  ///
  /// - Returns: How many were imported.
  /// - Throws: ``NodeError`` at the first block that is refused; those before it are kept.
  public func run(
    _ file: Bytes, progress: (UInt64, Hash) -> Void = { _, _ in }
  ) throws(NodeError) -> Int {
    let imported: Int
    do throws(NodeError) {
      imported = try take(file, progress)
    } catch {
      try record.commit()
      record.close()
      throw error
    }
    try record.commit()
    record.close()
    return imported
  }

  /// Takes over accounts and blocks that were not executed here, as the first thing of a chain.
  ///
  /// - Throws: ``NodeError`` when they are refused, or the chain has blocks already.
  public func load(_ document: StateDocument) throws(NodeError) {
    defer { record.close() }
    guard headNumber == 0, record.world.layerTwo?.isReplaced == false else {
      throw .refused("the log has blocks already, up to \(headNumber)")
    }
    if case .failure(let failure) = record.perform(.command(.loadState(.two, document))) {
      throw .refused(failure.message)
    }
    try record.commit()
  }

  private func take(
    _ file: Bytes, _ progress: (UInt64, Hash) -> Void
  ) throws(NodeError) -> Int {
    let recovery = SenderRecovery()
    var reader = RLPReader(file)
    var index = 0
    var imported = 0
    while !reader.isAtEnd {
      let encoded: Bytes
      let header: BlockHeader
      do throws(RLPError) {
        encoded = Bytes(try reader.rawItem())
        var outer = RLPReader(encoded)
        var fields = try outer.list()
        header = try BlockHeader(from: &fields)
      } catch {
        throw .refused(
          "item \(index) of the file is not a block: \(error) "
            + "(imported up to block \(headNumber))")
      }
      index += 1
      if try isKnown(header) { continue }
      recovery.begin([.block(encoded)])
      if case .failure(let failure) = record.perform(
        .command(.receiveBlock(.two, encoded: encoded)))
      {
        throw .refused("\(failure.message) (imported up to block \(headNumber))")
      }
      imported += 1
      progress(header.number, headHash)
      if imported % ChainImport.batchCount == 0 { try record.commit() }
    }
    return imported
  }

  /// Whether a block stands in the chain already.
  ///
  /// - Throws: ``NodeError/refused(_:)`` when another block has its number.
  private func isKnown(_ header: BlockHeader) throws(NodeError) -> Bool {
    guard let chain = record.world.layerTwo, header.number <= chain.number else { return false }
    if let known = chain.block(header.number), known.hash != header.hash {
      throw .refused(
        "block \(header.number) of the file is \(header.hash.hexadecimal), the log has "
          + known.hash.hexadecimal)
    }
    return true
  }
}
