import Blobs
import Testing

@Suite("Payloads") struct PayloadTests {
  @Test("a payload comes back from its encoding, whatever its length")
  func roundTrip() throws {
    for length in [0, 1, 30, 31, 32, 61, 62, 63, 992, 993, 5000] {
      let payload = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ length) }
      let encoded = PayloadCodec.encode(payload)
      #expect(encoded.count == 32 * PayloadCodec.elementCount(payloadSizeInBytes: length))
      #expect(encoded.count & (encoded.count - 1) == 0)
      #expect(try PayloadCodec.decode(encoded) == payload)
    }
  }

  @Test("more zeros after the payload change nothing, as long as elements are a power of two")
  func padding() throws {
    let encoded = PayloadCodec.encode([1, 2, 3])
    let longer = encoded + [UInt8](repeating: 0, count: encoded.count)
    #expect(try PayloadCodec.decode(longer) == [1, 2, 3])
    #expect(throws: PayloadError.length(encoded.count + 32)) {
      try PayloadCodec.decode(encoded + [UInt8](repeating: 0, count: 32))
    }
  }

  @Test("each byte that is not the payload's must be zero, and says which it is")
  func strictness() throws {
    let encoded = PayloadCodec.encode([9, 9, 9])
    var accepted: [Int] = []
    for index in encoded.indices {
      var changed = encoded
      changed[index] ^= 0x80
      if (try? PayloadCodec.decode(changed)) != nil { accepted.append(index) }
    }
    // The three bytes of the payload itself.
    #expect(accepted == [33, 34, 35])
    var version = encoded
    version[1] = 1
    #expect(throws: PayloadError.version(1)) { try PayloadCodec.decode(version) }
    #expect(throws: PayloadError.length(0)) { try PayloadCodec.decode([]) }
  }

  @Test("a blob carries the same payload in both forms, and refuses elements from the order on")
  func forms() throws {
    let payload = [UInt8](repeating: 0xab, count: 200)
    for form in [PolynomialForm.coefficients, .evaluations] {
      let blob = try Blob(payload: payload, form: form)
      #expect(blob.length == 8)
      #expect(try PayloadCodec.decode(blob.encodedPayload(form: form)) == payload)
      #expect(try Blob(bytes: blob.bytes) == blob)
    }
    #expect(throws: BlobError.elementOutOfRange) {
      try Blob(bytes: [UInt8](repeating: 0xff, count: 32))
    }
    #expect(throws: BlobError.length(96)) { try Blob(bytes: [UInt8](repeating: 0, count: 96)) }
    #expect(throws: BlobError.length(0)) { try Blob(bytes: []) }
  }
}
