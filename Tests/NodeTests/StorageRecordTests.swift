import Blobs
import Cryptography
import DataAvailability
import Ledger
import NativeCryptography
import Node
import Primitives
import Testing

/// A node without chains, whose log has a data availability layer.
private struct LayerNode {
  let place: Place
  let string = ReferenceString.development(order: 8)

  init() throws { place = try Place() }

  func open() throws -> Node {
    var configuration = try place.configuration(
      genesis: GenesisDeclaration(documents: [], settler: .zero))
    configuration.sequencers = []
    if !place.directory.holdsLog {
      configuration.storage = StorageDocument(development: string)
    }
    return try Node(configuration)
  }

  func service(_ node: Node) throws -> ProxyService {
    let document = try #require(node.world.storage?.document)
    let terms = try #require(document.terms(string))
    let network = StorageNetwork(
      try #require(NodeStorageRecord(node)), terms: terms,
      cryptography: NativeCryptographyProvider.shared)
    let key = Project.key(3)
    try DevelopmentNetwork(operatorCount: 2, terms: terms, account: key.address)
      .begin(network, block: 7) { id -> any ChunkStore in
        let folder = place.directory.path + "/operators/" + id.hexadecimal
        return (try? DiskChunkStore(folder: folder)) ?? MemoryChunkStore()
      }
    var options = ProxyOptions(payloadLimitInBytes: 200)
    options.blobVersion = document.blobVersion
    return ProxyService(
      network, options: options,
      account: ProxyAccount(address: key.address) { key.sign($0).bytes65 },
      preimages: node.content
    ) { ProxyTime(nanoseconds: 5_000_000_000, block: 50) }
  }
}

@Suite("A data availability layer by itself") struct StorageRecordTests {
  @Test("a node without chains keeps the layer's events, preimages and chunks over a restart")
  func restart() throws {
    let layer = try LayerNode()
    let payload = Bytes("kept".utf8)
    let preimage = "/put/0x00" + String(Keccak256.hash(payload).hexadecimal.dropFirst(2))
    let commitment: Bytes
    let fingerprint: Hash?
    do {
      let node = try layer.open()
      defer { node.stop() }
      let service = try layer.service(node)
      let put = service.respond(method: "POST", path: "/put", query: "", body: payload)
      #expect(put.status == 200)
      commitment = put.body
      let kept = service.respond(method: "POST", path: preimage, query: "", body: payload)
      #expect(kept.status == 200)
      fingerprint = node.world.storage?.state.fingerprint
    }
    let node = try layer.open()
    defer { node.stop() }
    #expect(node.world.storage?.state.fingerprint == fingerprint)
    let service = try layer.service(node)
    let path = "/get/" + Hexadecimal.encodePrefixed(commitment)
    let answer = service.respond(method: "GET", path: path, query: "", body: [])
    #expect(answer.status == 200 && answer.body == payload)
    let found = service.respond(
      method: "GET", path: preimage.replacing("/put/", with: "/get/"), query: "", body: [])
    #expect(found.status == 200 && found.body == payload)
  }

  @Test("the log replays, and another process sees the layer's state while the node runs")
  func snapshot() throws {
    let layer = try LayerNode()
    let node = try layer.open()
    let service = try layer.service(node)
    #expect(
      service.respond(method: "POST", path: "/put", query: "", body: [1]).status == 200)
    let snapshot = try #require(try StorageSnapshot.read(layer.place.directory))
    #expect(snapshot.state == node.world.storage?.state)
    #expect(snapshot.document.profile == .development)
    let misfit = service.withNetwork { network -> StorageMisfit? in
      do throws(StorageMisfit) {
        try network.decide(.blobEncoded(blobKey: .zero))
        return nil
      } catch {
        return error
      }
    }
    #expect(misfit == .blob(.zero))
    node.stop()
    // A node that has stopped takes no blobs; whoever asks is told to go elsewhere.
    #expect(
      service.respond(method: "POST", path: "/put", query: "", body: [2]).status == 503)
    let result = try Replay.check(layer.place.directory)
    #expect(result.commitment == node.world.commitment)
  }
}
