import Conformance
import Glibc
import Primitives

/// Another implementation of the EVM in Python, which answers cases line for line.
final class PeerProcess {
  private let process: LineProcess

  /// Starts a peer's script with the Python that `tools/fuzz --prepare` made for it.
  init(_ peer: CaseGenerator.Peer, home: Home) throws(Failure) {
    let python = try Self.python(peer, home: home)
    let script = home.path + "/tools/fuzz-peers/\(peer.rawValue)_peer.py"
    guard Self.isRunnable(python) else {
      throw .failed(
        "the peer \(peer.rawValue) is not installed (\(python) is missing); "
          + "'tools/fuzz --prepare' installs it from PyPI, or set "
          + "\(Self.variable(peer)) to a Python that has it")
    }
    do throws(LineProcess.Failure) {
      process = try LineProcess([python, "-u", script])
    } catch {
      throw .failed("the peer \(peer.rawValue) could not be started")
    }
  }

  /// Sends a line; `answer()` gives what the peer makes of it.
  func ask(_ line: Bytes) throws(Failure) {
    do throws(LineProcess.Failure) { try process.ask(line) } catch { throw Self.words(error) }
  }

  /// Waits for the next line.
  func answer() throws(Failure) -> Bytes {
    do throws(LineProcess.Failure) { return try process.answer() } catch { throw Self.words(error) }
  }

  private static func words(_ failure: LineProcess.Failure) -> Failure {
    .failed(
      failure == .silence
        ? "a peer did not answer for five minutes" : "a peer died; its words are above")
  }

  // MARK: Where it is

  private static func variable(_ peer: CaseGenerator.Peer) -> String {
    "OPAL_FUZZ_" + peer.rawValue.uppercased()
  }

  private static func python(
    _ peer: CaseGenerator.Peer, home: Home
  ) throws(Failure) -> String {
    if let named = unsafe getenv(variable(peer)) { return unsafe String(cString: named) }
    return home.path + "/.build/fuzz-peers/\(peer.rawValue)/bin/python"
  }

  private static func isRunnable(_ path: String) -> Bool { unsafe access(path, X_OK) == 0 }
}
