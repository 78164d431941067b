import Cryptography
import Derivation
import HTTP
import JSON
import Primitives

/// A proxy of EigenDA, ours or the real one, by its URL alone: what a batcher stores payloads with,
/// and a follower fetches them.
public struct ProxyClient: Sendable {
  /// What became of a payload.
  public enum Stored: Equatable, Sendable {
    /// It is certified; this is the commitment that goes to L1, behind the byte `01`.
    case commitment(Bytes)
    /// The layer is not available (503): the batcher posts to L1 instead, and tries again later.
    case failOver
    /// The account has used up its rate (429): the batcher waits.
    case rateExceeded
    /// The payload is refused, with this status.
    case refused(status: Int)
  }

  /// What a commitment stands for.
  public enum Fetched: Equatable, Sendable {
    /// The payload.
    case payload(Bytes)
    /// Derivation drops it (418): 1 it cannot be parsed, 2 it is stale, 3 its certificate is not
    /// valid, 4 its blob is no payload.
    case dropped(code: Int)
    /// It cannot be had now, so derivation waits; the status says why.
    case unavailable(status: Int)
  }

  private let http: HTTPClient

  /// A client of the proxy at an address such as `http://127.0.0.1:3100`.
  ///
  /// - Throws: `HTTPClientError.unusableAddress`.
  public init(
    address: String, timeoutInMilliseconds: Int = 120_000
  ) throws(HTTPClientError) {
    var http = try HTTPClient(address: address)
    http.timeoutInMilliseconds = timeoutInMilliseconds
    self.http = http
  }

  /// Stores a payload, and gives the OP generic commitment to it.
  ///
  /// A proxy that cannot be reached is one that is not available.
  public func store(_ payload: Bytes) -> Stored {
    do throws(HTTPClientError) {
      let answer = try http.exchange("POST", "/put", payload)
      switch answer.status {
      case 200 where !answer.body.isEmpty: return .commitment(answer.body)
      case 503: return .failOver
      case 429: return .rateExceeded
      default: return .refused(status: answer.status)
      }
    } catch {
      return .failOver
    }
  }

  /// Stores a payload under its Keccak-256, and gives the OP commitment to it.
  public func storePreimage(_ payload: Bytes) -> Stored {
    let commitment = AltDACommitment.keccak256(Keccak256.hash(payload)).encoded
    do throws(HTTPClientError) {
      let target = "/put/" + Hexadecimal.encodePrefixed(commitment)
      switch try http.exchange("POST", target, payload).status {
      case 200: return .commitment(commitment)
      case 503: return .failOver
      case 429: return .rateExceeded
      case let status: return .refused(status: status)
      }
    } catch {
      return .failOver
    }
  }

  /// Fetches what a commitment stands for; the L1 block that has it tells whether it is stale.
  ///
  /// With `wantsEncoded` the payload comes as it stands in the blob, for who checks it himself.
  ///
  /// - Throws: `HTTPClientError` if the proxy cannot be reached.
  public func fetch(
    _ commitment: Bytes, inclusionBlock: UInt64?, wantsEncoded: Bool = false
  ) throws(HTTPClientError) -> Fetched {
    var query: [String] = []
    if let inclusionBlock { query.append("l1_inclusion_block_number=\(inclusionBlock)") }
    if wantsEncoded { query.append("return_encoded_payload=true") }
    var target = "/get/" + Hexadecimal.encodePrefixed(commitment)
    if !query.isEmpty { target += "?" + query.joined(separator: "&") }
    let answer = try http.exchange("GET", target)
    switch answer.status {
    case 200: return .payload(answer.body)
    case 418:
      let code = (try? JSON.parse(answer.body))?["StatusCode"]?.int
      return code.map { .dropped(code: $0) } ?? .unavailable(status: 418)
    default: return .unavailable(status: answer.status)
    }
  }
}
