import EVM
import Primitives

/// When each network upgrade begins: at a block, or since Shanghai at a time; nil means never.
public struct ForkSchedule: Hashable, Sendable {
  /// The first block of Homestead.
  public var homesteadBlock: UInt64?
  /// The block at which the DAO's ether was moved (EIP-779); nil on chains that never did.
  public var daoForkBlock: UInt64?
  /// The first block of Tangerine Whistle.
  public var tangerineWhistleBlock: UInt64?
  /// The first block of Spurious Dragon.
  public var spuriousDragonBlock: UInt64?
  /// The first block of Byzantium.
  public var byzantiumBlock: UInt64?
  /// The first block of Constantinople.
  public var constantinopleBlock: UInt64?
  /// The first block of Petersburg.
  public var petersburgBlock: UInt64?
  /// The first block of Istanbul.
  public var istanbulBlock: UInt64?
  /// The first block of Muir Glacier, which delayed the difficulty bomb.
  public var muirGlacierBlock: UInt64?
  /// The first block of Berlin.
  public var berlinBlock: UInt64?
  /// The first block of London.
  public var londonBlock: UInt64?
  /// The first block of Arrow Glacier, which delayed the difficulty bomb.
  public var arrowGlacierBlock: UInt64?
  /// The first block of Gray Glacier, which delayed the difficulty bomb.
  public var grayGlacierBlock: UInt64?
  /// The block from which nodes that know the merge tell themselves apart; it changes no rule.
  public var mergeNetsplitBlock: UInt64?
  /// The sum of difficulties after which the chain has proof of stake (EIP-3675); nil for never.
  public var terminalTotalDifficulty: UInt256?
  /// The time of Shanghai, in seconds since 1970.
  public var shanghaiTime: UInt64?
  /// The time of Cancun.
  public var cancunTime: UInt64?
  /// The time of Prague.
  public var pragueTime: UInt64?
  /// The time of Osaka.
  public var osakaTime: UInt64?

  /// A schedule in which nothing ever begins: Frontier for ever.
  public init() {}

  /// The schedule of a chain that has had the rules of `fork` from its first block on.
  public static func all(upTo fork: Fork) -> ForkSchedule {
    var schedule = ForkSchedule()
    if fork >= .homestead { schedule.homesteadBlock = 0 }
    if fork >= .tangerineWhistle { schedule.tangerineWhistleBlock = 0 }
    if fork >= .spuriousDragon { schedule.spuriousDragonBlock = 0 }
    if fork >= .byzantium { schedule.byzantiumBlock = 0 }
    if fork >= .constantinople { schedule.constantinopleBlock = 0 }
    if fork >= .constantinopleFix { schedule.petersburgBlock = 0 }
    if fork >= .istanbul {
      schedule.istanbulBlock = 0
      schedule.muirGlacierBlock = 0
    }
    if fork >= .berlin { schedule.berlinBlock = 0 }
    if fork >= .london {
      schedule.londonBlock = 0
      schedule.arrowGlacierBlock = 0
      schedule.grayGlacierBlock = 0
    }
    if fork >= .paris { schedule.terminalTotalDifficulty = .zero }
    if fork >= .shanghai { schedule.shanghaiTime = 0 }
    if fork >= .cancun { schedule.cancunTime = 0 }
    if fork >= .prague { schedule.pragueTime = 0 }
    if fork >= .osaka { schedule.osakaTime = 0 }
    return schedule
  }

  /// The rules of the block `number` at `timestamp`; `isMerged` says whether it has proof of stake.
  public func fork(number: UInt64, timestamp: UInt64, isMerged: Bool) -> Fork {
    func begun(_ start: UInt64?, _ now: UInt64) -> Bool {
      guard let start else { return false }
      return start <= now
    }
    if isMerged {
      if begun(osakaTime, timestamp) { return .osaka }
      if begun(pragueTime, timestamp) { return .prague }
      if begun(cancunTime, timestamp) { return .cancun }
      if begun(shanghaiTime, timestamp) { return .shanghai }
      return .paris
    }
    if begun(londonBlock, number) { return .london }
    if begun(berlinBlock, number) { return .berlin }
    if begun(istanbulBlock, number) { return .istanbul }
    if begun(petersburgBlock, number) { return .constantinopleFix }
    if begun(constantinopleBlock, number) { return .constantinople }
    if begun(byzantiumBlock, number) { return .byzantium }
    if begun(spuriousDragonBlock, number) { return .spuriousDragon }
    if begun(tangerineWhistleBlock, number) { return .tangerineWhistle }
    if begun(homesteadBlock, number) { return .homestead }
    return .frontier
  }
}
