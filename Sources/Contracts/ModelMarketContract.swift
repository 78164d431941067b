import Cryptography
import Primitives

/// Typed calls of `contracts/ModelMarket.sol`.
public enum ModelMarketContract {
  /// Where genesis places it.
  public static let address = Address(0x4f50_414c_0000_0000, 0, 2)

  /// How long before it holds a new price is announced, in seconds.
  public static let priceNotice: UInt64 = 86_400

  /// The most datanets that one model can name.
  public static let datanetLimit = 32

  /// Registers a model that the sender owns, open to every engine.
  public static func registerModel(
    _ model: Hash, datanets: [UInt256], price: ModelPrice, split: RevenueSplit
  ) -> Bytes {
    ABI.call(
      "registerModel(bytes32,uint256[],(uint128,uint128),(uint16,uint16,uint16))",
      [
        .bytes32(model), .array(datanets.map { datanet in .uint(datanet) }), price.abiValue,
        split.abiValue,
      ])
  }

  /// Announces a price that holds a day later; only the model's owner may.
  public static func announcePrice(_ model: Hash, price: ModelPrice) -> Bytes {
    ABI.call(
      "announcePrice(bytes32,(uint128,uint128))", [.bytes32(model), price.abiValue])
  }

  /// Says whether only listed engines may serve a model; only its owner may.
  public static func restrictEngines(_ model: Hash, isRestricted: Bool) -> Bytes {
    ABI.call("restrictEngines(bytes32,bool)", [.bytes32(model), .bool(isRestricted)])
  }

  /// Puts an engine on a model's list, or takes it off; only the model's owner may.
  public static func allowEngine(_ model: Hash, engine: Address, isAllowed: Bool) -> Bytes {
    ABI.call(
      "allowEngine(bytes32,address,bool)", [.bytes32(model), .address(engine), .bool(isAllowed)])
  }

  /// Registers the sender as an engine; the transaction's value is its stake.
  public static var registerEngine: Bytes { ABI.call("registerEngine()") }

  /// Takes the sender off the register and returns its stake.
  public static var retireEngine: Bytes { ABI.call("retireEngine()") }

  /// A model's owner, split and prices.
  public static func model(_ model: Hash) -> ContractView<RegisteredModel> {
    ContractView(
      address, ABI.call("modelOf(bytes32)", [.bytes32(model)]),
      returning: .tuple([
        .address, RevenueSplit.abiType, .bool, .uint(bits: 64), ModelPrice.abiType,
        ModelPrice.abiType,
      ])
    ) { values in RegisteredModel(values[0]) }
  }

  /// The datanets that a model was trained on.
  public static func datanets(of model: Hash) -> ContractView<[UInt256]> {
    ContractView(
      address, ABI.call("datanetsOf(bytes32)", [.bytes32(model)]), returning: .array(.uint256)
    ) { values in values[0].asElements?.compactMap { element in element.asUInt256 } }
  }

  /// The price that holds in the block.
  public static func price(of model: Hash) -> ContractView<ModelPrice> {
    ContractView(
      address, ABI.call("priceOf(bytes32)", [.bytes32(model)]), returning: ModelPrice.abiType
    ) { values in ModelPrice(values[0]) }
  }

  /// Whether an engine is registered and may serve a model.
  public static func mayServe(_ model: Hash, engine: Address) -> ContractView<Bool> {
    ContractView(
      flag: address,
      ABI.call("mayServe(bytes32,address)", [.bytes32(model), .address(engine)]))
  }

  /// Whether an engine is registered.
  public static func isEngine(_ engine: Address) -> ContractView<Bool> {
    ContractView(flag: address, ABI.call("isEngine(address)", [.address(engine)]))
  }

  /// What an engine has staked, in wei.
  public static func stake(of engine: Address) -> ContractView<UInt256> {
    ContractView(number: address, ABI.call("stakeOf(address)", [.address(engine)]))
  }

  /// What a use costs in the block, and who gets which part.
  public static func quote(
    _ model: Hash, engine: Address, promptTokens: UInt64, completionTokens: UInt64
  ) -> ContractView<UsageQuote> {
    ContractView(
      address,
      ABI.call(
        "quote(bytes32,address,uint64,uint64)",
        [.bytes32(model), .address(engine), .uint(promptTokens), .uint(completionTokens)]),
      returning: .address, .uint256, .uint256, .uint256
    ) { values in UsageQuote(values) }
  }
}
