import EVM
import Execution
import Primitives

/// The rules that a test names: one fork, or a change from one to the next.
///
/// Source: the tests' own documentation, and `config.blobSchedule` of execution-spec-tests.
struct Network: Hashable, Sendable {
  /// When each fork begins.
  var forks: ForkSchedule
  /// The names under which `blobSchedule` lists the parameters, with the times they begin.
  var blobPhases: [(name: String, timestamp: UInt64)] {
    get { zip(blobNames, blobTimes).map { ($0, $1) } }
    set {
      blobNames = newValue.map(\.name)
      blobTimes = newValue.map(\.timestamp)
    }
  }
  private var blobNames: [String] = []
  private var blobTimes: [UInt64] = []

  /// The forks by their names in the tests; BPO changes only blob parameters.
  static func fork(_ name: String) -> Fork? {
    switch name {
    case "Frontier": .frontier
    case "Homestead": .homestead
    case "EIP150", "TangerineWhistle": .tangerineWhistle
    case "EIP158", "SpuriousDragon": .spuriousDragon
    case "Byzantium": .byzantium
    case "Constantinople": .constantinople
    case "ConstantinopleFix", "Petersburg": .constantinopleFix
    case "Istanbul", "MuirGlacier": .istanbul
    case "Berlin": .berlin
    case "London", "ArrowGlacier", "GrayGlacier": .london
    case "Merge", "Paris": .paris
    case "Shanghai": .shanghai
    case "Cancun": .cancun
    case "Prague": .prague
    case "Osaka", "BPO1", "BPO2", "BPO3", "BPO4", "BPO5": .osaka
    default: nil
    }
  }

  /// The network of that name, or nil if there is none.
  init?(_ name: String) {
    if let fork = Self.fork(name) {
      forks = Self.schedule(fork, named: name)
      blobPhases = [(name, 0)]
      return
    }
    guard let change = Self.change(name) else { return nil }
    if change.to == "Dao" {
      guard let before = Self.fork(change.from), change.isAtBlock else { return nil }
      forks = Self.schedule(before, named: change.from)
      forks.daoForkBlock = change.start
      return
    }
    guard let before = Self.fork(change.from), let after = Self.fork(change.to) else {
      return nil
    }
    forks = Self.schedule(before, named: change.from)
    switch change.start {
    case let start? where change.isAtBlock:
      forks.adopt(.all(upTo: after), atBlock: start)
    case let start?:
      forks.adopt(.all(upTo: after), atTime: start)
      blobPhases = [(change.from, 0), (change.to, start)]
    case nil:
      guard let difficulty = change.difficulty else { return nil }
      forks.terminalTotalDifficulty = difficulty
    }
  }

  /// The rules with the blob parameters that `config` lists.
  func specification(config: Fixture?) throws(FixtureError) -> ChainSpecification {
    var entries: [BlobScheduleEntry] = []
    for (name, timestamp) in blobPhases {
      guard let fields = config?.optional("blobSchedule")?.optional(name) else {
        if let usual = Self.usualBlobParameters(name) {
          entries.append(BlobScheduleEntry(timestamp: timestamp, parameters: usual))
        }
        continue
      }
      let fraction = try fields.field("baseFeeUpdateFraction")
      let parameters = BlobParameters(
        target: try fields.field("target").uint64(), maximum: try fields.field("max").uint64(),
        updateFraction: try fraction.uint64())
      guard parameters.updateFraction > 0, parameters.maximum > 0 else {
        throw fields.fault("blob parameters that are zero")
      }
      entries.append(BlobScheduleEntry(timestamp: timestamp, parameters: parameters))
    }
    return ChainSpecification(
      chainID: try config?.optional("chainid")?.uint64() ?? 1, forks: forks,
      blobSchedule: entries.isEmpty ? nil : entries)
  }

