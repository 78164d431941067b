import Primitives

/// What the program says of a claim.
public enum ProofVerdict: Hashable, Sendable {
  /// The claim is the output that follows from L1.
  case valid
  /// Another output follows from L1.
  case invalid(actual: Hash)
  /// Nothing follows: something is missing, or malformed.
  case undecided(UndecidedReason)

  /// The exit code of OP's program: 0 valid, 1 invalid, 2 could not decide.
  public var exitCode: UInt8 {
    switch self {
    case .valid: 0
    case .invalid: 1
    case .undecided: 2
    }
  }

  /// The verdict in words.
  public var message: String {
    switch self {
    case .valid: "valid"
    case .invalid(let actual): "invalid: the output root is " + actual.hexadecimal
    case .undecided(let reason): "could not decide: " + reason.message
    }
  }
}

/// Why the program could not decide.
public enum UndecidedReason: Hashable, Sendable {
  /// The oracle did not have something, or had it wrong.
  case preimage(PreimageFault)
  /// The configuration is none.
  case configuration
  /// The agreed output is none, or of another chain.
  case agreedOutput
  /// A part of the L2 state is not in the oracle.
  case state
  /// A part of the L1 state that a certificate's verifier reads is not in the oracle.
  case l1State
  /// Derivation began in the wrong place.
  case derivation
  /// No correct block can be derived any more.
  case critical
  /// The data of a commitment can only be checked by their DA layer.
  case commitment

  /// The reason in words.
  public var message: String {
    switch self {
    case .preimage(let fault): fault.message
    case .configuration: "the rollup's configuration is malformed"
    case .agreedOutput: "the agreed output is malformed"
    case .state: "a part of the L2 state is missing"
    case .l1State: "a part of the L1 state is missing"
    case .derivation: "the safe head does not follow from this L1 chain"
    case .critical: "derivation cannot go on"
    case .commitment: "a commitment's DA layer is not known to the program"
    }
  }
}

/// A verdict, and how far the program got.
public struct ProofResult: Hashable, Sendable {
  /// The verdict.
  public var verdict: ProofVerdict
  /// The last L2 block that was derived, or the agreed one.
  public var blockNumber: UInt64

  /// A result of these values.
  public init(verdict: ProofVerdict, blockNumber: UInt64) {
    self.verdict = verdict
    self.blockNumber = blockNumber
  }
}
