import Cryptography
import Primitives
import Testing

@Suite("SHA-256")
struct SHA256Tests {
  @Test("known hashes come out")
  func known() {
    #expect(
      SHA256.hash([] as Bytes).hexadecimal
        == "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      SHA256.hash(Bytes("abc".utf8)).hexadecimal
        == "0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    let two = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
    #expect(
      SHA256.hash(Bytes(two.utf8)).hexadecimal
        == "0x248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    #expect(
      SHA256.hash(Bytes(repeating: 0x61, count: 1_000_000)).hexadecimal
        == "0xcdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test("bytes that arrive piece by piece hash as they do at once")
  func pieces() {
    let message = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    for piece in [1, 31, 55, 56, 63, 64, 65, 999] {
      var hasher = SHA256Hasher()
      for start in stride(from: 0, to: message.count, by: piece) {
        hasher.update(message[start..<min(start + piece, message.count)])
      }
      #expect(hasher.finalize() == SHA256.hash(message))
    }
  }
}
