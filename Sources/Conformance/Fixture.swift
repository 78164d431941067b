import JSON

/// A value of a fixture file, with the place where it stands, so that an error can name it.
public struct Fixture: Sendable {
  /// The value.
  public let json: JSON
  /// Where it stands.
  public let place: Place

  /// Where a value stands: the way to it from the top of the document.
  public indirect enum Place: Sendable {
    /// The document itself.
    case document
    /// A member of the object there.
    case member(Place, String)
    /// An element of the array there.
    case element(Place, Int)

    /// The way in words: `add11/post/Cancun/0/hash`.
    ///
    /// Long names are cut, since a hostile file chooses them.
    public var text: String {
      var parts: [String] = []
      var place = self
      while true {
        switch place {
        case .document: return parts.reversed().joined(separator: "/")
        case .member(let outer, let name):
          parts.append(name.utf8.count > 120 ? String(name.prefix(100)) + "…" : name)
          place = outer
        case .element(let outer, let index):
          parts.append(String(index))
          place = outer
        }
      }
    }
  }

  /// A whole document.
  public init(_ json: JSON) {
    self.json = json
    place = .document
  }

  private init(_ json: JSON, _ place: Place) {
    self.json = json
    self.place = place
  }

  /// That this value is not what it should be.
  public func fault(_ reason: String) -> FixtureError {
    FixtureError(place: place.text, reason: reason)
  }

  // MARK: Members and elements

  /// The member of that name.
  ///
  /// - Throws: `FixtureError` if there is none, or the value is no object.
  public func field(_ name: String) throws(FixtureError) -> Fixture {
    if let value = optional(name) { return value }
    guard json.object != nil else { throw fault("expected an object, found \(json.kind)") }
    throw fault("has no member \"\(name)\"")
  }

  /// The member of that name, if the value is an object that has it and it is not null.
  public func optional(_ name: String) -> Fixture? {
    guard let value = json[name], !value.isNull else { return nil }
    return Fixture(value, .member(place, name))
  }

  /// All members, in their order.
  ///
  /// - Throws: `FixtureError` if the value is no object.
  public func members() throws(FixtureError) -> [(name: String, value: Fixture)] {
    guard let object = json.object else {
      throw fault("expected an object, found \(json.kind)")
    }
    return object.map { ($0.key, Fixture($0.value, .member(place, $0.key))) }
  }

  /// All elements.
  ///
  /// - Throws: `FixtureError` if the value is no array.
  public func elements() throws(FixtureError) -> [Fixture] {
    guard let array = json.array else { throw fault("expected an array, found \(json.kind)") }
    return array.enumerated().map { Fixture($0.element, .element(place, $0.offset)) }
  }

  /// One element.
  ///
  /// - Throws: `FixtureError` if the value is no array, or too short.
  public func element(_ index: Int) throws(FixtureError) -> Fixture {
    guard let array = json.array else { throw fault("expected an array, found \(json.kind)") }
    guard array.indices.contains(index) else {
      throw fault("has \(array.count) elements, and number \(index) is asked for")
    }
    return Fixture(array[index], .element(place, index))
  }

  /// The text.
  ///
  /// - Throws: `FixtureError` if the value is no string.
  public func text() throws(FixtureError) -> String {
    guard let text = json.string else { throw fault("expected a string, found \(json.kind)") }
    return text
  }
}

/// What is wrong with a fixture file, and where.
public struct FixtureError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The way to the value from the top of the document; empty for the document itself.
  public let place: String
  /// What is wrong with it.
  public let reason: String

  /// That something is wrong somewhere.
  public init(place: String, reason: String) {
    self.place = place
    self.reason = reason
  }

  /// Both, for a person to read.
  public var description: String { place.isEmpty ? reason : "\(place): \(reason)" }
}
