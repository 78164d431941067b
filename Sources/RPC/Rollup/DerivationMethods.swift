import Derivation
import JSON
import Ledger
import Node
import Primitives

/// What derivation passed over, on either port.
///
///     opal_droppedInputs(number?)  what it passed over lately, in an L1 block if one is named, each
///                                  with the stage and the name of the rule
func derivationMethods(node: Node) -> [String: RPCMethod] {
  [
    "opal_droppedInputs": .immediate { (parameters) throws(RPCError) in
      try parameters.limit(to: 1)
      let number = try parameters.optional(0)?.uint64()
      guard let rollup = node.world.rollup else {
        throw .refused(RollupRefusal.none.message)
      }
      let inputs = rollup.droppedInputs.filter { number == nil || $0.l1Block.number == number }
      return .array(inputs.map { RollupJSON.droppedInput($0) })
    }
  ]
}

extension RollupJSON {
  /// Something on L1 that does not count, and the rule that says so.
  static func droppedInput(_ input: DroppedInput) -> JSON {
    [
      "stage": .string(input.stage.name), "rule": .string(input.rule.name),
      "l1Block": input.l1Block.json,
      "transactionHash": input.transactionHash.map { .string($0.hexadecimal) } ?? .null,
      "channel": input.channel.map { .string(Hexadecimal.encodePrefixed($0.bytes)) } ?? .null,
      "timestamp": input.timestamp.map { .integer($0) } ?? .null,
      "message": .string(input.message),
    ]
  }
}
