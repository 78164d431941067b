import Cryptography
import Primitives

/// Why a request cannot be answered.
public enum GenerationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is nothing to continue.
  case emptyPrompt
  /// The prompt fills the model's context.
  case promptTooLong(tokenCount: Int, contextLength: Int)
  /// A token that the model does not have.
  case unknownToken(Int)
  /// A parameter is out of its range; the parameter, by the name it has on the wire.
  case parameter(name: String, reason: String)
  /// The model computed infinities or no numbers: its weights are broken.
  case notFinite

  /// What is wrong, for people.
  public var description: String {
    switch self {
    case .emptyPrompt: "the prompt is empty"
    case .promptTooLong(let count, let limit):
      "the prompt has \(count) tokens, but this model's maximum context length is \(limit) tokens "
        + "and the answer needs room"
    case .unknownToken(let token): "token \(token) is not in the model's vocabulary"
    case .parameter(let name, let reason): "\(name) \(reason)"
    case .notFinite: "the model's numbers are not finite"
    }
  }
}

/// Why an answer ended.
public enum FinishReason: String, Sendable, Hashable {
  /// The model ended its text, or a stop string appeared.
  case stop
  /// The most tokens were reached, or the context was full.
  case length
  /// The caller wanted no more.
  case cancelled
}

/// A step of an answer as it comes.
public struct TokenPiece: Sendable, Hashable {
  /// The token; absent in the last piece, which only brings text that was held back.
  public let token: Int?
  /// What can be shown by now: whole characters, perhaps none.
  public let text: String
}

/// An answer.
public struct GenerationResult: Sendable, Hashable {
  /// The tokens that the model chose, its end token included.
  public let tokens: [Int]
  /// Their text up to the stop string, if one appeared.
  public let text: String
  /// Why the answer ended.
  public let finishReason: FinishReason
  /// How many tokens were asked with.
  public let promptTokenCount: Int

  /// How many tokens were chosen.
  public var completionTokenCount: Int { tokens.count }

  /// Keccak-256 of the RLP list of the tokens' list and the finish reason: what a usage receipt
  /// calls the answer.
  public var outputHash: Hash {
    Keccak256.hash(
      RLPWriter.list { writer in
        writer.list { writer in
          for token in tokens { writer.append(uint64: UInt64(token)) }
        }
        writer.append(bytes: Bytes(finishReason.rawValue.utf8))
      })
  }
}
