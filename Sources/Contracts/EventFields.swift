import Cryptography
import Primitives

/// An event as its contract declares it: how many of its members are topics, the rest data.
struct EventDeclaration: Sendable {
  /// The canonical signature.
  let signature: String
  /// The first topic of its logs.
  let topic: Hash
  /// How many members, the first ones, are topics.
  let indexedCount: Int
  /// The types of the members in the data.
  let dataTypes: [ABIType]

  init(_ signature: String, indexedCount: Int) {
    self.signature = signature
    self.indexedCount = indexedCount
    topic = ABI.eventTopic(signature)
    guard let parsed = ABISignature(signature) else {
      preconditionFailure("events are declared by signatures that parse")
    }
    dataTypes = Array(parsed.inputs.dropFirst(indexedCount))
  }
}

/// The members of one log, once it is known to be of a declaration.
struct EventFields {
  private let topics: [Hash]
  private let values: [ABIValue]

  init?(_ declaration: EventDeclaration, topics: [Hash], data: Bytes) {
    guard topics.count == declaration.indexedCount + 1, topics.first == declaration.topic,
      let values = try? ABI.decode(declaration.dataTypes, data)
    else { return nil }
    self.topics = topics
    self.values = values
  }

  func topicHash(_ index: Int) -> Hash { topics[index + 1] }
  func topicNumber(_ index: Int) -> UInt256 { UInt256(topics[index + 1]) }
  func topicAddress(_ index: Int) -> Address { Address(suffixOf: topics[index + 1]) }

  func number(_ index: Int) -> UInt256? { values[index].asUInt256 }
  func shortNumber(_ index: Int) -> UInt64? { values[index].asUInt64 }
  func hash(_ index: Int) -> Hash? { values[index].asHash }
  func address(_ index: Int) -> Address? { values[index].asAddress }
  func bytes(_ index: Int) -> Bytes? { values[index].asBytes }
  func flag(_ index: Int) -> Bool? { values[index].asBool }
  func split(_ index: Int) -> RevenueSplit? { RevenueSplit(values[index]) }
  func price(_ index: Int) -> ModelPrice? { ModelPrice(values[index]) }

  func text(_ index: Int) -> String? {
    values[index].asBytes.map { bytes in String(decoding: bytes, as: UTF8.self) }
  }

  func numbers(_ index: Int) -> [UInt256]? {
    values[index].asElements?.compactMap { element in element.asUInt256 }
  }
}
