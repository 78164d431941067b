import FaultProof
import Primitives
import Synchronization

/// Who can answer the program's hints: with preimages that are probably asked for next.
public protocol ProofHost: AnyObject, Sendable {
  /// The preimages that a hint speaks of, put into a set.
  func prepare(_ hint: PreimageHint, into set: inout PreimageSet)
}

/// An oracle that asks a host, and writes down what the program really asked for.
public final class RecordingOracle: PreimageOracle {
  private struct Contents {
    var known = PreimageSet()
    var recorded = PreimageSet()
    var hints: Set<PreimageHint> = []
  }

  private let host: any ProofHost
  private let isRecording: Bool
  private let contents: Mutex<Contents>

  /// An oracle for a dispute about `inputs`; without recording, only the verdict is of interest.
  public init(inputs: BootInputs, host: any ProofHost, isRecording: Bool = true) {
    self.host = host
    self.isRecording = isRecording
    var contents = Contents()
    contents.known.insert(inputs)
    self.contents = Mutex(contents)
  }

  /// What was asked for so far.
  public var recorded: PreimageSet { contents.withLock { $0.recorded } }

  /// The preimage of `key`, or nil when the host does not have it.
  public func preimage(_ key: PreimageKey) -> Bytes? {
    contents.withLock { contents in
      let preimage = contents.known[key]
      if isRecording, let preimage { contents.recorded[key] = preimage }
      return preimage
    }
  }

  /// Lets the host prepare what the hint speaks of.
  public func hint(_ hint: PreimageHint) {
    contents.withLock { contents in
      guard contents.hints.insert(hint).inserted else { return }
      host.prepare(hint, into: &contents.known)
      if case .l1Blob(let hash, _, _) = hint, let proof = contents.known.blobProof(of: hash) {
        contents.recorded.insert(proof)
      }
    }
  }
}
