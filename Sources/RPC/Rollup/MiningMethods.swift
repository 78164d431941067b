import JSON
import Ledger
import Node

/// Closing blocks by hand, on either layer.
///
///     opal_mine(count?)   closes so many blocks now, one if no number is given
func miningMethods(node: Node, layer: Layer) -> [String: RPCMethod] {
  [
    "opal_mine": .asynchronous { (parameters) async throws(RPCError) in
      try parameters.limit(to: 1)
      let count = try parameters.optional(0)?.uint64() ?? 1
      guard count <= mineLimit else { throw .invalidParameters("at most \(mineLimit) blocks") }
      for _ in 0..<count {
        let result = await withCheckedContinuation { continuation in
          node.seal(layer) { continuation.resume(returning: $0) }
        }
        if case .failure(let failure) = result { throw RPCError(failure) }
      }
      return JSON.quantity(node.world[layer]?.number ?? 0)
    }
  ]
}

/// The most blocks that one call closes.
private let mineLimit: UInt64 = 10_000
