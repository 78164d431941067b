import Cryptography
import Primitives

/// Buffers, tables and analysed code that outlive a journal.
///
/// Sharing one between the journals of a thread saves allocating stacks and memory for each, and
/// analysing a popular contract again for each block. It never changes a result. Not for two
/// threads at once.
public final class Workspace {
  private var codes: [Hash: Code] = [:]
  private var codeBytes = 0
  private var table: OpcodeTable?
  private var spareBuffers: FrameBuffers?
  private var spareTables: JournalTables?
  /// The hashes under which the state keeps what blocks touch.
  public let hashings = RecentHashings()
  /// The code of an account that has none.
  let emptyCode = Code([])

  /// The memory that kept code may take, in bytes.
  private let codeLimit: Int

  /// An empty workspace, which keeps analysed code that takes so much memory, and whatever code came
  /// last.
  public init(codeLimitInBytes: Int = 64 << 20) { codeLimit = codeLimitInBytes }

  /// About how much memory the kept code takes, in bytes.
  public var keptCodeSizeInBytes: Int { codeBytes }

  /// About what a code takes: it is there as it is stored and as it runs, with a bit for each byte,
  /// and what stands around them counts too, or a great many short codes would take what they like.
  private static func size(of code: Code) -> Int { 512 + code.reference.count * 17 / 8 }

  /// The instructions of a fork.
  func table(for fork: Fork) -> OpcodeTable {
    if let table, table.fork == fork { return table }
    let made = OpcodeTable(fork)
    table = made
    return made
  }

  /// The code with a hash, analysed before or read now.
  func code(_ hash: Hash, from reader: any StateReader) throws(StateMiss) -> Code {
    if hash == Keccak256.empty { return emptyCode }
    if let code = codes[hash] { return code }
    let code = Code(try reader.code(hash))
    let size = Self.size(of: code)
    if codeBytes + size > codeLimit {
      codes.removeAll()
      codeBytes = 0
    }
    codes[hash] = code
    codeBytes += size
    return code
  }

  /// Takes the buffers, or makes some if they are taken: a tracer may run another machine.
  func takeBuffers() -> FrameBuffers {
    guard let spareBuffers else { return FrameBuffers() }
    self.spareBuffers = nil
    return spareBuffers
  }

  /// Gives the buffers back.
  func giveBack(_ buffers: FrameBuffers) { spareBuffers = buffers }

  /// Takes empty tables, or makes some if they are taken: journals may live side by side.
  func takeTables() -> JournalTables {
    guard let spareTables else { return JournalTables() }
    self.spareTables = nil
    return spareTables
  }

  /// Gives tables back.
  func giveBack(_ tables: JournalTables) {
    tables.removeAll()
    spareTables = tables
  }
}
