import Derivation
import Glibc
import Primitives

/// Derivation: what follows from channels, how fast, and what a transaction costs on L1.
///
/// Nothing is executed: it is the time from L1's data to the attributes of blocks. Peers: the
/// system's zlib and brotli, which do in C what our decoders do.
struct DerivationBench {
  /// How blocks become bytes.
  struct Form: Hashable {
    let name: String
    let isSpan: Bool
    let compression: ChannelCompression
  }

  static let forms = [
    Form(name: "singular, zlib", isSpan: false, compression: .zlib),
    Form(name: "singular, brotli", isSpan: false, compression: .brotli),
    Form(name: "span, zlib", isSpan: true, compression: .zlib),
    Form(name: "span, brotli", isSpan: true, compression: .brotli),
  ]

  private static let transactionsPerBlock = 10

  func run(_ report: inout Report) {
    let count = report.isFull ? 2_400 : 600
    for form in Self.forms { derive(count, form, &report) }
    decoders(count, &report)
    growth(report)
    sizes(report)
  }

  private func rollup(_ count: Int, _ form: Form, blocksPerChannel: Int) -> BenchRollup {
    BenchRollup(
      blockCount: count, blocksPerChannel: blocksPerChannel,
      transactionsPerBlock: Self.transactionsPerBlock, isSpan: form.isSpan,
      compression: form.compression)
  }

  private func derive(_ count: Int, _ form: Form, _ report: inout Report) {
    let rollup = rollup(count, form, blocksPerChannel: 100)
    var derived = 0
    let seconds = Report.seconds(runs: 3) { derived = rollup.derive() }
    guard derived == count else {
      report.fail("\(form.name): \(derived) blocks were derived, not \(count)")
      return
    }
    let content = megabytes(rollup.contentSizeInBytes) / seconds
    report.add(
      "derive (\(form.name))", ours: Double(count) / seconds, unit: "L2 blocks/s",
      note: "\(Self.transactionsPerBlock) transactions each")
    report.add(
      "channel data (\(form.name))", ours: megabytes(rollup.channelSizeInBytes) / seconds,
      unit: "MB/s", note: "\(Report.text(content)) MB/s decompressed")
  }

  private func megabytes(_ bytes: Int) -> Double { Double(bytes) / 1e6 }

  private func decoders(_ count: Int, _ report: inout Report) {
    for form in Self.forms where form.isSpan {
      let rollup = rollup(count, form, blocksPerChannel: count)
      let (content, stream) = (rollup.contents[0], rollup.streams[0])
      var ours: Decompression?
      let seconds = Report.seconds(runs: 5) {
        ours =
          form.compression == .zlib
          ? Inflate.zlib(stream, limit: content.count)
          : Brotli.decode(stream, limit: content.count)
      }
      var theirs: Bytes = []
      let peer = Report.seconds(runs: 5) {
        theirs = SystemCompression.decompress(
          stream, form.compression, size: content.count)
      }
      guard ours?.output == content, theirs == content else {
        report.fail("\(form.name): what comes out is not what went in")
        continue
      }
      let name = form.compression == .zlib ? "inflate" : "brotli decoder"
      report.add(
        name, ours: megabytes(content.count) / seconds,
        peer: ("system", megabytes(content.count) / peer), unit: "MB/s",
        note: "of content, \(content.count) bytes from \(stream.count)")
    }
  }

  private func growth(_ report: Report) {
    var points: [(size: Double, seconds: Double)] = []
    for count in [150, 300, 600, 1_200] {
      let rollup = rollup(count, Self.forms[3], blocksPerChannel: 100)
      let seconds = Report.seconds(runs: 3) { _ = rollup.derive() }
      points.append((Double(count), seconds))
    }
    report.add(
      "growth of derivation", ours: Report.exponent(points), unit: "exponent",
      note: "time = c * blocks^exponent, \(points.count) sizes")
  }

  /// L1 bytes a transaction against the blocks of a channel.
  private func sizes(_ report: Report) {
    var plot = DerivationPlot()
    let counts = [1, 2, 5, 10, 20, 50, 100, 200, 400, 800]
    for form in Self.forms {
      var points: [(blocks: Int, bytes: Double)] = []
      for count in counts {
        let rollup = rollup(count, form, blocksPerChannel: count)
        let transactions = Double(count * Self.transactionsPerBlock)
        points.append((count, Double(rollup.postedSizeInBytes) / transactions))
      }
      plot.add(form.name, points)
      for (count, bytes) in points where [1, 10, 100, 800].contains(count) {
        report.add(
          "L1 bytes a transaction (\(form.name))", ours: bytes, unit: "B",
          note: "\(count) L2 blocks a channel")
      }
    }
    if let path = Peer.environment("OPAL_BENCH_PLOT") { plot.write(to: path) }
  }
}