  /// The main network's blob parameters, and those that tests give to forks that it has not had.
  private static func usualBlobParameters(_ name: String) -> BlobParameters? {
    switch name {
    case "Cancun": .cancun
    case "Prague", "Osaka": .prague
    case "BPO1": BlobParameters(target: 10, maximum: 15, updateFraction: 8_346_193)
    case "BPO2": BlobParameters(target: 14, maximum: 21, updateFraction: 11_684_671)
    case "BPO3": BlobParameters(target: 21, maximum: 32, updateFraction: 20_609_697)
    case "BPO4": BlobParameters(target: 14, maximum: 21, updateFraction: 13_739_630)
    default: nil
    }
  }

  // MARK: Names

  private static func schedule(_ fork: Fork, named name: String) -> ForkSchedule {
    var schedule = ForkSchedule.all(upTo: fork)
    // Three names of London and one of Istanbul differ in the difficulty bomb alone.
    if name == "Istanbul" { schedule.muirGlacierBlock = nil }
    if name == "London" { schedule.arrowGlacierBlock = nil }
    if name == "London" || name == "ArrowGlacier" { schedule.grayGlacierBlock = nil }
    return schedule
  }

  private struct Change {
    var from: String
    var to: String
    var start: UInt64?
    var isAtBlock = false
    var difficulty: UInt256?
  }

  /// The parts of `<from>To<to>At<block>`, `…AtTime<n>k` and `…AtDiff<hexadecimal>`.
  private static func change(_ name: String) -> Change? {
    guard let (from, rest) = split(name, at: "To"), let (to, start) = split(rest, at: "At")
    else { return nil }
    var change = Change(from: from, to: to)
    if start.hasPrefix("Diff") {
      change.difficulty = UInt256(hexadecimal: String(start.dropFirst(4)))
    } else if start.hasPrefix("Time"), start.hasSuffix("k") {
      guard let thousands = UInt32(start.dropFirst(4).dropLast()) else { return nil }
      change.start = UInt64(thousands) * 1000
    } else {
      change.start = UInt64(start)
      change.isAtBlock = true
      guard change.start != nil else { return nil }
    }
    return change
  }

  private static func split(_ text: String, at word: String) -> (String, String)? {
    let bytes = Array(text.utf8)
    let word = Array(word.utf8)
    guard bytes.count > word.count else { return nil }
    for start in 1..<(bytes.count - word.count) where bytes[start...].starts(with: word) {
      return (
        String(decoding: bytes[..<start], as: UTF8.self),
        String(decoding: bytes[(start + word.count)...], as: UTF8.self)
      )
    }
    return nil
  }
}

extension ForkSchedule {
  /// Begins at a block what `later` has and this schedule has not.
  fileprivate mutating func adopt(_ later: ForkSchedule, atBlock number: UInt64) {
    func start(_ own: UInt64?, _ other: UInt64?) -> UInt64? {
      own ?? (other == nil ? nil : number)
    }
    homesteadBlock = start(homesteadBlock, later.homesteadBlock)
    tangerineWhistleBlock = start(tangerineWhistleBlock, later.tangerineWhistleBlock)
    spuriousDragonBlock = start(spuriousDragonBlock, later.spuriousDragonBlock)
    byzantiumBlock = start(byzantiumBlock, later.byzantiumBlock)
    constantinopleBlock = start(constantinopleBlock, later.constantinopleBlock)
    petersburgBlock = start(petersburgBlock, later.petersburgBlock)
    istanbulBlock = start(istanbulBlock, later.istanbulBlock)
    muirGlacierBlock = start(muirGlacierBlock, later.muirGlacierBlock)
    berlinBlock = start(berlinBlock, later.berlinBlock)
    londonBlock = start(londonBlock, later.londonBlock)
  }

  /// Begins at a time what `later` has and this schedule has not.
  fileprivate mutating func adopt(_ later: ForkSchedule, atTime time: UInt64) {
    func start(_ own: UInt64?, _ other: UInt64?) -> UInt64? {
      own ?? (other == nil ? nil : time)
    }
    shanghaiTime = start(shanghaiTime, later.shanghaiTime)
    cancunTime = start(cancunTime, later.cancunTime)
    pragueTime = start(pragueTime, later.pragueTime)
    osakaTime = start(osakaTime, later.osakaTime)
  }
}
