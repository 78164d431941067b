/// A disk in memory under SQLite that fills up, decays, and loses its power as a seed says.
///
/// What is written is seen at once by whoever reads, and survives the end of the process; a loss of
/// power it survives once it is synced. Of what is not, each write is kept, lost or torn between
/// sectors of 512 bytes, on its own, in whatever order. Names are durable in the order in which they
/// changed: with the file that they name, or with their folder. Used from one thread at a time; the
/// same seed and calls lead to the same bytes.
///
///     let disk = SimulatedDisk(seed: 7)
///     let log = try EventLog(path: "/log.sqlite", mode: .readWrite, storage: .simulated(disk))
public final class SimulatedDisk: @unchecked Sendable {
  /// What goes wrong.
  public struct Faults: Sendable {
    /// The change of the disk, counted from now, in which everything ends; nil for none.
    public var changesUntilEnd: UInt64?
    /// How many bytes there is room for; nil for any number.
    public var capacityInBytes: Int?
    /// The change, counted from now, that fails while all others go well; nil for none.
    public var changesUntilError: UInt64?
    /// The only kind of change that both are counted in; nil for all.
    public var kind: DiskChange?
    /// The read, counted from now, that fails while all others go well; nil for none.
    public var readsUntilError: UInt64?
    /// Whether syncs are answered for and not done, as by a drive that lies.
    ///
    /// Nobody can keep a promise on such a drive: it is how a simulator shows that it would notice.
    public var ignoresSyncs = false

    /// No faults.
    public init() {}
  }

  /// What goes wrong from now on.
  public var faults = Faults()
  /// How many changes there were: writes, truncations, syncs, deletions and renamings.
  public private(set) var changeCount: UInt64 = 0
  /// The same, by kind, with what became of them.
  public private(set) var tallies: [DiskChange: DiskTally] = [:]
  /// Whether everything has ended, until ``restart(losingPower:)``.
  public private(set) var hasEnded = false

  /// How often it has begun again.
  private(set) var generation: UInt64 = 0

  /// The name under which SQLite knows this disk.
  public let name: String
  let vfs: SimulatedVFS
  private(set) var files: [String: SimulatedFile] = [:]
  private var pendingNames: [NameChange] = []
  private var chance: SplitMix64

  private enum NameChange {
    case created(String, SimulatedFile)
    case removed(String, SimulatedFile)
    case renamed(String, to: String, SimulatedFile, replaced: SimulatedFile?)

    var file: SimulatedFile {
      switch self {
      case .created(_, let file), .removed(_, let file), .renamed(_, _, let file, _): file
      }
    }
  }

  /// An empty disk.
  public init(seed: UInt64) {
    chance = SplitMix64(seed: seed)
    vfs = SimulatedVFS()
    name = vfs.name
    vfs.disk = self
  }

  // MARK: Changes

  /// Whether a change may go on; false once everything has ended, with this change or before.
  ///
  /// - Throws: `DiskFault`.
  func beginChange(_ change: DiskChange) throws(DiskFault) -> Bool {
    guard !hasEnded else { throw .ended }
    changeCount += 1
    tallies[change, default: DiskTally()].count += 1
    guard faults.kind == nil || faults.kind == change else { return true }
    if let left = faults.changesUntilError {
      faults.changesUntilError = left > 0 ? left - 1 : nil
      if left == 0 {
        tallies[change]?.errors += 1
        throw .inputOutput
      }
    }
    guard let left = faults.changesUntilEnd else { return true }
    faults.changesUntilEnd = left > 0 ? left - 1 : nil
    if left == 0 {
      tallies[change]?.endings += 1
      hasEnded = true
    }
    return left > 0
  }

  private func beginChange(
    _ act: DiskChange.Act, _ file: SimulatedFile
  ) throws(DiskFault) -> Bool {
    try beginChange(DiskChange(act, file: file.kind))
  }

  /// Whether a read goes well.
  func beginRead() -> Bool {
    guard let left = faults.readsUntilError else { return true }
    faults.readsUntilError = left > 0 ? left - 1 : nil
    return left > 0
  }

  func write(_ file: SimulatedFile, _ bytes: [UInt8], at offset: Int) throws(DiskFault) {
    guard try beginChange(.write, file) else {
      // The end comes in the middle of it.
      let kept = bytes.count / 512 * 512 * Int(chance.next(below: 5)) / 4
      file.write(Array(bytes.prefix(kept / 512 * 512)), at: offset)
      throw .ended
    }
    let growth = max(0, offset + bytes.count - file.content.count)
    if let capacity = faults.capacityInBytes, growth > 0, usedSizeInBytes + growth > capacity {
      tallies[DiskChange(.write, file: file.kind)]?.refusals += 1
      throw .full
    }
    file.write(bytes, at: offset)
  }

  func truncate(_ file: SimulatedFile, to size: Int) throws(DiskFault) {
    guard try beginChange(.truncate, file) else { throw .ended }
    file.truncate(to: size)
  }

