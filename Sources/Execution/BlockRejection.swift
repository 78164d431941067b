import Cryptography
import EVM
import Primitives

/// A field of a header or a body that is compared.
public enum BlockField: UInt8, Hashable, Sendable {
  case parentHash, number, timestamp, gasLimit, gasUsed, extraData, difficulty, nonce, baseFee
  case ommersHash, stateRoot, transactionsRoot, receiptsRoot, bloom, withdrawalsRoot, withdrawals
  case blobGasUsed, excessBlobGas, parentBeaconBlockRoot, requestsHash, sizeInBytes
  case totalDifficulty

  /// The name as JSON-RPC spells it.
  public var name: String {
    switch self {
    case .parentHash: "parentHash"
    case .number: "number"
    case .timestamp: "timestamp"
    case .gasLimit: "gasLimit"
    case .gasUsed: "gasUsed"
    case .extraData: "extraData"
    case .difficulty: "difficulty"
    case .nonce: "nonce"
    case .baseFee: "baseFeePerGas"
    case .ommersHash: "sha3Uncles"
    case .stateRoot: "stateRoot"
    case .transactionsRoot: "transactionsRoot"
    case .receiptsRoot: "receiptsRoot"
    case .bloom: "logsBloom"
    case .withdrawalsRoot: "withdrawalsRoot"
    case .withdrawals: "withdrawals"
    case .blobGasUsed: "blobGasUsed"
    case .excessBlobGas: "excessBlobGas"
    case .parentBeaconBlockRoot: "parentBeaconBlockRoot"
    case .requestsHash: "requestsHash"
    case .sizeInBytes: "size"
    case .totalDifficulty: "totalDifficulty"
    }
  }
}

/// What a field holds, or should hold.
public enum FieldValue: Hashable, Sendable {
  /// A number.
  case number(UInt256)
  /// A hash.
  case hash(Hash)
  /// Bytes.
  case bytes(Bytes)
  /// The field is there, whatever it holds.
  case present
  /// The field is not there.
  case absent
  /// A number up to and with this one.
  case atMost(UInt256)
  /// A number from this one on.
  case atLeast(UInt256)

  /// The value for a person to read.
  public var text: String {
    switch self {
    case .number(let number): number.decimalString
    case .hash(let hash): hash.hexadecimal
    case .bytes(let bytes): Hexadecimal.encodePrefixed(bytes)
    case .present: "present"
    case .absent: "absent"
    case .atMost(let number): "at most " + number.decimalString
    case .atLeast(let number): "at least " + number.decimalString
    }
  }
}

/// Why a block is not a valid successor of its parent.
public enum BlockRejection: Error, Hashable, Sendable {
  /// A field holds `got` where it should hold `expected`.
  case field(BlockField, expected: FieldValue, got: FieldValue)
  /// The transaction at `index` has no sender.
  case transactionSender(index: Int, TransactionError)
  /// The transaction at `index` is not valid there.
  case transaction(index: Int, TransactionRefusal)
  /// The ommer at `index` may not stand there.
  case ommer(index: Int)
  /// There are more ommers than two.
  case tooManyOmmers(count: Int)
  /// A contract that the protocol calls is not there, or failed.
  case systemCallFailed(Address)
  /// A log of the deposit contract has not its shape.
  case malformedDeposit
  /// No verdict: state is missing.
  case undecided(ExecutionStop)

  /// What is wrong, for a person to read.
  public var message: String {
    switch self {
    case .field(let field, let expected, let got):
      "invalid " + field.name + ": have " + got.text + ", want " + expected.text
    case .transactionSender(let index, let error):
      "could not recover the sender of tx " + String(index) + ": " + error.message
    case .transaction(let index, let refusal):
      "could not apply tx " + String(index) + ": " + refusal.message
    case .ommer(let index): "invalid ommer " + String(index)
    case .tooManyOmmers(let count): "too many ommers: have " + String(count) + ", want at most 2"
    case .systemCallFailed(let address):
      "system call failed to execute: contract " + address.checksummed
    case .malformedDeposit: "unable to parse deposit data"
    case .undecided(let stop): Self.message(of: stop)
    }
  }

  private static func message(of stop: ExecutionStop) -> String {
    switch stop {
    case .aborted: "the tracer stopped the execution"
    case .miss(.account(let address)): "missing account " + address.checksummed
    case .miss(.storage(let address, let slot)):
      "missing storage " + slot.hexadecimal + " of " + address.checksummed
    case .miss(.code(let hash)): "missing code " + hash.hexadecimal
    case .miss(.node(let hash)): "missing trie node " + hash.hexadecimal
    case .miss(.blockHash(let number)): "missing hash of block " + String(number)
    }
  }
}
