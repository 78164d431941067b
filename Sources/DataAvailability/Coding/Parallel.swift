import Glibc
import Synchronization

/// Work on several threads whose result does not depend on how many there are.
public enum Parallel {
  /// As many threads as the machine has cores.
  public static var coreCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// What `body` gives for each number below `count`, in their order.
  public static func map<Element: Sendable>(
    _ count: Int, threads: Int, _ body: @escaping @Sendable (Int) -> Element
  ) -> [Element] {
    guard threads > 1, count > 1 else { return (0..<count).map(body) }
    let results = Results<Element>()
    Work(count: count) { index in results.put(body(index), at: index) }
      .run(threads: min(threads, count))
    return results.inOrder(count)
  }

  /// The numbers below `count`, cut into as many ranges as there are threads.
  public static func ranges(_ count: Int, threads: Int) -> [Range<Int>] {
    let parts = max(1, min(threads, count))
    return (0..<parts).map { part in count * part / parts..<count * (part + 1) / parts }
  }

  /// What came out, by number.
  private final class Results<Element: Sendable>: Sendable {
    private let content = Mutex<[Int: Element]>([:])

    func put(_ element: Element, at index: Int) {
      content.withLock { $0[index] = element }
    }

    func inOrder(_ count: Int) -> [Element] {
      content.withLock { elements in (0..<count).compactMap { elements[$0] } }
    }
  }

  /// Numbers to work on, of which each thread takes one after the other.
  private final class Work: Sendable {
    private let next = Atomic<Int>(0)
    private let count: Int
    private let step: @Sendable (Int) -> Void

    init(count: Int, step: @escaping @Sendable (Int) -> Void) {
      self.count = count
      self.step = step
    }

    func run(threads: Int) {
      var started: [pthread_t] = []
      for _ in 1..<threads {
        var thread = pthread_t()
        let box = unsafe Unmanaged.passRetained(self)
        let status = unsafe pthread_create(
          &thread, nil,
          { argument in
            guard let argument = unsafe argument else { return nil }
            unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().takeAll()
            return nil
          }, box.toOpaque())
        guard status == 0 else {
          unsafe box.release()
          break
        }
        started.append(thread)
      }
      takeAll()
      for thread in started { pthread_join(thread, nil) }
    }

    private func takeAll() {
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        step(index)
      }
    }
  }
}
