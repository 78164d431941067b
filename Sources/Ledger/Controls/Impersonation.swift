import Cryptography
import Execution
import Primitives

/// A transaction that nobody signed entered a pool: the operator sends it in another's name.
public struct Impersonation: Hashable, Sendable {
  /// The chain whose pool it entered.
  public var layer: Layer
  /// In whose name.
  public var sender: Address
  /// The transaction in its EIP-2718 encoding, with the mark of the sender for a signature.
  public var encoded: Bytes

  /// An impersonation of a sender.
  public init(layer: Layer, sender: Address, encoded: Bytes) {
    self.layer = layer
    self.sender = sender
    self.encoded = encoded
  }

  /// `layer, sender, encoded`.
  func write(to list: inout RLPWriter) {
    list.append(uint64: UInt64(layer.rawValue))
    list.append(address: sender)
    list.append(bytes: encoded)
  }

  init?(from list: inout RLPReader) throws(RLPError) {
    guard let layer = try Layer(from: &list) else { return nil }
    self.init(
      layer: layer, sender: try list.address(), encoded: Bytes(try list.bytes()))
  }
}
