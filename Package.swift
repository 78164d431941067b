// swift-tools-version: 6.2
import PackageDescription

/// The floors of the house, lowest first.
///
/// A module imports only the modules that its line names (`TidyTests` holds it to that), so this
/// file is the architecture. `ARCHITECTURE.md` says what lives on each floor and why.
let package = Package(
  name: "opal",
  products: [.executable(name: "opal", targets: ["opal"])],
  targets:
    // The system's libraries; `docs/dependencies.md` gives the reason for each.
    system("CSQLite", library: "sqlite3", apt: "libsqlite3-dev")
    + system("CSecp256k1", library: "libsecp256k1", apt: "libsecp256k1-dev")
    + system("COpenSSL", library: "libcrypto", apt: "libssl-dev")
    + system("CBrotli", library: "libbrotlienc", apt: "libbrotli-dev")
    + system("CCurl", library: "libcurl", apt: "libcurl4-openssl-dev")
    + system("CZlib", library: "zlib", apt: "zlib1g-dev")
    + system("CMicrohttpd", library: "libmicrohttpd", apt: "libmicrohttpd-dev")

    // Values: the pure core begins. No Foundation, file, clock or chance up to `Execution`.
    + module("Primitives")
    + module("Cryptography", on: "Primitives")
    + module("Pairings", on: "Primitives", "Cryptography", tests: ["JSON"])
    + module("Trie", on: "Primitives", "Cryptography")

    // The machine: a state goes in, an outcome with a diff comes out.
    + module(
      "EVM", on: "Primitives", "Cryptography", "Pairings",
      tests: ["NativeCryptography", "JSON", "Conformance"])
    + module(
      "Execution", on: "Primitives", "Cryptography", "Trie", "EVM",
      tests: ["NativeCryptography", "JSON"])

    // What the data availability layer attests, and how it is checked.
    + module("Blobs", on: "Primitives", "Cryptography", "Pairings", tests: ["JSON"])

    // The rollup: L1 data in, blocks to execute out.
    + module(
      "Derivation", on: "Primitives", "Cryptography", "Trie", "EVM", "Execution", "Blobs",
      tests: ["NativeCryptography", "JSON", "CZlib", "CBrotli"])
    + module(
      "FaultProof", on: "Primitives", "Cryptography", "Pairings", "Trie", "EVM", "Execution",
      "Blobs", "Derivation",
      tests: ["NativeCryptography", "Contracts", "JSON"])

    // The pure core ends here.
    + module("Threads")
    + module("FileSystem")
    + module("NativeCryptography", on: "Primitives", "Cryptography", "CSecp256k1", "COpenSSL")
    + module("TransparencyLog", on: "Primitives", "Cryptography", "NativeCryptography")
    + module("JSON", on: "Primitives")
    + module(
      "Contracts", on: "Primitives", "Cryptography", "Blobs", "Execution", "JSON",
      tests: [
        "Pairings", "Trie", "EVM", "Derivation", "NativeCryptography", "DataAvailability",
      ])
    + module(
      "DataAvailability", on: "Threads", "Primitives", "Cryptography", "Pairings", "Blobs",
      tests: ["NativeCryptography"])
    + module(
      "Tracers", on: "Primitives", "Cryptography", "EVM", "Execution", "JSON",
      tests: ["NativeCryptography"])
    + module("Inference", on: "Primitives", "Cryptography", "JSON")

    // The field's own tests: reads fixture files, and runs them against the core below.
    + module(
      "Conformance", on: "Threads", "FileSystem", "Primitives", "Cryptography",
      "NativeCryptography", "Pairings", "Trie", "EVM", "Execution", "Blobs", "DataAvailability",
      "JSON",
      "Derivation", "FaultProof", "Contracts", "Tracers")

    // The record: what happened, and what follows from it.
    + module("SQLite", on: "CSQLite")
    + module("EventLog", on: "Primitives", "Cryptography", "SQLite", "COpenSSL", "Threads")
    + module(
      "Ledger", on: "Primitives", "Cryptography", "Pairings", "Trie", "EVM", "Execution",
      "Derivation", "JSON", "Contracts", "Blobs", "DataAvailability",
      tests: ["NativeCryptography"])
    + module(
      "Views", on: "Primitives", "Cryptography", "Trie", "EVM", "Execution", "Contracts", "Ledger",
      "SQLite", tests: ["NativeCryptography"])

    // The edge: clocks, tasks, actors, sockets.
    + module("HTTP", on: "CMicrohttpd", "COpenSSL", "CZlib")
    + module(
      "Node", on: "FileSystem", "Primitives", "Cryptography", "NativeCryptography",
      "TransparencyLog", "Trie", "EVM", "Execution", "JSON", "Contracts", "Inference", "SQLite",
      "EventLog", "Ledger", "Views",
      "Pairings", "Derivation", "FaultProof", "Blobs", "DataAvailability", "CZlib", "CBrotli")
    + module(
      "Simulation", on: "Primitives", "Cryptography", "NativeCryptography", "TransparencyLog",
      "EVM",
      "Execution", "Blobs", "Contracts", "DataAvailability", "Derivation", "JSON", "SQLite",
      "EventLog", "Ledger", "Views", "Node")
    + module(
      "RPC", on: "Primitives", "Cryptography", "NativeCryptography", "TransparencyLog", "EVM",
      "Execution", "JSON", "Blobs",
      "Tracers", "Contracts", "DataAvailability", "Derivation", "Inference", "Ledger", "EventLog",
      "Views", "HTTP", "Node", tests: ["Conformance"])
    + module("Client", on: "CCurl", "JSON", "Primitives", tests: ["HTTP"])
    + executable(
      "opal", on: "Client", "Threads", "Primitives", "Cryptography", "NativeCryptography",
      "TransparencyLog", "Pairings", "EVM", "Execution", "Blobs", "JSON", "Tracers", "Contracts",
      "DataAvailability", "Derivation", "FaultProof", "Conformance", "Inference", "SQLite",
      "EventLog", "Ledger", "Views", "HTTP", "Node", "RPC",
      "Simulation")
    + executable(
      "opal-bench", on: "Threads", "Primitives", "Cryptography", "NativeCryptography", "Pairings",
      "EVM", "Trie", "Execution", "Blobs", "DataAvailability", "Conformance", "Derivation", "JSON",
      "Node", "Ledger", "CSecp256k1", "COpenSSL", "CZlib", "CBrotli", "EventLog", "CBareInsert")
    + [
      // The peer of the log's measurement, which is to be C; no product has it.
      .target(name: "CBareInsert", dependencies: ["CSQLite"]),
      .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: .strict),
      .testTarget(name: "TidyTests", dependencies: ["TestSupport"], swiftSettings: .strict),
    ],
  swiftLanguageModes: [.v6]
)

extension [SwiftSetting] {
  /// The settings of every target: warnings are errors, and what is unsafe says so.
  static var strict: Self {
    [
      .treatAllWarnings(as: .error),
      .strictMemorySafety(),
      .enableUpcomingFeature("ExistentialAny"),
      .enableUpcomingFeature("MemberImportVisibility"),
    ]
  }
}

/// A library module and the test target that mirrors it; tests may stand on higher floors.
func module(
  _ name: String, on dependencies: Target.Dependency..., tests: [Target.Dependency] = []
) -> [Target] {
  [
    .target(name: name, dependencies: dependencies, swiftSettings: .strict),
    .testTarget(
      name: name + "Tests",
      dependencies: [.byName(name: name), "TestSupport"] + dependencies + tests,
      path: "Tests/" + name + "Tests", swiftSettings: .strict),
  ]
}

/// A program.
func executable(_ name: String, on dependencies: Target.Dependency...) -> [Target] {
  [.executableTarget(name: name, dependencies: dependencies, swiftSettings: .strict)]
}

/// A library that the operating system provides.
func system(_ name: String, library: String, apt: String) -> [Target] {
  [.systemLibrary(name: name, pkgConfig: library, providers: [.apt([apt])])]
}
