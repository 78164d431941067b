import Glibc
import Synchronization

/// Work on several threads of the system whose result does not depend on how many there are.
public enum Parallel {
  /// As many threads as the machine has cores.
  public static var coreCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// Runs `body` on so many threads, of which the caller's is one, and waits for all.
  ///
  /// Where the system gives no more threads, fewer do the work.
  public static func run(_ threads: Int, _ body: @escaping @Sendable () -> Void) {
    let work = Work(body)
    var started: [pthread_t] = []
    for _ in 1..<max(1, threads) {
      var thread = pthread_t()
      let box = unsafe Unmanaged.passRetained(work)
      let status = unsafe pthread_create(
        &thread, nil,
        { argument in
          guard let argument = unsafe argument else { return nil }
          unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
          return nil
        }, box.toOpaque())
      guard status == 0 else {
        unsafe box.release()
        break
      }
      started.append(thread)
    }
    body()
    for thread in started { pthread_join(thread, nil) }
  }

  /// What `body` gives for each number below `count`, in their order; each thread takes one number
  /// after the other.
  public static func map<Element: Sendable>(
    _ count: Int, threads: Int, _ body: @escaping @Sendable (Int) -> Element
  ) -> [Element] {
    guard threads > 1, count > 1 else { return (0..<count).map(body) }
    let results = Results<Element>()
    run(min(threads, count)) {
      while let index = results.next(below: count) { results.put(body(index), at: index) }
    }
    return results.inOrder(count)
  }

  /// The numbers below `count`, cut into as many ranges as there are threads.
  public static func ranges(_ count: Int, threads: Int) -> [Range<Int>] {
    let parts = max(1, min(threads, count))
    return (0..<parts).map { part in count * part / parts..<count * (part + 1) / parts }
  }

  private final class Work: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// What came out, by number, and which number is next.
  private final class Results<Element: Sendable>: Sendable {
    private let content = Mutex<[Int: Element]>([:])
    private let taken = Atomic<Int>(0)

    func next(below count: Int) -> Int? {
      let index = taken.wrappingAdd(1, ordering: .relaxed).oldValue
      return index < count ? index : nil
    }

    func put(_ element: Element, at index: Int) {
      content.withLock { $0[index] = element }
    }

    func inOrder(_ count: Int) -> [Element] {
      content.withLock { elements in (0..<count).compactMap { elements[$0] } }
    }
  }
}
