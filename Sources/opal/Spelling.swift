/// Finds the word that somebody meant who mistyped one.
enum Spelling {
  /// The nearest of the words, if few letters tell it apart.
  static func nearest(to word: String, among words: [String]) -> String? {
    let limit = max(1, min(3, word.utf8.count / 4))
    // A mistyped word is short; whatever is longer is none.
    guard word.utf8.count <= 64 else { return nil }
    let ranked = words.map { (distance(Array(word.utf8), Array($0.utf8)), $0) }
    return ranked.filter { $0.0 <= limit }.min { $0.0 < $1.0 }?.1
  }

  /// How many letters must be put in, taken out or changed to make one word of the other.
  private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
    var row = Array(0...other.count)
    for (index, letter) in one.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for place in other.indices {
        let changed = diagonal + (letter == other[place] ? 0 : 1)
        diagonal = row[place + 1]
        row[place + 1] = min(changed, row[place] + 1, diagonal + 1)
      }
    }
    return row[other.count]
  }
}
