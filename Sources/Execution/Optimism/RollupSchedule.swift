import EVM
import Primitives

/// When each upgrade of an OP Stack chain begins, in seconds since 1970; nil means never.
///
/// Bedrock holds from the first block. A later upgrade is taken to include the earlier ones.
public struct RollupSchedule: Hashable, Sendable {
  /// The time of Regolith.
  public var regolithTime: UInt64?
  /// The time of Canyon, which brings Shanghai.
  public var canyonTime: UInt64?
  /// The time of Ecotone, which brings Cancun.
  public var ecotoneTime: UInt64?
  /// The time of Fjord.
  public var fjordTime: UInt64?
  /// The time of Granite.
  public var graniteTime: UInt64?
  /// The time of Holocene.
  public var holoceneTime: UInt64?
  /// The time of Isthmus, which brings Prague.
  public var isthmusTime: UInt64?
  /// The time of Jovian.
  public var jovianTime: UInt64?
  /// The part by which the base fee moves at most before Canyon; not 0.
  public var changeDenominatorBeforeCanyon: UInt64 = 50

  /// A schedule in which nothing begins after Bedrock.
  public init() {}

  /// The schedule of a chain that has had the rules of `fork` from its first block on.
  public static func all(upTo fork: RollupFork) -> RollupSchedule {
    var schedule = RollupSchedule()
    if fork >= .regolith { schedule.regolithTime = 0 }
    if fork >= .canyon { schedule.canyonTime = 0 }
    if fork >= .ecotone { schedule.ecotoneTime = 0 }
    if fork >= .fjord { schedule.fjordTime = 0 }
    if fork >= .granite { schedule.graniteTime = 0 }
    if fork >= .holocene { schedule.holoceneTime = 0 }
    if fork >= .isthmus { schedule.isthmusTime = 0 }
    if fork >= .jovian { schedule.jovianTime = 0 }
    return schedule
  }

  /// The newest rules that agree with Ethereum's `forks`: Canyon with Shanghai, Holocene with
  /// Cancun, Isthmus with Prague.
  init(following forks: ForkSchedule) {
    regolithTime = 0
    canyonTime = forks.shanghaiTime
    ecotoneTime = forks.cancunTime
    fjordTime = forks.cancunTime
    graniteTime = forks.cancunTime
    holoceneTime = forks.cancunTime
    isthmusTime = forks.pragueTime
  }

  /// The rules at `timestamp`.
  public func fork(at timestamp: UInt64) -> RollupFork {
    func begun(_ start: UInt64?) -> Bool { start.map { $0 <= timestamp } ?? false }
    if begun(jovianTime) { return .jovian }
    if begun(isthmusTime) { return .isthmus }
    if begun(holoceneTime) { return .holocene }
    if begun(graniteTime) { return .granite }
    if begun(fjordTime) { return .fjord }
    if begun(ecotoneTime) { return .ecotone }
    if begun(canyonTime) { return .canyon }
    return begun(regolithTime) ? .regolith : .bedrock
  }

  /// Ethereum's forks under this schedule: those up to Paris from the first block on.
  public var ethereumForks: ForkSchedule {
    var forks = ForkSchedule.all(upTo: .paris)
    let isthmus = Self.earliest(isthmusTime, jovianTime)
    let ecotone = [ecotoneTime, fjordTime, graniteTime, holoceneTime].reduce(isthmus) {
      Self.earliest($0, $1)
    }
    forks.pragueTime = isthmus
    forks.cancunTime = ecotone
    forks.shanghaiTime = Self.earliest(canyonTime, ecotone)
    return forks
  }

  private static func earliest(_ left: UInt64?, _ right: UInt64?) -> UInt64? {
    guard let left, let right else { return left ?? right }
    return min(left, right)
  }
}
