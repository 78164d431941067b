import Cryptography
import Execution
import JSON
import Ledger
import NativeCryptography
import Node
import Primitives
import RPC
import Testing

@Suite("Errors of the Ethereum methods")
struct EthereumErrorTests {
  /// Calls of the contract of failures, with what geth answers.
  static let failures: [(call: JSON, refusal: String)] = [
    (
      .input("withReason()"),
      "3 execution reverted: no such thing 0x08c379a0"
        + "0000000000000000000000000000000000000000000000000000000000000020"
        + "000000000000000000000000000000000000000000000000000000000000000d"
        + "6e6f2073756368207468696e6700000000000000000000000000000000000000"
    ),
    (
      .input("withRequire(uint256)", .uint(UInt256(3))),
      "3 execution reverted: x must exceed 10 0x08c379a0"
        + "0000000000000000000000000000000000000000000000000000000000000020"
        + "0000000000000000000000000000000000000000000000000000000000000010"
        + "78206d7573742065786365656420313000000000000000000000000000000000"
    ),
    (
      .input("withCustom(uint256)", .uint(UInt256(9))),
      "3 execution reverted 0x"
        + Hexadecimal.encode(
          ABI.call("Custom(uint256,string)", [.uint(UInt256(9)), .string("custom")]))
    ),
    (.input("withNothing()"), "3 execution reverted 0x"),
    (.input("withAssert()"), "3 execution reverted: assert(false) " + panic(0x01)),
    (
      .input("withOverflow(uint256)", .uint(UInt256(1))),
      "3 execution reverted: arithmetic underflow or overflow " + panic(0x11)
    ),
    (
      .input("withDivision(uint256)", .uint(.zero)),
      "3 execution reverted: division or modulo by zero " + panic(0x12)
    ),
    (
      .input("withIndex(uint256)", .uint(UInt256(7))),
      "3 execution reverted: out-of-bounds access of an array or bytesN " + panic(0x32)
    ),
    (.input("withInvalidOpcode()"), "-32000 invalid opcode: INVALID"),
    (
      .input("outer()"),
      "3 execution reverted: no such thing 0x08c379a0"
        + "0000000000000000000000000000000000000000000000000000000000000020"
        + "000000000000000000000000000000000000000000000000000000000000000d"
        + "6e6f2073756368207468696e6700000000000000000000000000000000000000"
    ),
  ]

  private static func panic(_ code: UInt64) -> String {
    Hexadecimal.encodePrefixed(ABI.call("Panic(uint256)", [.uint(UInt256(code))]))
  }

  @Test("a failing call and its estimate are refused with geth's code, words and data")
  func revertedCalls() async throws {
    let node = try TestNode()
    let contract = try await node.deploy("Failures")
    for (call, refusal) in Self.failures {
      let request: JSON = ["to": contract, "data": call]
      #expect(try await node.refusal("eth_call", request, "latest") == refusal)
      #expect(try await node.refusal("eth_estimateGas", request) == refusal)
      // A node-signed transaction needs an estimate, and so fails before it is sent.
      let sent: JSON = ["from": .data(node.accounts[0]), "to": contract, "data": call]
      #expect(try await node.refusal("eth_sendTransaction", sent) == refusal)
    }
    #expect(try await node.ask("eth_getTransactionCount", .data(node.accounts[0])) == "0x1")
  }

