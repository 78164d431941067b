import Cryptography
import EVM
import Execution
import JSON
import NativeCryptography
import Primitives
import Trie

/// Tests of what chains are made of: difficulties, transactions, tries, genesis blocks.
let chainVectors: [VectorKind] = [
  VectorKind({ $0.has("txbytes", "result") }) { document, _ throws(FixtureError) in
    try TransactionVectors.run(document)
  },
  VectorKind({ shape in
    shape.caseMembers.contains { Network.fork($0) != nil }
      && shape.innerMembers.isDisjoint(with: ["hash", "indexes"])
  }) { document, _ throws(FixtureError) in try DifficultyVectors.run(document) },
  VectorKind({ $0.has("in", "root") }) { document, path throws(FixtureError) in
    try TrieVectors.run(document, path: path)
  },
  VectorKind({ $0.has("header", "mixHash", "cache_size") }, eachCase: ProofOfWorkVectors.verdict),
  VectorKind({ $0.has("in", "tests") }, eachCase: TrieVectors.neighbours),
  VectorKind({ $0.isDocument(of: "genesis_rlp_hex", "genesis_state_root", "genesis_hash") }) {
    document, _ throws(FixtureError) in
    [CaseResult(name: "genesis", verdict: try GenesisVectors.mainnet(document))]
  },
  VectorKind({ $0.has("alloc", "result") }, eachCase: GenesisVectors.verdict),
  VectorKind({ $0.has("inputs", "result") }) { document, _ throws(FixtureError) in
    try document.cases { _ throws(FixtureError) in
      .skipped("a block header of the proof of concept of 2014, which no chain has")
    }
  },
]

/// The difficulty of a block after its parent, fork by fork.
enum DifficultyVectors {
  static func run(_ document: Fixture) throws(FixtureError) -> [CaseResult] {
    var results: [CaseResult] = []
    for (_, forks) in try document.members() {
      for (name, cases) in try forks.members() where name != "_info" {
        guard let network = Network(name) else {
          throw cases.fault("\"\(name)\" is no fork that is known here")
        }
        let specification = try network.specification(config: nil)
        for var result in try cases.cases({ test throws(FixtureError) in
          try verdict(test, specification)
        }) {
          result.fork = name
          results.append(result)
        }
      }
    }
    return results
  }

  private static func verdict(
    _ test: Fixture, _ specification: ChainSpecification
  ) throws(FixtureError) -> Verdict {
    let number = try test.field("currentBlockNumber").uint64()
    guard number > 0 else { throw test.fault("the first block has no parent") }
    var parent = BlockHeader(
      parentHash: .zero, feeRecipient: .zero, number: number - 1, gasLimit: 0,
      timestamp: try test.field("parentTimestamp").uint64())
    parent.difficulty = try test.field("parentDifficulty").uint256()
    if let uncles = test.optional("parentUncles") {
      let value = try uncles.uint256()
      // A flag, or the hash of the list.
      let hasNone = value.isZero || Hash(value) == BlockHeader.emptyOmmersHash
      if !hasNone { parent.ommersHash = .zero }
    }
    let got = nextDifficulty(
      parent: parent, timestamp: try test.field("currentTimestamp").uint64(),
      specification: specification)
    return .compare(
      "difficulty", try test.field("currentDifficulty").uint256().decimalString,
      got?.decimalString ?? "none")
  }
}

/// Tries from keys and values, and the neighbours of keys.
enum TrieVectors {
  static func run(_ document: Fixture, path: String) throws(FixtureError) -> [CaseResult] {
    // A file's name says whether keys are hashed; where it says nothing, the root does.
    let isNamedSecure = VectorShape(document, path: path).name.lowercased().contains("secure")
    return try document.cases { test throws(FixtureError) in
      if let isSecure = test.json["secure"]?.bool {
        return try verdict(test, hashesKeys: isSecure)
      }
      let first = try verdict(test, hashesKeys: isNamedSecure)
      if first == .passed || isNamedSecure { return first }
      return try verdict(test, hashesKeys: true) == .passed ? .passed : first
    }
  }

  private static func verdict(
    _ test: Fixture, hashesKeys: Bool
  ) throws(FixtureError) -> Verdict {
    var trie = MerklePatriciaTrie()
    for (key, value) in try changes(try test.field("in")) {
      let key = hashesKeys ? Keccak256.hash(key).bytes : key
      guard key.count <= MerklePatriciaTrie.maximumKeySizeInBytes else {
        throw test.fault("a key is longer than a trie takes")
      }
      do throws(TrieMiss) {
        if let value { try trie.set(key, to: value) } else { try trie.remove(key) }
      } catch {
        return .failed(Difference("trie", expected: "a node", got: error.hash.hexadecimal))
      }
    }
    return .compare("root", try test.field("root").hash().hexadecimal, trie.root.hexadecimal)
  }

