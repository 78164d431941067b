import Contracts
import Cryptography
import JSON
import Primitives
import Testing

@Suite struct ContractErrorTests {
  @Test("every error that the contracts declare is read by its name, with its arguments' names")
  func complete() throws {
    for (contract, _) in Fixtures.contracts {
      let entries = try Fixtures.artifact(contract)["abi"].elements()
      for entry in entries where entry["type"]?.string == "error" {
        let inputs = try entry["inputs"].elements()
        let types = try inputs.map { try #require($0["type"]?.string) }
        let name = try #require(entry["name"]?.string)
        let selector = ABI.selector(name + "(" + types.joined(separator: ",") + ")")
        let data = selector + Bytes(repeating: 0, count: 32 * inputs.count)
        let error = try #require(ContractError(revertData: data), "\(contract).\(name)")
        #expect(error.name == name)
        #expect(error.arguments.map(\.name) == inputs.compactMap { $0["name"]?.string })
      }
    }
  }

  @Test("an error says what the contract said")
  func messages() throws {
    let data = try #require(try Fixtures.golden()["error"])["data"].asBytes()
    #expect(ContractError(revertData: data)?.message == "WrongFee(expected: 29011, stated: 1)")
    let text = ABI.call("Error(string)", [.string("no")])
    #expect(ContractError(revertData: text)?.message == "no")
    let panic = ABI.call("Panic(uint256)", [.uint(0x11 as UInt64)])
    #expect(ContractError(revertData: panic)?.message == "Panic(code: 17)")
    let owner = ABI.call(
      "WrongPayer(address,address)", [.address(Sample.owner), .address(Sample.payer)])
    #expect(
      ContractError(revertData: owner)?.message
        == "WrongPayer(expected: 0x70997970c51812dc3a010c7d01b50e0d17dc79c8, "
        + "stated: 0x9965507d1a55bcc2695c58ba16fb37d819b0a4dc)")
  }

  @Test("no output, a strange selector and cut arguments are no error of ours")
  func hostile() throws {
    let data = try #require(try Fixtures.golden()["error"])["data"].asBytes()
    for count in 0..<data.count {
      #expect(ContractError(revertData: Bytes(data.prefix(count))) == nil)
    }
    #expect(ContractError(revertData: [1, 2, 3, 4]) == nil)
  }
}
