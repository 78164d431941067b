import Cryptography
import Primitives
import Testing

@Suite("Proof of work") struct ProofOfWorkTests {
  @Test("Keccak-512 of nothing, and of a whole block of its rate, is what the reference gives")
  func keccak512() {
    // pycryptodome 3.24.1, Crypto.Hash.keccak with 512 bits.
    #expect(
      Hexadecimal.encode(Keccak512.hash([] as Bytes))
        == "0eab42de4c3ceb9235fc91acffe746b29c29a8c366b7c60e4e67c466f36a4304"
        + "c00fa9caf9d87976ba469bcbe06713b435f091ef2769fb160cdab33d3670680e")
    #expect(
      Hexadecimal.encode(Keccak512.hash(Bytes(repeating: 0x61, count: 72)))
        == "4cb1cecbc96415025c7a9d6fb89f82a8482773fd9664c378691a05323ff4700f"
        + "a3e60414e6064814f98b36a61a87f62dffa7c56a2371355868dd37b8a654cf50")
  }
}
