import Execution
import Primitives

/// A block's header as blockchain tests list it, field by field.
struct HeaderFields {
  private let fields: Fixture

  init(_ fields: Fixture) throws(FixtureError) { self.fields = fields }

  func header() throws(FixtureError) -> BlockHeader {
    var header = BlockHeader(
      parentHash: try fields.field("parentHash").hash(),
      feeRecipient: try fields.field("coinbase").address(),
      number: try fields.field("number").uint64(), gasLimit: try fields.field("gasLimit").uint64(),
      timestamp: try fields.field("timestamp").uint64())
    header.ommersHash = try fields.field("uncleHash").hash()
    header.stateRoot = try fields.field("stateRoot").hash()
    header.transactionsRoot = try fields.field("transactionsTrie").hash()
    header.receiptsRoot = try fields.field("receiptTrie").hash()
    guard let bloom = Bloom(checking: try fields.field("bloom").bytes()) else {
      throw fields.fault("its bloom has not 256 bytes")
    }
    header.bloom = bloom
    header.difficulty = try fields.field("difficulty").uint256()
    header.gasUsed = try fields.field("gasUsed").uint64()
    header.extraData = try fields.field("extraData").bytes()
    header.prevRandao = try fields.field("mixHash").hash()
    header.nonce = try fields.field("nonce").uint64()
    header.baseFee = try fields.optional("baseFeePerGas")?.uint256()
    header.withdrawalsRoot = try fields.optional("withdrawalsRoot")?.hash()
    header.blobGasUsed = try fields.optional("blobGasUsed")?.uint64()
    header.excessBlobGas = try fields.optional("excessBlobGas")?.uint64()
    header.parentBeaconBlockRoot = try fields.optional("parentBeaconBlockRoot")?.hash()
    header.requestsHash = try fields.optional("requestsHash")?.hash()
    return header
  }
}
