import Cryptography
import Primitives

/// Typed calls of a layer's bridge: `contracts/rollup/StandardBridge.sol`.
public struct BridgeContract: Hashable, Sendable {
  /// Where it lies.
  public let address: Address

  /// The bridge of L1.
  public static let layerOne = BridgeContract(address: LayerOneAddresses.bridge)
  /// The bridge of L2.
  public static let layerTwo = BridgeContract(address: LayerTwoAddresses.bridge)

  /// The gas limit that ether sent without input gets.
  public static let plainGasLimit: UInt32 = 200_000

  /// What stands for ether in `withdraw`.
  public static let legacyEther = Address(
    0xdead_dead_dead_dead, 0xdead_dead_dead_dead, 0xdead_0000)

  /// Sends the ether that goes along to the other layer.
  ///
  /// Without `to` it goes to the sender, who must be an account with a key.
  public static func sendEther(
    to: Address? = nil, gasLimit: UInt32 = plainGasLimit, extraData: Bytes = []
  ) -> Bytes {
    let rest: [ABIValue] = [.uint(UInt64(gasLimit)), .bytes(extraData)]
    guard let to else { return ABI.call("bridgeETH(uint32,bytes)", rest) }
    return ABI.call("bridgeETHTo(address,uint32,bytes)", [.address(to)] + rest)
  }

  /// Sends tokens to the other layer, which the bridge must be allowed to take.
  ///
  /// Without `to` they go to the sender, who must be an account with a key.
  public static func sendTokens(
    _ localToken: Address, as remoteToken: Address, amount: UInt256, to: Address? = nil,
    gasLimit: UInt32 = plainGasLimit, extraData: Bytes = []
  ) -> Bytes {
    let tokens: [ABIValue] = [.address(localToken), .address(remoteToken)]
    let rest: [ABIValue] = [.uint(amount), .uint(UInt64(gasLimit)), .bytes(extraData)]
    guard let to else {
      return ABI.call("bridgeERC20(address,address,uint256,uint32,bytes)", tokens + rest)
    }
    return ABI.call(
      "bridgeERC20To(address,address,address,uint256,uint32,bytes)",
      tokens + [.address(to)] + rest)
  }

  /// L1's older way to send ether.
  public static func depositEther(gasLimit: UInt32, extraData: Bytes = []) -> Bytes {
    ABI.call("depositETH(uint32,bytes)", [.uint(UInt64(gasLimit)), .bytes(extraData)])
  }

  /// L2's older way to send tokens, or ether under `legacyEther`.
  public static func withdraw(
    _ token: Address, amount: UInt256, gasLimit: UInt32, extraData: Bytes = []
  ) -> Bytes {
    ABI.call(
      "withdraw(address,uint256,uint32,bytes)",
      [.address(token), .uint(amount), .uint(UInt64(gasLimit)), .bytes(extraData)])
  }

  /// How much of a local token is locked for a remote one.
  public func locked(_ localToken: Address, for remoteToken: Address) -> ContractView<UInt256> {
    ContractView(
      number: address,
      ABI.call("deposits(address,address)", [.address(localToken), .address(remoteToken)]))
  }
}

/// Typed calls of a layer's factory of tokens that stand for those of the other layer.
public struct TokenFactoryContract: Hashable, Sendable {
  /// Where it lies.
  public let address: Address

  /// The factory of L1.
  public static let layerOne = TokenFactoryContract(address: LayerOneAddresses.tokenFactory)
  /// The factory of L2.
  public static let layerTwo = TokenFactoryContract(address: LayerTwoAddresses.tokenFactory)

  /// Makes a token with 18 decimals; its address is in the event `OptimismMintableERC20Created`.
  public static func createToken(for remoteToken: Address, name: String, symbol: String) -> Bytes {
    ABI.call(
      "createOptimismMintableERC20(address,string,string)",
      [.address(remoteToken), .string(name), .string(symbol)])
  }
}

/// Typed calls of a token: ERC-20, and what a bridge's tokens and `WETH9` have besides.
public struct TokenContract: Hashable, Sendable {
  /// Where it lies.
  public let address: Address

  /// The token at an address.
  public init(_ address: Address) { self.address = address }

  /// L2's ether as a token.
  public static let wrappedEther = TokenContract(LayerTwoAddresses.wrappedEther)

  /// Gives tokens of the sender away.
  public static func transfer(to: Address, amount: UInt256) -> Bytes {
    ABI.call("transfer(address,uint256)", [.address(to), .uint(amount)])
  }

  /// Lets an account take tokens of the sender.
  public static func approve(_ spender: Address, amount: UInt256) -> Bytes {
    ABI.call("approve(address,uint256)", [.address(spender), .uint(amount)])
  }

  /// Makes tokens of the ether that goes along; of `WETH9` only.
  public static var wrap: Bytes { ABI.call("deposit()") }

  /// Makes ether of tokens; of `WETH9` only.
  public static func unwrap(amount: UInt256) -> Bytes {
    ABI.call("withdraw(uint256)", [.uint(amount)])
  }

  /// How much an account has.
  public func balance(of account: Address) -> ContractView<UInt256> {
    ContractView(number: address, ABI.call("balanceOf(address)", [.address(account)]))
  }

  /// How much an account may take of another's.
  public func allowance(of owner: Address, for spender: Address) -> ContractView<UInt256> {
    ContractView(
      number: address,
      ABI.call("allowance(address,address)", [.address(owner), .address(spender)]))
  }

  /// How much there is.
  public var totalSupply: ContractView<UInt256> {
    ContractView(number: address, ABI.call("totalSupply()"))
  }

  /// The token of the other layer that it stands for; of a bridge's tokens only.
  public var remoteToken: ContractView<Address> {
    ContractView(address: address, ABI.call("remoteToken()"))
  }
}
