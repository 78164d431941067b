import Cryptography
import EVM
import Execution
import JSON
import Ledger
import Primitives
import RPC
import Testing
import Views

/// What the chain of execution-apis shows only as hashes: the kinds that came last.
@Suite("Ethereum's JSON of transactions")
struct TransactionJSONTests {
  private let block = BlockReference(
    layer: .two, number: 10, hash: Hash(UInt256(0xb)), timestamp: 20, baseFee: 7)

  private func text(_ transaction: Transaction, receipt: Receipt? = nil) -> String {
    let stored = StoredTransaction(
      transaction: transaction, hash: Hash(UInt256(0xa)), sender: Address(UInt256(1)),
      block: block, index: 3)
    let json = EthereumJSON.transaction(stored, receipt: receipt)
    return String(decoding: json.serialized(), as: UTF8.self)
  }

  private func word(_ number: UInt64) -> String { Hash(UInt256(number)).hexadecimal }

  private func account(_ number: UInt64) -> String { Address(UInt256(number)).hexadecimal }

  private var place: String {
    """
    {"blockHash":"\(word(0xb))","blockNumber":"0xa","blockTimestamp":"0x14",\
    "from":"\(account(1))","gas":"0x5208",
    """
  }

  private var signed: Transaction {
    Transaction(
      to: Address(UInt256(2)), chainID: 901, nonce: 5, maxFeePerGas: 100, maxPriorityFeePerGas: 2,
      gasLimit: 21_000, value: 6, data: [0xab]
    ).signed(with: Signature(r: 8, s: 9, yParity: true))
  }

  @Test("one with blobs has their price and hashes")
  func blobs() {
    var transaction = signed
    transaction.kind = .blob
    transaction.maxFeePerBlobGas = 11
    transaction.blobHashes = [Hash(UInt256(0x77))]
    #expect(
      text(transaction) == place + """
        "gasPrice":"0x9","maxFeePerGas":"0x64","maxPriorityFeePerGas":"0x2",\
        "maxFeePerBlobGas":"0xb","hash":"\(word(0xa))","input":"0xab","nonce":"0x5",\
        "to":"\(account(2))","transactionIndex":"0x3","value":"0x6","type":"0x3",\
        "accessList":[],"chainId":"0x385","blobVersionedHashes":["\(word(0x77))"],\
        "v":"0x1","r":"0x8","s":"0x9","yParity":"0x1"}
        """)
  }

  @Test("one that sets code has its authorisations")
  func setCode() {
    var transaction = signed
    transaction.kind = .setCode
    transaction.authorizations = [
      CodeAuthorization(
        chainID: 901, address: Address(UInt256(4)), nonce: 1, yParity: 1, r: 2, s: 3)
    ]
    #expect(
      text(transaction) == place + """
        "gasPrice":"0x9","maxFeePerGas":"0x64","maxPriorityFeePerGas":"0x2",\
        "hash":"\(word(0xa))","input":"0xab","nonce":"0x5","to":"\(account(2))",\
        "transactionIndex":"0x3","value":"0x6","type":"0x4","accessList":[],\
        "chainId":"0x385","authorizationList":[{"chainId":"0x385",\
        "address":"\(account(4))","nonce":"0x1","yParity":"0x1","r":"0x2","s":"0x3"}],\
        "v":"0x1","r":"0x8","s":"0x9","yParity":"0x1"}
        """)
  }

  @Test("a deposit has no signature, and the nonce of its receipt")
  func deposit() {
    let fields = DepositFields(
      sourceHash: Hash(UInt256(0x55)), from: Address(UInt256(1)), mint: 12,
      isSystemTransaction: false)
    let transaction = Transaction(
      deposit: fields, to: nil, value: 6, gasLimit: 21_000, data: [])
    var receipt = Receipt(
      kind: .deposit, outcome: .status(true), cumulativeGasUsed: 21_000, logs: [])
    receipt.depositNonce = 4
    receipt.depositReceiptVersion = 1
    #expect(
      text(transaction, receipt: receipt) == place + """
        "gasPrice":"0x0","hash":"\(word(0xa))","input":"0x","nonce":"0x4","to":null,\
        "transactionIndex":"0x3","value":"0x6","type":"0x7e","v":"0x0","r":"0x0","s":"0x0",\
        "sourceHash":"\(word(0x55))","mint":"0xc","depositReceiptVersion":"0x1"}
        """)
  }

  @Test("a legacy one for one chain names it, and its v does too")
  func legacy() {
    let transaction = Transaction(
      legacyTo: nil, chainID: 901, nonce: 0, gasPrice: 3, gasLimit: 21_000
    ).signed(with: Signature(r: 8, s: 9, yParity: false))
    #expect(
      text(transaction) == place + """
        "gasPrice":"0x3","hash":"\(word(0xa))","input":"0x","nonce":"0x0","to":null,\
        "transactionIndex":"0x3","value":"0x0","type":"0x0","chainId":"0x385",\
        "v":"0x72d","r":"0x8","s":"0x9"}
        """)
  }

  @Test("a waiting one has no block, and its cap for a price")
  func pending() throws {
    let json = EthereumJSON.pendingTransaction(
      signed, hash: Hash(UInt256(0xa)), sender: Address(UInt256(1)))
    for name in ["blockHash", "blockNumber", "blockTimestamp", "transactionIndex"] {
      #expect(json[name]?.isNull == true)
    }
    #expect(json["gasPrice"]?.string == "0x64")
  }
}
