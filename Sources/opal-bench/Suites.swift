/// The suites by name.
let suites: [(name: String, run: (inout Report) -> Void)] = [
  ("da", { report in DataAvailabilityBench().run(&report) })
]
