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
      DevelopmentNetwork.initialState, terms: terms,
      cryptography: NativeCryptographyProvider.shared
    ) { _ in }
    try DevelopmentNetwork(operatorCount: 3, terms: terms, account: key.address)
      .begin(network, block: 10) { _ in MemoryChunkStore() }
    return ProxyService(
      network, options: ProxyOptions(payloadLimitInBytes: 400),
      account: ProxyAccount(address: key.address) { key.sign($0).bytes65 }
    ) { ProxyTime(nanoseconds: 5_000_000_000, block: 50) }
  }

  /// Runs what blocks on a thread of its own: the server needs the threads that tests run on.
  private func onOwnThread(_ work: @escaping @Sendable () throws -> Void) async throws {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
    }
  }

  @Test("payloads go in and come back, and each failure is told as what to do about it")
  func roundTrip() async throws {
    try await onOwnThread { try storeAndFetch() }
  }

  private func storeAndFetch() throws {
    let service = try service()
    let server = try ProxyServer(service, configuration: HTTPConfiguration())
    defer { server.stop() }
    let client = try ProxyClient(address: "http://127.0.0.1:\(server.port)")
    guard case .commitment(let commitment) = client.store([1, 2, 3]) else {
      Issue.record("the payload was not stored")
      return
    }
    #expect(commitment.prefix(3) == [1, 0, 2])
    #expect(try client.fetch(commitment, inclusionBlock: 51) == .payload([1, 2, 3]))
    #expect(
      try client.fetch([1, 0, 2, 0xc0], inclusionBlock: nil) == .dropped(code: 1))
    #expect(try client.fetch([7], inclusionBlock: nil) == .unavailable(status: 400))
    #expect(client.store(Bytes(repeating: 0, count: 401)) == .refused(status: 400))
    service.withNetwork { $0.fault = .down }
    #expect(client.store([1]) == .failOver)
    service.withNetwork { $0.fault = .none }
    #expect(client.store([1]) != .failOver)
  }

  @Test("a proxy that is not there is one to fail over from")
  func absent() throws {
    let client = try ProxyClient(address: "http://127.0.0.1:1")
    #expect(client.store([1]) == .failOver)
    #expect(throws: HTTPClientError.self) { try client.fetch([1], inclusionBlock: nil) }
    #expect(throws: HTTPClientError.self) { try ProxyClient(address: "ftp://x") }
  }
}
