/// Why a model's files cannot be used.
public enum ModelError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A file is missing or cannot be read; the system's reason.
  case unreadable(file: String, reason: String)

  /// A file is larger than we take.
  case tooLarge(file: String, limitInBytes: Int)

  /// A file's contents contradict its format.
  case malformed(file: String, reason: String)

  /// A tensor is missing, or is not what the configuration says.
  case tensor(name: String, reason: String)

  /// A sound file asks for something that this engine does not do.
  case unsupported(feature: String)

  /// What is wrong and where, for people.
  public var description: String {
    switch self {
    case .unreadable(let file, let reason): "cannot read \(file): \(reason)"
    case .tooLarge(let file, let limit): "\(file) is larger than \(limit) bytes"
    case .malformed(let file, let reason): "\(file) is malformed: \(reason)"
    case .tensor(let name, let reason): "tensor \(name): \(reason)"
    case .unsupported(let feature): "not supported: \(feature)"
    }
  }
}
