import Cryptography
import Primitives

/// What the operator of a development chain has asked for beside its next blocks.
///
/// It follows from the log like everything else, so a node that is started again knows its
/// snapshots, and whom it may speak for.
public struct OperatorState: Hashable, Sendable {
  /// Snapshots by their numbers: after which event of the log things stood so.
  public internal(set) var snapshots: [UInt64: UInt64] = [:]
  /// The number of the last snapshot, which the next one's is above.
  public internal(set) var lastSnapshot: UInt64 = 0
  /// In whose name transactions may be sent.
  public internal(set) var impersonated: Set<Address> = []
  /// Whether that is anybody.
  public internal(set) var impersonatesAll = false
  /// Whom signatures are taken for that somebody else made, by the signatures' hashes.
  public internal(set) var signers: [Hash: Address] = [:]
  /// What each gas must pay at least, in wei, on a chain without a base fee.
  public internal(set) var minimumGasPrice: UInt256?
  /// Whether the node tells its operator what contracts say.
  public internal(set) var isLogging = true

  /// A chain whose operator has asked for nothing.
  public init() {}

  /// Whether transactions may be sent in an account's name.
  public func impersonates(_ address: Address) -> Bool {
    impersonatesAll || impersonated.contains(address)
  }

  /// The name under which a signature is kept: its last byte is a parity of 27 or 28.
  public static func name(ofSignature bytes: Bytes) -> Hash { Keccak256.hash(bytes) }
}

/// That a chain's operator asked for something that is no block.
public struct OperatorChange: Hashable, Sendable {
  /// What was asked for.
  public enum Act: Hashable, Sendable {
    /// Remember how things stand, under this number.
    case snapshot(number: UInt64)
    /// Take transactions in an account's name, or no longer.
    case impersonate(Address, isOn: Bool)
    /// Take transactions in anybody's name, or no longer.
    case impersonateAll(isOn: Bool)
    /// Take a signature, named by its hash, for an account's.
    case trustSignature(Hash, Address)
    /// Refuse transactions that pay less a gas, in wei.
    case setMinimumGasPrice(UInt256)
    /// Tell what contracts say, or no longer.
    case setLogging(isOn: Bool)
  }

  /// The chain.
  public var layer: Layer
  /// What was asked for.
  public var act: Act

  /// A change of this kind.
  public init(layer: Layer, act: Act) {
    self.layer = layer
    self.act = act
  }
}

extension OperatorState {
  /// Takes a change in that was asked for by the event at `sequence`.
  mutating func take(_ act: OperatorChange.Act, at sequence: UInt64) {
    switch act {
    case .snapshot(let number):
      lastSnapshot = number
      snapshots[number] = sequence
    case .impersonate(let address, true): impersonated.insert(address)
    case .impersonate(let address, false): impersonated.remove(address)
    case .impersonateAll(let isOn): impersonatesAll = isOn
    case .trustSignature(let name, let address): signers[name] = address
    case .setMinimumGasPrice(let price): minimumGasPrice = price
    case .setLogging(let isOn): isLogging = isOn
    }
  }

  /// Forgets the snapshots from an event on: whoever goes back to one has used it up.
  mutating func forgetSnapshots(from position: UInt64) {
    guard !snapshots.isEmpty else { return }
    snapshots = snapshots.filter { $0.value < position }
  }
}

// MARK: Encoding

extension OperatorChange {
  /// `layer, act, …`: 0 number; 1 address, isOn; 2 isOn; 3 name, address; 4 price; 5 isOn.
  func write(to list: inout RLPWriter) {
    list.append(uint64: UInt64(layer.rawValue))
    list.append(uint64: act.number)
    switch act {
    case .snapshot(let number): list.append(uint64: number)
    case .impersonate(let address, let isOn):
      list.append(address: address)
      list.append(bool: isOn)
    case .impersonateAll(let isOn), .setLogging(let isOn): list.append(bool: isOn)
    case .trustSignature(let name, let address):
      list.append(hash: name)
      list.append(address: address)
    case .setMinimumGasPrice(let price): list.append(uint256: price)
    }
  }

  init?(from list: inout RLPReader) throws(RLPError) {
    guard let layer = try Layer(from: &list) else { return nil }
    let act: Act
    switch try list.uint64() {
    case 0: act = .snapshot(number: try list.uint64())
    case 1: act = .impersonate(try list.address(), isOn: try list.bool())
    case 2: act = .impersonateAll(isOn: try list.bool())
    case 3: act = .trustSignature(try list.hash(), try list.address())
    case 4: act = .setMinimumGasPrice(try list.uint256())
    case 5: act = .setLogging(isOn: try list.bool())
    default: return nil
    }
    self.init(layer: layer, act: act)
  }
}

extension OperatorChange.Act {
  /// The number of its kind in an event.
  fileprivate var number: UInt64 {
    switch self {
    case .snapshot: 0
    case .impersonate: 1
    case .impersonateAll: 2
    case .trustSignature: 3
    case .setMinimumGasPrice: 4
    case .setLogging: 5
    }
  }
}
