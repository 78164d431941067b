import Glibc

/// Threads of the system that do the same work until all are done.
public enum Threads {
  /// How many cores the machine has.
  public static var coreCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Runs `body` on so many threads, of which the caller's is one, and waits for all.
  ///
  /// Where the system gives no more threads, fewer do the work.
  public static func run(_ count: Int, _ body: @escaping @Sendable () -> Void) {
    let work = Work(body)
    var started: [pthread_t] = []
    for _ in 1..<max(1, count) {
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
}
