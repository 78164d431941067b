import Blobs
import Cryptography
import DataAvailability
import Foundation
import NativeCryptography
import Primitives
import TestSupport
import Testing

@Suite("The proxy") struct ProxyTests {
  private func service(_ version: Certificate.Version = .v3) throws -> ProxyService {
    let test = try TestNetwork()
    var options = ProxyOptions(payloadLimitInBytes: 1000)
    options.version = version
    options.allowsAdministration = true
    let key = test.key
    return ProxyService(
      test.network, options: options,
      account: ProxyAccount(address: key.address) { key.sign($0).bytes65 },
      preimages: MemoryPreimageStore()
    ) { ProxyTime(nanoseconds: 5_000_000_000, block: 50) }
  }

  private func get(_ service: ProxyService, _ commitment: Bytes, _ query: String = "") -> (
    status: Int, body: Bytes
  ) {
    let response = service.respond(
      method: "GET", path: "/get/" + Hexadecimal.encodePrefixed(commitment), query: query,
      body: [])
    return (response.status, response.body)
  }

  @Test("payloads come back by generic and by standard commitments", arguments: [0, 1, 500])
  func roundTrip(length: Int) throws {
    let service = try service()
    let payload = Bytes(repeating: 0xfe, count: length)
    let put = service.respond(method: "POST", path: "/put", query: "", body: payload)
    #expect(put.status == 200)
    #expect(put.body.prefix(3) == [1, 0, 2])
    #expect(get(service, put.body) == (200, payload))
    let encoded = get(service, put.body, "return_encoded_payload")
    #expect(encoded == (200, PayloadCodec.encode(payload)))
    let standard = service.respond(
      method: "POST", path: "/put/", query: "commitment_mode=standard", body: payload)
    #expect(standard.body.first == 2)
    #expect(get(service, standard.body, "commitment_mode=standard") == (200, payload))
  }

  @Test("Keccak commitments keep preimages, and only those")
  func preimages() throws {
    let service = try service()
    let body = Bytes("data".utf8)
    let commitment = [0] + Keccak256.hash(body).bytes
    let path = "/put/" + Hexadecimal.encodePrefixed(commitment)
    #expect(get(service, commitment).status == 400)
    #expect(service.respond(method: "POST", path: path, query: "", body: [1]).status == 400)
    #expect(service.respond(method: "POST", path: path, query: "", body: body).status == 200)
    #expect(get(service, commitment) == (200, body))
  }

  @Test("each kind of failure has the status that clients act on")
  func statuses() throws {
    let service = try service(.v4)
    let put = service.respond(method: "POST", path: "/put", query: "", body: [1, 2, 3])
    #expect(get(service, [2, 0, 2]).status == 400)
    #expect(get(service, [1, 1, 2, 0xc0]).status == 400)
    #expect(get(service, [1, 0, 4, 0xc0]).status == 400)
    #expect(get(service, [1, 0, 0, 0xc0]).status == 400)
    #expect(get(service, put.body, "l1_inclusion_block_number=x").status == 400)
    func derivationError(_ response: (status: Int, body: Bytes)) -> String {
      response.status == 418
        ? String(decoding: response.body.prefix(16), as: UTF8.self) : "\(response.status)"
    }
    #expect(derivationError(get(service, [1, 0, 2, 0xc0])) == #"{"StatusCode":1,"#)
    let late = get(service, put.body, "l1_inclusion_block_number=14451")
    #expect(derivationError(late) == #"{"StatusCode":2,"#)
    #expect(get(service, put.body, "l1_inclusion_block_number=14450").status == 200)
    var certificate = try Certificate(genericCommitment: put.body[...])
    certificate.batchHeader.root = .zero
    #expect(
      derivationError(get(service, certificate.genericCommitment)) == #"{"StatusCode":3,"#)
    let long = Bytes(repeating: 1, count: 1001)
    #expect(service.respond(method: "POST", path: "/put", query: "", body: long).status == 400)
    #expect(service.respond(method: "GET", path: "/put", query: "", body: []).status == 404)
    #expect(service.respond(method: "GET", path: "/health", query: "", body: []).status == 200)
  }

  @Test("a disperser that is switched off answers 503, and comes back")
  func failover() throws {
    let service = try service()
    func administer(_ body: String) -> Int {
      service.respond(
        method: "PUT", path: "/admin/eigenda-dispersal-backend", query: "",
        body: Bytes(body.utf8)
      ).status
    }
    #expect(administer(#"{"eigenDADispersalBackend":"none"}"#) == 200)
    #expect(service.respond(method: "POST", path: "/put", query: "", body: [1]).status == 503)
    #expect(administer(#"{"eigenDADispersalBackend":"V2"}"#) == 200)
    #expect(service.respond(method: "POST", path: "/put", query: "", body: [1]).status == 200)
  }

  @Test("a reservation whose rate is exceeded answers 429")
  func rate() throws {
    let service = try service()
    let account = try TestNetwork().key.address
    service.withNetwork { network in
      try? network.decide(
        .reserved(
          account: account,
          reservation: Reservation(symbolsPerSecond: 1, start: 0, end: 100, quorums: [0, 1]),
          timeInNanoseconds: 0))
    }
    #expect(service.respond(method: "POST", path: "/put", query: "", body: [1]).status == 200)
    #expect(service.respond(method: "POST", path: "/put", query: "", body: [1]).status == 429)
  }

  @Test(
    "the routes and statuses are those of EigenDA's own description",
    .enabled(if: Project.hasVectors("da/certs"), "no vectors of the DA layer"))
  func contract() throws {
    let service = try service()
    // A real certificate of another network parses, and is not valid here.
    let file = Project.vectors.appending(path: "da/certs/real_network_certs.json")
    let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    let field = "\"altda_commitment_hex\": \""
    let start = try #require(text.range(of: field)).upperBound
    let bytes = try #require(Hexadecimal.decode(String(text[start...].prefix { $0 != "\"" })))
    let response = get(service, bytes)
    #expect(response.status == 418)
    #expect(String(decoding: response.body, as: UTF8.self).hasPrefix(#"{"StatusCode":3,"#))
  }
}
