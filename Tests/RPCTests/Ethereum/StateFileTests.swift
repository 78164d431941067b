import Cryptography
import EVM
import Execution
import JSON
import Ledger
import NativeCryptography
import Node
import Primitives
import RPC
import Testing

@Suite("Dumped and loaded states") struct StateFileTests {
  @Test("a dump, loaded into a fresh node, gives the same accounts, blocks and receipts")
  func roundTrip() async throws {
    let node = try TestNode()
    let token = try await node.deployToken()
    let transfer: JSON = [
      "from": .data(node.accounts[0]), "to": token,
      "data": .input("transfer(address,uint256)", .address(node.accounts[3]), .uint(5)),
    ]
    let hash = try await node.ask("eth_sendTransaction", transfer)
    let dump = try await node.ask("anvil_dumpState")

    let other = try TestNode()
    #expect(try await other.ask("hardhat_loadState", dump) == true)
    for (method, parameters): (String, [JSON]) in [
      ("eth_blockNumber", []), ("eth_getTransactionReceipt", [hash]),
      ("eth_getBlockByNumber", ["latest", true]), ("eth_getBlockByNumber", ["0x1", false]),
      ("eth_getTransactionByHash", [hash]), ("eth_getCode", [token, "latest"]),
      ("eth_getTransactionCount", [.data(node.accounts[0]), "latest"]),
      ("eth_getLogs", [["fromBlock": "0x0", "address": token]]),
    ] {
      let (left, right) = (
        try await node.reply(method, parameters), try await other.reply(method, parameters)
      )
      #expect(left == right, "\(method)")
    }
    #expect(try await other.ask("anvil_dumpState") == dump, "a dump of what was loaded is the same")
    let balance: JSON = [
      "to": token, "data": .input("balanceOf(address)", .address(node.accounts[3])),
    ]
    #expect(try await other.ask("eth_call", balance, "latest") == .data(Hash(UInt256(5))))
    // It goes on from there.
    let next = try await other.ask("eth_sendTransaction", transfer)
    #expect(try await other.ask("eth_getTransactionReceipt", next)["blockNumber"] == "0x3")
    #expect(try await other.ask("eth_call", balance, "latest") == .data(Hash(UInt256(10))))
  }

