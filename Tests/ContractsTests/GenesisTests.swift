import Contracts
import Foundation
import JSON
import Primitives
import Testing

/// The Solidity compiler of this machine, if it has one.
private let solidityCompiler: String? = {
  let environment = ProcessInfo.processInfo.environment
  let folders = (environment["PATH"] ?? "").split(separator: ":")
  var candidates = folders.map { folder in String(folder) + "/solc" }
  if let named = environment["OPAL_SOLC"] { candidates.insert(named, at: 0) }
  return candidates.first { path in FileManager.default.isExecutableFile(atPath: path) }
}()

@Suite struct GenesisTests {
  private static let accounts = [
    "f39fd6e51aad88f6f4ce6ab8827279cfffb92266", "70997970c51812dc3a010c7d01b50e0d17dc79c8",
    "3c44cdddb6a900fa2b585dd299e03d12fa4293bc", "90f79bf6eb2c4f870365e785982e1f101e93b906",
    "15d34aaf54267db7d7c367839aaf71a00a2c6a65", "9965507d1a55bcc2695c58ba16fb37d819b0a4dc",
    "976ea74026e726554db657fa54763abd0c3a0aa9", "14dc79964da2c08b23698b3d3cc7ca32193d9955",
    "23618e81e3f5cdf7f54c3d65f7fbc0abf5b21e8f", "a0ee7a142d267c1f36714e4a8f75612f20a79720",
  ]

  @Test("the development chain holds the compiled contracts at their addresses")
  func codeIsArtifacts() throws {
    let alloc = try #require(try Fixtures.json("genesis/dev.json")["alloc"])
    for (name, address) in Fixtures.contracts {
      let artifact = try Fixtures.artifact(name)
      let account = try #require(alloc[address.hexadecimal], "\(name) is not in genesis")
      #expect(account["code"]?.string == artifact["deployedBytecode"]?.string, "\(name)")
      #expect(account["nonce"]?.string == "0x1" && account["storage"] == nil)
      #expect(try artifact["deployedBytecode"].asBytes().count <= 24_576)
    }
  }

  @Test("both chains fund the ten accounts that everybody knows", arguments: ["dev", "l1"])
  func accounts(chain: String) throws {
    let genesis = try Fixtures.json("genesis/\(chain).json")
    #expect(genesis["config"]?["chainId"]?.uint64 == (chain == "dev" ? 31337 : 900))
    #expect(genesis["gasLimit"]?.string == "0x1c9c380")
    #expect(genesis["baseFeePerGas"]?.string == "0x3b9aca00")
    let alloc = try #require(genesis["alloc"]?.object)
    for account in Self.accounts {
      #expect(try alloc["0x" + account]?["balance"].asNumber().decimalString == "1" + zeros(22))
    }
    let systemContracts = 5
    let developmentRoles = 4
    let ours = chain == "dev" ? Fixtures.contracts.count : 0
    let expected = Self.accounts.count + developmentRoles + systemContracts + ours
    #expect(alloc.count == expected)
    for fork in ["shanghai", "cancun", "prague"] {
      #expect(genesis["config"]?["\(fork)Time"]?.uint64 == 0)
    }
  }

  @Test("the sources compile to the artifacts", .enabled(if: solidityCompiler != nil))
  func sourcesCompileToArtifacts() throws {
    let process = Process()
    process.executableURL = Fixtures.root.appending(path: "tools/contracts")
    process.arguments = ["--check"]
    var environment = ProcessInfo.processInfo.environment
    environment["OPAL_SOLC"] = solidityCompiler
    process.environment = environment
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  @Test("the genesis documents are what tools/genesis makes of the artifacts")
  func documentsAreMade() throws {
    let process = Process()
    process.executableURL = Fixtures.root.appending(path: "tools/genesis")
    process.arguments = ["--check"]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  private func zeros(_ count: Int) -> String { String(repeating: "0", count: count) }
}
