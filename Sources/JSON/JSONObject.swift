/// The members of a JSON object, in the order in which they were written, each key once.
///
/// Looking a key up walks through a small object and asks an index in a large one.
public struct JSONObject: Sendable, Hashable, RandomAccessCollection {
  /// One member.
  public typealias Element = (key: String, value: JSON)

  private struct Member: Sendable, Hashable {
    var key: String
    var value: JSON

    static func == (left: Member, right: Member) -> Bool {
      sameBytes(left.key, right.key) && left.value == right.value
    }
    func hash(into hasher: inout Hasher) {
      ExactKey(key).hash(into: &hasher)
      hasher.combine(value)
    }
  }

  /// Objects up to this many members have no index.
  private static let largestWithoutIndex = 12

  private var members: [Member] = []
  private var places: [ExactKey: Int]?

  /// An object without members.
  public init() {}

  /// An object of these members, or the place of the first one whose key was there before.
  init(
    keys: ArraySlice<String>, values: ArraySlice<JSON>
  ) throws(RepeatedKey) {
    members.reserveCapacity(keys.count)
    for (key, value) in zip(keys, values) { members.append(Member(key: key, value: value)) }
    if members.count > Self.largestWithoutIndex {
      var found: [ExactKey: Int] = [:]
      found.reserveCapacity(members.count)
      for place in members.indices {
        if found.updateValue(place, forKey: ExactKey(members[place].key)) != nil {
          throw RepeatedKey(place: place)
        }
      }
      places = found
    } else {
      for place in members.indices.dropFirst() {
        for earlier in 0..<place where sameBytes(members[earlier].key, members[place].key) {
          throw RepeatedKey(place: place)
        }
      }
    }
  }

  /// The same members in the same order.
  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.members == right.members
  }

  /// Feeds the members into the hasher.
  public func hash(into hasher: inout Hasher) { hasher.combine(members) }

  /// Where the members begin.
  public var startIndex: Int { 0 }

  /// Where the members end.
  public var endIndex: Int { members.count }

  /// The member at that place.
  public subscript(position: Int) -> Element {
    (key: members[position].key, value: members[position].value)
  }

  /// The keys, in order.
  public var keys: [String] { members.map(\.key) }

  /// The value of that key; setting `nil` removes the member, setting a new one appends it.
  public subscript(_ key: String) -> JSON? {
    get { place(of: key).map { members[$0].value } }
    set {
      switch (place(of: key), newValue) {
      case (let place?, let value?): members[place].value = value
      case (let place?, nil): remove(at: place)
      case (nil, let value?): append(key, value)
      case (nil, nil): break
      }
    }
  }

  private func place(of key: String) -> Int? {
    if let places { return places[ExactKey(key)] }
    return members.firstIndex { sameBytes($0.key, key) }
  }

  private mutating func append(_ key: String, _ value: JSON) {
    members.append(Member(key: key, value: value))
    if places != nil {
      places?[ExactKey(key)] = members.count - 1
    } else if members.count > Self.largestWithoutIndex {
      reindex()
    }
  }

  private mutating func remove(at place: Int) {
    members.remove(at: place)
    if places != nil { reindex() }
  }

  private mutating func reindex() {
    var found: [ExactKey: Int] = [:]
    for place in members.indices { found[ExactKey(members[place].key)] = place }
    places = found
  }
}

/// A key was there before; `place` is where it stands again.
struct RepeatedKey: Error {
  var place: Int
}

/// A string that is equal to another when their UTF-8 bytes are.
struct ExactKey: Sendable, Hashable {
  let text: String

  init(_ text: String) { self.text = text }

  static func == (left: ExactKey, right: ExactKey) -> Bool { sameBytes(left.text, right.text) }

  func hash(into hasher: inout Hasher) {
    let wasContiguous: Void? = unsafe text.utf8.withContiguousStorageIfAvailable {
      unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0))
    }
    if wasContiguous == nil {
      ExactKey(String(decoding: text.utf8, as: UTF8.self)).hash(into: &hasher)
    }
  }
}

/// Whether two strings are the same bytes of UTF-8.
func sameBytes(_ left: String, _ right: String) -> Bool {
  left.utf8.count == right.utf8.count && left.utf8.elementsEqual(right.utf8)
}
