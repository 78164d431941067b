import EVM
import Execution
import Ledger
import Primitives
import Testing

/// geth's genesis.json, read strictly.
@Suite struct GenesisDocumentTests {
  @Test("the project's own documents are read", arguments: ["dev", "l1"])
  func ownDocuments(name: String) throws {
    let genesis = try GenesisDocument.parse(Development.genesis(name))
    #expect(genesis.alloc.count >= 10)
    #expect(genesis.specification.fork(of: genesis.block().header) == .prague)
  }

  @Test(
    "what is wrong is named by its field",
    arguments: [
      ("", ""), ("[]", "config"), ("{}", "config"), ("{\"config\":{}}", "config.chainId"),
      ("{\"config\":{\"chainId\":1}}", "gasLimit"),
      ("{\"config\":{\"chainId\":\"x\"}}", "config.chainId"),
      ("{\"config\":{\"chainId\":1},\"gasLimit\":\"0x1\"}", "alloc"),
      ("{\"config\":{\"chainId\":1},\"gasLimit\":\"0x1\",\"alloc\":{\"0x12\":{}}}", "alloc.0x12"),
      (
        "{\"config\":{\"chainId\":1,\"amsterdamTime\":5},\"gasLimit\":\"0x1\",\"alloc\":{}}",
        "config.amsterdamTime"
      ),
      (
        "{\"config\":{\"chainId\":18446744073709551616},\"gasLimit\":\"0x1\",\"alloc\":{}}",
        "config.chainId"
      ),
    ])
  func hostile(text: String, field: String) {
    #expect {
      try GenesisDocument.parse(Bytes(text.utf8))
    } throws: { error in
      (error as? GenesisError)?.field == field
    }
  }

  @Test("the largest contract is Ethereum's, or what the document says, if that can be")
  func contractSizeLimit() throws {
    func rules(_ limit: String) throws -> ChainSpecification {
      let config = "{\"chainId\":7,\"contractSizeLimit\":\(limit)}"
      let text = "{\"config\":\(config),\"gasLimit\":\"0x1\",\"alloc\":{}}"
      return try GenesisDocument.parse(Bytes(text.utf8)).specification
    }
    #expect(try rules("null").codeSizeLimit == 24_576)
    #expect(try rules("98304").codeSizeLimit == 98_304)
    #expect(try rules("2147483647").codeSizeLimit == Int(Int32.max))
    for wrong in ["0", "2147483648", "18446744073709551615", "-1", "\"many\"", "1.5"] {
      #expect(throws: GenesisError.self) { try rules(wrong) }
    }
    let rollup = """
      {"config":{"chainId":7,"optimism":{},"contractSizeLimit":9},"gasLimit":"0x1","alloc":{}}
      """
    #expect(throws: GenesisError.self) { try GenesisDocument.parse(Bytes(rollup.utf8)) }
  }

  @Test("balances are read in decimal and hexadecimal, and addresses with and without 0x")
  func spellings() throws {
    let text = """
      {"config":{"chainId":7,"homesteadBlock":0},"gasLimit":"0x5f5e100","alloc":{
        "00000000000000000000000000000000000000aa":{"balance":"0x10","storage":{"0x1":"0x02"}},
        "0x00000000000000000000000000000000000000ab":{"balance":"16","nonce":"0x1","code":"0x60"}}}
      """
    let genesis = try GenesisDocument.parse(Bytes(text.utf8))
    #expect(genesis.alloc.map(\.account.balance) == [16, 16])
    #expect(genesis.alloc[0].account.storage.count == 1)
    #expect(genesis.alloc[1].account.code == [0x60])
    #expect(genesis.gasLimit == 100_000_000)
  }
}
