/// The suites by name.
let suites: [(name: String, run: @Sendable (inout Report) -> Void)] = [
  ("da", { report in DataAvailabilityBench().run(&report) })
]
