import Glibc
import Primitives
import TransparencyLog

/// The files in an archive, found by their names without unpacking it.
public final class TarSource: TileSource {
  /// The names of the files, in their order.
  public private(set) var names: [String] = []

  private let path: String
  private let descriptor: Int32
  private var places: [String: Range<Int>] = [:]

  /// The most files that an archive may have.
  private static let nameLimit = 4_000_000
  /// The most bytes of a file that are read.
  private static let fileSizeLimitInBytes = 256 << 20

  /// Whether a file begins as an archive does.
  public static func isArchive(_ head: some Collection<UInt8>) -> Bool {
    head.dropFirst(257).starts(with: "ustar".utf8)
  }

  /// Opens an archive, and looks through its headers.
  ///
  /// - Throws: ``NodeError/file(path:reason:)`` for what is none, or one that is cut off.
  public init(path: String) throws(NodeError) {
    self.path = path
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .file(path: path, reason: "cannot be read") }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw .file(path: path, reason: "is no plain file")
    }
    try scan(Int(status.st_size))
  }

  deinit { close(descriptor) }

  private func scan(_ size: Int) throws(NodeError) {
    var position = 0
    let block = TarWriter.blockSizeInBytes
    while true {
      guard let header = read(position..<position + block) else {
        throw .file(path: path, reason: "is cut off: its end is missing")
      }
      position += block
      if header.allSatisfy({ $0 == 0 }) { return }
      let (name, count) = try parse(header)
      guard count <= size - position else {
        throw .file(path: path, reason: "is cut off within \(name)")
      }
      guard places.updateValue(position..<position + count, forKey: name) == nil else {
        throw .file(path: path, reason: "has \(name) twice")
      }
      names.append(name)
      guard names.count <= Self.nameLimit else {
        throw .file(path: path, reason: "has more than \(Self.nameLimit) files")
      }
      position += (count + block - 1) / block * block
    }
  }

  private func parse(_ header: Bytes) throws(NodeError) -> (name: String, size: Int) {
    let name = Self.text(header[..<TarWriter.nameLimitInBytes])
    var blank = header
    for place in 148..<156 { blank[place] = 0x20 }
    let sum = blank.reduce(0) { $0 + Int($1) }
    let isPlain = header[156] == UInt8(ascii: "0") || header[156] == 0
    guard TarSource.isArchive(header), let name, !name.isEmpty, isPlain, header[345] == 0,
      Self.octal(header[148..<156]) == sum, let size = Self.octal(header[124..<136])
    else { throw .file(path: path, reason: "is no bundle: a header in it is malformed") }
    return (name, size)
  }

  /// The text up to the first zero byte.
  private static func text(_ field: ArraySlice<UInt8>) -> String? {
    String(validating: field.prefix { $0 != 0 }, as: UTF8.self)
  }

  private static func octal(_ field: ArraySlice<UInt8>) -> Int? {
    let digits = field.prefix { $0 != 0 && $0 != 0x20 }
    guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x37).contains($0) }) else { return nil }
    return Int(String(decoding: digits, as: UTF8.self), radix: 8)
  }

  private func read(_ range: Range<Int>) -> Bytes? {
    var bytes = Bytes(repeating: 0, count: range.count)
    var filled = 0
    while filled < bytes.count {
      let count = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe pread(
          descriptor, buffer.baseAddress.map { unsafe $0 + filled }, buffer.count - filled,
          off_t(range.lowerBound + filled))
      }
      guard count > 0 else { return nil }
      filled += count
    }
    return bytes
  }

  /// The bytes of a file; nil if the archive has none of the name.
  ///
  /// - Throws: `TransparencyError.unreadable`.
  public func resource(_ name: String) throws(TransparencyError) -> Bytes? {
    guard let place = places[name] else { return nil }
    guard place.count <= Self.fileSizeLimitInBytes else {
      throw .unreadable("\(path): \(name) has more than \(Self.fileSizeLimitInBytes) bytes")
    }
    guard let bytes = read(place) else { throw .unreadable("\(path): \(name) cannot be read") }
    return bytes
  }
}
