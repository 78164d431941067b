import Cryptography
import EVM
import Execution
import JSON
import NativeCryptography
import Primitives
import Testing

@Suite("A simulated call")
struct SimulationTests {
  typealias Chain = DevelopmentChain
  let chain = Chain()

  func call(
    _ request: CallRequest, overrides: StateOverride = StateOverride()
  ) throws -> CallOutcome {
    try simulate(
      specification: chain.specification, header: chain.head, state: chain.state, call: request,
      overrides: overrides, ancestorHashes: chain.ancestors, provider: Chain.provider)
  }

  func estimate(_ request: CallRequest, gasCap: UInt64 = usualCallGasCap) throws -> UInt64 {
    try estimateGas(
      specification: chain.specification, header: chain.head, state: chain.state, call: request,
      gasCap: gasCap, ancestorHashes: chain.ancestors, provider: Chain.provider)
  }

  @Test("gives the output, logs and gas, and changes nothing")
  func plain() throws {
    let word = Bytes(repeating: 0, count: 31) + [9]
    let outcome = try call(CallRequest(from: Chain.poor, to: Chain.store, data: word))
    #expect(outcome.status == .success)
    #expect(outcome.logs == [Log(address: Chain.store, topics: [], data: word)])
    #expect(try chain.state.storage(Chain.store, 0) == 0)
    let reverted = try call(CallRequest(to: Chain.reverter))
    #expect(reverted.status == .revert)
    #expect(UInt256(bigEndian: reverted.output) == 42)
    let halted = try call(CallRequest(to: Chain.burner, gasLimit: 50_000))
    #expect(halted.status == .halt(.outOfGas))
    #expect(halted.gasUsed == 50_000)
  }

