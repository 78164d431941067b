import Glibc
import Synchronization

extension Parallel {
  /// What `other` gives on a thread of its own, and `here` meanwhile on this one.
  ///
  /// - Throws: what `here` throws, once both are done.
  public static func beside<Other: Sendable, Here, Failure: Error>(
    _ other: @escaping @Sendable () -> Other, _ here: () throws(Failure) -> Here
  ) throws(Failure) -> (other: Other, here: Here) {
    let found = Mutex<Other?>(nil)
    let box = Held { found.withLock { $0 = other() } }
    var thread = pthread_t()
    let argument = unsafe Unmanaged.passRetained(box)
    let status = unsafe pthread_create(
      &thread, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<Held>.fromOpaque(argument).takeRetainedValue().body()
        return nil
      }, argument.toOpaque())
    if status != 0 { unsafe argument.release() }
    let result: Result<Here, Failure>
    do throws(Failure) { result = .success(try here()) } catch { result = .failure(error) }
    if status == 0 { pthread_join(thread, nil) }
    return (found.withLock { $0 } ?? other(), try result.get())
  }

  private final class Held: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}
