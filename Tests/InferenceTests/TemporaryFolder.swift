import Glibc
import Inference
import Primitives
import Synchronization
import Testing

/// A folder that goes with its owner.
final class TemporaryFolder {
  private static let counter = Atomic(0)

  let path: String
  private var names: [String] = []

  init() throws {
    let number = Self.counter.add(1, ordering: .relaxed).newValue
    path = "/tmp/opal-inference-test-\(getpid())-\(number)"
    try #require(unsafe mkdir(path, 0o700) == 0)
  }

  deinit {
    for name in names { unsafe unlink(path + "/" + name) }
    unsafe rmdir(path)
  }

  func write(_ name: String, _ bytes: Bytes) throws {
    guard let file = unsafe fopen(path + "/" + name, "w") else {
      Issue.record("cannot write \(name)")
      return
    }
    names.append(name)
    let written = unsafe bytes.withUnsafeBytes { unsafe fwrite($0.baseAddress, 1, $0.count, file) }
    unsafe fclose(file)
    #expect(written == bytes.count)
  }

  func copy(_ names: [String], from folder: String) throws {
    for name in names {
      try write(name, readFile(folder + "/" + name, limitInBytes: 1 << 26))
    }
  }
}
