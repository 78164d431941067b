/// The two ways in which the curve of G2 is a twist of the curve over Fp12.
enum TwistKind: Sendable {
  /// y² = x³ + b/ξ: a point is brought over by the division by a power of w.
  case division
  /// y² = x³ + b·ξ.
  case multiplication
}

/// A curve with an optimal ate pairing, over a tower.
protocol PairingCurve: Sendable {
  associatedtype T: Tower
  associatedtype First: Curve where First.Coordinate == T.Base
  associatedtype Second: Curve where Second.Coordinate == Fp2<T>
  static var twist: TwistKind { get }
  /// One half in Fp.
  static var half: T.Base { get }
}

/// A multiple of a point of G2, and the lines met on the way there.
///
/// In homogeneous coordinates (X/Z, Y/Z), by Costello, Lange and Naehrig (2010) and Aranha and
/// others (2011).
struct LineWalk<P: PairingCurve> {
  typealias Line = (constant: Fp2<P.T>, timesX: Fp2<P.T>, timesY: Fp2<P.T>)

  private var x: Fp2<P.T>
  private var y: Fp2<P.T>
  private var z: Fp2<P.T>

  /// A walk that begins at a point other than infinity.
  init(_ point: AffinePoint<P.Second>) {
    x = point.x
    y = point.y
    z = .one
  }

  /// Doubles the point: the tangent.
  @inline(never)
  mutating func double() -> Line {
    let a = x * y * P.half
    let b = y.squared()
    let c = z.squared()
    let e = P.Second.b * c.tripled()
    let f = e.tripled()
    let g = (b + f) * P.half
    let h = (y + z).squared() - (b + c)
    let square = e.squared()
    let j = x.squared()
    x = a * (b - f)
    y = g.squared() - square.tripled()
    z = b * h
    return (e - b, j.tripled(), -h)
  }

  /// Adds a point: the chord.
  @inline(never)
  mutating func add(_ point: AffinePoint<P.Second>) -> Line {
    let theta = y - point.y * z
    let lambda = x - point.x * z
    let c = theta.squared()
    let d = lambda.squared()
    let e = lambda * d
    let f = z * c
    let g = x * d
    let h = e + f - g.doubled()
    x = lambda * h
    y = theta * (g - h) - e * y
    z = z * e
    return (theta * point.x - lambda * point.y, -theta, lambda)
  }
}

/// A product of Miller functions, built for all pairs at once so that they share the squarings.
struct MillerProduct<P: PairingCurve> {
  private let points: [AffinePoint<P.First>]
  private let twists: [AffinePoint<P.Second>]
  private var walks: [LineWalk<P>]
  /// The product so far.
  var value = Fp12<P.T>.one

  /// The product for these pairs; those with infinity count for one, so they are left out.
  init(_ pairs: [(AffinePoint<P.First>, AffinePoint<P.Second>)]) {
    let finite = pairs.filter { !$0.0.isInfinity && !$0.1.isInfinity }
    points = finite.map { $0.0 }
    twists = finite.map { $0.1 }
    walks = twists.map { LineWalk($0) }
  }

  /// Whether no pair is left, so that the product is one.
  var isEmpty: Bool { walks.isEmpty }

  /// Runs through a number in non-adjacent form, whose digits ±1 are the bits in which the number
  /// and its triple differ.
  mutating func run(_ number: UInt128) {
    let triple = 3 * number
    let (positive, negative) = ((triple & ~number) >> 1, (number & ~triple) >> 1)
    let top = 127 - positive.leadingZeroBitCount
    for index in stride(from: top - 1, through: 0, by: -1) {
      value = value.squared()
      for walk in walks.indices { multiply(walks[walk].double(), points[walk]) }
      let bit = UInt128(1) << UInt128(index)
      if positive & bit != 0 { add { $0 } }
      if negative & bit != 0 { add { -$0 } }
    }
  }

  /// Adds to each walk a point made of where it began.
  mutating func add(_ transform: (AffinePoint<P.Second>) -> AffinePoint<P.Second>) {
    for index in walks.indices {
      multiply(walks[index].add(transform(twists[index])), points[index])
    }
  }

  /// Multiplies by a line's value at a point of G1.
  private mutating func multiply(_ line: LineWalk<P>.Line, _ point: AffinePoint<P.First>) {
    let x = line.timesX * point.x
    let y = line.timesY * point.y
    value =
      switch P.twist {
      case .division: value.times(divisiveLine: y, x, line.constant)
      case .multiplication: value.times(multiplicativeLine: line.constant, x, y)
      }
  }
}
