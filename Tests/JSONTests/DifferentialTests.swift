import Foundation
import JSON
import Testing

/// Foundation's reader is the oracle; where it is known to be laxer or stricter, so it is said.
@Suite("JSON against Foundation")
struct DifferentialTests {
  @Test("generated documents read the same as by Foundation", arguments: 0..<8 as Range<UInt64>)
  func generated(seed: UInt64) throws {
    var generator = Generator(seed: seed)
    for _ in 0..<300 {
      let json = generator.value(depth: 5)
      let bytes = generator.text(of: json)
      let ours = try JSON.parse(bytes)
      #expect(ours == json)
      #expect(try JSON.parse(ours.serialized()) == ours)
      let theirs = try JSONSerialization.jsonObject(
        with: Data(bytes), options: .fragmentsAllowed)
      #expect(agree(ours, theirs), "\(String(decoding: bytes, as: UTF8.self))")
    }
  }

  @Test(
    "mutated documents are taken or refused as by Foundation", arguments: 0..<8 as Range<UInt64>)
  func mutated(seed: UInt64) throws {
    var generator = Generator(seed: seed &+ 1_000)
    var differences: [String] = []
    for _ in 0..<1_500 {
      var bytes = generator.text(of: generator.value(depth: 4))
      generator.mutate(&bytes)
      let theirs = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
      do {
        let ours = try JSON.parse(bytes)
        if let theirs, !agree(ours, theirs) { differences.append(describe(bytes, "disagree")) }
        if theirs == nil, !foundationIsStricter(bytes) {
          differences.append(describe(bytes, "taken"))
        }
      } catch {
        #expect(error.offset >= 0 && error.offset <= bytes.count)
        let isKnown: Bool
        switch error.reason {
        case .duplicateKey, .loneSurrogate: isKnown = true
        // Foundation takes a comma behind the last element.
        case .unexpectedByte(UInt8(ascii: "]")), .unexpectedByte(UInt8(ascii: "}")):
          isKnown = true
        // Foundation guesses UTF-16 and UTF-32 from zero bytes, and skips a byte order mark.
        case .unexpectedByte(0), .trailingByte(0), .unexpectedByte(0xef...0xff): isKnown = true
        default: isKnown = bytes.contains(0)
        }
        if theirs != nil, !isKnown { differences.append(describe(bytes, "refused: \(error)")) }
      }
    }
    #expect(differences.isEmpty, "\(differences.prefix(5))")
  }

  /// Foundation refuses numbers that no Double or Decimal holds.
  private func foundationIsStricter(_ bytes: [UInt8]) -> Bool {
    bytes.contains { $0 | 0x20 == UInt8(ascii: "e") } || bytes.contains(0)
  }

  private func describe(_ bytes: [UInt8], _ what: String) -> String {
    "\(what): \(String(decoding: bytes, as: UTF8.self))"
  }

  private func agree(_ ours: JSON, _ theirs: Any) -> Bool {
    switch ours {
    case .null: return theirs is NSNull
    case .bool(let value): return (theirs as? Bool) == value
    case .string(let value):
      return (theirs as? String).map { Array($0.utf8) == Array(value.utf8) } ?? false
    case .number(let value):
      guard let number = theirs as? NSNumber, let double = value.double else { return false }
      if let integer = value.int64, number.int64Value != integer { return false }
      return abs(number.doubleValue - double) <= abs(double) * 1e-15
    case .array(let elements):
      guard let list = theirs as? [Any], list.count == elements.count else { return false }
      return zip(elements, list).allSatisfy { agree($0, $1) }
    case .serialized: return false
    case .object(let members):
      // A dictionary of Foundation's holds canonically equivalent keys once.
      guard let table = theirs as? [String: Any], table.count == Set(members.keys).count
      else { return false }
      return members.allSatisfy { member in
        table[member.key].map { agree(member.value, $0) } ?? false
      }
    }
  }
}

/// Makes JSON values and texts out of a seed.
private struct Generator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 1 }

  mutating func next(below bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(bound))
  }

  mutating func value(depth: Int) -> JSON {
    switch next(below: depth > 0 ? 8 : 5) {
    case 0: return .null
    case 1: return .bool(next(below: 2) == 0)
    case 2: return .integer(Int64(next(below: 2_000_000)) - 1_000_000)
    case 3: return .double(Double(next(below: 1_000_000)) / 1024)
    case 4: return .string(string())
    case 5: return .array((0..<next(below: 5)).map { _ in value(depth: depth - 1) })
    default:
      var object = JSONObject()
      for place in 0..<next(below: 16) { object["\(place)" + string()] = value(depth: depth - 1) }
      return .object(object)
    }
  }

  private mutating func string() -> String {
    let letters: [Character] = [
      "a", "Z", "0", "\"", "\\", "/", "\n", "\u{1}", "é", "ß", "中", "😀", " ", "\u{7f}", "\u{fffd}",
    ]
    return String((0..<next(below: 9)).map { _ in letters[next(below: letters.count)] })
  }

  /// The value's text with random white space and escapes.
  mutating func text(of json: JSON) -> [UInt8] {
    var bytes: [UInt8] = []
    var inString = false
    var escaped = false
    for byte in json.serialized() {
      if inString {
        if !escaped, byte.isLowercaseLetter, next(below: 8) == 0 {
          bytes.append(contentsOf: "\\u00\(String(byte, radix: 16))".utf8)
        } else {
          bytes.append(byte)
        }
        if !escaped, byte == UInt8(ascii: "\"") { inString = false }
        escaped = !escaped && byte == UInt8(ascii: "\\")
        continue
      }
      if byte == UInt8(ascii: "\"") { inString = true }
      bytes.append(byte)
      if [0x2c, 0x3a, 0x5b, 0x7b].contains(byte), next(below: 4) == 0 {
        bytes.append([0x20, 0x0a, 0x0d, 0x09][next(below: 4)])
      }
    }
    return bytes
  }

  mutating func mutate(_ bytes: inout [UInt8]) {
    let alphabet = [UInt8](#"{}[]",:\/0123456789.eE+-truefalsn u"#.utf8) + [0x80, 0xc3, 0xed, 0x0a]
    for _ in 0...next(below: 2) where !bytes.isEmpty {
      let place = next(below: bytes.count)
      switch next(below: 4) {
      case 0: bytes.remove(at: place)
      case 1: bytes.insert(alphabet[next(below: alphabet.count)], at: place)
      case 2: bytes[place] = alphabet[next(below: alphabet.count)]
      default: bytes.removeSubrange(place...)
      }
    }
  }
}

extension UInt8 {
  fileprivate var isLowercaseLetter: Bool { (0x61...0x7a).contains(self) }
}
