import Cryptography
import EVM
import Execution
import Primitives

extension World {
  // MARK: Decisions

  func decide(_ change: OperatorChange) throws(Refusal) -> Decision {
    guard let chain = self[change.layer] else { throw .layerNotStarted(change.layer) }
    switch change.act {
    case .snapshot:
      guard chain.operatorState.snapshots.count < Limits.snapshotCount else {
        throw .control(.edit("there are \(Limits.snapshotCount) snapshots, and no more are kept"))
      }
      // The number is the chain's to give.
      let number = chain.operatorState.lastSnapshot + 1
      return Decision(
        events: [
          .operatorAsked(OperatorChange(layer: change.layer, act: .snapshot(number: number)))
        ])
    case .impersonate, .impersonateAll, .trustSignature, .setMinimumGasPrice, .setLogging:
      _ = try controllable(change.layer)
      var changed = chain.operatorState
      changed.take(change.act, at: sequence + 1)
      guard changed != chain.operatorState else { return Decision(events: []) }
      guard changed.impersonated.count + changed.signers.count <= Limits.impersonationCount else {
        throw .control(.edit("more than \(Limits.impersonationCount) accounts are impersonated"))
      }
      return Decision(events: [.operatorAsked(change)])
    }
  }

  func decide(_ document: StateDocument, for layer: Layer) throws(Refusal) -> Decision {
    let chain = try controllable(layer)
    guard document.isSound else {
      throw .control(.edit("an account stands twice in the state, or its blocks have a gap"))
    }
    if let last = document.blocks.last, last.block.header.number >= 1 << 40 {
      throw .control(.edit("block \(last.block.header.number) is too high a number"))
    }
    do throws(StateMiss) {
      _ = try document.diff(from: chain.head.state)
    } catch {
      throw .execution(describe(.miss(error)))
    }
    let bytes = document.encoded
    return Decision(
      events: [.stateLoaded(StateLoading(layer: layer, content: Keccak256.hash(bytes)))],
      content: [bytes])
  }

  func decide(_ fork: ChainFork) throws(Refusal) -> Decision {
    _ = try controllable(fork.layer)
    guard states != nil else {
      throw .control(.edit("this node has nowhere to keep another chain's state"))
    }
    guard fork.decodedHeader != nil, fork.chainID > 0 else {
      throw .control(.edit("the block to fork from is none"))
    }
    return Decision(events: [.chainForked(fork)])
  }

  // MARK: Consequences

  mutating func change(_ change: OperatorChange) throws(Misfit) -> [Consequence] {
    guard self[change.layer] != nil else { throw .layerNotStarted(change.layer) }
    let sequence = sequence + 1
    self[change.layer]?.operatorState.take(change.act, at: sequence)
    note(Event.operatorAsked(change).payload, on: change.layer)
    guard case .snapshot(let number) = change.act else { return [] }
    self[change.layer]?.remember(at: sequence)
    return [.snapshotTaken(change.layer, number: number)]
  }

  mutating func load(_ loading: StateLoading) throws(Misfit) -> [Consequence] {
    guard let chain = self[loading.layer] else { throw .layerNotStarted(loading.layer) }
    guard let bytes = content?.content(of: loading.content) else {
      throw .block(
        loading.layer, number: chain.number,
        reason: "the state \(loading.content.hexadecimal) is not in the content store")
    }
    guard let document = StateDocument(encoded: bytes) else {
      throw .block(loading.layer, number: chain.number, reason: "the state is no document")
    }
    let sequence = sequence + 1
    let diff: StateDiff
    var state = chain.head.state
    do throws(StateMiss) {
      diff = try document.diff(from: state)
      try state.apply(diff)
    } catch {
      throw .block(loading.layer, number: chain.number, reason: describe(.miss(error)))
    }
    note(Event.stateLoaded(loading).payload, on: loading.layer)
    guard let first = document.blocks.first?.block.header.number else {
      self[loading.layer]?.editHead(state, at: sequence)
      return [.edited(loading.layer, number: chain.number, diff)]
    }
    let dropped = emptyPool(loading.layer)
    let hashes = document.blocks.map(\.block.hash)
    let head = document.blocks[document.blocks.count - 1].block.header
    self[loading.layer]?.restart(
      at: head, hash: hashes[hashes.count - 1], state: state,
      ancestors: Array(hashes.dropLast().suffix(ChainFork.ancestorLimit)), sequence: sequence)
    return dropped + [
      .replaced(
        loading.layer,
        ChainReplacement(
          firstNumber: first, blocks: document.blocks, diff: diff,
          state: chain.isForked ? nil : state))
    ]
  }

  mutating func fork(_ fork: ChainFork) throws(Misfit) -> [Consequence] {
    guard let chain = self[fork.layer] else { throw .layerNotStarted(fork.layer) }
    guard let header = fork.decodedHeader else {
      throw .block(fork.layer, number: chain.number, reason: "the block to fork from is none")
    }
    guard let states else {
      throw .block(
        fork.layer, number: header.number, reason: "the other chain's state is not at hand")
    }
    let sequence = sequence + 1
    let dropped = emptyPool(fork.layer)
    note(Event.chainForked(fork).payload, on: fork.layer)
    self[fork.layer]?.restart(
      at: header, hash: header.hash, state: State(root: header.stateRoot, source: states),
      ancestors: fork.ancestors, sequence: sequence, chainID: fork.chainID)
    // Its transactions are the other node's to tell of.
    let block = Block(header: header, transactions: [], withdrawals: nil)
    return dropped + [
      .replaced(
        fork.layer,
        ChainReplacement(
          firstNumber: 0,
          blocks: [StateDocument.HistoricBlock(block: block, receipts: [], senders: [])]))
    ]
  }

  /// What waited in a pool cannot be executed on another chain.
  private mutating func emptyPool(_ layer: Layer) -> [Consequence] {
    var consequences: [Consequence] = []
    for pooled in self[layer]?.pool.all ?? [] {
      consequences.append(
        .dropped(layer, hash: pooled.hash, reason: "the chain was replaced"))
      if let record = usage.release(transaction: pooled.hash) {
        consequences.append(.usage(record))
      }
    }
    return consequences
  }
}
