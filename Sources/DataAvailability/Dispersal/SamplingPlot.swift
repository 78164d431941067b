import Primitives

/// A picture of what samples find out: formulas as lines, a simulation as dots.
public struct SamplingPlot {
  /// How many chunks operators hold.
  private let held: Int
  /// How many of them give the blob back.
  private let needed: Int
  /// How often each number of samples is tried.
  private let runs: Int
  private var generator: SeededGenerator

  private static var sampleLimit: Int { 30 }
  private static var width: Double { 720 }
  private static var height: Double { 420 }
  private static var left: Double { 64 }
  private static var top: Double { 44 }
  private static var plotWidth: Double { 440 }
  private static var plotHeight: Double { 320 }

  /// A plot for a coding; the simulation is determined by the seed.
  public init(held: Int, needed: Int, runs: Int, seed: UInt64) {
    self.held = held
    self.needed = needed
    self.runs = runs
    generator = SeededGenerator(seed: seed)
  }

  /// How often, of `runs`, one of so many random chunks was among those withheld, as a share.
  public mutating func simulate(samples: Int, withheld: Int) -> Double {
    var found = 0
    var order = Array(0..<held)
    for _ in 0..<runs {
      // The first steps of a shuffle choose the samples; the first chunks are those withheld.
      var isFound = false
      for sample in 0..<samples {
        order.swapAt(sample, Int.random(in: sample..<held, using: &generator))
        if order[sample] < withheld { isFound = true }
      }
      if isFound { found += 1 }
    }
    return Double(found) / Double(runs)
  }

  /// The picture as SVG.
  public mutating func svg() -> String {
    let shares: [(share: Double, colour: String, name: String)] = [
      (0.05, "#9467bd", "5 %"), (0.1, "#1f77b4", "10 %"), (0.25, "#2ca02c", "25 %"),
      (0.5, "#ff7f0e", "50 %"),
      (1 - Double(needed - 1) / Double(held), "#d62728", "all but \(needed - 1): lost"),
    ]
    var lines = [
      #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 420" "#
        + #"font-family="sans-serif" font-size="12">"#,
      #"<rect width="720" height="420" fill="white"/>"#,
      #"<text x="64" y="22" font-size="15">Probability that random samples find withheld chunks"#
        + "</text>",
    ]
    lines += axes()
    for (index, share) in shares.enumerated() {
      lines += curve(share.share, share.colour)
      let y = 96 + 24 * index
      lines.append(
        #"<line x1="524" y1="\#(y - 4)" x2="548" y2="\#(y - 4)" stroke="\#(share.colour)" "#
          + #"stroke-width="2"/><text x="554" y="\#(y)">\#(share.name)</text>"#)
    }
    lines += [
      #"<text x="524" y="70">withheld share</text>"#,
      #"<text x="524" y="240">line: formula</text>"#,
      #"<text x="524" y="258">dots: \#(runs) runs each</text>"#,
      #"<text x="524" y="276">\#(held) chunks held, \#(needed) needed</text>"#, "</svg>", "",
    ]
    return lines.joined(separator: "\n")
  }

  private func axes() -> [String] {
    var lines: [String] = []
    for step in 0...5 {
      let (y, value) = (place(0, Double(step) / 5).y, Double(step) / 5)
      lines.append(
        #"<line x1="64" y1="\#(y)" x2="504" y2="\#(y)" stroke="lightgray"/>"#
          + #"<text x="56" y="\#(y + 4)" text-anchor="end">\#(value)</text>"#)
    }
    for samples in stride(from: 0, through: Self.sampleLimit, by: 5) {
      let x = place(samples, 0).x
      lines.append(
        #"<text x="\#(x)" y="384" text-anchor="middle">\#(samples)</text>"#)
    }
    lines.append(#"<text x="284" y="406" text-anchor="middle">samples</text>"#)
    return lines
  }

  private mutating func curve(_ share: Double, _ colour: String) -> [String] {
    let withheld = Int((Double(held) * share).rounded())
    var points: [String] = []
    var dots: [String] = []
    for samples in 0...Self.sampleLimit {
      let formula = SamplingReport.detection(
        samples: samples, held: held, withheldShare: share)
      let point = place(samples, formula)
      points.append("\(point.x),\(point.y)")
      if samples > 0, samples % 2 == 0 {
        let seen = place(samples, simulate(samples: samples, withheld: withheld))
        dots.append(#"<circle cx="\#(seen.x)" cy="\#(seen.y)" r="3" fill="\#(colour)"/>"#)
      }
    }
    let line =
      #"<polyline fill="none" stroke="\#(colour)" stroke-width="1.5" points=""#
      + points.joined(separator: " ") + #""/>"#
    return [line] + dots
  }

  /// Where a value stands, to a tenth of a unit.
  private func place(_ samples: Int, _ value: Double) -> (x: Double, y: Double) {
    let x = Self.left + Self.plotWidth * Double(samples) / Double(Self.sampleLimit)
    let y = Self.top + Self.plotHeight * (1 - value)
    return ((x * 10).rounded() / 10, (y * 10).rounded() / 10)
  }
}
