import Blobs
import Cryptography
import DataAvailability
import NativeCryptography
import Primitives
import Testing

@Suite("The proxy under strange requests") struct ProxyHostileTests {
  private func service(admin: Bool = true) throws -> ProxyService {
    let test = try TestNetwork()
    var options = ProxyOptions(payloadLimitInBytes: 1000)
    options.allowsAdministration = admin
    options.preimageLimitInBytes = 64
    let key = test.key
    return ProxyService(
      test.network, options: options,
      account: ProxyAccount(address: key.address) { key.sign($0).bytes65 },
      preimages: MemoryPreimageStore(limitInBytes: 100)
    ) { ProxyTime(nanoseconds: 5_000_000_000, block: 50) }
  }

  private func status(
    _ service: ProxyService, _ method: String, _ path: String, query: String = "",
    _ body: Bytes = []
  ) -> Int {
    service.respond(method: method, path: path, query: query, body: body).status
  }

  @Test("commitments of any bytes are answered with a status that clients know")
  func anyCommitment() throws {
    let service = try service()
    let put = service.respond(method: "POST", path: "/put", query: "", body: [1, 2, 3])
    #expect(put.status == 200)
    var generator = SeededGenerator(seed: 5)
    var seen: Set<Int> = []
    let known: Set<Int> = [200, 400, 404, 418, 500]
    for round in 0..<400 {
      var bytes = put.body
      switch round % 4 {
      case 0: bytes.removeLast(Int.random(in: 1...bytes.count, using: &generator))
      case 1: bytes[Int.random(in: 0..<bytes.count, using: &generator)] ^= 0x41
      case 2: bytes.insert(0xff, at: Int.random(in: 0...bytes.count, using: &generator))
      default:
        bytes = (0..<Int.random(in: 0...80, using: &generator)).map { _ in
          UInt8.random(in: 0...255, using: &generator)
        }
        bytes.insert(contentsOf: [1, 0, UInt8(round % 5)], at: 0)
      }
      let path = "/get/" + Hexadecimal.encodePrefixed(bytes)
      for query in ["", "commitment_mode=standard", "l1_inclusion_block_number=60"] {
        let answer = service.respond(method: "GET", path: path, query: query, body: [])
        #expect(known.contains(answer.status), "\(answer.status)")
        if answer.status == 200 { #expect(answer.body == [1, 2, 3]) }
        if answer.status == 418 {
          #expect(answer.contentType == "application/json" && answer.body.first == 0x7b)
        }
        seen.insert(answer.status)
      }
    }
    #expect(seen.isSuperset(of: [400, 418]))
  }

  @Test("paths and queries that nobody has are 400 or 404, and change nothing")
  func paths() throws {
    let service = try service()
    let before = service.withNetwork { $0.state.fingerprint }
    for path in ["", "/", "/get", "/put/0x", "/put/0x01", "/put/zz", "/get/", "/get/0x", "/admin"] {
      for method in ["GET", "POST", "PUT", "DELETE", "", "G\u{e9}T"] {
        let answer = status(service, method, path)
        #expect(answer == 400 || answer == 404, "\(method) \(path): \(answer)")
      }
    }
    for query in [
      "l1_inclusion_block_number=-1", "l1_inclusion_block_number=18446744073709551616",
      "l1_inclusion_block_number=%00",
    ] {
      #expect(status(service, "GET", "/get/0x010002c0", query: query) == 400)
    }
    #expect(status(service, "GET", "/get/0x010002c0", query: "&&=&a=b=c&=&") == 418)
    #expect(service.withNetwork { $0.state.fingerprint } == before)
  }

  @Test("preimages above the limit, or beyond the room there is, are refused")
  func preimages() throws {
    let service = try service()
    func put(_ body: Bytes) -> Int {
      let path = "/put/0x00" + Hexadecimal.encode(Keccak256.hash(body).bytes)
      return status(service, "POST", path, body)
    }
    #expect(put(Bytes(repeating: 1, count: 65)) == 400)
    #expect(put(Bytes(repeating: 2, count: 64)) == 200)
    #expect(put(Bytes(repeating: 2, count: 64)) == 200)
    #expect(put(Bytes(repeating: 3, count: 64)) == 500)
    #expect(put([]) == 200)
  }

  @Test("faults and reservations are given by name, each an event; unknown ones are refused")
  func administration() throws {
    let service = try service()
    let id = try #require(service.withNetwork { $0.nodes.keys.sorted().first })
    let path = "/admin/opal/operators/" + id.hexadecimal
    let before = service.withNetwork { $0.state.eventCount }
    #expect(status(service, "POST", path + "/corrupting") == 200)
    #expect(service.withNetwork { $0.state.fault(of: id) } == .corrupting)
    let shown = service.respond(
      method: "GET", path: "/admin/opal/operators", query: "", body: [])
    #expect(String(decoding: shown.body, as: UTF8.self).contains(#""fault":"corrupting""#))
    let account = "0x" + String(repeating: "0", count: 39) + "7"
    #expect(status(service, "POST", "/admin/opal/reservations/\(account)/12") == 200)
    #expect(service.withNetwork { $0.state.eventCount } == before + 2)
    for wrong in [
      path + "/sleepy", path + "/", "/admin/opal/operators/0x12/down",
      "/admin/opal/operators/" + Hash.zero.hexadecimal + "/down",
      "/admin/opal/reservations/\(account)/-1", "/admin/opal/reservations/me/1",
      "/admin/opal/disperser/asleep", "/admin/opal/relay/asleep",
    ] { #expect(status(service, "POST", wrong) == 400, "\(wrong)") }
    #expect(status(service, "POST", "/admin/opal/relay/lying") == 200)
    #expect(status(service, "POST", "/admin/opal/disperser/otherBlob") == 200)
    #expect(status(service, "POST", "/put", [1]) == 503)
    #expect(status(service, "POST", "/admin/eigenda-dispersal-backend") == 405)
    #expect(status(try self.service(admin: false), "POST", path + "/down") == 403)
  }
}
