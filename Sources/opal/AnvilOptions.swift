/// Options of anvil's that change nothing here, taken so that scripts run unchanged: what they ask
/// for is always so, or there is nothing that they could spare.
enum AnvilOptions {
  static let all: [Command.Option] = [
    .init(
      "--preserve-historical-states", help: "each block's state is kept: it follows from the log"),
    .init("--prune-history", help: "memory holds the last 1,024 states, the views all"),
    .init("--max-persisted-states", value: "N", help: "the same"),
    .init("--transaction-block-keeper", value: "N", help: "blocks and transactions are all kept"),
    .init("--steps-tracing", "--tracing", help: "every transaction can be traced at any time"),
    .init("--slots-in-an-epoch", value: "N", help: "a block is final as soon as it is made"),
    .init("--threads", "-j", value: "N", help: "as many as there are processors"),
    .init("--fork-retry-backoff", value: "MILLISECONDS", help: "the pause grows by itself"),
    .init(
      "--compute-units-per-second", value: "N", help: "the other node says when it is too much"),
    .init("--no-rate-limit", help: "the same"),
  ]
}
