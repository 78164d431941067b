// TEMPORARY, so that Ledger and Views compile meanwhile: helper `execution`, delete this file when you land your own
// buildBlock/importBlock/simulate/estimateGas, and keep these names and labels where you can (Ledger uses them).
import Cryptography
import EVM
import Primitives
public struct BlockInputs: Sendable { public init(timestamp: UInt64, feeRecipient: Address, prevRandao: Hash, gasLimit: UInt64, extraData: Bytes, withdrawals: [Withdrawal], parentBeaconBlockRoot: Hash) {} }
public struct Candidate: Sendable { public var transaction: Transaction; public var sender: Address
  public init(transaction: Transaction, sender: Address) { self.transaction = transaction; self.sender = sender } }
public struct SkippedCandidate: Sendable { public var index: Int; public var refusal: TransactionRefusal }
public struct BlockOutcome: Sendable { public var block: Block; public var receipts: [Receipt]; public var senders: [Address]; public var state: State; public var skipped: [SkippedCandidate] }
public enum BlockRejection: Error { case x; public var message: String { "" } }
public struct CallRequest: Sendable { public init(from: Address = .zero, to: Address?, gasLimit: UInt64? = nil, value: UInt256 = .zero, data: Bytes) {} }
public struct CallOutcome: Sendable { public var status: CallStatus; public var output: Bytes }
public enum SimulationError: Error { case x; public var message: String { "" } }
public func buildBlock(specification: ChainSpecification, parent: BlockHeader, state: State, inputs: BlockInputs, candidates: [Candidate], ancestorHashes: any AncestorHashes, provider: any CryptographyProvider) throws(ExecutionStop) -> BlockOutcome { fatalError() }
public func importBlock(specification: ChainSpecification, parent: BlockHeader, state: State, block: Block, ancestorHashes: any AncestorHashes, provider: any CryptographyProvider) throws(BlockRejection) -> BlockOutcome { fatalError() }
public func simulate(specification: ChainSpecification, header: BlockHeader, state: State, call: CallRequest, ancestorHashes: any AncestorHashes, provider: any CryptographyProvider) throws(SimulationError) -> CallOutcome { fatalError() }
public func estimateGas(specification: ChainSpecification, header: BlockHeader, state: State, call: CallRequest, ancestorHashes: any AncestorHashes, provider: any CryptographyProvider) throws(SimulationError) -> UInt64 { fatalError() }
