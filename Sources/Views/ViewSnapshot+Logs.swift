import EVM
import Execution
import Ledger
import Primitives
import SQLite

extension ViewSnapshot {
  /// The logs of a layer that pass a filter, in the order of the chain.
  ///
  /// A filter that names emitters or first topics is answered from an index by receipt; any other,
  /// and what such a filter asks beyond that, from the blooms of the blocks that have logs. So few
  /// matches among many blocks cost little either way.
  ///
  /// - Throws: ``ViewsError/tooManyLogs(limit:)`` as soon as more than `limit` pass.
  public func logs(
    _ layer: Layer, _ filter: LogFilter, limit: Int
  ) throws(ViewsError) -> [StoredLog] {
    guard let head = try headNumber(layer),
      let range = Place.range(layer, from: filter.fromBlock, through: min(filter.toBlock, head))
    else { return [] }
    var search = LogSearch(filter, limit: limit)
    if filter.emitterFingerprints == nil && filter.topicFingerprints == nil {
      for block in try blocksThatMayMatch(search.matcher, range) {
        let items = block.rawValue...(block.rawValue | Int64(Place.highestIndex))
        try examine(receipts: items, &search)
      }
    } else {
      try examineIndexed(range, &search)
    }
    return search.found
  }

  private func blocksThatMayMatch(
    _ matcher: LogMatcher, _ range: ClosedRange<Int64>
  ) throws(ViewsError) -> [Place] {
    var places: [Place] = []
    var malformed: Place?
    try ViewsError.wrapping { () throws(SQLiteError) in
      let blocks = try connection.cached(
        "SELECT place, bloom FROM blooms WHERE place BETWEEN ?1 AND ?2 ORDER BY place")
      try blocks.bind([.integer(range.lowerBound), .integer(range.upperBound)])
      while malformed == nil, try blocks.step() {
        let mayMatch = unsafe try blocks.withBytes(1) { unsafe matcher.mayMatch(bloom: $0) }
        // Of what cannot match, which is most of it, not even the place is asked for.
        if mayMatch == false { continue }
        let place = Place(rawValue: try blocks.int64(0))
        if mayMatch == nil { malformed = place } else { places.append(place) }
      }
    }
    if let malformed { throw .malformed("the bloom of block \(malformed.number)") }
    return places
  }

  /// Goes through the index in windows of blocks, wider where matches are few, so that neither a
  /// rare nor a common topic costs much time or memory.
  private func examineIndexed(
    _ range: ClosedRange<Int64>, _ search: inout LogSearch
  ) throws(ViewsError) {
    let emitters = search.filter.emitterFingerprints
    let topics = search.filter.topicFingerprints
    let last = Place(rawValue: range.upperBound).number
    var first = Place(rawValue: range.lowerBound).number
    guard let layer = Place(rawValue: range.lowerBound).layer else { return }
    var width: UInt64 = 4_096
    while first <= last,
      let window = Place.range(layer, from: first, through: min(last, first + width - 1))
    {
      let candidates = try candidates(emitters, topics, window)
      for place in try passing(candidates, window, search) {
        try examine(receipts: Place.one(place), &search)
      }
      first += width
      if candidates.count < 1_024 { width *= 2 }
      if candidates.count > 16_384 { width = max(1, width / 4) }
    }
  }

  /// The receipts of a window that have one of the emitters and one of the topics.
  private func candidates(
    _ emitters: [Int64]?, _ topics: [Int64]?, _ window: ClosedRange<Int64>
  ) throws(ViewsError) -> [Place] {
    guard let emitters else { return try indexed(topics ?? [], window) }
    let byEmitter = try indexed(emitters, window)
    guard let topics, !byEmitter.isEmpty else { return byEmitter }
    let byTopic = Set(try indexed(topics, window))
    return byEmitter.filter(byTopic.contains)
  }

