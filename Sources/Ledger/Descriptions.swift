import EVM
import Execution
import Primitives

/// A stop of the machine in words.
func describe(_ stop: ExecutionStop) -> String {
  switch stop {
  case .miss(.node(let hash)): "a part of the state is not at hand: node \(hash.hexadecimal)"
  case .miss(.code(let hash)): "a part of the state is not at hand: code \(hash.hexadecimal)"
  case .miss(let miss): "a part of the state is not at hand: \(miss)"
  default: "the execution was broken off"
  }
}

/// What is wrong with a block's bytes, in words.
func describe(_ error: BlockError) -> String {
  switch error {
  case .malformed(let cause): "not a block: \(cause)"
  case .transaction(let index, let cause): "transaction \(index): \(cause.message)"
  }
}
