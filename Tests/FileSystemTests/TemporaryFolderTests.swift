import FileSystem
import Glibc
import TestSupport
import Testing

@Suite("A temporary folder")
struct TemporaryFolderTests {
  private func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  @Test("is fresh each time, and goes with all that is below it, but not with what links lead to")
  func removal() throws {
    let kept = try TemporaryFolder.make(prefix: "opal-kept-")
    defer { TemporaryFolder.remove(kept) }
    try writeFile(kept + "/file", [1])
    let folder = try TemporaryFolder.make(prefix: "opal-gone-")
    #expect(folder != kept && folder.contains("/opal-gone-"))
    #expect(unsafe mkdir(folder + "/inner", 0o755) == 0)
    #expect(unsafe mkdir(folder + "/inner/.closed", 0o755) == 0)
    try writeFile(folder + "/inner/.closed/file", [2])
    #expect(unsafe chmod(folder + "/inner/.closed", 0o000) == 0)
    #expect(unsafe symlink(kept, folder + "/inner/link") == 0)
    TemporaryFolder.remove(folder)
    #expect(!exists(folder))
    #expect(try readFile(kept + "/file") == [1])
    // What is not there is no trouble.
    TemporaryFolder.remove(folder)
  }
}
