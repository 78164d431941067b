import Ledger
import Node

/// The options that say when blocks are made, and of what; anvil's names.
enum MiningOptions {
  static let all: [Command.Option] = [
    .init(
      "--block-time", "--blockTime", "-b", value: "SECONDS", help: "a block each so many seconds"),
    .init("--mixed-mining", help: "with --block-time: and one for each transaction"),
    .init("--no-mining", "--no-mine", help: "make no blocks by itself"),
    .init("--order", value: "NAME", help: "which transactions come first: fees or fifo (fees)"),
  ]

  /// What makes a block due.
  static func mode(_ arguments: Arguments) throws(Failure) -> Sequencer.Mode {
    let seconds = try arguments.number("--block-time", in: 1...86_400)
    if arguments.has("--no-mining") {
      guard seconds == nil else { throw .usage("--no-mining and --block-time exclude each other") }
      return .manual
    }
    guard arguments.has("--mixed-mining") else {
      return seconds.map { .interval(seconds: $0) } ?? .instant
    }
    guard let seconds else { throw .usage("--mixed-mining needs --block-time") }
    return .mixed(seconds: seconds)
  }

  /// Which transactions come first.
  static func order(_ arguments: Arguments) throws(Failure) -> TransactionOrder {
    switch try arguments.value("--order") {
    case nil, "fees": .fees
    case "fifo": .arrival
    case let other?: throw .usage("--order is fees or fifo, not \(other)")
    }
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
  static func words(for mode: Sequencer.Mode) -> String {
    switch mode {
    case .instant: "one for each transaction"
    case .interval(let seconds), .everySlot(let seconds): "one each \(seconds) s"
    case .mixed(let seconds): "one for each transaction, and one each \(seconds) s"
    case .slots(let seconds): "one each \(seconds) s with transactions"
    case .manual: "none by itself"
    }
  }
}
