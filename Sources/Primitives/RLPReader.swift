/// Why bytes are not the canonical RLP of what was asked for.
public enum RLPError: Error, Hashable, Sendable {
  /// The bytes end within an item.
  case truncated
  /// Bytes are left after the last item.
  case trailingBytes
  /// The item is spelled in a longer way than needed.
  case nonCanonical
  /// A list was expected, and bytes were found.
  case expectedList
  /// Bytes were expected, and a list was found.
  case expectedBytes
  /// The number does not fit.
  case tooLarge
  /// The bytes are not as many as the field has.
  case wrongLength
}

/// A cursor over the items of an RLP list, or over items that follow each other.
///
/// It copies nothing: a sub-reader shares the bytes and keeps bounds within them. It never calls
/// itself, so depth costs a hostile sender's bytes only. Every non-canonical spelling is refused.
///
/// Source: Yellow Paper, appendix B.
public struct RLPReader: Sendable {
  private let storage: Bytes
  private var position: Int
  private let limit: Int

  /// A reader of the items in these bytes.
  public init(_ bytes: Bytes) {
    storage = bytes
    position = 0
    limit = bytes.count
  }

  /// A reader of the items in this slice, which is copied unless it spans its whole array.
  public init(_ slice: ArraySlice<UInt8>) { self.init(Bytes(slice)) }

  /// A reader of the items in these bytes from a position on, which is not behind their end.
  public init(_ bytes: Bytes, from position: Int) {
    precondition(position >= 0 && position <= bytes.count, "a reader starts within its bytes")
    self.init(bytes, position..<bytes.count)
  }

  private init(_ storage: Bytes, _ range: Range<Int>) {
    self.storage = storage
    position = range.lowerBound
    limit = range.upperBound
  }

  /// Whether no item is left.
  public var isAtEnd: Bool { position == limit }

  /// How many bytes are left.
  public var remainingCount: Int { limit - position }

  /// The bytes that are left.
  public var rest: Bytes { Bytes(storage[position..<limit]) }

  /// The first byte of the next item, or nil at the end.
  public var nextByte: UInt8? { position < limit ? storage[position] : nil }

  /// Refuses bytes that are left.
  /// - Throws: `RLPError.trailingBytes`.
  public func end() throws(RLPError) {
    guard isAtEnd else { throw .trailingBytes }
  }

  /// Whether the next item is a list.
  /// - Throws: `RLPError.truncated` at the end.
  public func nextIsList() throws(RLPError) -> Bool {
    guard position < limit else { throw .truncated }
    return storage[position] >= 0xc0
  }

  /// A reader of the next item's elements, which must be a list.
  /// - Throws: `RLPError`.
  public mutating func list() throws(RLPError) -> RLPReader {
    let item = try header()
    guard item.isList else { throw .expectedList }
    position = item.payload.upperBound
    return RLPReader(storage, item.payload)
  }

  /// The next item, which must be bytes.
  /// - Throws: `RLPError`.
  public mutating func bytes() throws(RLPError) -> ArraySlice<UInt8> {
    let item = try header()
    guard !item.isList else { throw .expectedBytes }
    position = item.payload.upperBound
    return storage[item.payload]
  }

  /// The next item, which must be this many bytes.
  /// - Throws: `RLPError`.
  public mutating func bytes(count: Int) throws(RLPError) -> ArraySlice<UInt8> {
    let slice = try bytes()
    guard slice.count == count else { throw .wrongLength }
    return slice
  }

  /// The next item whole, with its header; what is inside a list is not looked at.
  /// - Throws: `RLPError`.
  public mutating func rawItem() throws(RLPError) -> ArraySlice<UInt8> {
    let start = position
    position = try header().payload.upperBound
    return storage[start..<position]
  }

  /// Passes over the next item.
  /// - Throws: `RLPError`.
  public mutating func skip() throws(RLPError) { _ = try rawItem() }

  /// The next item, which must be a number below 2⁶⁴ without leading zeros.
  /// - Throws: `RLPError`.
  public mutating func uint64() throws(RLPError) -> UInt64 {
    let slice = try number(maximumBytes: 8)
    var value: UInt64 = 0
    for byte in slice { value = value &<< 8 | UInt64(byte) }
    return value
  }

  /// The next item, which must be a number below 2²⁵⁶ without leading zeros.
  /// - Throws: `RLPError`.
  public mutating func uint256() throws(RLPError) -> UInt256 {
    UInt256(bigEndian: try number(maximumBytes: 32))
  }

  /// The next item, which must be the number 0 or 1.
  /// - Throws: `RLPError`.
  public mutating func bool() throws(RLPError) -> Bool {
    let value = try uint64()
    guard value <= 1 else { throw .tooLarge }
    return value == 1
  }

  /// The next item, which must be 20 bytes.
  /// - Throws: `RLPError`.
  public mutating func address() throws(RLPError) -> Address {
    Address(try bytes(count: Address.sizeInBytes))
  }

  /// The next item, which must be 20 bytes or none; nil for none.
  /// - Throws: `RLPError`.
  public mutating func optionalAddress() throws(RLPError) -> Address? {
    let slice = try bytes()
    if slice.isEmpty { return nil }
    guard slice.count == Address.sizeInBytes else { throw .wrongLength }
    return Address(slice)
  }

  /// The next item, which must be 32 bytes.
  /// - Throws: `RLPError`.
  public mutating func hash() throws(RLPError) -> Hash {
    Hash(try bytes(count: Hash.sizeInBytes))
  }

  private mutating func number(maximumBytes: Int) throws(RLPError) -> ArraySlice<UInt8> {
    let slice = try bytes()
    guard slice.count <= maximumBytes else { throw .tooLarge }
    guard slice.first != 0 else { throw .nonCanonical }
    return slice
  }

  /// What the next item is, and where its payload lies.
  private func header() throws(RLPError) -> (isList: Bool, payload: Range<Int>) {
    guard position < limit else { throw .truncated }
    let first = storage[position]
    switch first {
    case 0..<0x80:
      return (false, position..<position + 1)
    case 0x80..<0xb8:
      let payload = try payload(after: 1, count: Int(first - 0x80))
      if first == 0x81, storage[payload.lowerBound] < 0x80 { throw .nonCanonical }
      return (false, payload)
    case 0xb8..<0xc0:
      return (false, try longPayload(lengthBytes: Int(first - 0xb7)))
    case 0xc0..<0xf8:
      return (true, try payload(after: 1, count: Int(first - 0xc0)))
    default:
      return (true, try longPayload(lengthBytes: Int(first - 0xf7)))
    }
  }

  private func longPayload(lengthBytes: Int) throws(RLPError) -> Range<Int> {
    let length = try payload(after: 1, count: lengthBytes)
    guard storage[length.lowerBound] != 0 else { throw .nonCanonical }
    var count: UInt64 = 0
    for byte in storage[length] { count = count &<< 8 | UInt64(byte) }
    guard count >= 56 else { throw .nonCanonical }
    guard let count = Int(exactly: count) else { throw .truncated }
    return try payload(after: 1 + lengthBytes, count: count)
  }

  private func payload(after headerBytes: Int, count: Int) throws(RLPError) -> Range<Int> {
    guard count <= limit - position - headerBytes else { throw .truncated }
    let start = position + headerBytes
    return start..<start + count
  }
}
