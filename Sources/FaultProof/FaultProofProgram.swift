import Cryptography
import Derivation
import EVM
import Execution
import Primitives
import Trie

/// The program that a dispute is about: it derives and executes again what a claim speaks of.
///
/// A pure function of the five local inputs: everything else comes under keys that commit to it, so
/// whoever runs it with whatever oracle arrives at the same verdict or at none.
///
/// Source: the OP Stack specification, fault proof.
public struct FaultProofProgram {
  private let reader: OracleReader
  private let provider: any CryptographyProvider
  private let boot: BootInputs
  private let configuration: RollupConfiguration
  private let specification: ChainSpecification
  private var l1: OracleL1
  private let l2: OracleL2
  private var state: State
  private var pipeline: DerivationPipeline

  /// The verdict on what `oracle`'s local inputs claim.
  ///
  /// `provider` does the mathematics that the core leaves to its host.
  public static func run(
    _ oracle: any PreimageOracle, provider: any CryptographyProvider
  ) -> ProofResult {
    do throws(ProgramStop) {
      var program = try FaultProofProgram(oracle, provider)
      return try program.run()
    } catch {
      switch error {
      case .undecided(let reason): return ProofResult(verdict: .undecided(reason), blockNumber: 0)
      case .decided(let result): return result
      }
    }
  }

  /// The prologue: what is claimed, and where both sides agree.
  private init(
    _ oracle: any PreimageOracle, _ provider: any CryptographyProvider
  ) throws(ProgramStop) {
    let reader = OracleReader(oracle)
    self.reader = reader
    self.provider = provider
    let boot = try preimages { () throws(PreimageFault) in try BootInputs(oracle) }
    self.boot = boot
    let encoded = try preimages { () throws(PreimageFault) in
      try reader.keccak256(boot.configurationHash, .configuration(boot.configurationHash))
    }
    guard let configuration = RollupConfiguration(encoded: encoded) else {
      throw .undecided(.configuration)
    }
    self.configuration = configuration
    specification = configuration.specification
    let output = try preimages { () throws(PreimageFault) in
      try reader.keccak256(boot.agreedOutputRoot, .l2Output(boot.agreedOutputRoot))
    }
    guard output.count == 128, output[..<32].allSatisfy({ $0 == 0 }) else {
      throw .undecided(.agreedOutput)
    }
    let hash = Hash(output[96...])
    let header = try preimages { () throws(PreimageFault) in
      try reader.header(hash, .l2Header(hash))
    }
    guard header.stateRoot == Hash(output[32..<64]) else { throw .undecided(.agreedOutput) }
    if boot.claimedBlockNumber < header.number {
      throw .decided(
        ProofResult(
          verdict: .invalid(actual: boot.agreedOutputRoot), blockNumber: header.number))
    }
    l1 = try preimages { () throws(PreimageFault) in
      try OracleL1(head: boot.l1Head, configuration: configuration, reader)
    }
    let l2 = OracleL2(head: header, configuration: configuration, reader)
    self.l2 = l2
    state = State(root: header.stateRoot, source: OracleState(oracle))
    let safeHead = try preimages { () throws(PreimageFault) in try l2.l2Head(header.number) }
    pipeline = DerivationPipeline(
      configuration: configuration,
      start: try Self.start(safeHead, configuration, l2), provider: provider)
  }

  private static func start(
    _ safeHead: L2Head, _ configuration: RollupConfiguration, _ l2: OracleL2
  ) throws(ProgramStop) -> PipelineStart {
    var fault: PreimageFault?
    do throws(SyncStartMiss) {
      return try SyncStart.pipelineStart(safeHead: safeHead, configuration: configuration) {
        (number) throws(SyncStartMiss) in
        do throws(PreimageFault) {
          return try l2.l2Head(number)
        } catch {
          fault = error
          throw .l2Block(number: number)
        }
      }
    } catch {
      throw .undecided(fault.map { .preimage($0) } ?? .derivation)
    }
  }

