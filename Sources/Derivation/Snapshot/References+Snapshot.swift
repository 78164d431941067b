import EVM
import Execution
import Primitives

// What a snapshot of a rollup is made of. Fields stand in a list in the order of their declaration;
// what may be missing is a list of one or none.

extension BlockIdentifier {
  /// `number, hash`.
  public func write(snapshot list: inout RLPWriter) {
    list.append(uint64: number)
    list.append(hash: hash)
  }

  /// Reads what was written down.
  /// - Throws: `RLPError`.
  public init(snapshot list: inout RLPReader) throws(RLPError) {
    let number = try list.uint64()
    self.init(hash: try list.hash(), number: number)
  }
}

extension L1BlockReference {
  /// `hash, number, parentHash, timestamp`.
  public func write(snapshot list: inout RLPWriter) {
    list.append(hash: hash)
    list.append(uint64: number)
    list.append(hash: parentHash)
    list.append(uint64: timestamp)
  }

  /// Reads what was written down.
  /// - Throws: `RLPError`.
  public init(snapshot list: inout RLPReader) throws(RLPError) {
    self.init(
      hash: try list.hash(), number: try list.uint64(), parentHash: try list.hash(),
      timestamp: try list.uint64())
  }
}

extension L2BlockReference {
  /// `hash, number, parentHash, timestamp, origin's number and hash, sequenceNumber`.
  public func write(snapshot list: inout RLPWriter) {
    list.append(hash: hash)
    list.append(uint64: number)
    list.append(hash: parentHash)
    list.append(uint64: timestamp)
    l1Origin.write(snapshot: &list)
    list.append(uint64: sequenceNumber)
  }

  /// Reads what was written down.
  /// - Throws: `RLPError`.
  public init(snapshot list: inout RLPReader) throws(RLPError) {
    self.init(
      hash: try list.hash(), number: try list.uint64(), parentHash: try list.hash(),
      timestamp: try list.uint64(), l1Origin: try BlockIdentifier(snapshot: &list),
      sequenceNumber: try list.uint64())
  }
}

extension SystemConfiguration {
  func write(snapshot list: inout RLPWriter) {
    list.append(address: batcher)
    list.append(uint256: overhead)
    list.append(hash: scalar)
    list.append(uint64: gasLimit)
    list.append(uint64: UInt64(changeDenominator))
    list.append(uint64: UInt64(elasticity))
    list.append(uint64: UInt64(operatorFeeScalar))
    list.append(uint64: operatorFeeConstant)
    list.append(uint64: lowestBaseFee)
    list.append(uint64: UInt64(daFootprintGasScalar))
  }

  init(snapshot list: inout RLPReader) throws(RLPError) {
    let batcher = try list.address()
    let overhead = try list.uint256()
    self.init(
      batcher: batcher, overhead: overhead, scalar: try list.hash(), gasLimit: try list.uint64())
    changeDenominator = try list.number()
    elasticity = try list.number()
    operatorFeeScalar = try list.number()
    operatorFeeConstant = try list.uint64()
    lowestBaseFee = try list.uint64()
    daFootprintGasScalar = try list.number()
  }
}

extension L2Head {
  /// The reference and the system configuration, as one list.
  public func write(snapshot list: inout RLPWriter) {
    list.list { fields in
      reference.write(snapshot: &fields)
      systemConfiguration.write(snapshot: &fields)
    }
  }

  /// Reads what was written down.
  /// - Throws: `RLPError`.
  public init(snapshot list: inout RLPReader) throws(RLPError) {
    var fields = try list.list()
    let reference = try L2BlockReference(snapshot: &fields)
    self.init(
      reference: reference, systemConfiguration: try SystemConfiguration(snapshot: &fields))
    try fields.end()
  }
}

extension L2Head {
  /// The reference, and the place of the system configuration on a shelf.
  public func write(snapshot list: inout RLPWriter, on shelf: inout ByteShelf) {
    reference.write(snapshot: &list)
    list.append(RLPWriter.list { systemConfiguration.write(snapshot: &$0) }, on: &shelf)
  }

  /// Reads what was written down.
  /// - Throws: `RLPError`.
  public init(snapshot list: inout RLPReader, on shelf: ByteShelf) throws(RLPError) {
    let reference = try L2BlockReference(snapshot: &list)
    var outer = RLPReader(try list.bytes(on: shelf))
    var fields = try outer.list()
    self.init(
      reference: reference, systemConfiguration: try SystemConfiguration(snapshot: &fields))
  }
}

extension SystemConfigurationUpdate {
  func write(snapshot list: inout RLPWriter) {
    switch self {
    case .batcher(let address):
      list.append(uint64: 0)
      list.append(address: address)
    case .feeScalars(let overhead, let scalar):
      list.append(uint64: 1)
      list.append(uint256: overhead)
      list.append(hash: scalar)
    case .gasLimit(let limit):
      list.append(uint64: 2)
      list.append(uint64: limit)
    case .unsafeBlockSigner(let address):
      list.append(uint64: 3)
      list.append(address: address)
    case .baseFeeParameters(let changeDenominator, let elasticity):
      list.append(uint64: 4)
      list.append(uint64: UInt64(changeDenominator))
      list.append(uint64: UInt64(elasticity))
    case .operatorFee(let scalar, let constant):
      list.append(uint64: 5)
      list.append(uint64: UInt64(scalar))
      list.append(uint64: constant)
    case .lowestBaseFee(let fee):
      list.append(uint64: 6)
      list.append(uint64: fee)
    case .daFootprintGasScalar(let scalar):
      list.append(uint64: 7)
      list.append(uint64: UInt64(scalar))
    }
  }