  @Test("endless code is out of gas, and no allowance is enough for it")
  func outOfGas() async throws {
    var limits = EthereumLimits()
    limits.callGas = 1_000_000
    let node = try TestNode(limits: limits)
    let contract = try await node.deploy("Failures")
    let request: JSON = ["to": contract, "data": .input("withEndlessLoop()")]
    #expect(
      try await node.refusal("eth_call", request)
        == "-32000 out of gas: not enough gas for reentrancy sentry")
    #expect(
      try await node.refusal("eth_estimateGas", request)
        == "-32000 gas required exceeds allowance (1000000)")
    #expect(
      try await node.refusal("eth_call", ["to": contract, "gas": "0x5000"])
        == "-32000 err: intrinsic gas too low: have 20480, want 21000 (supplied gas 20480)")
  }

  @Test("what a stack machine can do wrong has geth's name")
  func halts() async throws {
    let node = try TestNode()
    let codes: [(code: JSON, message: String)] = [
      ("0x01", "stack underflow (0 <=> 2)"), ("0x0c", "invalid opcode: opcode 0xc not defined"),
      ("0x6000565b", "invalid jump destination"),
      ("0x5b6001600056", "stack limit reached 1024 (1023)"),
      ("0x6001600060003e", "return data out of bounds"),
    ]
    for (code, message) in codes {
      let answer = try await node.refusal(
        "eth_call", ["to": "0x00000000000000000000000000000000000000ff"], "latest",
        ["0x00000000000000000000000000000000000000ff": ["code": code]])
      #expect(answer == "-32000 " + message)
    }
  }

  @Test("a raw transaction that cannot be taken is refused in geth's words")
  func rawTransactions() async throws {
    let node = try TestNode()
    let key = try #require(node.node.wallet.key(of: node.accounts[0]))
    let poor = try #require(PrivateKey(Bytes(repeating: 7, count: 32)))
    func raw(
      nonce: UInt64 = 1, gas: UInt64 = 21_000, fee: UInt256 = 10_000_000_000,
      chain: UInt64 = 31_337, value: UInt256 = 1, data: Bytes = [], by signer: PrivateKey? = nil
    ) -> JSON {
      let transaction = Transaction(
        to: node.accounts[1], chainID: chain, nonce: nonce, maxFeePerGas: fee,
        maxPriorityFeePerGas: 1, gasLimit: gas, value: value, data: data)
      let signed = transaction.signed(with: (signer ?? key).sign(transaction.signingHash))
      return .data(signed.encoded)
    }
    _ = try await node.ask("eth_sendRawTransaction", raw(nonce: 0))
    let waiting = raw(nonce: 5)
    _ = try await node.ask("eth_sendRawTransaction", waiting)
    let cases: [(raw: JSON, refusal: String)] = [
      (raw(nonce: 0), "nonce too low: next nonce 1, tx nonce 0"),
      (waiting, "already known"),
      (raw(nonce: 5, value: 2), "replacement transaction underpriced"),
      (
        raw(nonce: 0, by: poor),
        "insufficient funds for gas * price + value: balance 0, tx cost 210000000000001, "
          + "overshot 210000000000001"
      ),
      (
        raw(gas: 21_001, data: Bytes(repeating: 255, count: 40)),
        "intrinsic gas too low: gas 21001, minimum needed 21640"
      ),
      (raw(gas: 30_000_001), "exceeds block gas limit"),
      (raw(chain: 1), "invalid chain id for signer: have 1 want 31337"),
    ]
    for (raw, refusal) in cases {
      #expect(try await node.refusal("eth_sendRawTransaction", raw) == "-32000 " + refusal)
    }
    let cheap = try await node.refusal("eth_sendRawTransaction", raw(fee: 2))
    #expect(cheap.hasPrefix("-32000 max fee per gas less than block base fee: address 0xf39F"))
    #expect(cheap.contains(", maxFeePerGas: 2, baseFee: "))
  }

  @Test("what is no transaction is refused, and the pool is as it was")
  func malformedTransactions() async throws {
    let node = try TestNode(mode: .manual)
    let key = try #require(node.node.wallet.key(of: node.accounts[0]))
    let transaction = Transaction(
      to: node.accounts[1], chainID: 31_337, nonce: 0, maxFeePerGas: 10_000_000_000,
      maxPriorityFeePerGas: 1, gasLimit: 21_000)
    let whole = transaction.signed(with: key.sign(transaction.signingHash)).encoded
    for count in 0..<whole.count {
      let answer = try await node.refusal("eth_sendRawTransaction", .data(Bytes(whole[..<count])))
      #expect(answer.hasPrefix("-32000 "))
    }
    #expect(
      try await node.refusal("eth_sendRawTransaction", .data(whole + [0])).hasPrefix("-32000 "))
    let large = Bytes([2]) + Bytes(repeating: 0, count: 131_072)
    #expect(
      try await node.refusal("eth_sendRawTransaction", .data(large))
        == "-32000 oversized data: transaction size 131073, limit 131072")
    #expect(node.node.world.layerTwo?.pool.count == 0)
  }

  @Test("blocks that are not there: null where they are asked for, an error where their state is")
  func unknownBlocks() async throws {
    let node = try TestNode()
    let hash: JSON = .data(Hash(UInt256(7)))
    let account: JSON = .data(node.accounts[0])
    #expect(try await node.ask("eth_getBlockByNumber", "0x7", false) == .null)
    #expect(try await node.ask("eth_getBlockByHash", hash, true) == .null)
    #expect(try await node.ask("eth_getBlockReceipts", "0x7") == .null)
    #expect(try await node.ask("eth_getBlockTransactionCountByNumber", "0x7") == .null)
    #expect(try await node.ask("eth_getTransactionByHash", hash) == .null)
    #expect(try await node.ask("eth_getTransactionReceipt", hash) == .null)
    #expect(try await node.ask("eth_getTransactionByBlockNumberAndIndex", "0x0", "0x0") == .null)
    let missing = "-32000 header not found"
    #expect(try await node.refusal("eth_getBalance", account, "0x7") == missing)
    #expect(try await node.refusal("eth_getBalance", account, ["blockHash": hash]) == missing)
    #expect(try await node.refusal("eth_getCode", account, hash) == missing)
    #expect(try await node.refusal("eth_call", ["to": account], "0x7") == missing)
    #expect(
      try await node.refusal("eth_getLogs", ["blockHash": hash]) == "-32000 unknown block")
    #expect(
      try await node.refusal("eth_getBalance", account, "0xffffffffffffffff")
        == "-32602 invalid argument 1: block number larger than int64")
  }

  @Test("parameters are refused with their place")
  func parameters() async throws {
    let node = try TestNode()
    #expect(
      try await node.refusal("eth_getBalance", "0x12")
        == "-32602 invalid argument 0: cannot read address: hex string has length 2, want 40")
    #expect(
      try await node.refusal("eth_getBalance")
        == "-32602 missing value for required argument 0")
    #expect(
      try await node.refusal("eth_chainId", "0x1") == "-32602 too many arguments, want at most 0")
    #expect(
      try await node.refusal("eth_call", ["to": "0x00", "from": 3])
        == "-32602 invalid argument 0: from: cannot read address: non-string")
    #expect(
      try await node.refusal("eth_signTransaction", ["to": .data(node.accounts[0])])
        == "-32602 invalid argument 0: missing field from")
    #expect(
      try await node.refusal(
        "eth_sendTransaction", ["from": "0x00000000000000000000000000000000000000ff"])
        == "-32000 unknown account")
    #expect(
      try await node.refusal("eth_magic", [:])
        == "-32601 the method eth_magic does not exist/is not available")
  }

  @Test("a filter that nobody asks for is gone, and its absence has geth's words")
  func filters() async throws {
    var limits = EthereumLimits()
    limits.filterLifetimeInMilliseconds = 1_000
    let node = try TestNode(limits: limits)
    let missing = "-32000 filter not found"
    #expect(try await node.refusal("eth_getFilterChanges", "0x1") == missing)
    #expect(try await node.refusal("eth_getFilterLogs", "0x1") == missing)
    #expect(try await node.ask("eth_uninstallFilter", "0x1") == false)
    let blocks = try await node.ask("eth_newBlockFilter")
    #expect(try await node.refusal("eth_getFilterLogs", blocks) == missing)
    node.advance(milliseconds: 900)
    #expect(try await node.ask("eth_getFilterChanges", blocks) == [])
    node.advance(milliseconds: 900)
    #expect(try await node.ask("eth_getFilterChanges", blocks) == [], "asking keeps it")
    node.advance(milliseconds: 1_100)
    #expect(try await node.refusal("eth_getFilterChanges", blocks) == missing)
  }

  @Test("a call that does not end is broken off in geth's words")
  func timeouts() async throws {
    var limits = EthereumLimits()
    limits.callTimeoutInMilliseconds = 0
    limits.callGas = 10_000_000_000
    let node = try TestNode(limits: limits)
    // Calls itself for ever: the time is looked at before each frame.
    let code: JSON = "0x5b5f5f5f5f5f305af15f56"
    let target = "0x00000000000000000000000000000000000000ff"
    #expect(
      try await node.refusal(
        "eth_call", ["to": .string(target)], "latest", [target: ["code": code]])
        == "-32000 execution aborted (timeout = 0s)")
    let traced = try await node.refusal(
      "debug_traceCall", ["to": .string(target)], "latest",
      ["timeout": "1ns", "stateOverrides": [target: ["code": code]]])
    #expect(traced == "-32000 execution timeout")
  }
}