  @Test("a dump as anvil wrote it in 2024 is taken, with impersonated senders and its own numbers")
  func anvilsForm() throws {
    let zeros = String(repeating: "0", count: 512)
    let header =
      #"{"parentHash":"0x\#(Self.zero)","sha3Uncles":"0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347","miner":"0x\#(zeros.prefix(40))","stateRoot":"0x\#(Self.zero)","transactionsRoot":"0x\#(Self.zero)","receiptsRoot":"0x\#(Self.zero)","logsBloom":"0x\#(zeros)","difficulty":"0x0","number":"0x2","gasLimit":"0x1c9c380","gasUsed":"0x5208","timestamp":"0x66cdcc2b","mixHash":"0x\#(Self.zero)","nonce":"0x0000000000000000","baseFeePerGas":"0x342a1c58","blobGasUsed":"0x0","excessBlobGas":"0x0","extraData":"0x"}"#
    let transaction =
      #"{"transaction":{"EIP1559":{"chainId":"0x7a69","nonce":"0x0","gas":"0x5209","maxFeePerGas":"0x77359401","maxPriorityFeePerGas":"0x1","to":"0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266","value":"0x0","accessList":[],"input":"0x","r":"0x85c2794a580da137e24ccc823b45ae5cea99371ae23ee13860fcc6935f8305b0","s":"0x41de7fa4121dab284af4453d30928241208bafa90cdb701fe9bc7054759fe3cd","yParity":"0x0","hash":"0x8c9b68e8947ace33028dba167354fde369ed7bbe34911b772d09b3c64b861515"}},"impersonated_sender":null}"#
    let text = """
      {"block":{"number":2,"beneficiary":"0x\(zeros.prefix(40))","timestamp":1724763179,
      "gas_limit":30000000,"basefee":875175000,"difficulty":"0x0","prevrandao":"0x\(Self.zero)"},
      "accounts":{"0xba5Ed099633D3B313e4D5F7bdc1305d3c28ba5Ed":{"nonce":1,"balance":"0x10",
      "code":"0x6001","storage":{"0x1":"0x2"}}},"best_block_number":2,
      "blocks":[{"header":\(header),"transactions":[\(transaction)],"ommers":[]}],
      "transactions":[{"info":{"transaction_hash":"0x\(Self.zero)","transaction_index":0,
      "from":"0x70997970c51812dc3a010c7d01b50e0d17dc79c8","contract_address":null,"nonce":0,
      "gas_used":21000},"receipt":{"type":"0x2","status":"0x1","cumulativeGasUsed":"0x5208",
      "logs":[],"logsBloom":"0x\(zeros)"},"block_hash":"0x\(Self.zero)","block_number":2}]}
      """
    let document = try AnvilState.parse(Bytes(text.utf8))
    #expect(document.accounts.map(\.nonce) == [1])
    #expect(document.accounts[0].slots == [.init(slot: 1, value: 2)])
    let block = try #require(document.blocks.first)
    #expect(block.block.header.number == 2)
    #expect(
      block.block.transactions[0].hash.hexadecimal
        == "0x8c9b68e8947ace33028dba167354fde369ed7bbe34911b772d09b3c64b861515")
    let sender = try block.block.transactions[0].sender(NativeCryptographyProvider.shared)
    #expect(sender == block.senders[0])
    #expect(block.receipts[0].gasUsed == 21_000)
    #expect(StateDocument(encoded: document.encoded) == document)
  }

  private static let zero = String(repeating: "0", count: 64)

  @Test("a dump without blocks has the chain stand at the block that it names")
  func legacyForm() async throws {
    let node = try TestNode()
    let text =
      #"{"block":{"number":"0x7","coinbase":"0x0000000000000000000000000000000000000000","timestamp":"0x5","gas_limit":"0x1c9c380","basefee":"0x3b9aca00"},"accounts":{"0x00000000000000000000000000000000000000aa":{"nonce":3,"balance":"0x5","code":"0x","storage":{}}}}"#
    #expect(try await node.ask("anvil_loadState", .data(Bytes(text.utf8))) == true)
    #expect(try await node.ask("eth_blockNumber") == "0x7")
    #expect(
      try await node.ask(
        "eth_getBalance", "0x00000000000000000000000000000000000000aa", "latest") == "0x5")
    _ = try await node.ask("evm_mine")
    #expect(try await node.ask("eth_blockNumber") == "0x8")
  }

  @Test("what is no dump is refused with the place that cannot be read")
  func refused() async throws {
    let node = try TestNode()
    for (text, words) in [
      ("", "the state is no JSON"), ("[]", "cannot read object"), ("{}", "missing field accounts"),
      (#"{"accounts":{"0x12":{"balance":"0x0"}}}"#, "accounts.0x12: the key is no address"),
      (#"{"accounts":{},"blocks":[{}]}"#, "blocks[0]: missing field header"),
      (
        #"{"accounts":{},"blocks":[],"transactions":[{"info":{}}]}"#,
        "transactions[0].info: missing field transaction_index"
      ),
    ] {
      let answer = try await node.refusal("anvil_loadState", .data(Bytes(text.utf8)))
      #expect(answer.hasPrefix("-32602 ") && answer.contains(words), "\(text): \(answer)")
    }
    let bomb = try await node.refusal("anvil_loadState", .data([0x1f, 0x8b, 8, 0]))
    #expect(bomb == "-32602 the state is no gzip")
    #expect(try await node.ask("eth_blockNumber") == "0x0")
  }

  @Test("accounts are listed and preimages known by their hashes")
  func listing() async throws {
    let node = try TestNode()
    let token = try await node.deployToken()
    let address = try #require(token.string.flatMap { Address(hexadecimal: $0) })
    let key = Keccak256.hash(address)
    #expect(try await node.ask("debug_preimage", .data(key)) == token)
    #expect(
      try await node.refusal("debug_preimage", .data(Hash.zero)) == "-32000 unknown preimage")
    let all = try await node.ask("debug_dumpBlock", "latest")
    let listed = try #require(all["accounts"]?[address.checksummed])
    #expect(listed["nonce"] == 1)
    #expect((listed["storage"]?.object?.count ?? 0) > 3)
    let page = try await node.ask("debug_accountRange", "latest", "0x", 3, true, true)
    #expect(page["accounts"]?.object?.count == 3)
    #expect(page["next"]?.string != nil)
    let code = try await node.ask("eth_getCode", token, "latest")
    let codeHash = try #require(listed["codeHash"])
    #expect(try await node.ask("debug_dbGet", codeHash) == code)
    let root = try await node.ask("eth_getBlockByNumber", "latest", false)
    let rootNode = try await node.ask("debug_dbGet", try #require(root["stateRoot"]))
    let bytes = try #require(rootNode.string.flatMap { Hexadecimal.decode($0) })
    #expect(JSON.data(Keccak256.hash(bytes)) == root["stateRoot"])
    let witness = try await node.ask("debug_executionWitness", "latest")
    #expect((witness["state"]?.array?.count ?? 0) > 2)
    #expect(witness["headers"]?.array?.count == 1)
  }
}
