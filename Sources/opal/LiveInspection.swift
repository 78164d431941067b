import Client
import Derivation
import Execution
import JSON
import Ledger
import Primitives

/// A batcher transaction of a running L1, with what the node knows of it.
struct LiveInspection {
  private let client: RPCClient
  private let hash: Hash
  private let encoded: Bytes

  /// Looks a transaction up at the node that `--rpc` names.
  init(_ arguments: Arguments, of hash: Hash) throws(Failure) {
    client = RPCClient(url: try arguments.value("--rpc") ?? "http://127.0.0.1:8546")
    self.hash = hash
    let answer = try LiveInspection.ask(
      client, "eth_getRawTransactionByHash", .string(hash.hexadecimal))
    guard let bytes = LiveInspection.bytes(answer), !bytes.isEmpty else {
      throw .failed("\(client.url) knows no transaction \(hash.hexadecimal)")
    }
    encoded = bytes
  }

  /// Prints what it holds, and what derivation said; whether all of it counts.
  func print(_ arguments: Arguments) throws(Failure) -> Bool {
    var inspection = try BatchInspection(arguments, configuration: configuration)
    inspection.carried = carried
    let isGood = inspection.print(encoded, isChannel: false)
    return try printVerdict() && isGood
  }

  /// The rollup's configuration, where the node is an Opal one.
  private var configuration: RollupConfiguration? {
    guard let text = try? client.ask("opal_getRollup")["rollup"]?.string else { return nil }
    return (try? RollupDocument(parsing: Bytes(text.utf8)))?.configuration
  }

  /// The blobs and data that the transaction names, as far as the node has them.
  private var carried: [Hash: Bytes] {
    var found: [Hash: Bytes] = [:]
    guard let transaction = try? Transaction.decode(encoded) else { return found }
    for name in transaction.blobHashes {
      let answer = try? client.ask("opal_getBlob", .string(name.hexadecimal))
      found[name] = answer?["blob"].flatMap { LiveInspection.bytes($0) }
    }
    if transaction.data.first == AltDACommitment.version,
      let commitment = try? AltDACommitment.decode(transaction.data[1...])
    {
      let name = commitment.contentName
      let answer = try? client.ask("opal_getInput", .string(name.hexadecimal))
      found[name] = answer.flatMap { LiveInspection.bytes($0) }
    }
    return found
  }

  /// What the node's derivation passed over of it, by the rules' names.
  private func printVerdict() throws(Failure) -> Bool {
    let receipt = try LiveInspection.ask(
      client, "eth_getTransactionReceipt", .string(hash.hexadecimal))
    guard let block = receipt["blockNumber"] else {
      Terminal.say("the transaction stands in no block yet")
      return true
    }
    guard let answer = try? client.ask("opal_droppedInputs", block), let inputs = answer.array
    else {
      return true
    }
    let own = inputs.filter { $0["transactionHash"]?.string == hash.hexadecimal }
    for input in own { Terminal.say(input["message"]?.string ?? "dropped") }
    // A channel that this transaction ended is judged in the same block.
    for input in inputs where input["transactionHash"]?.isNull ?? true {
      Terminal.say("in the same L1 block: \(input["message"]?.string ?? "dropped")")
    }
    if inputs.isEmpty {
      Terminal.say("\(client.url) has dropped nothing that stands in the same L1 block")
    }
    return own.isEmpty
  }

  private static func ask(
    _ client: RPCClient, _ method: String, _ parameters: JSON...
  ) throws(Failure) -> JSON {
    do throws(RPCClientError) {
      return try client.ask(method, parameters: parameters)
    } catch {
      throw .failed("\(client.url): \(error.message)")
    }
  }

  private static func bytes(_ json: JSON) -> Bytes? {
    json.string.flatMap { Hexadecimal.decode($0) }
  }
}
