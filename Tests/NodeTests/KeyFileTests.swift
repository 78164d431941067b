import NativeCryptography
import Node
import Primitives
import Testing

/// Key files of geth's and cast's.
@Suite struct KeyFileTests {
  /// Written by eth-account for the key 0x46… with the password "naïve pass".
  private static let scrypt = """
    {"address": "9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F", "crypto": {"cipher": "aes-128-ctr", \
    "cipherparams": {"iv": "cdaf63c4af858391a44d5e3834db1b2b"}, "ciphertext": \
    "511a3f2928149127eecf194c7c954538beecc9f3dd4c71f354d99bb864539733", "kdf": "scrypt", \
    "kdfparams": {"dklen": 32, "n": 1024, "r": 8, "p": 1, "salt": \
    "73e75387f9dd67206d8ca4cbc3b07a6a"}, "mac": \
    "4686151955adaef7ec78c0e36187fe73dfd4c06440abbd21069ec2412b6f6102"}, \
    "id": "71376dd0-b1db-467b-a29a-7ad92c71b04e", "version": 3}
    """

  /// The definition's own example.
  private static let pbkdf2 = """
    {"crypto": {"cipher": "aes-128-ctr", "cipherparams": \
    {"iv": "6087dab2f9fdbbfaddc31a909735c1e6"}, "ciphertext": \
    "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46", "kdf": "pbkdf2", \
    "kdfparams": {"c": 262144, "dklen": 32, "prf": "hmac-sha256", "salt": \
    "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"}, "mac": \
    "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"}, "version": 3}
    """

  private static let password = Bytes("naïve pass".utf8)

  @Test("a file of scrypt's and one of PBKDF2's open under their passwords")
  func open() throws {
    let first = try KeyFile.open(Bytes(Self.scrypt.utf8), password: Self.password)
    #expect(first.bytes == Bytes(repeating: 0x46, count: 32))
    let second = try KeyFile.open(
      Bytes(Self.pbkdf2.utf8), password: Bytes("testpassword".utf8))
    #expect(
      Hexadecimal.encode(second.bytes)
        == "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d")
  }

  @Test("another password, and a file that was changed, are told")
  func wrongPassword() {
    let wrong = KeyFileErrorMatcher("the password does not open it")
    wrong.expect { try KeyFile.open(Bytes(Self.scrypt.utf8), password: []) }
    wrong.expect {
      try KeyFile.open(
        Bytes(Self.scrypt.replacing("511a", with: "511b").utf8), password: Self.password)
    }
    KeyFileErrorMatcher("its key is not that of the address it names").expect {
      try KeyFile.open(
        Bytes(Self.scrypt.replacing("9d8A", with: "9d8B").utf8), password: Self.password)
    }
  }

  @Test(
    "what is no key file, or asks for more work than wallets do, is refused at once",
    arguments: [
      ("\"version\": 3", "\"version\": 1"), ("aes-128-ctr", "aes-128-cbc"), ("scrypt", "argon2"),
      ("\"n\": 1024", "\"n\": 1099511627776"), ("\"n\": 1024", "\"n\": 18446744073709551615"),
      ("\"n\": 1024", "\"n\": 1023"), ("\"n\": 1024", "\"n\": -1"), ("\"n\": 1024", "\"n\": 1e3"),
      ("\"r\": 8", "\"r\": 4294967296"), ("\"r\": 8", "\"r\": 0"), ("\"p\": 1", "\"p\": 99999999"),
      ("\"dklen\": 32", "\"dklen\": 16"), ("\"dklen\": 32", "\"dklen\": 18446744073709551615"),
      ("cdaf63c4", "cdaf63"), ("\"iv\"", "\"vi\""), ("4686151955", "46861519"),
      ("\"crypto\"", "\"krypto\""), ("\"kdfparams\"", "\"params\""), ("73e75387", "xx"),
      ("\"ciphertext\"", "\"text\""),
    ])
  func hostile(text: String, instead: String) {
    let file = Self.scrypt.replacing(text, with: instead)
    #expect(file != Self.scrypt)
    #expect(throws: KeyFileError.self) {
      try KeyFile.open(Bytes(file.utf8), password: Self.password)
    }
  }

  @Test("no file, half a file and a huge one are refused")
  func fragments() {
    let whole = Bytes(Self.scrypt.utf8)
    for count in stride(from: 0, to: whole.count, by: 7) {
      #expect(throws: KeyFileError.self) {
        try KeyFile.open(Bytes(whole.prefix(count)), password: Self.password)
      }
    }
    for file in ["[]", "null", "{}", String(repeating: "[", count: 70_000)] {
      #expect(throws: KeyFileError.self) {
        try KeyFile.open(Bytes(file.utf8), password: Self.password)
      }
    }
  }
}

/// A refusal in these words.
private struct KeyFileErrorMatcher {
  let message: String

  init(_ message: String) { self.message = message }

  func expect(_ body: () throws -> Any) {
    do {
      _ = try body()
      Issue.record("nothing was refused")
    } catch {
      #expect((error as? KeyFileError)?.message == message)
    }
  }
}
