import NativeCryptography
import Primitives
import Testing
import TransparencyLog

/// The key, text and signature with which Go's note package is documented and tested.
@Suite("Signed notes")
struct NoteTests {
  private static let key =
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
  private static let text =
    "If you think cryptography is the answer to your problem,\n"
    + "then you don't know what your problem is.\n"
  private static let line =
    "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdn"
    + "gotpRZb6KE6RyyBwJnAM="
  private static let note = Bytes((text + "\n" + line + "\n").utf8)

  @Test("a published note verifies, and its key signs it byte for byte")
  func published() throws {
    let key = try VerifierKey(Self.key)
    #expect(key.text == Self.key && key.name == "PeterNeumann")
    let note = try SignedNote(Self.note)
    try note.verify(key)
    #expect(note.bytes == Self.note)
    let seed = try #require(
      Base64.decode(Array(("AYEK" + "FALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz").utf8)))
    let secret = try #require(Ed25519PrivateKey(seed: Bytes(seed.dropFirst())))
    let signer = try #require(NoteSigner(name: "PeterNeumann", key: secret))
    #expect(signer.verifier == key)
    #expect(signer.sign(Bytes(Self.text.utf8), time: 0).line == Self.line)
  }

  @Test("no byte of a key can be changed or left out")
  func mangledKeys() {
    let bytes = Array(Self.key.utf8)
    for place in bytes.indices {
      var changed = bytes
      changed[place] &+= 1
      #expect(throws: TransparencyError.self, "byte \(place)") {
        try VerifierKey(String(decoding: changed, as: UTF8.self))
      }
      #expect(throws: TransparencyError.self) {
        try VerifierKey(String(decoding: bytes[..<place], as: UTF8.self))
      }
    }
  }

  @Test("no byte of a signed text can be changed, and a wrong second signature spoils the note")
  func mangledNotes() throws {
    let key = try VerifierKey(Self.key)
    for place in Self.note.indices.dropLast() {
      var changed = Self.note
      changed[place] ^= 1
      let isAccepted = (try? SignedNote(changed).verify(key)) != nil
      #expect(!isAccepted, "byte \(place)")
    }
    let good = try SignedNote(Self.note)
    let known = good.signatures[0]
    var wrong = known.bytes
    wrong[5] ^= 1
    for order in [[known, known], [known]] {
      let twice = SignedNote(text: good.text, signatures: order)
      #expect(try twice.verify(anyOf: [key, key]) == [key], "signed twice counts once")
    }
    let spoiled = SignedNote(
      text: good.text,
      signatures: [known, .init(name: known.name, keyID: known.keyID, bytes: wrong)])
    #expect(throws: TransparencyError.self) { try spoiled.verify(key) }
    let strangers = SignedNote(
      text: good.text,
      signatures: [.init(name: "stranger", keyID: 1, bytes: [1]), known])
    try strangers.verify(key)
  }

  @Test("what is no note is refused")
  func malformed() {
    let line = Self.line
    let cases = [
      "", "\n", "text", "text\n", "text\n\n", "text\n" + line + "\n", "text\n\n" + line,
      "text\n\n" + line + "\n\n", "text\n\n- PeterNeumann AAAAAAAA\n",
      "text\n\n\u{2014} Peter Neumann AAAAAAAA\n", "text\n\n\u{2014} Peter+Neumann AAAAAAAA\n",
      "text\n\n\u{2014}  AAAAAAAA\n", "text\n\n\u{2014} name AAAA\n",
      "text\n\n\u{2014} name AAAAA===\n",
      "te\u{1}xt\n\n" + line + "\n", "text\r\n\n" + line + "\n",
      "text\n\n" + String(repeating: line + "\n", count: 65),
    ]
    for text in cases {
      #expect(throws: TransparencyError.self, "\(text)") { try SignedNote(Bytes(text.utf8)) }
    }
    #expect(throws: TransparencyError.self) { try SignedNote([0xff, 0x0a, 0x0a] + Self.note) }
    #expect(throws: TransparencyError.self) {
      try SignedNote(Bytes(repeating: 0x61, count: 300_000) + Self.note)
    }
  }

  @Test("a checkpoint's text is read strictly")
  func treeHeads() throws {
    let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
    let text = "example.com/behind-the-sofa\n20852163\n\(root)\n"
    let head = try TreeHead(text: Bytes(text.utf8))
    #expect(head.size == 20_852_163 && head.text == Bytes(text.utf8))
    let longer = text + "more\n"
    #expect(try TreeHead(text: Bytes(longer.utf8)).extensions == ["more"])
    let cases = [
      "", "\n", "o\n1\n", "\n1\n\(root)\n", "o\n01\n\(root)\n", "o\n+1\n\(root)\n",
      "o\n-1\n\(root)\n",
      "o\n\n\(root)\n", "o\n1\n\(root.dropLast())\n", "o\n1\n\(root)\n\n",
      "o\n9223372036854775808\n\(root)\n",
      "o\n1\nAAAA\n", "o\n1\n\(root)", "o\n1 \n\(root)\n", "o\n1\n\(root.dropLast(2))J=\n",
    ]
    for text in cases {
      #expect(throws: TransparencyError.self, "\(text)") { try TreeHead(text: Bytes(text.utf8)) }
    }
  }

  @Test("base64 is that of RFC 4648, and is read only as it is written")
  func base64() {
    let known = [
      "": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==",
      "fooba": "Zm9vYmE=", "foobar": "Zm9vYmFy",
    ]
    for (text, encoded) in known {
      #expect(Base64.encode(Bytes(text.utf8)) == encoded)
      #expect(Base64.decode(Array(encoded.utf8)) == Bytes(text.utf8))
    }
    for text in ["Z", "Zg", "Zg=", "Zh==", "Zm9=", "====", "A===", "Zg==Zg==", "Zm 9", "Zm9_"] {
      #expect(Base64.decode(Array(text.utf8)) == nil, "\(text)")
    }
  }
}
