/// The suites by name, a file each; `rpc` and `node` are no suites of this program, since they
/// drive whole nodes (`tools/bench` runs `tools/bench_rpc.py` and `tools/bench_node.py`).
let suites: [(name: String, run: @Sendable (inout Report) -> Void)] = [
  ("evm", { report in EVMBench().run(&report) }),
  ("crypto", { report in CryptographyBench().run(&report) }),
  ("trie", { report in TrieBench().run(&report) }),
  ("blocks", { report in BlocksBench().run(&report) }),
  ("replay", { report in ReplayBench().run(&report) }),
  ("da", { report in DataAvailabilityBench().run(&report) }),
  ("derive", { report in DerivationBench().run(&report) }),
  ("log", { report in LogBench().run(&report) }),
]
