/// A value that its copies share until one of them changes it.
///
/// A world is copied for readers after every batch, and all that hold it: the parts of it that have
/// many parts themselves are copied as one reference.
@propertyWrapper
public struct Shared<Value: Sendable>: Sendable {
  /// Changed only by its one owner, so that who has access to the owner has access to the value.
  private final class Box: @unchecked Sendable {
    @exclusivity(unchecked) var value: Value
    init(_ value: Value) { unsafe self.value = value }
  }

  private var box: Box

  /// Its first value.
  public init(wrappedValue: Value) { box = Box(wrappedValue) }

  /// The value.
  public var wrappedValue: Value {
    _read { yield unsafe box.value }
    _modify {
      if !isKnownUniquelyReferenced(&box) { box = unsafe Box(box.value) }
      yield unsafe &box.value
    }
  }
}
