import COpenSSL
import CSecp256k1
import Cryptography
import NativeCryptography
import Primitives

/// Hashes, signatures and modular powers: the core's own or the provider's, beside libsecp256k1 and
/// OpenSSL called bare, without any of our checks and copies.
struct CryptographyBench {
  func run(_ report: inout Report) {
    hashes(&report)
    signatures(&report)
    modularPower(&report)
    verifyP256(&report)
  }

  /// Ours and a peer's in turns; both give something that must be the same.
  private func race<Result: Equatable>(
    _ name: String, _ report: inout Report, unit: String = "us", beside peer: String,
    ours: @escaping () -> Result, theirs: @escaping () -> Result
  ) {
    guard report.wants(name) else { return }
    if ours() != theirs() { report.fail("\(name): \(peer) comes to something else") }
    let count = Stopwatch.repetitions(for: 0.02) { _ = ours() }
    let medians = Report.interleaved(
      rounds: report.isFull ? 25 : 9,
      [
        { Stopwatch.secondsEach(count) { _ = ours() } },
        { Stopwatch.secondsEach(count) { _ = theirs() } },
      ])
    report.add(
      name, ours: medians[0] * 1e6, peer: (peer, medians[1] * 1e6), unit: unit)
  }

  /// Bytes that look random.
  private static func bytes(_ count: Int) -> Bytes {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ $0 >> 8 &* 7 &+ 13) }
  }

  // MARK: Hashes

  private func hashes(_ report: inout Report) {
    let sha3 = BareOpenSSL.Digest("SHA3-256")
    let keccak = BareOpenSSL.Digest("KECCAK-256")
    for (title, count) in [("32 B", 32), ("136 B", 136), ("1 KiB", 1024), ("1 MiB", 1 << 20)] {
      let input = Self.bytes(count)
      if let keccak {
        race("Keccak-256, \(title)", &report, beside: "OpenSSL") {
          Keccak256.hash(input).bytes
        } theirs: {
          keccak.hash(input)
        }
      } else if let sha3 {
        // The same permutation and rate, another padding byte.
        race("Keccak-256, \(title)", &report, beside: "OpenSSL's SHA3") {
          Keccak256.hash(input).bytes.count
        } theirs: {
          sha3.hash(input).count
        }
      }
    }
    for (title, count) in [("64 B", 64), ("1 KiB", 1024), ("1 MiB", 1 << 20)] {
      let input = Self.bytes(count)
      race("SHA-256, the host's, \(title)", &report, beside: "OpenSSL") {
        NativeSHA256.hash(input).bytes
      } theirs: {
        BareOpenSSL.sha256(input)
      }
      race("SHA-256, the core's, \(title)", &report, beside: "OpenSSL") {
        SHA256.hash(input).bytes
      } theirs: {
        BareOpenSSL.sha256(input)
      }
    }
    if let ripemd160 = BareOpenSSL.Digest("RIPEMD160") {
      let input = Self.bytes(128)
      race("RIPEMD-160, 128 B", &report, beside: "OpenSSL") {
        NativeCryptographyProvider.shared.ripemd160(input)
      } theirs: {
        ripemd160.hash(input)
      }
    }
  }

  // MARK: secp256k1

  private func signatures(_ report: inout Report) {
    guard let key = PrivateKey(Self.bytes(32)), let bare = BareSecp256k1() else {
      return report.fail("no key")
    }
    // Three times as many as the keys that the provider remembers, so that it has forgotten each by
    // its next turn, and recovers every time.
    let signed = (0..<3 * 16_384).map { number in
      let hash = Keccak256.hash(Bytes("message \(number)".utf8))
      return (hash: hash, signature: key.sign(hash))
    }
    var index = 0
    var theirIndex = 0
    race("secp256k1 recovery", &report, beside: "libsecp256k1") {
      let (hash, signature) = signed[index]
      index = (index + 1) % signed.count
      return NativeCryptographyProvider.shared.recoverPublicKey(
        messageHash: hash, r: signature.r, s: signature.s, yParity: signature.yParity)
    } theirs: {
      let (hash, signature) = signed[theirIndex]
      theirIndex = (theirIndex + 1) % signed.count
      return bare.recover(
        hash.bytes, compact: signature.r.bigEndianBytes + signature.s.bigEndianBytes,
        recovery: signature.yParity ? 1 : 0)
    }
    let hash = signed[0].hash
    race("secp256k1 signature", &report, beside: "libsecp256k1") {
      let signature = key.sign(hash)
      return signature.r.bigEndianBytes + signature.s.bigEndianBytes
    } theirs: {
      bare.sign(hash.bytes, secret: Self.bytes(32))
    }
    // A verification is a recovery here, since addresses are what signatures are checked against.
    let publicKey = key.publicKey
    let signature = signed[0].signature
    race("secp256k1 verification", &report, beside: "libsecp256k1") {
      let (hash, signature) = signed[index]
      index = (index + 1) % signed.count
      return NativeCryptographyProvider.shared.recoverPublicKey(
        messageHash: hash, r: signature.r, s: signature.s, yParity: signature.yParity)
        == publicKey
    } theirs: {
      bare.verify(
        hash.bytes, compact: signature.r.bigEndianBytes + signature.s.bigEndianBytes,
        key: publicKey)
    }
  }

  // MARK: OpenSSL

  private func modularPower(_ report: inout Report) {
    for count in [32, 64, 256] {
      let (base, exponent) = (Self.bytes(count), Self.bytes(count).reversed() as Bytes)
      var modulus = Self.bytes(count)
      modulus[0] |= 0x80
      modulus[count - 1] |= 1
      guard let bare = BareOpenSSL.ModularPower(base, exponent, modulus) else { continue }
      race("modular power, \(8 * count) bits", &report, beside: "OpenSSL") {
        NativeCryptographyProvider.shared.modularPower(
          base: base, exponent: exponent, modulus: modulus)
      } theirs: {
        bare.power()
      }
    }
  }

  private func verifyP256(_ report: inout Report) {
    let hash = Keccak256.hash(Self.bytes(32))
    guard let bare = BareOpenSSL.P256(hash.bytes) else { return }
    race("P-256 verification", &report, beside: "OpenSSL") {
      NativeCryptographyProvider.shared.verifyP256(
        messageHash: hash, r: UInt256(bigEndian: bare.r), s: UInt256(bigEndian: bare.s),
        x: UInt256(bigEndian: bare.x), y: UInt256(bigEndian: bare.y))
    } theirs: {
      bare.verify()
    }
  }
}
