import Cryptography
import EVM
import Execution
import Foundation
import JSON
import NativeCryptography
import Primitives
import Testing
import Trie

/// Ethereum's tests of single parts, unpacked into the folder that the environment names.
@Suite("Ethereum's tests of parts")
struct BasicVectorTests {
  static let folder = ProcessInfo.processInfo.environment["OPAL_BASIC_TESTS"]

  private static func files(_ part: String) throws -> [(name: String, tests: JSON)] {
    let root = URL(filePath: try #require(folder))
    let names = try FileManager.default.subpathsOfDirectory(atPath: root.path)
    return try names.sorted().filter { $0.contains(part) && $0.hasSuffix(".json") }.map { name in
      (name, try JSON.parse(Bytes(try Data(contentsOf: root.appending(path: name)))))
    }
  }

  @Test("of tries give the recorded roots", .enabled(if: folder != nil, "no OPAL_BASIC_TESTS"))
  func tries() throws {
    var count = 0
    for (file, tests) in try Self.files("trie") + Self.files("TrieTests") {
      for (name, test) in tests.object.map({ Array($0) }) ?? [] {
        guard let root = test["root"], let input = test["in"] else { continue }
        let isSecure = test["secure"]?.bool ?? file.lowercased().contains("secure")
        var trie = MerklePatriciaTrie()
        let pairs =
          input.array?.map { ($0[0] ?? .null, $0[1] ?? .null) }
          ?? input.object?.map { (JSON.string($0), $1) } ?? []
        for (key, value) in pairs {
          let bytes = Self.bytes(key)
          try trie.set(isSecure ? Keccak256.hash(bytes).bytes : bytes, to: Self.bytes(value))
        }
        #expect(trie.root == (try root.hash()), "\(file) \(name)")
        count += 1
      }
    }
    #expect(count > 0)
    print("\(count) tries")
  }

  private static func bytes(_ json: JSON) -> Bytes {
    guard let text = json.string else { return [] }
    return text.hasPrefix("0x") ? Hexadecimal.decode(text) ?? [] : Bytes(text.utf8)
  }

  @Test(
    "of difficulties give the recorded numbers",
    .enabled(if: folder != nil, "no OPAL_BASIC_TESTS"))
  func difficulties() throws {
    var count = 0
    var failures: [String] = []
    for (file, tests) in try Self.files("DifficultyTests") {
      for (_, networks) in tests.object.map({ Array($0) }) ?? [] {
        for (network, cases) in networks.object.map({ Array($0) }) ?? [] {
          guard let specification = Self.difficultyRules(network) else { continue }
          for (name, test) in cases.object.map({ Array($0) }) ?? [] {
            var parent = BlockHeader(
              parentHash: .zero, feeRecipient: .zero,
              number: try test.field("currentBlockNumber").uint64Value() - 1, gasLimit: 5_000,
              timestamp: try test.field("parentTimestamp").uint64Value())
            parent.difficulty = try test.field("parentDifficulty").uint256()
            if test["parentUncles"]?.string.map({ $0 != "0x00" && $0 != "0x0" }) == true {
              parent.ommersHash = .zero
            }
            let header = nextHeader(
              specification: specification, parent: parent,
              inputs: BlockInputs(
                timestamp: try test.field("currentTimestamp").uint64Value()))
            if header.difficulty != (try test.field("currentDifficulty").uint256()) {
              failures.append("\(file) \(network) \(name): \(header.difficulty.decimalString)")
            }
            count += 1
          }
        }
      }
    }
    #expect(count > 0)
    #expect(failures.isEmpty, "\(failures.count): \(failures.prefix(20))")
    print("\(count) difficulties")
  }

  private static func difficultyRules(_ network: String) -> ChainSpecification? {
    var forks: ForkSchedule
    switch network {
    case "ArrowGlacier":
      forks = .all(upTo: .london)
      forks.grayGlacierBlock = nil
    case "GrayGlacier": forks = .all(upTo: .london)
    case "London":
      forks = .all(upTo: .london)
      forks.grayGlacierBlock = nil
      forks.arrowGlacierBlock = nil
    case "EIP2384", "Istanbul", "Berlin": forks = .all(upTo: .istanbul)
    default:
      guard let fork = StateTestRunner.forks[network] else { return nil }
      forks = .all(upTo: fork)
    }
    return ChainSpecification(chainID: 1, forks: forks)
  }

  @Test(
    "of transactions take and refuse what they should",
    .enabled(if: folder != nil, "no OPAL_BASIC_TESTS"))
  func transactions() throws {
    var count = 0
    var failures: [String] = []
    for (file, tests) in try Self.files("TransactionTests") {
      for (name, test) in tests.object.map({ Array($0) }) ?? [] {
        guard let results = test["result"]?.object, let encoded = test["txbytes"] else { continue }
        for (network, result) in results {
          guard let fork = StateTestRunner.forks[network] else { continue }
          let problem = Self.problem(try encoded.byteArray(), fork, result)
          count += 1
          if (problem == nil) != (result["exception"] == nil) {
            failures.append("\(file) \(name) \(network): \(problem ?? "accepted")")
          }
        }
      }
    }
    #expect(count > 0)
    #expect(failures.isEmpty, "\(failures.count) of \(count): \(failures.joined(separator: "\n"))")
    print("\(count) transactions")
  }

  /// Why the transaction is none under a fork; nil when it is one, with the recorded sender.
  private static func problem(_ encoded: Bytes, _ fork: Fork, _ result: JSON) -> String? {
    do {
      let transaction = try Transaction.decode(encoded)
      let sender = try transaction.sender(
        NativeCryptographyProvider.shared, allowsHighS: fork < .homestead)
      var head = BlockHeader(
        parentHash: .zero, feeRecipient: .zero, number: 1, gasLimit: .max, timestamp: 1)
      if fork < .paris { head.difficulty = 1 }
      try validate(
        transaction, sender: sender,
        account: Account(nonce: transaction.nonce, balance: .max), head: head,
        specification: ChainSpecification(chainID: 1, forks: .all(upTo: fork)))
      if let expected = result["sender"], try expected.address() != sender {
        return "sender \(sender.hexadecimal)"
      }
      if let expected = result["hash"], try expected.hash() != transaction.hash { return "hash" }
      if let expected = result["intrinsicGas"],
        try expected.uint64Value() != transaction.intrinsicGas(fork).gas
      {
        return "intrinsic gas"
      }
      return nil
    } catch {
      return "\(error)"
    }
  }
}
