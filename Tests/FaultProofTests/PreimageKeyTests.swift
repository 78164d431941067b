import Cryptography
import FaultProof
import Primitives
import Testing

@Suite("Keys of preimages")
struct PreimageKeyTests {
  @Test("a key keeps its kind and 31 bytes of its hash")
  func kinds() throws {
    let hash = Keccak256.hash([1, 2, 3])
    for key in [PreimageKey.keccak256(hash), .sha256(hash), .blob(hash), .precompile(hash)] {
      #expect(key.bytes.bytes[1...] == hash.bytes[1...])
      #expect(key.bytes.bytes[0] == key.kind.rawValue)
      #expect(PreimageKey(bytes: key.bytes) == key)
    }
    #expect(PreimageKey(bytes: .zero) == nil)
    #expect(PreimageKey.local(5).bytes.bytes[31] == 5)
  }
}
