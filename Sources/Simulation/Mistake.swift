import Contracts
import Cryptography
import EVM
import Execution
import JSON
import Ledger
import Primitives

extension SimulationPlan {
  /// A mistake that a simulation must find, or nobody should believe it when it finds none.
  public enum Mistake: String, CaseIterable, Sendable {
    /// The drive answers for syncs that it does not do.
    case lyingDrive = "lying-drive"
    /// The writer tells its callers before the log has what it tells.
    case earlyAnswers = "early-answers"
    /// Somebody puts a copy of the directory back, and the node goes on from there.
    case restoredCopy = "restored-copy"
    /// A byte of the log changes on the disk.
    case decayedSector = "decayed-sector"
    /// The node has an account that is richer than its blocks make it.
    case falseHint = "false-hint"
    /// The portal has twice as much created on L2 as it was given.
    case generousPortal = "generous-portal"
    /// Somebody makes ether vanish, which the EVM allows and this economy never does.
    case vanishingEther = "vanishing-ether"
    /// The contract that pays receipts forgets which it has paid.
    case forgetfulContract = "forgetful-contract"
    /// The follower reads another inbox.
    case otherInbox = "other-inbox"
    /// The batcher signs with a key that L1 was not told of.
    case unheardBatcher = "unheard-batcher"
    /// Operators sign for chunks that they keep in memory alone.
    case forgetfulOperators = "forgetful-operators"
    /// A row of a view is gone.
    case lostRow = "lost-row"

    /// The invariants, of which one is found not to hold.
    public var breaks: [Invariant] {
      switch self {
      case .lyingDrive: [.nothingIsLost, .logIsWhole, .logOnlyGrows, .nodeBeginsAgain]
      case .earlyAnswers: [.nothingIsLost]
      case .restoredCopy: [.logOnlyGrows]
      case .decayedSector: [.logIsWhole, .nodeBeginsAgain]
      case .falseHint: [.replayEqualsLive]
      case .generousPortal, .vanishingEther: [.moneyIsConserved]
      case .forgetfulContract: [.receiptsArePaidOnce]
      case .otherInbox: [.everybodyDerivesTheSame]
      case .unheardBatcher: [.blocksReachL1]
      case .forgetfulOperators: [.certifiedDataIsThere]
      case .lostRow: [.viewsFollow]
      }
    }

    /// The first layer's genesis, with the mistake in it.
    func layerOne(_ document: Bytes) -> Bytes {
      guard self == .generousPortal else { return document }
      return Self.replacing(PortalContract.address, by: Self.generousPortalCode, in: document)
    }

    /// The second layer's genesis, with the mistake in it.
    func layerTwo(_ document: Bytes) -> Bytes {
      guard self == .forgetfulContract else { return document }
      return Self.replacing(
        AttributionContract.address, by: Self.forgetfulContractCode, in: document)
    }

    /// Makes the node err in what it decides.
    func falsify(_ decision: inout Decision) {
      guard self == .falseHint, case .block(var outcome) = decision.hint,
        outcome.block.header.number == 30
      else { return }
      let fields = AccountChange.Fields(nonce: 0, balance: 1, codeHash: Keccak256.hash([]))
      let change = AccountChange(address: Address(UInt256(0xbad)), account: fields)
      guard (try? outcome.state.apply(StateDiff(accounts: [change]))) != nil else { return }
      outcome.state = outcome.state.sealed()
      decision.hint = .block(outcome)
    }

    // MARK: Contracts

    /// Emits TransactionDeposited(caller, caller, 0, …) with a mint of twice the call's value.
    private static var generousPortalCode: Bytes {
      let topic = Keccak256.hash(
        Bytes("TransactionDeposited(address,address,uint256,bytes)".utf8))
      var gasLimit = Bytes(repeating: 0, count: 32)
      gasLimit.replaceSubrange(4..<8, with: [0, 1, 0x86, 0xa0])
      // The data's offset, its length of 73 bytes, twice the value, the value, and 100,000 gas.
      let data: Bytes =
        [0x60, 0x20, 0x5f, 0x52, 0x60, 73, 0x60, 0x20, 0x52]
        + [0x34, 0x60, 0x01, 0x1b, 0x60, 0x40, 0x52, 0x34, 0x60, 0x60, 0x52]
        + [0x7f] + gasLimit + [0x60, 0x80, 0x52]
      return data + [0x5f, 0x33, 0x33, 0x7f] + topic.bytes + [0x60, 0xa0, 0x5f, 0xa4, 0x00]
    }

    /// Emits UsageSettled(keccak256(calldata), caller, 0, …) for every call.
    private static var forgetfulContractCode: Bytes {
      let topic = Keccak256.hash(
        Bytes(
          ("UsageSettled(bytes32,address,address,bytes32,bytes32,uint64,uint256,uint256,uint256,"
            + "bytes32)").utf8))
      let receipt: Bytes = [0x36, 0x5f, 0x5f, 0x37, 0x5f, 0x33, 0x36, 0x5f, 0x20]
      return receipt + [0x7f] + topic.bytes + [0x60, 0xe0, 0x36, 0xa4, 0x00]
    }

    private static func replacing(
      _ contract: Address, by code: Bytes, in document: Bytes
    ) -> Bytes {
      guard let json = try? JSON.parse(document), var members = json.object,
        var alloc = members["alloc"]?.object
      else { return document }
      let name = contract.hexadecimal
      let key = alloc[name] == nil ? String(name.dropFirst(2)) : name
      var account = alloc[key]?.object ?? JSONObject()
      account["code"] = .string(Hexadecimal.encodePrefixed(code))
      alloc[key] = .object(account)
      members["alloc"] = .object(alloc)
      return JSON.object(members).serialized()
    }
  }
}
