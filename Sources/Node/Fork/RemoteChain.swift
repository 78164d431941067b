import JSON

/// Another node that is asked by JSON-RPC.
public protocol RemoteChain: AnyObject, Sendable {
  /// Where it is, as its user wrote it.
  var url: String { get }

  /// The result of a method.
  ///
  /// - Throws: ``RemoteFailure``, also where the node refuses.
  func ask(_ method: String, _ parameters: [JSON]) throws(RemoteFailure) -> JSON
}

/// Why another node's answer could not be had.
public struct RemoteFailure: Error, Hashable, Sendable {
  /// What is wrong, in words.
  public var message: String
  /// The code of its refusal; nil where it did not answer.
  public var code: Int?

  /// A failure in words.
  public init(message: String, code: Int? = nil) {
    self.message = message
    self.code = code
  }
}
