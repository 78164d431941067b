/// The suites by name, a file each; `rpc` is no suite of this program, since it drives whole nodes
/// (`tools/bench` runs `tools/bench_rpc.py`).
let suites: [(name: String, run: @Sendable (inout Report) -> Void)] = [
  ("evm", { report in EVMBench().run(&report) }),
  ("crypto", { report in CryptographyBench().run(&report) }),
  ("trie", { report in TrieBench().run(&report) }),
  ("blocks", { report in BlocksBench().run(&report) }),
  ("da", { report in DataAvailabilityBench().run(&report) }),
  ("derive", { report in DerivationBench().run(&report) }),
  ("log", { report in LogBench().run(&report) }),
]
