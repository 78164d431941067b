import Glibc

/// What a suite measured, printed as it comes.
struct Report {
  /// The suite.
  let suite: String
  /// Whether one object of JSON is printed a line, and nothing else.
  let isJSON: Bool
  /// Whether measurements that take minutes are made too.
  let isFull: Bool

  /// Says what machine this is.
  func begin() {
    guard !isJSON else { return }
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

  /// A measurement beside a peer's, if there is one, both in the same unit of time or rate.
  ///
  /// `ratio` is our time over the peer's.
  func add(
    _ name: String, ours: Double, peer: (name: String, value: Double)? = nil, unit: String,
    note: String = ""
  ) {
    let isRate = unit.hasSuffix("/s")
    let ratio = peer.map { isRate ? $0.value / ours : ours / $0.value }
    if isJSON {
      var fields = [
        #""suite":"\#(suite)""#, #""name":"\#(name)""#, #""ours":\#(ours)"#, #""unit":"\#(unit)""#,
      ]
      if let peer, let ratio {
        fields += [
          #""peer":\#(peer.value)"#, #""peer_name":"\#(peer.name)""#, #""ratio":\#(ratio)"#,
        ]
      }
      if !note.isEmpty { fields.append(#""note":"\#(note)""#) }
      print("{" + fields.joined(separator: ",") + "}")
    } else {
      var line = pad(name, 44) + pad(Self.text(ours) + " " + unit, 16)
      if let peer, let ratio {
        line += pad(peer.name + " " + Self.text(peer.value), 26) + "ratio " + Self.text(ratio)
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

  /// The median of the seconds that so many runs take.
  ///
  /// On one thread it is processor time, so that what else the machine does counts for little; on
  /// several it is the time that passes.
  static func seconds(runs: Int, threads: Int = 1, _ body: () -> Void) -> Double {
    let clock = threads == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC
    var times: [Double] = []
    for _ in 0..<max(1, runs) {
      let start = now(clock)
      body()
      times.append(now(clock) - start)
    }
    return times.sorted()[times.count / 2]
  }

  private static func now(_ clock: clockid_t) -> Double {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
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