  private func indexed(
    _ fingerprints: [Int64], _ window: ClosedRange<Int64>
  ) throws(ViewsError) -> [Place] {
    var places: [Place] = []
    for fingerprint in fingerprints {
      places += try all(
        "SELECT place FROM log_index WHERE fingerprint = ?1 AND place BETWEEN ?2 AND ?3 "
          + "ORDER BY place",
        [.integer(fingerprint), .integer(window.lowerBound), .integer(window.upperBound)]
      ) { row throws(SQLiteError) in Place(rawValue: try row.int64(0)) }
    }
    guard fingerprints.count > 1 else { return places }
    // A few ascending runs, which merge in no time.
    places.sort()
    var last: Place?
    return places.filter { place in
      defer { last = place }
      return place != last
    }
  }

  /// The candidates whose blocks' blooms let through what the index does not know: later topics.
  ///
  /// The blooms of a few are looked up; of many, those of the whole window are read in one go.
  private func passing(
    _ candidates: [Place], _ window: ClosedRange<Int64>, _ search: LogSearch
  ) throws(ViewsError) -> [Place] {
    guard search.filter.hasLaterTopics else { return candidates }
    guard candidates.count <= 64 else {
      let blocks = Set(try blocksThatMayMatch(search.matcher, window))
      return candidates.filter { blocks.contains($0.block) }
    }
    var passing: [Place] = []
    for place in candidates {
      let bloom = try first("SELECT bloom FROM blooms WHERE place = ?1", [.place(place.block)]) {
        row throws(SQLiteError) in try row.blob(0)
      }
      guard let mayMatch = search.matcher.mayMatch(bloom: bloom ?? []) else {
        throw .malformed("the bloom of block \(place.number)")
      }
      if mayMatch { passing.append(place) }
    }
    return passing
  }

  /// Adds what passes of the logs in a range of receipts.
  private func examine(
    receipts range: ClosedRange<Int64>, _ search: inout LogSearch
  ) throws(ViewsError) {
    let rows = try all(
      "SELECT place, first_log, content FROM receipts WHERE place BETWEEN ?1 AND ?2 "
        + "ORDER BY place", [.integer(range.lowerBound), .integer(range.upperBound)]
    ) { row throws(SQLiteError) in
      (Place(rawValue: try row.int64(0)), Int(try row.int64(1)), try row.blob(2))
    }
    for (place, firstLog, content) in rows {
      guard firstLog >= 0, let logs = try? ReceiptContent.logs(in: content) else {
        throw .malformed("receipt \(place.index) of block \(place.number)")
      }
      let passed = logs.enumerated().filter { search.matcher.matches($0.element) }
      guard !passed.isEmpty else { continue }
      guard search.found.count + passed.count <= search.limit else {
        throw .tooManyLogs(limit: search.limit)
      }
      let block = try reference(at: place.block, &search)
      let hash = try transactionHash(at: place)
      for (offset, log) in passed {
        search.found.append(
          StoredLog(
            log: log, block: block, transactionHash: hash, transactionIndex: place.index,
            logIndex: firstLog + offset))
      }
    }
  }

  private func reference(
    at place: Place, _ search: inout LogSearch
  ) throws(ViewsError) -> BlockReference {
    if let last = search.found.last?.block, last.number == place.number { return last }
    return try reference(at: place)
  }

  private func transactionHash(at place: Place) throws(ViewsError) -> Hash {
    let hash = try first("SELECT hash FROM transactions WHERE place = ?1", [.place(place)]) {
      row throws(SQLiteError) in Hash(checking: try row.blob(0))
    }
    guard let hash, let hash else {
      throw .malformed("transaction \(place.index) of block \(place.number)")
    }
    return hash
  }
}

/// A search for logs on its way.
private struct LogSearch {
  let filter: LogFilter
  let matcher: LogMatcher
  let limit: Int
  var found: [StoredLog] = []

  init(_ filter: LogFilter, limit: Int) {
    self.filter = filter
    self.limit = limit
    matcher = LogMatcher(filter)
  }
}