  /// What is set and removed, in order.
  private static func changes(
    _ input: Fixture
  ) throws(FixtureError) -> [(key: Bytes, value: Bytes?)] {
    var changes: [(key: Bytes, value: Bytes?)] = []
    if input.json.array != nil {
      for pair in try input.elements() {
        let value = try pair.element(1)
        changes.append(
          (
            key: try bytes(try pair.element(0)), value: value.json.isNull ? nil : try bytes(value)
          ))
      }
    } else {
      for (key, value) in try input.members() {
        changes.append(
          (
            key: try bytes(key, at: value), value: value.json.isNull ? nil : try bytes(value)
          ))
      }
    }
    return changes
  }

  /// Text stands for its bytes, unless it begins with "0x".
  private static func bytes(_ text: Fixture) throws(FixtureError) -> Bytes {
    try bytes(try text.text(), at: text)
  }

  private static func bytes(_ text: String, at place: Fixture) throws(FixtureError) -> Bytes {
    guard text.hasPrefix("0x") else { return Bytes(text.utf8) }
    guard let bytes = Hexadecimal.decode(text) else {
      throw place.fault("expected hexadecimal bytes")
    }
    return bytes
  }

  /// The keys before and after a key, by looking each key of the set up and sorting them.
  @Sendable static func neighbours(_ test: Fixture) throws(FixtureError) -> Verdict {
    var trie = MerklePatriciaTrie()
    var keys: [Bytes] = []
    for key in try test.field("in").elements() { keys.append(Bytes(try key.text().utf8)) }
    try? trie.update(keys.map { (key: $0, value: $0) })
    var present: [Bytes] = []
    for key in keys where ((try? trie.get(key)) ?? nil) == key { present.append(key) }
    present.sort { $0.lexicographicallyPrecedes($1) }
    for query in try test.field("tests").elements() {
      let key = Bytes(try query.element(0).text().utf8)
      let before = present.last { $0.lexicographicallyPrecedes(key) } ?? []
      let after = present.first { key.lexicographicallyPrecedes($0) } ?? []
      let verdict = Verdict.all(
        .compare("before", Bytes(try query.element(1).text().utf8), before),
        .compare("after", Bytes(try query.element(2).text().utf8), after))
      if verdict != .passed { return verdict }
    }
    return .passed
  }
}

/// First blocks.
enum GenesisVectors {
  /// A block of these fields and accounts has this RLP.
  @Sendable static func verdict(_ test: Fixture) throws(FixtureError) -> Verdict {
    var genesis = Genesis(
      specification: ChainSpecification(chainID: 1, forks: .all(upTo: .frontier)))
    genesis.alloc = try test.field("alloc").accounts()
    genesis.nonce = try test.field("nonce").uint64()
    genesis.timestamp = try test.field("timestamp").uint64()
    genesis.parentHash = try test.field("parentHash").hash()
    genesis.extraData = try test.field("extraData").bytes()
    genesis.gasLimit = try test.field("gasLimit").uint64()
    genesis.difficulty = try test.field("difficulty").uint256()
    if let mix = test.optional("mixHash") ?? test.optional("mixhash") {
      genesis.prevRandao = try mix.hash()
    }
    genesis.feeRecipient = try test.optional("coinbase")?.address() ?? .zero
    return .compare("rlp", try test.field("result").bytes(), genesis.block().encoded)
  }

  /// The main network's first block: its RLP, state root and hash belong together.
  static func mainnet(_ document: Fixture) throws(FixtureError) -> Verdict {
    let bytes = try document.field("genesis_rlp_hex").bytes()
    do throws(BlockError) {
      let block = try Block.decode(bytes)
      return .all(
        .compare("rlp", bytes, block.encoded),
        .compare(
          "stateRoot", try root(document, "genesis_state_root"), block.header.stateRoot.bytes),
        .compare("hash", try root(document, "genesis_hash"), block.hash.bytes))
    } catch {
      return .check("rlp", true, false)
    }
  }

  private static func root(_ document: Fixture, _ name: String) throws(BlockError) -> Bytes {
    (try? document.field(name).bytes()) ?? []
  }
}
