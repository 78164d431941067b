import Contracts
import Cryptography
import Derivation
import EVM
import Execution
import NativeCryptography
import Primitives
import Testing

/// OP's own deposits of network upgrades, and the code that they deploy, over Opal's predeploys.
@Suite struct UpgradeTests {
  /// Runs an upgrade's deposits as the first block of a fork does.
  private func upgrade(_ chain: RollupChain, _ fork: RollupFork) throws -> [TransactionOutcome] {
    try NetworkUpgrade.transactions(of: fork).map { deposit in
      var header = BlockHeader(
        parentHash: .zero, feeRecipient: .zero, number: chain.number, gasLimit: 60_000_000,
        timestamp: chain.timestamp)
      header.baseFee = 1_000_000_000
      header.excessBlobGas = 0
      let fields = try #require(deposit.deposit)
      let execution = try executeTransaction(
        specification: ChainSpecification(chainID: 901, rollup: .all(upTo: fork)),
        header: header, state: chain.state,
        candidate: Candidate(transaction: deposit, sender: fields.from),
        ancestorHashes: NumberedHashes(), provider: NativeCryptographyProvider.shared)
      chain.state = execution.state
      return execution.outcome
    }
  }

  /// The first code that the deposits of an upgrade deploy: that of L1Block.
  private func firstCode(_ fork: RollupFork) throws -> Bytes {
    let chain = try RollupChain(layer: 2)
    let deposit = try #require(NetworkUpgrade.transactions(of: fork).first)
    let from = try #require(deposit.deposit?.from)
    let address = try chain.create(from, deposit.data)
    return try chain.state.code(at: address)
  }

  @Test("Jovian begins by its deposits: proxies that are none fail, the oracle is switched on")
  func jovian() throws {
    let chain = try RollupChain(layer: 2)
    let before = try [L1BlockContract.address, GasPriceOracleContract.address].map {
      try chain.state.code(at: $0)
    }
    let outcomes = try upgrade(chain, .jovian)
    #expect(
      outcomes.map { $0.status == .success } == [true, false, true, false, true])
    let after = try [L1BlockContract.address, GasPriceOracleContract.address].map {
      try chain.state.code(at: $0)
    }
    #expect(before == after)
    #expect(try chain.read(GasPriceOracleContract.hasBegun("Jovian")))
    var numbers = SeededNumbers(state: 61)
    let attributes = FeeContractTests.attributes(.jovian, &numbers)
    try chain.send(LayerTwoAddresses.depositor, L1BlockContract.address, attributes.input)
    #expect(
      try chain.read(GasPriceOracleContract.operatorFee(gas: 777))
        == FeeContractTests.parameters(attributes).operatorFee(gas: 777, fork: .jovian))
  }

  @Test("L1Block of Isthmus and of Jovian, as OP deploys them, keep and answer what ours does")
  func attributes() throws {
    var numbers = SeededNumbers(state: 62)
    let l1Block = L1BlockContract.address
    for (fork, formats) in [
      (RollupFork.isthmus, [L1Attributes.Format.bedrock, .ecotone, .isthmus]),
      (.jovian, [.bedrock, .ecotone, .isthmus, .jovian]),
    ] {
      let chains = try RealPredeploys.pair([(l1Block, try firstCode(fork))])
      var getters = [
        "number", "timestamp", "basefee", "hash", "sequenceNumber", "blobBaseFeeScalar",
        "baseFeeScalar", "batcherHash", "l1FeeOverhead", "l1FeeScalar", "blobBaseFee",
        "operatorFeeScalar", "operatorFeeConstant",
      ]
      if fork == .jovian { getters.append("daFootprintGasScalar") }
      for format in formats + formats {
        let input = FeeContractTests.attributes(format, &numbers).input
        for caller in [Parts.alice, LayerTwoAddresses.depositor] {
          try same(chains, from: caller, to: l1Block, input)
        }
        for slot in 0..<12 {
          let index = UInt256(UInt64(slot))
          #expect(
            try chains.ours.state.storage(l1Block, index)
              == chains.real.state.storage(l1Block, index), "slot \(slot)")
        }
        for getter in getters {
          try same(chains, from: Parts.alice, to: l1Block, ABI.call(getter + "()"))
        }
      }
    }
  }

  private func same(
    _ chains: (ours: RollupChain, real: RollupChain), from caller: Address, to target: Address,
    _ input: Bytes
  ) throws {
    let ours = Visible(try chains.ours.run(from: caller, to: target, input: input))
    let real = Visible(try chains.real.run(from: caller, to: target, input: input))
    #expect(ours == real)
  }
}
