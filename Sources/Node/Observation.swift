import Synchronization
import Views

/// That somebody is told of what a node publishes; ends when it is let go.
public final class Observation: Sendable {
  private let writer: Writer
  private let name: UInt64

  init(_ writer: Writer, _ body: @escaping @Sendable ([ViewEntry]) -> Void) {
    self.writer = writer
    name = writer.observers.withLock { observers in
      let name = (observers.keys.max() ?? 0) + 1
      observers[name] = body
      return name
    }
  }

  deinit { writer.observers.withLock { _ = $0.removeValue(forKey: name) } }
}
