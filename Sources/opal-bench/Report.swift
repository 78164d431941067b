import Glibc

/// What a suite measured, printed as it comes.
struct Report {
  /// The suite.
  let suite: String
  /// How it is printed.
  let format: Format
  /// Whether measurements that take minutes are made too.
  let isFull: Bool
  /// What must be in a measurement's name; nothing for all of them.
  var only = ""
  /// All that was asked for, for suites with options of their own.
  var words: [String] = []
  /// Whether a result was wrong.
  private(set) var hasFailed = false

  /// A line for people, an object of JSON, or a row of a table in Markdown for each measurement.
  enum Format {
    case text, json, markdown

    /// What the options say.
    init(_ words: [String]) {
      self =
        words.contains("--json") ? .json : words.contains("--markdown") ? .markdown : .text
    }
  }

  /// Says what machine this is.
  func begin() {
    guard format != .json else { return }
    print("machine: \(Self.processor), \(sysconf(Int32(_SC_NPROCESSORS_ONLN))) cores")
    print("1 thread: processor time; more: the time that passes")
  }

  /// The processor's name.
  static var processor: String {
    guard let file = unsafe fopen("/proc/cpuinfo", "r") else { return "unknown" }
    defer { unsafe fclose(file) }
    var line = [CChar](repeating: 0, count: 512)
    while unsafe fgets(&line, 512, file) != nil {
      let text = String(
        decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      if text.hasPrefix("model name"), let name = text.split(separator: ":").last {
        return String(name.drop { $0 == " " }.prefix { $0 != "\n" })
      }
    }
    return "unknown"
  }

  /// Says on the standard error what is missing or wrong, which is not a measurement.
  func remark(_ text: String) {
    let line = "opal-bench: " + text + "\n"
    _ = unsafe write(STDERR_FILENO, line, line.utf8.count)
  }

  /// A result was wrong: what is measured is not what it should be.
  mutating func fail(_ text: String) {
    hasFailed = true
    remark("WRONG: " + text)
  }

  /// Whether a measurement is asked for.
  func wants(_ name: String) -> Bool { only.isEmpty || name.contains(only) }

  /// The positive numbers of an option in the form `--name=1,2`; none without it.
  func numbers(_ option: String) -> [Int] {
    guard let word = words.last(where: { $0.hasPrefix(option + "=") }) else { return [] }
    return word.dropFirst(option.count + 1).split(separator: ",").compactMap { Int($0) }
      .filter { $0 > 0 }
  }

  /// A measurement beside a peer's, if there is one, both in the same unit of time or rate.
  func add(
    _ name: String, ours: Double, peer: Peer.Figure? = nil, unit: String, note: String = ""
  ) {
    add(name, ours: ours, peers: peer.map { [$0] } ?? [], unit: unit, note: note)
  }

  /// A measurement beside several peers', all in the same unit of time or rate.
  ///
  /// The ratio is our time over the peer's. In JSON each peer has a line of its own.
  func add(
    _ name: String, ours: Double, peers: [Peer.Figure], unit: String, note: String = ""
  ) {
    let isRate = unit.hasSuffix("/s")
    func ratio(_ peer: Peer.Figure) -> Double { isRate ? peer.value / ours : ours / peer.value }
    switch format {
    case .json:
      var fields = [
        #""suite":"\#(suite)""#, #""name":"\#(name)""#, #""ours":\#(ours)"#, #""unit":"\#(unit)""#,
      ]
      if !note.isEmpty { fields.append(#""note":"\#(note)""#) }
      for peer in peers {
        let told = [
          #""peer":\#(peer.value)"#, #""peer_name":"\#(peer.name)""#, #""ratio":\#(ratio(peer))"#,
        ]
        print("{" + (fields + told).joined(separator: ",") + "}")
      }
      if peers.isEmpty { print("{" + fields.joined(separator: ",") + "}") }
    case .markdown:
      let cells =
        ["`\(name)`", Self.text(ours) + " " + unit]
        + peers.flatMap { ["\($0.name) " + Self.text($0.value), Self.text(ratio($0))] }
      print("| " + cells.joined(separator: " | ") + " | " + (note.isEmpty ? "" : note + " |"))
    case .text:
      var line = pad(name, 44) + pad(Self.text(ours) + " " + unit, 16)
      for peer in peers {
        line += pad(peer.name + " " + Self.text(peer.value), peers.count > 1 ? 16 : 26)
        line += pad("ratio " + Self.text(ratio(peer)), 14)
      }
      print(line + (note.isEmpty ? "" : "  " + note))
    }
    fflush(nil)
  }

  private func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  /// A number with about three digits.
  static func text(_ value: Double) -> String {
    let scale = value >= 100 ? 1.0 : value >= 10 ? 10 : value >= 1 ? 100 : 1000
    return "\((value * scale).rounded() / scale)"
  }

  /// A whole number with a comma before each three digits.
  static func grouped(_ value: Int) -> String {
    let digits = "\(value)"
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return text
  }

  /// The median of the seconds that so many runs take.
  ///
  /// On one thread it is processor time, so that what else the machine does counts for little; on
  /// several it is the time that passes.
  static func seconds(runs: Int, threads: Int = 1, _ body: () -> Void) -> Double {
    median((0..<max(1, runs)).map { _ in Stopwatch.seconds(threads: threads, body) })
  }

  /// The middle one.
  static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

  /// The geometric mean.
  static func geometricMean(_ values: [Double]) -> Double {
    exp(values.map { log($0) }.reduce(0, +) / Double(max(1, values.count)))
  }

  /// What each of several contestants takes: the median of rounds in which each has its turn, so
  /// that a bad moment of the machine meets all of them.
  static func interleaved(rounds: Int, _ contestants: [() -> Double]) -> [Double] {
    var times = contestants.map { _ in [Double]() }
    for _ in 0..<max(1, rounds) {
      for (index, contestant) in contestants.enumerated() { times[index].append(contestant()) }
    }
    return times.map { median($0) }
  }

  /// The exponent e of time = c·sizeᵉ that fits best, by least squares of the logarithms.
  static func exponent(_ points: [(size: Double, seconds: Double)]) -> Double {
    let xs = points.map { log($0.size) }
    let ys = points.map { log($0.seconds) }
    let (meanX, meanY) = (
      xs.reduce(0, +) / Double(xs.count), ys.reduce(0, +) / Double(ys.count)
    )
    let covariance = zip(xs, ys).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
    let variance = xs.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
    return covariance / variance
  }
}
