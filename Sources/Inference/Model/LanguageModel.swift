import Cryptography
import Primitives

/// What a receipt says about the model: the hashes of its three files.
public struct ModelIdentity: Sendable, Hashable {
  /// SHA-256 of `model.safetensors`, by which the public names weights.
  public let weightsHash: Hash
  /// SHA-256 of `tokenizer.json`.
  public let tokenizerHash: Hash
  /// SHA-256 of `config.json`.
  public let configurationHash: Hash

  /// Keccak-256 of the three hashes one after the other, the model's name on chain.
  public var modelHash: Hash {
    Keccak256.hash(weightsHash.bytes + tokenizerHash.bytes + configurationHash.bytes)
  }
}

/// A model in memory, ready to answer; immutable, so any number of threads may use it at once.
public final class LanguageModel: Sendable {
  /// What the model is.
  public let identity: ModelIdentity
  /// Its sizes and choices.
  public let architecture: Architecture
  /// Text to tokens and back.
  public let tokenizer: Tokenizer
  /// How conversations are written for it; absent if it has no template.
  public let chatTemplate: ChatTemplate?

  package let transformer: Transformer

  private init(
    identity: ModelIdentity, architecture: Architecture, tokenizer: Tokenizer,
    chatTemplate: ChatTemplate?, weights: Weights
  ) {
    self.identity = identity
    self.architecture = architecture
    self.tokenizer = tokenizer
    self.chatTemplate = chatTemplate
    transformer = Transformer(architecture, weights: weights)
  }

  /// Reads a model from a folder with `config.json`, `tokenizer.json` and `model.safetensors`.
  ///
  /// A chat template is taken from `chat_template.jinja` or `tokenizer_config.json` if either is
  /// there.
  /// - Throws: `ModelError`, which names the file or the tensor.
  public static func load(directory: String) throws(ModelError) -> LanguageModel {
    let configuration = try readFile(
      directory + "/config.json", limitInBytes: Configuration.limitInBytes)
    let architecture = try Configuration.architecture(configuration)
    let tokenizerFile = try readFile(
      directory + "/tokenizer.json", limitInBytes: TokenizerFile.limitInBytes)
    let tokenizer = try TokenizerFile.tokenizer(tokenizerFile)
    guard tokenizer.vocabularySize <= architecture.vocabularySize else {
      throw .malformed(
        file: TokenizerFile.fileName,
        reason: "\(tokenizer.vocabularySize) tokens for a vocabulary of "
          + "\(architecture.vocabularySize) in config.json")
    }
    let file = try Safetensors(path: directory + "/model.safetensors")
    let identity = ModelIdentity(
      weightsHash: try file.sha256(), tokenizerHash: SHA256.hash(tokenizerFile),
      configurationHash: SHA256.hash(configuration))
    return LanguageModel(
      identity: identity, architecture: architecture, tokenizer: tokenizer,
      chatTemplate: try ChatTemplate.load(directory: directory),
      weights: try Weights(file, architecture))
  }
}
