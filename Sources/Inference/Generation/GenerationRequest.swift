import Cryptography
import Primitives

/// How the next token is chosen.
public struct Sampling: Sendable, Hashable {
  /// What the logits are divided by; zero takes the likeliest token each time.
  public var temperature: Double
  /// Only so many of the likeliest tokens are considered; zero considers all.
  public var topK: Int
  /// Only the likeliest tokens whose probabilities reach this sum are considered; one means all.
  public var topP: Double
  /// What the choices are drawn from: the same seed draws the same.
  public var seed: UInt64

  /// The likeliest token each time.
  public static let greedy = Sampling(temperature: 0)

  /// A way of choosing; what is not named changes nothing.
  public init(temperature: Double = 1, topK: Int = 0, topP: Double = 1, seed: UInt64 = 0) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.seed = seed
  }
}

/// What a model is asked for, complete: the same request gives the same answer anywhere.
public struct GenerationRequest: Sendable, Hashable {
  /// The most stop strings, and the longest in bytes.
  public static let stopLimits = (count: 16, sizeInBytes: 256)

  /// The text to continue, as tokens.
  public var promptTokens: [Int]
  /// The most tokens to add; fewer if the model's context is full before.
  public var maximumTokens: Int
  /// How tokens are chosen.
  public var sampling: Sampling
  /// Texts that end the answer where they appear; they are not part of it.
  public var stop: [String]
  /// The adapters that act on the model, in the order in which they are added.
  public var adapters: [AdapterUse]

  /// A request to continue tokens.
  public init(
    promptTokens: [Int], maximumTokens: Int, sampling: Sampling = .greedy, stop: [String] = [],
    adapters: [AdapterUse] = []
  ) {
    self.promptTokens = promptTokens
    self.maximumTokens = maximumTokens
    self.sampling = sampling
    self.stop = stop
    self.adapters = adapters
  }

  /// The request in RLP, with all that decides the answer but the model itself.
  ///
  /// A list of: the kernel version; the prompt's tokens; the most tokens; the temperature's and
  /// top-p's IEEE 754 bits with top-k between; the seed; the stop strings; for each adapter a list
  /// of its hash and its weight's bits.
  public var canonicalBytes: Bytes {
    RLPWriter.list { writer in
      writer.append(uint64: Kernels.version)
      writer.list { writer in
        for token in promptTokens { writer.append(uint64: UInt64(bitPattern: Int64(token))) }
      }
      writer.append(uint64: UInt64(bitPattern: Int64(maximumTokens)))
      writer.append(uint64: sampling.temperature.bitPattern)
      writer.append(uint64: UInt64(bitPattern: Int64(sampling.topK)))
      writer.append(uint64: sampling.topP.bitPattern)
      writer.append(uint64: sampling.seed)
      writer.list { writer in
        for text in stop { writer.append(bytes: Bytes(text.utf8)) }
      }
      writer.list { writer in
        for use in adapters {
          writer.list { writer in
            writer.append(hash: use.adapter.adapterHash)
            writer.append(uint64: use.weight.bitPattern)
          }
        }
      }
    }
  }

  /// Keccak-256 of the canonical bytes: what a usage receipt calls the request.
  public var requestHash: Hash { Keccak256.hash(canonicalBytes) }
}

extension LanguageModel {
  /// The version of the arithmetic, which every request hash contains; see `Kernels`.
  public static var kernelVersion: UInt64 { Kernels.version }

  /// A request to continue a text; marks such as `<|user|>` in it count as such.
  public func request(
    text: String, maximumTokens: Int, sampling: Sampling = .greedy, stop: [String] = []
  ) -> GenerationRequest {
    GenerationRequest(
      promptTokens: tokenizer.encode(text), maximumTokens: maximumTokens, sampling: sampling,
      stop: stop)
  }

  /// A request for the next answer in a conversation.
  ///
  /// - Throws: `ModelError.unsupported` if the model has no chat template that we know.
  public func request(
    chat messages: [ChatMessage], maximumTokens: Int, sampling: Sampling = .greedy,
    stop: [String] = []
  ) throws(ModelError) -> GenerationRequest {
    guard let chatTemplate else { throw .unsupported(feature: "chat: the model has no template") }
    return GenerationRequest(
      promptTokens: try chatTemplate.tokens(of: messages, tokenizer),
      maximumTokens: maximumTokens, sampling: sampling, stop: stop)
  }
}
