import Primitives

/// Writes bytecode with labels, and with data behind the code.
struct Assembler {
  /// A place in the code to which jumps go.
  struct Label: Hashable { fileprivate let number: Int }

  private(set) var bytes: Bytes = []
  private var places: [Label: Int] = [:]
  private var references: [(place: Int, label: Label)] = []
  private var data: [(place: Int, bytes: Bytes)] = []
  private var labelCount = 0

  /// Appends an instruction, or any byte.
  mutating func append(_ byte: UInt8) { bytes.append(byte) }

  /// Appends bytes as they are.
  mutating func append(raw: Bytes) { bytes += raw }

  /// Appends a PUSH of so many bytes, which the number fits.
  mutating func push(_ value: UInt256, width: Int) {
    bytes.append(0x5f + UInt8(width))
    bytes += value.bigEndianBytes.suffix(width)
  }

  /// A label that is nowhere yet.
  mutating func label() -> Label {
    labelCount += 1
    return Label(number: labelCount)
  }

  /// Puts a label here, with a JUMPDEST.
  mutating func place(_ label: Label) {
    places[label] = bytes.count
    bytes.append(0x5b)
  }

  /// Pushes a label's place.
  mutating func push(_ label: Label) {
    references.append((bytes.count + 1, label))
    bytes += [0x61, 0, 0]
  }

  /// Copies data from behind the code into memory: CODECOPY.
  ///
  /// `memory` pushes the place there, which must be one word on the stack.
  mutating func copy(_ content: Bytes, toMemory memory: Int) {
    push(UInt256(UInt64(content.count)), width: 3)
    data.append((bytes.count + 1, content))
    bytes += [0x62, 0, 0, 0]
    push(UInt256(UInt64(memory)), width: 2)
    bytes.append(0x39)
  }

  /// The code, with its labels and its data in place.
  func assembled() -> Bytes {
    var code = bytes
    func write(_ number: Int, at place: Int, width: Int) {
      for index in 0..<width {
        code[place + index] = UInt8(truncatingIfNeeded: number >> (8 * (width - 1 - index)))
      }
    }
    for (place, label) in references { write(places[label] ?? 0, at: place, width: 2) }
    if !data.isEmpty { code.append(0x00) }
    for (place, content) in data {
      write(code.count, at: place, width: 3)
      code += content
    }
    return code
  }
}
