import Blobs
import Pairings
import Primitives

// [block, changes, [[quorum, [member, …], [block, key, …], [block, stake, …]], …],
//  [[G1, G2, account, [block, quorums, …], [[quorum, [block, stake, …]], …]], …]]
//
// Quorums and operators are ascending by number and by the hash of their keys.

extension OperatorRegistry {
  func write(snapshot list: inout RLPWriter) {
    list.append(uint64: UInt64(block))
    list.append(uint64: changeCount)
    list.append(quorums.sorted { $0.key < $1.key }) { list, entry in
      list.list { fields in
        fields.append(uint64: UInt64(entry.key))
        fields.append(entry.value.members.sorted()) { list, id in list.append(hash: id) }
        entry.value.key.write(snapshot: &fields) { $0.append(bytes: BN254.compress($1)) }
        entry.value.totalStake.write(snapshot: &fields) { $0.append(uint256: $1) }
      }
    }
    list.append(members.sorted { $0.key < $1.key }) { list, entry in
      list.list { $0.append(member: entry.value) }
    }
  }

  /// Takes in what was written down of a registry with the same quorums.
  mutating func restore(snapshot list: inout RLPReader) throws(RLPError) {
    block = try list.small()
    changeCount = try list.uint64()
    var entries = try list.list()
    while !entries.isAtEnd {
      var fields = try entries.list()
      let number: UInt8 = try fields.small()
      guard quorums[number] != nil else { throw .tooLarge }
      quorums[number]?.members = Set(
        try fields.all { (list) throws(RLPError) in try list.hash() })
      quorums[number]?.key = try History(snapshot: &fields) { (list) throws(RLPError) in
        try list.point1()
      }
      quorums[number]?.totalStake = try History(snapshot: &fields) { (list) throws(RLPError) in
        try list.uint256()
      }
      try fields.end()
    }
    entries = try list.list()
    while !entries.isAtEnd {
      var fields = try entries.list()
      let member = try Member(snapshot: &fields)
      try fields.end()
      members[member.key.operatorID] = member
    }
  }
}

extension RLPWriter {
  fileprivate mutating func append(member: OperatorRegistry.Member) {
    append(bytes: BN254.compress(member.key.first))
    append(bytes: BN254.compress(member.key.second))
    append(address: member.account)
    member.quorums.write(snapshot: &self) { $0.append(uint256: $1) }
    append(member.stakes.sorted { $0.key < $1.key }) { list, entry in
      list.append(uint64: UInt64(entry.key))
      entry.value.write(snapshot: &list) { $0.append(uint256: $1) }
    }
  }
}

extension OperatorRegistry.Member {
  fileprivate init(snapshot list: inout RLPReader) throws(RLPError) {
    let first = try list.point1()
    guard let second = BN254.decompressG2(try list.bytes()) else { throw .wrongLength }
    key = OperatorKey(first: first, second: second)
    account = try list.address()
    quorums = try History(snapshot: &list) { (list) throws(RLPError) in try list.uint256() }
    var entries = try list.list()
    while !entries.isAtEnd {
      let number: UInt8 = try entries.small()
      stakes[number] = try History(snapshot: &entries) { (list) throws(RLPError) in
        try list.uint256()
      }
    }
  }
}

extension History {
  fileprivate func write(
    snapshot list: inout RLPWriter, _ write: (inout RLPWriter, Value) -> Void
  ) {
    list.append(entries) { list, entry in
      list.append(uint64: UInt64(entry.block))
      write(&list, entry.value)
    }
  }

  fileprivate init(
    snapshot list: inout RLPReader, _ read: (inout RLPReader) throws(RLPError) -> Value
  ) throws(RLPError) {
    self.init()
    var items = try list.list()
    var last: UInt32 = 0
    while !items.isAtEnd {
      let block: UInt32 = try items.small()
      guard block >= last else { throw .tooLarge }
      last = block
      set(try read(&items), at: block)
    }
  }
}

extension RLPReader {
  mutating func small<Number: FixedWidthInteger>() throws(RLPError) -> Number {
    guard let number = Number(exactly: try uint64()) else { throw .tooLarge }
    return number
  }

  mutating func point1() throws(RLPError) -> BN254.G1 {
    guard let point = BN254.decompressG1(try bytes()) else { throw .wrongLength }
    return point
  }
}
