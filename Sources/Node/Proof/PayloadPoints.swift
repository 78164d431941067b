import Blobs
import Pairings
import Primitives
import Synchronization

/// Powers of a DA layer's τ in G1, by which encoded payloads are held to their commitments.
public final class PayloadPoints: Sendable {
  /// The points from 1 on; those for development are made when they are first needed.
  private let points: Mutex<[BN254.G1]>
  private let isDevelopment: Bool

  private init(_ points: [BN254.G1], isDevelopment: Bool) {
    self.points = Mutex(points)
    self.isDevelopment = isDevelopment
  }

  /// Those for development, of which everybody knows τ.
  public static let development = PayloadPoints([], isDevelopment: true)

  /// Those in a file, compressed as gnark does it.
  ///
  /// - Throws: ``NodeError/file(path:reason:)``.
  public convenience init(path: String) throws(NodeError) {
    let bytes = try Files.read(path, limitInBytes: 1 << 28)
    do throws(ReferenceStringError) {
      self.init(try ReferenceString.points1(bytes), isDevelopment: false)
    } catch {
      throw .file(path: path, reason: "the points cannot be read: \(error)")
    }
  }

  /// So many of them, from 1 on; nil where there are fewer.
  public func first(_ count: Int) -> [BN254.G1]? {
    points.withLock { points in
      if isDevelopment, points.count < count, count <= Blob.lengthLimit {
        points += ReferenceString.developmentPowers1(points.count..<count)
      }
      return points.count >= count ? Array(points[..<count]) : nil
    }
  }

  /// Whether they are powers of the τ that `tau2` is of, as far as the second tells.
  public func fit(_ tau2: G2Words) -> Bool {
    guard let tau2 = tau2.point, let first = first(2) else { return false }
    return ReferenceString.arePowers(first, of: tau2)
  }

  /// Whether bytes are the encoded payload that a certificate is of.
  public func holds(_ encodedPayload: Bytes, to certificate: Certificate) -> Bool {
    let words = certificate.commitment
    guard encodedPayload.count == Int(words.length) * PayloadCodec.elementSizeInBytes,
      let blob = try? Blob(encodedPayload: encodedPayload, form: .evaluations),
      let powers = first(blob.length), let commitment = blob.commitment(powers)
    else { return false }
    return G1Words(commitment) == words.commitment
  }
}
