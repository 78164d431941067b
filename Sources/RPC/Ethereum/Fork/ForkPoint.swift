import Execution
import JSON
import Ledger
import Node
import Primitives

extension ChainFork {
  /// The fork at a block of another node's chain, by default its latest.
  ///
  /// A negative number counts from the latest back. `chainID` is the chain's number from then on,
  /// by default the other's.
  ///
  /// - Throws: `RPCError` where the node does not answer, or the block's hash is not its header's.
  public init(
    of remote: any RemoteChain, at number: Int64?, layer: Layer = .two, chainID: UInt64? = nil
  ) throws(RPCError) {
    var selector: JSON = number.map { .quantity(UInt64($0.magnitude)) } ?? "latest"
    if let number, number < 0 {
      let head = try remote.answer("eth_blockNumber", []).looseUInt64()
      selector = .quantity(head - min(head, number.magnitude))
    }
    let block = try remote.answer("eth_getBlockByNumber", [selector, false])
    guard case .object = block.json else {
      throw .refused("\(remote.url) has no block \(number.map { String($0) } ?? "latest")")
    }
    let header = try block.blockHeader()
    guard try block.required("hash").hash() == header.hash else {
      throw .refused(
        "block \(header.number) of \(remote.url) has a header of a form that is not known here")
    }
    let own = try remote.answer("eth_chainId", []).looseUInt64()
    self.init(
      layer: layer, chainID: chainID ?? own, header: header.encoded,
      ancestors: try Self.ancestors(of: header, remote))
  }

  /// The hashes of the blocks before one, as many as the other node gives.
  private static func ancestors(
    of header: BlockHeader, _ remote: any RemoteChain
  ) throws(RPCError) -> [Hash] {
    var hashes: [Hash] = []
    var parent = header.parentHash
    var number = header.number
    while number > 0, hashes.count < ancestorLimit {
      hashes.append(parent)
      number -= 1
      guard number > 0, hashes.count < ancestorLimit,
        let block = try? remote.ask("eth_getBlockByNumber", [.quantity(number), false]),
        let next = block["parentHash"]?.string.flatMap({ Hash(hexadecimal: $0) }),
        block["hash"]?.string.flatMap({ Hash(hexadecimal: $0) }) == parent
      else { break }
      parent = next
    }
    return hashes.reversed()
  }
}

extension RemoteChain {
  /// An answer whose parts can be read.
  func answer(_ method: String, _ parameters: [JSON]) throws(RPCError) -> RPCValue {
    do throws(RemoteFailure) {
      return RPCValue(try ask(method, parameters), argument: 0)
    } catch {
      throw RPCError(error)
    }
  }
}

extension RPCError {
  /// Another node did not answer, or refused.
  init(_ failure: RemoteFailure) {
    self = RPCError(
      code: failure.code ?? -32000,
      message: "the node that the chain was forked from: \(failure.message)")
  }
}