  init(snapshot list: inout RLPReader) throws(RLPError) {
    switch try list.uint64() {
    case 0: self = .batcher(try list.address())
    case 1: self = .feeScalars(overhead: try list.uint256(), scalar: try list.hash())
    case 2: self = .gasLimit(try list.uint64())
    case 3: self = .unsafeBlockSigner(try list.address())
    case 4:
      self = .baseFeeParameters(
        changeDenominator: try list.number(), elasticity: try list.number())
    case 5: self = .operatorFee(scalar: try list.number(), constant: try list.uint64())
    case 6: self = .lowestBaseFee(try list.uint64())
    case 7: self = .daFootprintGasScalar(try list.number())
    default: throw .tooLarge
    }
  }
}

extension L1Epoch {
  /// All fields, as one list.
  public func write(snapshot list: inout RLPWriter) {
    list.list { fields in
      reference.write(snapshot: &fields)
      fields.append(uint256: baseFee)
      fields.append(uint256: blobBaseFee)
      fields.append(hash: prevRandao)
      fields.append(hash: parentBeaconBlockRoot)
      fields.append(deposits) { fields, deposit in fields.append(bytes: deposit) }
      fields.append(configurationUpdates) { fields, update in update.write(snapshot: &fields) }
    }
  }

  /// Reads what was written down.
  /// - Throws: `RLPError`.
  public init(snapshot list: inout RLPReader) throws(RLPError) {
    var fields = try list.list()
    reference = try L1BlockReference(snapshot: &fields)
    baseFee = try fields.uint256()
    blobBaseFee = try fields.uint256()
    prevRandao = try fields.hash()
    parentBeaconBlockRoot = try fields.hash()
    deposits = try fields.all { (list) throws(RLPError) in Bytes(try list.bytes()) }
    configurationUpdates = try fields.all { (list) throws(RLPError) in
      try SystemConfigurationUpdate(snapshot: &list)
    }
    try fields.end()
  }
}

extension L1Block {
  /// `[header, hash, [transaction, …], [receipt, …], [[type, hash], …]?]`, transactions and
  /// receipts on a shelf, the last only where kinds are unknown.
  public func write(snapshot list: inout RLPWriter, on shelf: inout ByteShelf) {
    list.list { fields in
      fields.append(raw: header.encoded)
      fields.append(hash: hash)
      fields.list { items in
        for transaction in transactions { items.append(transaction.encoded, on: &shelf) }
      }
      fields.list { items in
        for receipt in receipts { items.append(receipt.encoded, on: &shelf) }
      }
      guard !unknownTransactions.isEmpty else { return }
      fields.append(unknownTransactions) { list, transaction in
        list.append(uint64: UInt64(transaction.type))
        list.append(hash: transaction.hash)
      }
    }
  }

  /// Reads what was written down.
  /// - Throws: `RLPError`.
  public init(snapshot list: inout RLPReader, on shelf: ByteShelf) throws(RLPError) {
    var fields = try list.list()
    header = try BlockHeader(from: &fields)
    hash = try fields.hash()
    transactions = []
    receipts = []
    let encodedTransactions = try fields.strings(on: shelf)
    let encodedReceipts = try fields.strings(on: shelf)
    if !fields.isAtEnd {
      unknownTransactions = try fields.all { (list) throws(RLPError) in
        UnknownTransaction(type: try list.number(), hash: try list.hash())
      }
    }
    try fields.end()
    do throws(TransactionError) {
      for bytes in encodedTransactions { transactions.append(try Transaction.decode(bytes)) }
      for bytes in encodedReceipts { receipts.append(try Receipt.decode(bytes)) }
    } catch {
      throw .wrongLength
    }
  }
}

extension DroppedInput {
  /// All fields, as one list; the rule by its name.
  public func write(snapshot list: inout RLPWriter) {
    list.list { fields in
      fields.append(uint64: UInt64(stage.rawValue))
      fields.append(bytes: Bytes(rule.name.utf8))
      l1Block.write(snapshot: &fields)
      fields.append(optional: transactionHash) { list, hash in list.append(hash: hash) }
      fields.append(optional: channel) { list, channel in list.append(bytes: channel.bytes) }
      fields.append(optional: timestamp) { list, time in list.append(uint64: time) }
    }
  }

  /// Reads what was written down.
  /// - Throws: `RLPError`.
  public init(snapshot list: inout RLPReader) throws(RLPError) {
    var fields = try list.list()
    guard let stage = Stage(rawValue: try fields.number()) else { throw .tooLarge }
    self.stage = stage
    rule = .recorded(name: Bytes(try fields.bytes()))
    l1Block = try BlockIdentifier(snapshot: &fields)
    transactionHash = try fields.optional { (list) throws(RLPError) in try list.hash() }
    channel = try fields.optional { (list) throws(RLPError) in
      try ChannelIdentifier(snapshot: &list)
    }
    timestamp = try fields.optional { (list) throws(RLPError) in try list.uint64() }
    try fields.end()
  }
}

extension ChannelIdentifier {
  init(snapshot list: inout RLPReader) throws(RLPError) {
    guard let identifier = ChannelIdentifier(try list.bytes()) else { throw .wrongLength }
    self = identifier
  }
}
