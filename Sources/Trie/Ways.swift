/// The sixteen ways on from a branch, in four groups that copies of it share.
///
/// A copy that changes one way so counts eight more holders of nodes and not sixteen; each is
/// somewhere else in memory, and of a large trie not in a cache.
struct Ways {
  private var first: Group?
  private var second: Group?
  private var third: Group?
  private var fourth: Group?

  /// No way leads anywhere.
  init() {}

  /// Where a way from 0 to 15 leads.
  subscript(way: Int) -> Link {
    get { group(way &>> 2)?[way & 3] ?? .empty }
    _modify {
      switch way &>> 2 {
      case 0: yield &Self.own(&first)[way & 3]
      case 1: yield &Self.own(&second)[way & 3]
      case 2: yield &Self.own(&third)[way & 3]
      default: yield &Self.own(&fourth)[way & 3]
      }
    }
  }

  private func group(_ index: Int) -> Group? {
    switch index {
    case 0: first
    case 1: second
    case 2: third
    default: fourth
    }
  }

  /// The group in that place, which nobody else holds afterwards.
  private static func own(_ place: inout Group?) -> Group {
    guard var group = place.take() else {
      let made = Group()
      place = made
      return made
    }
    if !isKnownUniquelyReferenced(&group) { group = group.copy() }
    place = group
    return group
  }

  /// Four neighbouring ways.
  private final class Group {
    private var first = Link.empty
    private var second = Link.empty
    private var third = Link.empty
    private var fourth = Link.empty

    subscript(index: Int) -> Link {
      get {
        switch index {
        case 0: first
        case 1: second
        case 2: third
        default: fourth
        }
      }
      _modify {
        switch index {
        case 0: yield &first
        case 1: yield &second
        case 2: yield &third
        default: yield &fourth
        }
      }
    }

    func copy() -> Group {
      let copy = Group()
      copy.first = first
      copy.second = second
      copy.third = third
      copy.fourth = fourth
      return copy
    }
  }
}
