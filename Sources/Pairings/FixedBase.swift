import Primitives

/// Multiples of one point by many scalars: a table of the multiples by each digit at each place
/// makes every further multiple 32 additions.
public struct FixedBase<C: Curve>: Sendable {
  /// For each byte of a scalar, the multiples by its values from 1 to 255.
  private let table: [AffinePoint<C>]

  /// A table for a point.
  public init(_ point: AffinePoint<C>) {
    var rows: [JacobianPoint<C>] = []
    rows.reserveCapacity(32 * 255)
    var base = JacobianPoint(point)
    for _ in 0..<32 {
      var multiple = base
      for _ in 0..<255 {
        rows.append(multiple)
        multiple = multiple + base
      }
      base = multiple
    }
    table = JacobianPoint.affine(rows)
  }

  /// The multiple by a scalar.
  public func multiple(_ scalar: UInt256) -> JacobianPoint<C> {
    let number = UInt384(scalar)
    var sum = JacobianPoint<C>.infinity
    for place in 0..<32 {
      let digit = Int(
        truncatingIfNeeded: number.limb(place / 8) &>> UInt64(8 * (place % 8)) & 255)
      if digit != 0 { sum = sum + table[255 * place + digit - 1] }
    }
    return sum
  }
}

extension FixedBase {
  /// The multiples by some scalars of BN254.
  public func multiples(_ scalars: [BN254.ScalarField]) -> [AffinePoint<C>] {
    JacobianPoint.affine(scalars.map { multiple($0.asUInt256) })
  }
}