  func sync(_ file: SimulatedFile) throws(DiskFault) {
    guard try beginChange(.sync, file) else { throw .ended }
    guard !faults.ignoresSyncs else { return }
    file.sync()
    guard let last = pendingNames.lastIndex(where: { $0.file === file }) else { return }
    pendingNames.removeFirst(last + 1)
  }

  /// How many bytes all files have.
  public var usedSizeInBytes: Int { files.values.reduce(0) { $0 + $1.content.count } }

  // MARK: Names

  /// The file of a name, or a new one.
  func open(_ name: String, creates: Bool) throws(DiskFault) -> SimulatedFile? {
    guard !hasEnded else { throw .ended }
    if let file = files[name] { return file }
    guard creates else { return nil }
    let file = SimulatedFile(kind: DiskChange.file(of: name))
    guard try beginChange(.create, file) else { throw .ended }
    files[name] = file
    pendingNames.append(.created(name, file))
    return file
  }

  /// Whether there is a file of this name.
  public func exists(_ name: String) -> Bool { files[name] != nil }

  /// Removes a file; false if there was none.
  ///
  /// - Throws: `DiskFault`.
  @discardableResult
  public func remove(_ name: String) throws(DiskFault) -> Bool {
    guard !hasEnded else { throw .ended }
    guard let file = files[name] else { return false }
    guard try beginChange(.remove, file) else { throw .ended }
    files[name] = nil
    pendingNames.append(.removed(name, file))
    return true
  }

  /// Gives a file another name, in the place of a file that has it.
  ///
  /// - Throws: `DiskFault`.
  public func rename(_ name: String, to other: String) throws(DiskFault) {
    guard let file = files[name] else { throw .inputOutput }
    guard try beginChange(.rename, file) else { throw .ended }
    pendingNames.append(.renamed(name, to: other, file, replaced: files[other]))
    files[name] = nil
    files[other] = file
    file.kind = DiskChange.file(of: other)
  }

  /// Makes all names durable.
  ///
  /// - Throws: `DiskFault`.
  public func syncNames() throws(DiskFault) {
    guard try beginChange(DiskChange(.syncNames, file: "")) else { throw .ended }
    if !faults.ignoresSyncs { pendingNames = [] }
  }

  /// The names in a folder, sorted, without those of folders.
  public func names(in folder: String) -> [String] {
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    return files.keys.filter { $0.hasPrefix(prefix) }.map { $0.dropFirst(prefix.count) }
      .filter { !$0.contains("/") }.map { String($0) }.sorted()
  }

  // MARK: Whole files

  /// The bytes of a file; nil if there is none.
  ///
  /// - Throws: `DiskFault`.
  public func read(_ name: String) throws(DiskFault) -> [UInt8]? {
    guard !hasEnded else { throw .ended }
    return files[name]?.content
  }

  /// Writes a file so that it is there wholly or not at all, even after a loss of power.
  ///
  /// - Throws: `DiskFault`.
  public func replace(_ name: String, by bytes: [UInt8]) throws(DiskFault) {
    let draft = name + ".new"
    guard let file = try open(draft, creates: true) else { throw .inputOutput }
    try truncate(file, to: 0)
    try write(file, bytes, at: 0)
    try sync(file)
    try rename(draft, to: name)
    try syncNames()
  }

  /// Flips bits of a byte of a file, as a sector that decays does; false if it has no such byte.
  @discardableResult
  public func damage(_ name: String, at offset: Int, bits: UInt8) -> Bool {
    guard let file = files[name], offset < file.content.count else { return false }
    file.content[offset] ^= bits
    return true
  }

  /// All files' bytes by name.
  public var image: [String: [UInt8]] { files.mapValues(\.content) }

  /// Begins again with these files and no others, as when somebody puts a copy back.
  public func restore(_ image: [String: [UInt8]]) {
    hasEnded = false
    generation += 1
    pendingNames = []
    files = [:]
    for (name, content) in image {
      let file = SimulatedFile(kind: DiskChange.file(of: name))
      file.content = content
      files[name] = file
    }
  }

  // MARK: The end

  /// Ends everything now: nothing is read or written any more until ``restart(losingPower:)``.
  public func end() { hasEnded = true }

  /// Begins again with what the process's end, or the loss of power, has left.
  ///
  /// Connections from before fail in all that they do, and are to be closed.
  public func restart(losingPower: Bool) {
    hasEnded = false
    generation += 1
    faults = Faults()
    if losingPower {
      let kept = Int(chance.next(below: UInt64(pendingNames.count) + 1))
      for change in pendingNames[kept...].reversed() { undo(change) }
      for name in files.keys.sorted() { files[name]?.losePower(&chance) }
    }
    pendingNames = []
    for file in files.values { file.restart() }
  }

  private func undo(_ change: NameChange) {
    switch change {
    case .created(let name, _): files[name] = nil
    case .removed(let name, let file): files[name] = file
    case .renamed(let name, let other, let file, let replaced):
      files[other] = replaced
      files[name] = file
      file.kind = DiskChange.file(of: name)
    }
  }

  func random() -> UInt64 { chance.next() }
}
