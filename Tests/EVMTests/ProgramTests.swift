import Cryptography
import EVM
import Foundation
import NativeCryptography
import Primitives
import TestSupport
import Testing

/// The programs of `evm-bench`, whose outputs and gas evmone and revm agree on: the project's own
/// under `Tests/Vectors`, the others beside the checkout or where `OPAL_VECTORS` says.
private enum Programs {
  static let own = Project.ownVectors.appending(path: "evm-bench")
  static let foreign = Project.vectors.appending(path: "evm-bench")

  /// Programs of more instructions run in release builds only, where they take no time.
  static let instructionLimit: Int = {
    var limit = Int.max
    assert({ limit = 300_000 }() == ())
    return limit
  }()

  static func files(in folder: URL) -> [URL] {
    let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    return (names ?? []).filter { $0.hasSuffix(".json") }.sorted()
      .map { folder.appending(path: $0) }
  }
}

@Suite struct ProgramTests {
  @Test(
    "the project's own programs give their outputs for their gas",
    arguments: Programs.files(in: Programs.own))
  func own(file: URL) throws { try check(file) }

  @Test(
    "foreign programs give their outputs for their gas",
    .enabled(if: FileManager.default.fileExists(atPath: Programs.foreign.path)),
    arguments: Programs.files(in: Programs.foreign))
  func foreign(file: URL) throws { try check(file) }

  private func check(_ file: URL) throws {
    let json = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
    let program = try #require(json as? [String: Any])
    let count = try #require(program["instructions"] as? Int)
    guard count <= Programs.instructionLimit else { return }
    let (to, caller) = (address(program["to"]), address(program["caller"]))
    let state = TestState()
    state.add(caller, nonce: 1, balance: UInt256(1) << 128)
    add(to, program, to: state)
    for (name, account) in program["pre"] as? [String: [String: Any]] ?? [:] {
      add(address(name), account, to: state)
    }
    let feeRecipient = Address(0, 0, 0xc01b0)
    let journal = Journal(reader: state, fork: .cancun)
    journal.beginTransaction()
    for warm in [to, caller, feeRecipient] { journal.warm(warm) }
    let block = BlockEnvironment(
      number: 1, timestamp: 1, feeRecipient: feeRecipient, gasLimit: 1 << 60,
      prevRandao: Hash(UInt256(1) << 248))
    let machine = Machine(
      fork: .cancun, block: block, transaction: TransactionEnvironment(origin: caller),
      journal: journal, provider: NativeCryptographyProvider.shared)
    let result = try machine.run(
      .call(from: caller, to: to, input: bytes(program["calldata"]), gasLimit: 1 << 50))
    #expect(result.status == .success)
    #expect((1 << 50) - result.gasLeft == (program["gas_used"] as? NSNumber)?.uint64Value)
    #expect(result.refund == (program["gas_refund"] as? NSNumber)?.int64Value ?? 0)
    if let expected = program["expected_output"] as? String {
      #expect(result.output == bytes(expected))
    } else {
      let hash = Hexadecimal.encode(SHA256.hash(result.output).bytes)
      #expect(hash == program["expected_output_sha256"] as? String)
    }
  }

  private func add(_ address: Address, _ account: [String: Any], to state: TestState) {
    var storage: [UInt256: UInt256] = [:]
    for (slot, value) in account["storage"] as? [String: String] ?? [:] {
      storage[number(slot)] = number(value)
    }
    state.add(
      address, nonce: 1, balance: number(account["balance"]), code: bytes(account["code"]),
      storage: storage)
  }

  private func bytes(_ value: Any?) -> Bytes {
    (value as? String).flatMap { Hexadecimal.decode($0) } ?? []
  }

  private func number(_ value: Any?) -> UInt256 {
    let digits = (value as? String ?? "0x").dropFirst(2)
    let even = digits.count % 2 == 0 ? String(digits) : "0" + digits
    return UInt256(bigEndian: Hexadecimal.decode(even) ?? [])
  }

  private func address(_ value: Any?) -> Address { Address(number(value)) }
}