  /// Derives up to the claimed block, or as far as L1 goes, and compares.
  private mutating func run() throws(ProgramStop) -> ProofResult {
    while l2.head.number < boot.claimedBlockNumber {
      let step: DerivationStep
      do throws(DerivationError) { step = try pipeline.step() } catch { throw stop(error) }
      switch step {
      case .attributes(let attributes): try take(attributes)
      case .needs(let need):
        guard try supply(need) else { return try conclude() }
      }
      _ = pipeline.takeDrops()
    }
    return try conclude()
  }

  private func stop(_ error: DerivationError) -> ProgramStop {
    switch error {
    case .reset: .undecided(.derivation)
    case .critical: .undecided(.critical)
    }
  }

  private mutating func take(_ attributes: DerivedAttributes) throws(ProgramStop) {
    var attributes = attributes
    while true {
      let result: PayloadResult
      do throws(ExecutionStop) {
        result = try executePayload(
          attributes.payload, specification: specification, parent: l2.head, state: state,
          ancestorHashes: l2, provider: provider)
      } catch {
        throw .undecided(.state)
      }
      switch result {
      case .valid(let outcome):
        let head: L2Head
        do throws(L2BlockError) {
          head = try L2Head(outcome.block, configuration: configuration)
        } catch {
          throw .undecided(.derivation)
        }
        state = outcome.state
        l2.append(outcome.block.header)
        pipeline.accept(head)
        return
      case .invalid:
        do throws(DerivationError) {
          guard let replacement = try pipeline.reject() else { return }
          attributes = replacement
        } catch {
          throw stop(error)
        }
      }
    }
  }

  /// Hands over what the pipeline lacks; false where L1 says no more.
  private mutating func supply(_ need: DerivationNeed) throws(ProgramStop) -> Bool {
    switch need {
    case .l1Block(let number):
      let block: L1Block?
      do throws(PreimageFault) {
        block = try l1.block(number)
      } catch {
        throw .undecided(.preimage(error))
      }
      guard let block else { return false }
      do throws(DerivationError) {
        try pipeline.supply(l1Block: block)
      } catch {
        throw stop(error)
      }
    case .blobs(let requests, let block):
      let reader = reader
      pipeline.supply(
        blobs: try preimages { () throws(PreimageFault) in
          try reader.blobs(requests, timestamp: block.timestamp)
        })
    case .altDAInput(let commitment, let block):
      let inputs = OracleInputs(
        reader: reader, configuration: configuration, provider: provider)
      pipeline.supply(input: try inputs.input(of: commitment, in: block))
    case .l2Block(let number):
      let l2 = l2
      let block = try preimages { () throws(PreimageFault) in try l2.block(number) }
      do throws(DerivationError) {
        try pipeline.supply(l2Block: block)
      } catch {
        throw stop(error)
      }
    }
    return true
  }

  /// The epilogue: the output of the last block, against the claim.
  private func conclude() throws(ProgramStop) -> ProofResult {
    let header = l2.head
    var storageRoot = header.withdrawalsRoot
    if !configuration.isActive(.isthmus, at: header.timestamp) {
      do throws(StateMiss) {
        storageRoot = try state.storageTrie(Predeploys.messagePasser).root
      } catch {
        throw .undecided(.state)
      }
    }
    let output = OutputRoot(
      stateRoot: header.stateRoot, messagePasserStorageRoot: storageRoot ?? .zero,
      blockHash: header.hash
    ).hash
    let isValid = output == boot.claimedOutputRoot
    return ProofResult(
      verdict: isValid ? .valid : .invalid(actual: output), blockNumber: header.number)
  }
}

/// Why the program ends before its end.
enum ProgramStop: Error {
  case undecided(UndecidedReason)
  case decided(ProofResult)
}

/// Reads preimages; what goes wrong there decides nothing.
func preimages<Value>(
  _ body: () throws(PreimageFault) -> Value
) throws(ProgramStop) -> Value {
  do throws(PreimageFault) { return try body() } catch { throw .undecided(.preimage(error)) }
}