  @Test("sees what it supposes of accounts")
  func overrides() throws {
    // Returns its own balance and the word in slot 5.
    let code = try #require(Hexadecimal.decode("0x4760005260055460205260406000f3"))
    let override = AccountOverride(
      address: Chain.poor, balance: 77, code: code,
      slots: [AccountChange.Slot(slot: 5, value: 6)])
    let outcome = try call(
      CallRequest(to: Chain.poor), overrides: StateOverride(accounts: [override]))
    #expect(outcome.output.count == 64)
    #expect(UInt256(bigEndian: outcome.output.prefix(32)) == 77)
    #expect(UInt256(bigEndian: outcome.output.suffix(32)) == 6)
    let rich = AccountOverride(address: Chain.poor, balance: 5)
    #expect(
      try call(
        CallRequest(from: Chain.poor, to: Chain.bob, value: 5),
        overrides: StateOverride(accounts: [rich])
      ).status == .success)
  }

  @Test("that cannot begin says why in geth's words")
  func refusals() throws {
    func message(_ request: CallRequest) -> String {
      do throws(SimulationError) {
        _ = try simulate(
          specification: chain.specification, header: chain.head, state: chain.state,
          call: request, ancestorHashes: chain.ancestors, provider: Chain.provider)
        return ""
      } catch {
        return error.message
      }
    }
    #expect(
      message(CallRequest(from: Chain.poor, to: Chain.bob, value: 1))
        == "err: insufficient funds for gas * price + value: address "
        + "0x0000000000000000000000000000000000000900 have 0 want 1 (supplied gas 50000000)")
    #expect(
      message(CallRequest(to: Chain.bob, gasLimit: 20_999))
        == "err: intrinsic gas too low: have 20999, want 21000 (supplied gas 20999)")
    #expect(
      message(CallRequest(from: Chain.alice, to: Chain.bob, maxFeePerGas: 1))
        == "err: max fee per gas less than block base fee: address "
        + "0x00000000000000000000000000000000000A11cE, maxFeePerGas: 1, baseFee: 1000000000 "
        + "(supplied gas 50000000)")
  }

  @Test("has the least gas limit that geth finds for it")
  func estimates() throws {
    #expect(try estimate(CallRequest(from: Chain.poor, to: Chain.bob)) == 21_000)
    let word = Bytes(repeating: 0, count: 31) + [9]
    let request = CallRequest(from: Chain.alice, to: Chain.store, data: word)
    let gas = try estimate(request)
    let used = try call(request).gasUsed
    #expect(gas >= used && gas <= used + used / 50)
    var exact = request
    exact.gasLimit = gas
    #expect(try call(exact).status == .success)
  }

  @Test("has no gas limit when it fails with any")
  func failedEstimates() throws {
    #expect(throws: SimulationError.reverted(Hash(UInt256(42 as UInt64)).bytes)) {
      try estimate(CallRequest(to: Chain.reverter))
    }
    #expect(throws: SimulationError.allowanceExceeded(gasLimit: 30_000_000)) {
      try estimate(CallRequest(to: Chain.burner))
    }
    #expect(throws: SimulationError.allowanceExceeded(gasLimit: 60_000)) {
      try estimate(CallRequest(to: Chain.burner), gasCap: 60_000)
    }
    #expect(throws: SimulationError.allowanceExceeded(gasLimit: 0)) {
      try estimate(CallRequest(from: Chain.poor, to: Chain.store, gasPrice: 2_000_000_000))
    }
  }

  @Test(
    "answers geth's recorded requests as geth does",
    .enabled(if: ForeignChainTests.isThere, "no rpc-compat vectors"))
  func recorded() throws {
    let (specification, head, state, hashes) = try ForeignChainTests.imported()
    var count = 0
    for (request, response) in try Vectors.exchanges("rpc-compat/tests/eth_estimateGas") {
      let call = try CallRequest(json: try request.field("params")[0] ?? .null)
      do throws(SimulationError) {
        let gas = try estimateGas(
          specification: specification, header: head, state: state, call: call,
          ancestorHashes: hashes, provider: Chain.provider)
        #expect(UInt256(gas) == (try? response["result"]?.uint256()))
      } catch {
        guard case .reverted(let data) = error else {
          Issue.record("\(error.message)")
          continue
        }
        #expect(data == (try? response["error"]?["data"]?.byteArray()))
      }
      count += 1
    }
    for (request, response) in try Vectors.exchanges("rpc-compat/tests/eth_call") {
      let call = try CallRequest(json: try request.field("params")[0] ?? .null)
      let outcome = try simulate(
        specification: specification, header: head, state: state, call: call,
        ancestorHashes: hashes, provider: Chain.provider)
      let expected = response["result"] ?? response["error"]?["data"]
      #expect(outcome.output == (try expected?.byteArray()))
      #expect((outcome.status == .success) == (response["error"] == nil))
      count += 1
    }
    #expect(count > 5)
  }
}

extension CallRequest {
  /// The call that JSON-RPC describes.
  init(json: JSON) throws {
    self.init(to: try json["to"]?.address())
    from = try json["from"]?.address() ?? .zero
    gasLimit = try json["gas"]?.uint64Value()
    gasPrice = try json["gasPrice"]?.uint256()
    maxFeePerGas = try json["maxFeePerGas"]?.uint256()
    maxPriorityFeePerGas = try json["maxPriorityFeePerGas"]?.uint256()
    value = try json["value"]?.uint256() ?? .zero
    data = try (json["input"] ?? json["data"])?.byteArray() ?? []
    blobHashes = try json["blobVersionedHashes"]?.array?.map { try $0.hash() } ?? []
    maxFeePerBlobGas = try json["maxFeePerBlobGas"]?.uint256()
    authorizations =
      try json["authorizationList"]?.array?.map { entry in
        CodeAuthorization(
          chainID: try entry.field("chainId").uint256(),
          address: try entry.field("address").address(),
          nonce: try entry.field("nonce").uint64Value(),
          yParity: UInt8(truncatingIfNeeded: try entry.field("yParity").uint64Value()),
          r: try entry.field("r").uint256(), s: try entry.field("s").uint256())
      } ?? []
  }
}
