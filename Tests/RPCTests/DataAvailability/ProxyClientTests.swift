import Blobs
import Cryptography
import DataAvailability
import Foundation
import HTTP
import NativeCryptography
import Primitives
import RPC
import Testing

@Suite("A proxy by its URL") struct ProxyClientTests {
  private func service() throws -> ProxyService {
    let terms = DevelopmentNetwork.terms(.development(order: 16))
    let key = try #require(PrivateKey(Keccak256.hash(Bytes("payer".utf8)).bytes))
    let network = StorageNetwork(
      MemoryRecord(DevelopmentNetwork.initialState), terms: terms,
      cryptography: NativeCryptographyProvider.shared)
    try DevelopmentNetwork(operatorCount: 3, terms: terms, account: key.address)
      .begin(network, block: 10) { _ in MemoryChunkStore() }
    return ProxyService(
      network, options: ProxyOptions(payloadLimitInBytes: 400),
      account: ProxyAccount(address: key.address) { key.sign($0).bytes65 },
      preimages: MemoryPreimageStore()
    ) { ProxyTime(nanoseconds: 5_000_000_000, block: 50) }
  }

  /// Runs what blocks on a thread of its own: the server needs the threads that tests run on.
  ///
  /// What is expected is said afterwards, where the test is known.
  private func onOwnThread<Value: Sendable>(
    _ work: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
    }
  }

  @Test("payloads go in and come back, and each failure is told as what to do about it")
  func roundTrip() async throws {
    let service = try service()
    let server = try ProxyServer(service, configuration: HTTPConfiguration())
    defer { server.stop() }
    let address = "http://127.0.0.1:\(server.port)"
    let stored = try await onOwnThread { try ProxyClient(address: address).store([1, 2, 3]) }
    guard case .commitment(let commitment) = stored else {
      Issue.record("the payload was not stored but \(stored)")
      return
    }
    #expect(commitment.prefix(3) == [1, 0, 2])
    let fetched = try await onOwnThread {
      let client = try ProxyClient(address: address)
      return try [commitment, [1, 0, 2, 0xc0], [7]].enumerated().map { index, commitment in
        try client.fetch(commitment, inclusionBlock: index == 0 ? 51 : nil)
      }
    }
    #expect(fetched == [.payload([1, 2, 3]), .dropped(code: 1), .unavailable(status: 400)])
    let outcomes = try await onOwnThread {
      let client = try ProxyClient(address: address)
      let tooLarge = client.store(Bytes(repeating: 0, count: 401))
      service.withNetwork { $0.fault = .down }
      let whileDown = client.store([1])
      service.withNetwork { $0.fault = .none }
      return [tooLarge, whileDown, client.store([1])]
    }
    #expect(outcomes.prefix(2) == [.refused(status: 400), .failOver])
    #expect(outcomes.last != .failOver)
  }

  @Test("a proxy that is not there is one to fail over from")
  func absent() throws {
    let client = try ProxyClient(address: "http://127.0.0.1:1")
    #expect(client.store([1]) == .failOver)
    #expect(throws: HTTPClientError.self) { try client.fetch([1], inclusionBlock: nil) }
    #expect(throws: HTTPClientError.self) { try ProxyClient(address: "ftp://x") }
  }
}
