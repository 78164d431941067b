import Synchronization
import Threads

/// Runs files on several threads and hands their results over in the files' order.
public struct ParallelRun: Sendable {
  /// How many files are worked on at a time.
  public var threads: Int

  /// As many threads as the machine has cores, or as many as named.
  public init(threads: Int? = nil) {
    self.threads = max(1, threads ?? Parallel.coreCount)
  }

  /// What the threads share: which file is next, and what is finished.
  private final class Progress: Sendable {
    struct Content {
      var next = 0
      var finished: [Int: [CaseResult]] = [:]
      var isReporting = false
      var reported = 0
    }
    let content = Mutex(Content())
    let work: @Sendable (Int) -> [CaseResult]
    let report: @Sendable (Int, [CaseResult]) -> Void
    let count: Int

    init(
      count: Int, work: @escaping @Sendable (Int) -> [CaseResult],
      report: @escaping @Sendable (Int, [CaseResult]) -> Void
    ) {
      self.count = count
      self.work = work
      self.report = report
    }

    /// Works on one file after the other until there is none left.
    func run() {
      while true {
        let index = content.withLock { content in
          defer { content.next += 1 }
          return content.next
        }
        guard index < count else { return }
        let results = work(index)
        content.withLock { $0.finished[index] = results }
        reportWhatIsDue()
      }
    }

    /// Reports finished files in order; one thread at a time does, and the others go on.
    private func reportWhatIsDue() {
      while true {
        let due = content.withLock { content -> (Int, [CaseResult])? in
          let index = content.reported
          guard !content.isReporting, let results = content.finished.removeValue(forKey: index)
          else { return nil }
          content.isReporting = true
          return (index, results)
        }
        guard let (index, results) = due else { return }
        report(index, results)
        content.withLock { content in
          content.reported += 1
          content.isReporting = false
        }
      }
    }
  }

  /// Runs `suite` over `files`; `report` gets each file's results, in order and one at a time.
  public func run(
    _ files: [FixtureFile], with suite: any Suite,
    report: @escaping @Sendable (_ index: Int, _ results: [CaseResult]) -> Void
  ) {
    let progress = Progress(
      count: files.count, work: { suite.run(file: files[$0]) }, report: report)
    Parallel.run(max(1, min(threads, files.count))) { progress.run() }
  }
}
