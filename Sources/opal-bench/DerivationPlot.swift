import Glibc

/// A picture of L1 bytes a transaction against the blocks of a channel, a line a form.
struct DerivationPlot {
  private var lines: [(name: String, points: [(blocks: Int, bytes: Double)])] = []

  private static let colours = ["#d62728", "#ff7f0e", "#1f77b4", "#2ca02c"]
  private static let left = 64.0
  private static let top = 44.0
  private static let width = 440.0
  private static let height = 320.0
  /// The horizontal axis goes from 1 to this many blocks, by powers of ten.
  private static let blockLimit = 1_000.0

  mutating func add(_ name: String, _ points: [(blocks: Int, bytes: Double)]) {
    lines.append((name, points))
  }

  /// The largest value, rounded up to a multiple of 50.
  private var limit: Double {
    let largest = lines.flatMap(\.points).map(\.bytes).max() ?? 1
    return (largest / 50).rounded(.up) * 50
  }

  private func place(_ blocks: Double, _ bytes: Double) -> (x: Double, y: Double) {
    let x = Self.left + Self.width * log10(blocks) / log10(Self.blockLimit)
    let y = Self.top + Self.height * (1 - bytes / limit)
    return ((x * 10).rounded() / 10, (y * 10).rounded() / 10)
  }

  /// The picture as SVG.
  var svg: String {
    var text = [
      #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 420" "#
        + #"font-family="sans-serif" font-size="12">"#,
      #"<rect width="720" height="420" fill="white"/>"#,
      #"<text x="64" y="22" font-size="15">L1 bytes of one L2 transaction</text>"#,
    ]
    text += axes
    for (index, line) in lines.enumerated() {
      let colour = Self.colours[index % Self.colours.count]
      let places = line.points.map { place(Double($0.blocks), $0.bytes) }
      text.append(
        #"<polyline fill="none" stroke="\#(colour)" stroke-width="1.5" points=""#
          + places.map { "\($0.x),\($0.y)" }.joined(separator: " ") + #""/>"#)
      text += places.map {
        #"<circle cx="\#($0.x)" cy="\#($0.y)" r="3" fill="\#(colour)"/>"#
      }
      let y = 96 + 24 * index
      text.append(
        #"<line x1="524" y1="\#(y - 4)" x2="548" y2="\#(y - 4)" stroke="\#(colour)" "#
          + #"stroke-width="2"/><text x="554" y="\#(y)">\#(line.name)</text>"#)
    }
    text += [
      #"<text x="524" y="70">batches, compression</text>"#,
      #"<text x="524" y="220">10 transactions a block</text>"#, "</svg>", "",
    ]
    return text.joined(separator: "\n")
  }

  private var axes: [String] {
    var text: [String] = []
    for step in 0...5 {
      let bytes = limit * Double(step) / 5
      let y = place(1, bytes).y
      text.append(
        #"<line x1="64" y1="\#(y)" x2="504" y2="\#(y)" stroke="lightgray"/>"#
          + #"<text x="56" y="\#(y + 4)" text-anchor="end">\#(Int(bytes))</text>"#)
    }
    for blocks in [1, 10, 100, 1_000] {
      let x = place(Double(blocks), 0).x
      text.append(#"<text x="\#(x)" y="384" text-anchor="middle">\#(blocks)</text>"#)
    }
    text.append(#"<text x="284" y="406" text-anchor="middle">L2 blocks of a channel</text>"#)
    return text
  }

  func write(to path: String) {
    guard let file = unsafe fopen(path, "w") else { return }
    defer { unsafe fclose(file) }
    unsafe fputs(svg, file)
  }
}
