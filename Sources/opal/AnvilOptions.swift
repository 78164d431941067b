/// Options of anvil's that Opal has no use for.
enum AnvilOptions {
  /// Those that change nothing here, taken so that scripts run unchanged: what they ask for is
  /// always so, or there is nothing that they could spare.
  static let all: [Command.Option] = [
    .init(
      "--preserve-historical-states", help: "each block's state is kept: it follows from the log"),
    .init(
      "--prune-history", value: "N", leftOut: "0",
      help: "memory holds the last 1,024 states, the views all"),
    .init("--max-persisted-states", value: "N", help: "the same"),
    .init("--transaction-block-keeper", value: "N", help: "blocks and transactions are all kept"),
    .init("--steps-tracing", "--tracing", help: "every transaction can be traced at any time"),
    .init("--slots-in-an-epoch", value: "N", help: "a block is final as soon as it is made"),
    .init("--threads", "-j", "--jobs", value: "N", help: "as many as there are processors"),
    .init("--fork-retry-backoff", value: "MILLISECONDS", help: "the pause grows by itself"),
    .init(
      "--compute-units-per-second", value: "N", help: "the other node says when it is too much"),
    .init("--no-rate-limit", "--no-rpc-rate-limit", help: "the same"),
    .init("--enable-tx-gas-limit", help: "from Osaka on a transaction's gas is always bounded"),
    .init("--memory-limit", value: "BYTES", help: "memory is paid for in gas, which bounds it"),
    .init(
      "--network", "-n", value: "NAME", choices: ["ethereum"],
      help: "ethereum; for optimism see --rollup"),
    .init("--verbosity", "-v", "-vv", "-vvv", "-vvvv", "-vvvvv", help: "each block is told of"),
    .init("--color", value: "WHEN", help: "there are no colours"),
  ]

  /// Those that would be another chain than the one that runs.
  static let refused: [(names: [String], reason: String)] = [
    (["--optimism", "--op"], "an OP Stack chain with its L1 is --rollup"),
    (["--celo", "--tempo", "--monad", "--tempo.fee-payer"], "Opal has Ethereum's rules alone"),
    (
      ["--number"],
      "a chain of its own begins with block 0; --fork-url and --load-state begin with later ones"
    ),
    (
      ["--fork-transaction-hash"],
      "a fork begins with a whole block: --fork-block-number N, the one before the transaction's"
    ),
    (
      ["--disable-pool-balance-checks"],
      "a transaction that its sender cannot pay for is refused; anvil_setBalance gives money"
    ),
  ]

  /// Refuses values that ask for another chain.
  static func check(_ arguments: Arguments) throws(Failure) {
    if let name = try arguments.value("--network"), name != "ethereum" {
      throw .usage(
        name == "optimism"
          ? "--network optimism is --rollup here: a chain that settles on an L1 of its own"
          : "--network is '\(name)', not ethereum")
    }
  }
}
