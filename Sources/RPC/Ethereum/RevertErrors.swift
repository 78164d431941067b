import EVM
import Execution
import Primitives
import Tracers

extension RPCError {
  /// A call reverted with that output, its reason decoded.
  static func reverted(_ output: Bytes) -> RPCError {
    .reverted(reason: RevertReason.decode(output), output: output)
  }

  /// A simulation could not be done, or showed that no gas is enough.
  init(_ error: SimulationError) {
    switch error {
    case .reverted(let output): self = .reverted(output)
    default: self = .refused(error.message)
    }
  }
}
