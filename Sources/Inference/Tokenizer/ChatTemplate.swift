import Glibc
import JSON
import Primitives

/// One turn of a conversation.
public struct ChatMessage: Sendable, Hashable {
  /// Who speaks.
  public enum Role: String, Sendable, Hashable, CaseIterable {
    /// Instructions that hold for the whole conversation.
    case system
    /// The person or program that asks.
    case user
    /// The model.
    case assistant
  }

  /// Who speaks.
  public var role: Role
  /// What is said.
  public var content: String

  /// A turn.
  public init(role: Role, content: String) {
    self.role = role
    self.content = content
  }
}

/// How a conversation is written down for a model.
///
/// Published templates are programs in Jinja. Known ones are written out here and recognized by
/// their whole text; for any other, the model answers completions and refuses conversations.
public enum ChatTemplate: Sendable, Hashable {
  /// `<|role|>content`, and `<|eos|>` behind each answer; the template of Opal's own models.
  case roleTokens
  /// A template that is not known.
  case unknown

  /// The text of the template that `roleTokens` stands for.
  static let roleTokensText =
    "{% for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] }}"
    + "{% if m['role'] == 'assistant' %}{{ '<|eos|>' }}{% endif %}{% endfor %}"
    + "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"

  /// The template in a model's folder, if it has one.
  static func load(directory: String) throws(ModelError) -> ChatTemplate? {
    guard let text = try text(directory: directory) else { return nil }
    return text.utf8.elementsEqual(roleTokensText.utf8) ? .roleTokens : .unknown
  }

  private static func text(directory: String) throws(ModelError) -> String? {
    let limit = 1 << 20
    let path = directory + "/chat_template.jinja"
    if unsafe access(path, F_OK) == 0 {
      return String(decoding: try readFile(path, limitInBytes: limit), as: UTF8.self)
    }
    let configuration = directory + "/tokenizer_config.json"
    guard unsafe access(configuration, F_OK) == 0 else { return nil }
    let bytes = try readFile(configuration, limitInBytes: limit)
    return try parseJSON(bytes, file: "tokenizer_config.json")["chat_template"]?.string
  }

  /// The tokens of a conversation up to where the model's next answer begins.
  ///
  /// What people say is encoded as plain text: `<|eos|>` in a message is eight characters.
  /// - Throws: `ModelError.unsupported` if the template is not known, `.malformed` if the tokenizer
  ///   lacks its marks.
  func tokens(
    of messages: [ChatMessage], _ tokenizer: Tokenizer
  ) throws(ModelError) -> [Int] {
    guard self == .roleTokens else { throw .unsupported(feature: "this model's chat template") }
    var tokens = tokenizer.encode("")
    for message in messages {
      tokens.append(try Self.mark(message.role.rawValue, tokenizer))
      tokens += tokenizer.encode(
        message.content, addsSpecialTokens: false, recognizesSpecialTokens: false)
      if message.role == .assistant { tokens.append(try Self.mark("eos", tokenizer)) }
    }
    tokens.append(try Self.mark("assistant", tokenizer))
    return tokens
  }

  private static func mark(_ name: String, _ tokenizer: Tokenizer) throws(ModelError) -> Int {
    guard let token = tokenizer.addedToken("<|" + name + "|>") else {
      throw .malformed(file: TokenizerFile.fileName, reason: "no token <|\(name)|>")
    }
    return token
  }
}
