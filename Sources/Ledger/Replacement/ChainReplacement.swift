import Cryptography
import EVM
import Execution
import Primitives

/// That a development chain took over accounts, and perhaps blocks, from a document.
public struct StateLoading: Hashable, Sendable {
  /// The chain.
  public var layer: Layer
  /// The Keccak-256 of the ``StateDocument``, which the content store has.
  public var content: Hash

  /// A loading of a document.
  public init(layer: Layer, content: Hash) {
    self.layer = layer
    self.content = content
  }
}

/// That a development chain goes on from a block of another chain, as an outside node gave it.
///
/// What the accounts hold there is asked for as it is needed, and checked against the header's
/// state root; so the header is all that must be recorded.
public struct ChainFork: Hashable, Sendable {
  /// The chain that goes on.
  public var layer: Layer
  /// The other chain's number, which is the chain's own from now on.
  public var chainID: UInt64
  /// The block's header in RLP.
  public var header: Bytes
  /// The hashes of the blocks before it, the last one its parent's; at most 255.
  public var ancestors: [Hash]

  /// The most hashes of earlier blocks that code can ask for.
  public static let ancestorLimit = 255

  /// A fork at a block.
  public init(layer: Layer, chainID: UInt64, header: Bytes, ancestors: [Hash]) {
    self.layer = layer
    self.chainID = chainID
    self.header = header
    self.ancestors = ancestors
  }

  /// The header, if it is one, and the ancestors lead to it.
  var decodedHeader: BlockHeader? {
    guard let header = try? BlockHeader.decode(header), header.number < 1 << 40,
      ancestors.count <= min(UInt64(Self.ancestorLimit), header.number),
      ancestors.isEmpty || ancestors.last == header.parentHash
    else { return nil }
    return header
  }
}

/// That a layer's blocks give way to others, which nobody executed here.
public struct ChainReplacement: Sendable {
  /// The first number from which on the former blocks are gone.
  public var firstNumber: UInt64
  /// The blocks in their place, ascending.
  public var blocks: [StateDocument.HistoricBlock]
  /// What changed in the accounts with them.
  public var diff = StateDiff()
  /// The state after the last of them, if all of it is at hand.
  public var state: State?
}

// MARK: Encoding

extension StateLoading {
  /// `layer, content`.
  func write(to list: inout RLPWriter) {
    list.append(uint64: UInt64(layer.rawValue))
    list.append(hash: content)
  }

  init?(from list: inout RLPReader) throws(RLPError) {
    guard let layer = try Layer(from: &list) else { return nil }
    self.init(layer: layer, content: try list.hash())
  }
}

extension ChainFork {
  /// `layer, chainID, header, [hash, …]`.
  func write(to list: inout RLPWriter) {
    list.append(uint64: UInt64(layer.rawValue))
    list.append(uint64: chainID)
    list.append(bytes: header)
    list.append(hashes: ancestors)
  }

  init?(from list: inout RLPReader) throws(RLPError) {
    guard let layer = try Layer(from: &list) else { return nil }
    self.init(
      layer: layer, chainID: try list.uint64(), header: Bytes(try list.bytes()),
      ancestors: try list.hashes())
  }
}
