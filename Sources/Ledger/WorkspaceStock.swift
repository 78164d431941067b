import EVM
import Synchronization

/// Workspaces that wait for the next execution, so that code is analysed once, not once a block.
///
/// Whoever executes takes one for as long as that lasts, so that no two threads ever share one.
/// What is executed does not depend on it.
public final class WorkspaceStock: Sendable {
  /// A workspace on its way from one thread to the next, which alone has it then.
  private struct Spare: @unchecked Sendable {
    let workspace: Workspace
  }

  /// So many are kept; each holds a bounded amount of code.
  private static let limit = 2

  private let spares = Mutex<[Spare]>([])

  /// An empty stock.
  public init() {}

  /// Runs a body with a workspace that nobody else has.
  public func use<Result, Failure: Error>(
    _ body: (Workspace) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let workspace = spares.withLock { $0.popLast() }?.workspace ?? Workspace()
    defer {
      let spare = Spare(workspace: workspace)
      spares.withLock { spares in
        if spares.count < WorkspaceStock.limit { spares.append(spare) }
      }
    }
    return try body(workspace)
  }
}
