import JSON
import Primitives

/// The tensors of a file in the safetensors format.
///
/// Eight bytes give the length of a JSON header (little endian), the header maps names to type,
/// shape and byte range, the ranges cover the rest of the file without gap or overlap. The file
/// comes from strangers, so the whole header is checked before a tensor is read.
/// Source: https://github.com/huggingface/safetensors, section Format.
package struct Safetensors: ~Copyable {
  /// The longest header that we read.
  package static let headerLimitInBytes = 16 << 20

  /// The most numbers that one tensor may have: enough for a vocabulary of a quarter million.
  package static let elementLimit = 1 << 31

  /// One tensor's entry.
  package struct Entry: Sendable {
    package let name: String
    package let type: ElementType
    package let shape: [Int]
    /// The bytes in the file, from its beginning.
    let range: Range<Int>
    package var elementCount: Int { range.count / type.sizeInBytes }
  }

  /// How a tensor's numbers are stored.
  package enum ElementType: String, Sendable {
    case float32 = "F32"
    case float16 = "F16"
    case brainFloat16 = "BF16"
    case int64 = "I64"

    var sizeInBytes: Int {
      switch self {
      case .float32: 4
      case .float16, .brainFloat16: 2
      case .int64: 8
      }
    }
  }

  private let file: InputFile
  private let entries: [String: Entry]

  /// Opens a file and checks its header.
  package init(path: String) throws(ModelError) {
    let file = try InputFile(path: path)
    entries = try Self.header(of: file)
    self.file = file
  }

  /// The names of the tensors, sorted.
  package var names: [String] { entries.keys.sorted() }

  /// A tensor's entry, if the file has it.
  package func entry(_ name: String) -> Entry? { entries[name] }

  /// The SHA-256 of the file, by which the public names it.
  package func sha256() throws(ModelError) -> Hash { try file.sha256() }

  /// A tensor's numbers as 32-bit floats; its shape has to be the given one.
  package func floats(_ name: String, shape: [Int]) throws(ModelError) -> [Float] {
    guard let entry = entries[name] else {
      throw .tensor(name: name, reason: "missing from \(file.name)")
    }
    guard entry.shape == shape else {
      throw .tensor(name: name, reason: "has shape \(entry.shape), expected \(shape)")
    }
    switch entry.type {
    case .float32:
      var values = [Float](repeating: 0, count: entry.elementCount)
      try file.fill(&values, at: entry.range.lowerBound)
      return values
    case .float16:
      return try halves(entry).map { Self.float(half: $0) }
    case .brainFloat16:
      return try halves(entry).map { Float(bitPattern: UInt32($0) << 16) }
    case .int64:
      throw .tensor(name: name, reason: "holds integers, expected floating point")
    }
  }

  /// A tensor's numbers as integers.
  package func integers(_ name: String) throws(ModelError) -> [Int] {
    guard let entry = entries[name] else {
      throw .tensor(name: name, reason: "missing from \(file.name)")
    }
    guard entry.type == .int64 else {
      throw .tensor(name: name, reason: "holds \(entry.type.rawValue), expected I64")
    }
    var values = [Int64](repeating: 0, count: entry.elementCount)
    try file.fill(&values, at: entry.range.lowerBound)
    return values.map { Int(Int64(littleEndian: $0)) }
  }

  private func halves(_ entry: Entry) throws(ModelError) -> [UInt16] {
    var values = [UInt16](repeating: 0, count: entry.elementCount)
    try file.fill(&values, at: entry.range.lowerBound)
    return values
  }

  /// IEEE 754 binary16 to binary32, exact; written out because x86 has no `Float16` before AVX-512.
  static func float(half bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10 & 0x1f)
    let fraction = UInt32(bits & 0x3ff)
    switch exponent {
    case 0:
      let magnitude = Float(fraction) / 16_777_216
      return sign == 0 ? magnitude : -magnitude
    case 0x1f: return Float(bitPattern: sign | 0x7f80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}

// MARK: The header

extension Safetensors {
  private static func header(of file: borrowing InputFile) throws(ModelError) -> [String: Entry] {
    guard file.sizeInBytes >= 8 else {
      throw .malformed(file: file.name, reason: "shorter than its 8-byte length field")
    }
    var length: UInt64 = 0
    for byte in try file.bytes(at: 0, count: 8).reversed() { length = length << 8 | UInt64(byte) }
    guard length <= headerLimitInBytes else {
      throw .malformed(
        file: file.name, reason: "header of \(length) bytes, the limit is \(headerLimitInBytes)")
    }
    guard Int(length) <= file.sizeInBytes - 8 else {
      throw .malformed(
        file: file.name, reason: "header of \(length) bytes in a file of \(file.sizeInBytes)")
    }
    let json = try parseJSON(try file.bytes(at: 8, count: Int(length)), file: file.name)
    guard let object = json.object else {
      throw .malformed(file: file.name, reason: "the header is no JSON object")
    }
    let start = 8 + Int(length)
    var entries: [String: Entry] = [:]
    for (name, value) in object where name != "__metadata__" {
      entries[name] = try entry(name, value, data: start..<file.sizeInBytes)
    }
    try checkCoverage(
      entries.values.sorted { $0.range.lowerBound < $1.range.lowerBound },
      data: start..<file.sizeInBytes, file: file.name)
    return entries
  }

  private static func entry(
    _ name: String, _ value: JSON, data: Range<Int>
  ) throws(ModelError) -> Entry {
    guard let typeName = value["dtype"]?.string else {
      throw .tensor(name: name, reason: "no dtype in the header")
    }
    guard let type = ElementType(rawValue: typeName) else {
      throw .tensor(name: name, reason: "dtype \(typeName) is not supported")
    }
    guard let dimensions = value["shape"]?.array, dimensions.count <= 8 else {
      throw .tensor(name: name, reason: "no shape of at most 8 dimensions in the header")
    }
    var shape: [Int] = []
    var count = 1
    for dimension in dimensions {
      guard let size = dimension.int, size >= 0 else {
        throw .tensor(name: name, reason: "a dimension is no natural number")
      }
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow, product <= elementLimit else {
        throw .tensor(name: name, reason: "more than \(elementLimit) elements")
      }
      count = product
      shape.append(size)
    }
    guard let offsets = value["data_offsets"]?.array, offsets.count == 2,
      let lower = offsets[0].int, let upper = offsets[1].int
    else {
      throw .tensor(name: name, reason: "no pair of data_offsets in the header")
    }
    guard 0 <= lower, lower <= upper, upper <= data.count else {
      throw .tensor(
        name: name, reason: "bytes \(lower)..<\(upper) lie outside the file's \(data.count)")
    }
    guard upper - lower == count * type.sizeInBytes else {
      throw .tensor(
        name: name, reason: "\(upper - lower) bytes for shape \(shape) of \(typeName)")
    }
    let range = (data.lowerBound + lower)..<(data.lowerBound + upper)
    return Entry(name: name, type: type, shape: shape, range: range)
  }

  /// The format forbids gaps and overlaps, so that nothing can hide in a file.
  private static func checkCoverage(
    _ entries: [Entry], data: Range<Int>, file: String
  ) throws(ModelError) {
    var end = data.lowerBound
    for entry in entries where !entry.range.isEmpty {
      guard entry.range.lowerBound == end else {
        let relation = entry.range.lowerBound < end ? "overlaps" : "leaves a gap behind"
        throw .tensor(name: entry.name, reason: "\(relation) the tensor before it")
      }
      end = entry.range.upperBound
    }
    guard end == data.upperBound else {
      throw .malformed(file: file, reason: "\(data.upperBound - end) bytes belong to no tensor")
    }
  }
}
