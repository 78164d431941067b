import Derivation
import EVM
import Execution
import Primitives

extension Rollup {
  /// The roots that commitments are made of, ascending by name.
  var componentRoots: [Commitment.Component] {
    [
      .init(name: "rollup.finalized", root: finalized.hash),
      .init(name: "rollup.l1", root: l1Head?.hash ?? .zero),
      .init(name: "rollup.safe", root: safe.reference.hash),
      .init(name: "rollup.sequencer", root: Hash(0, 0, 0, isSequencing ? 1 : 0)),
    ]
  }
}

extension World {
  func decide(_ declaration: RollupDeclaration) throws(Refusal) -> Decision {
    guard layerTwo != nil else { throw .layerNotStarted(.two) }
    do throws(GenesisError) {
      _ = try beginning(declaration)
    } catch {
      throw .genesis(layer: .two, reason: "rollup: \(error.message)")
    }
    return Decision(events: [.rollupDeclared(declaration)])
  }

  func decideSequencing(_ isActive: Bool) throws(Refusal) -> Decision {
    guard let rollup else { throw .rollup(.none) }
    guard layerOne != nil else { throw .rollup(.follows) }
    guard rollup.isSequencing != isActive else {
      throw .rollup(.sequencingUnchanged(isActive: isActive))
    }
    return Decision(events: [.sequencingChanged(isActive: isActive)])
  }

  mutating func changeSequencing(_ isActive: Bool) throws(Misfit) -> [Consequence] {
    guard rollup != nil else { throw .rollup(.none) }
    rollup?.isSequencing = isActive
    return []
  }

  /// Why a head of a rollup's world cannot go back to a block, if it cannot.
  func rollupRefusal(of layer: Layer, to target: RecentBlock) -> RollupRefusal? {
    guard let rollup else { return nil }
    let number = target.header.number
    switch layer {
    case .two:
      let safe = rollup.safe.reference.number
      return number < safe ? .belowSafeHead(number: number, safe: safe) : nil
    case .one:
      let oldest = rollup.history.first?.l1.number ?? 0
      guard number >= oldest, number >= rollup.l1Finalized?.number ?? 0 else {
        return .finalizedL1(
          number: number, oldest: max(oldest, rollup.l1Finalized?.number ?? 0))
      }
      return nil
    }
  }

  /// Keeps what the rollup must know of a block that was put on top.
  mutating func noteRollupBlock(_ block: Block) throws(Misfit) {
    guard let configuration = rollup?.configuration, let hash = layerTwo?.head.hash else { return }
    do throws(L2BlockError) {
      let head = try L2Head(
        header: block.header, hash: hash, firstTransaction: block.transactions.first,
        configuration: configuration)
      rollup?.append(RollupBlock(head: head, transactions: block.transactions.map(\.encoded)))
    } catch {
      throw .block(.two, number: block.header.number, reason: "\(error)")
    }
  }

  /// Judges an L1 block that another node gave.
  func decide(_ block: OutsideL1Block) throws(Refusal) -> Decision {
    do throws(RollupRefusal) {
      _ = try outsideL1Block(block)
    } catch {
      throw .rollup(error)
    }
    return Decision(events: [.outsideL1BlockReceived(block)])
  }

  /// Takes in an L1 block that another node gave; one that follows an earlier block than the last
  /// is a reorganisation of L1.
  mutating func receive(_ received: OutsideL1Block) throws(Misfit) -> [Consequence] {
    let block: L1Block
    do throws(RollupRefusal) {
      block = try outsideL1Block(received)
    } catch {
      throw .rollup(error)
    }
    var consequences: [Consequence] = []
    if let head = rollup?.l1Head, head.hash != block.header.parentHash {
      consequences += try unfollow(toL1: block.header.number - 1)
    }
    carried.add(received.content)
    return consequences + (try follow(block))
  }

  /// The L1 block in another node's answer, checked against itself and what is known.
  private func outsideL1Block(_ received: OutsideL1Block) throws(RollupRefusal) -> L1Block {
    guard let rollup else { throw .none }
    guard layerOne == nil else { throw .outsideL1Block("l1 is run here") }
    let block: EncodedBlock
    do throws(RLPError) {
      block = try EncodedBlock.decode(received.encoded)
    } catch {
      throw .outsideL1Block("not a block: \(error)")
    }
    let result: L1Block
    do throws(L1BlockError) {
      result = try L1Block(
        checking: block, encodedReceipts: received.receipts, configuration: rollup.configuration)
    } catch {
      throw .outsideL1Block("L1 block \(block.header.number): \(error.message)")
    }
    do throws(MalformedDeposit) {
      _ = try result.deposits(portal: rollup.configuration.depositContract)
    } catch {
      throw .malformedDeposit(block: error.block.number, logIndex: error.logIndex)
    }
    guard rollup.l1Head != nil else {
      let genesis = rollup.configuration.genesis.l1
      guard result.reference.identifier == genesis else {
        throw .outsideL1Block(
          "the first L1 block is \(result.hash.hexadecimal), the rollup begins at "
            + genesis.hash.hexadecimal)
      }
      return result
    }
    guard rollup.epoch(block.header.number)?.reference.hash != result.hash else {
      throw .outsideL1Block("L1 block \(block.header.number) is known already")
    }
    guard block.header.number > 0,
      let parent = rollup.epoch(block.header.number - 1)?.reference,
      parent.hash == block.header.parentHash,
      parent.number >= rollup.history.first?.l1.number ?? 0,
      parent.number >= rollup.finalitySignal?.number ?? 0
    else {
      throw .outsideL1Block(
        "L1 block \(block.header.number) follows none that is known and not final")
    }
    return result
  }

  /// Takes a transaction into the pool, and notes where is what came with it.
  mutating func accept(_ acceptance: CarrierAcceptance) throws(Misfit) -> [Consequence] {
    carried.add(acceptance.content)
    return try accept(
      TransactionAcceptance(layer: acceptance.layer, encoded: acceptance.encoded))
  }
}
