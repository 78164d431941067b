import Ledger
import Node
import Primitives

/// The options that say when blocks are made, and of what; anvil's names.
enum MiningOptions {
  static let all: [Command.Option] = [
    .init(
      "--block-time", "--blockTime", "-b", value: "SECONDS",
      help: "a block each so many seconds; 0.5 is two a second"),
    .init("--mixed-mining", help: "with --block-time: and one for each transaction"),
    .init("--no-mining", "--no-mine", help: "make no blocks by itself"),
    .init(
      "--order", value: "NAME", choices: ["fees", "fifo"],
      help: "which transactions come first: fees or fifo (fees)"),
    .init("--max-transactions", value: "N", help: "at most so many in a block"),
  ]

  /// What makes a block due; besides, each how many milliseconds there is one, where the block time
  /// is no whole number of seconds.
  static func mode(_ arguments: Arguments) throws(Failure) -> (Sequencer.Mode, interval: UInt64?) {
    let milliseconds = try blockTime(arguments)
    if arguments.has("--no-mining") {
      guard milliseconds == nil else {
        throw .usage("--no-mining and --block-time exclude each other")
      }
      return (.manual, nil)
    }
    let isMixed = arguments.has("--mixed-mining")
    guard let milliseconds else {
      if isMixed { throw .usage("--mixed-mining needs --block-time") }
      return (.instant, nil)
    }
    guard milliseconds % 1_000 == 0 else { return (isMixed ? .instant : .manual, milliseconds) }
    let seconds = milliseconds / 1_000
    return (isMixed ? .mixed(seconds: seconds) : .interval(seconds: seconds), nil)
  }

  /// The block time in milliseconds.
  private static func blockTime(_ arguments: Arguments) throws(Failure) -> UInt64? {
    guard let text = try arguments.value("--block-time") else { return nil }
    let number = Amount.decimal(text.hasPrefix(".") ? "0" + text : text, digits: 3)
    guard let milliseconds = number?.asUInt64, 1...86_400_000 ~= milliseconds else {
      throw .usage(
        "--block-time is '\(text)', not a number of seconds from 0.001 to 86400 with at most "
          + "three digits behind the point")
    }
    return milliseconds
  }

  /// Which transactions come first.
  static func order(_ arguments: Arguments) throws(Failure) -> TransactionOrder {
    switch try arguments.value("--order") {
    case nil, "fees": .fees
    case "fifo": .arrival
    case let other?: throw .usage("--order is fees or fifo, not \(other)")
    }
  }

  /// The most transactions of a block.
  static func limit(_ arguments: Arguments) throws(Failure) -> Int? {
    guard let count = try arguments.number("--max-transactions", in: 1...1_000_000) else {
      return nil
    }
    guard !arguments.has("--rollup") else {
      throw .usage("a rollup's blocks take what gas allows; --max-transactions is for plain chains")
    }
    return Int(count)
  }

  /// Takes transactions in anybody's name from now on.
  static func impersonateAll(on node: Node) throws(Failure) {
    guard node.world.layerTwo?.operatorState.impersonatesAll == false else { return }
    do throws(WriteFailure) {
      _ = try node.submit(
        .ask(OperatorChange(layer: .two, act: .impersonateAll(isOn: true))))
    } catch {
      throw .failed(error.message)
    }
  }

  /// What a mode is called in the banner.
  static func words(for mode: Sequencer.Mode, interval milliseconds: UInt64? = nil) -> String {
    if let milliseconds {
      let rest = String(milliseconds % 1_000 + 1_000).dropFirst()
      let digits = String(rest.reversed().drop { $0 == "0" }.reversed())
      let beat = "one each \(milliseconds / 1_000).\(digits) s"
      return mode == .manual ? beat : "\(words(for: mode)), and \(beat)"
    }
    return switch mode {
    case .instant: "one for each transaction"
    case .interval(let seconds), .everySlot(let seconds): "one each \(seconds) s"
    case .mixed(let seconds): "one for each transaction, and one each \(seconds) s"
    case .slots(let seconds): "one each \(seconds) s with transactions"
    case .manual: "none by itself"
    }
  }
}
