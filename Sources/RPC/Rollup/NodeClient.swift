import HTTP
import JSON
import Primitives

/// Why another node did not answer as it should.
public struct NodeClientError: Error, Hashable, Sendable {
  /// What was wrong, in words.
  public var message: String
}

/// Another node, asked over JSON-RPC.
struct NodeClient: Sendable {
  private let http: HTTPClient
  private let address: String

  init(address: String) throws(NodeClientError) {
    self.address = address
    do throws(HTTPClientError) {
      http = try HTTPClient(address: address)
    } catch {
      throw NodeClientError(message: error.message)
    }
  }

  /// Calls a method.
  func call(_ method: String, _ parameters: JSON...) throws(NodeClientError) -> JSON {
    let request: JSON = [
      "jsonrpc": "2.0", "id": 1, "method": .string(method), "params": .array(parameters),
    ]
    let body: [UInt8]
    do throws(HTTPClientError) {
      body = try http.post(request.serialized())
    } catch {
      throw NodeClientError(message: "\(address): \(error.message)")
    }
    guard let answer = try? JSON.parse(body) else {
      throw NodeClientError(message: "\(address): the answer is no JSON")
    }
    if let error = answer["error"], !error.isNull {
      throw NodeClientError(
        message: "\(address): \(method): \(error["message"]?.string ?? "an error")")
    }
    guard let result = answer["result"] else {
      throw NodeClientError(message: "\(address): \(method): there is no result")
    }
    return result
  }

  /// Calls a method that answers with data.
  func data(_ method: String, _ parameters: JSON) throws(NodeClientError) -> Bytes {
    guard let text = try call(method, parameters).string, let bytes = Hexadecimal.decode(text)
    else { throw malformed(method) }
    return bytes
  }

  /// Calls a method that answers with a number.
  func number(_ method: String) throws(NodeClientError) -> UInt64 {
    guard let text = try call(method).string,
      let number = UInt256(hexadecimal: text)?.asUInt64
    else { throw malformed(method) }
    return number
  }

  func malformed(_ method: String) -> NodeClientError {
    NodeClientError(message: "\(address): \(method): the answer is not of the expected form")
  }
}
