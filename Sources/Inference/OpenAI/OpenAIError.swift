import JSON
import Primitives

/// A refusal in OpenAI's form: an HTTP status and a body that clients know how to read.
public struct OpenAIError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The HTTP status.
  public var status: Int
  /// What is wrong, for people.
  public var message: String
  /// The kind of error, as OpenAI names it.
  public var type: String
  /// The parameter that is wrong, if one is.
  public var parameter: String?
  /// A word for programs, if there is one.
  public var code: String?

  /// A refusal.
  public init(
    status: Int = 400, message: String, type: String = "invalid_request_error",
    parameter: String? = nil, code: String? = nil
  ) {
    self.status = status
    self.message = message
    self.type = type
    self.parameter = parameter
    self.code = code
  }

  /// The refusal of a request that the model cannot answer.
  public init(_ error: GenerationError) {
    self.init(message: error.description)
    switch error {
    case .emptyPrompt, .unknownToken: parameter = "prompt"
    case .promptTooLong: code = "context_length_exceeded"
    case .parameter(let name, _): parameter = name
    case .notFinite:
      status = 500
      type = "server_error"
    }
  }

  /// What is wrong, for people.
  public var description: String { message }

  /// The reply's body: `{"error": {"message", "type", "param", "code"}}`.
  public var json: JSON {
    [
      "error": [
        "message": .string(message),
        "type": .string(type),
        "param": parameter.map { .string($0) } ?? .null,
        "code": code.map { .string($0) } ?? .null,
      ]
    ]
  }

  /// A parameter of the wrong type.
  static func type(_ parameter: String, expected: String, got: JSON) -> OpenAIError {
    OpenAIError(
      message:
        "Invalid type for '\(parameter)': expected \(expected), but got \(got.kind) instead.",
      parameter: parameter, code: "invalid_type")
  }

  /// A parameter out of its range.
  static func value(_ parameter: String, _ requirement: String) -> OpenAIError {
    OpenAIError(
      message: "Invalid value for '\(parameter)': \(requirement).", parameter: parameter,
      code: "invalid_value")
  }

  /// A parameter that this server does not act upon, and so does not accept.
  static func unsupported(_ parameter: String) -> OpenAIError {
    OpenAIError(
      message: "Unsupported parameter: '\(parameter)' is not supported by this server.",
      parameter: parameter, code: "unsupported_parameter")
  }
}
