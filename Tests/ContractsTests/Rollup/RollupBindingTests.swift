import Contracts
import Cryptography
import EVM
import Execution
import JSON
import Primitives
import Testing

@Suite struct RollupBindingTests {
  private static let message = LayerMessage(
    nonce: 1, sender: .zero, target: .zero, value: 0, gasLimit: 0, data: [])
  private static let output = OutputRoot(
    stateRoot: .zero, messagePasserStorageRoot: .zero, blockHash: .zero)

  /// Calls of each contract.
  private static let inputs: [(String, [Bytes])] = [
    (
      "SystemConfig",
      [
        SystemConfigContract.setBatcher(.zero),
        SystemConfigContract.setGasConfig(baseFeeScalar: 0, blobBaseFeeScalar: 0),
        SystemConfigContract.setLegacyGasConfig(overhead: 0, scalar: 0),
        SystemConfigContract.setGasLimit(0), SystemConfigContract.setUnsafeBlockSigner(.zero),
        SystemConfigContract.setBaseFeeParameters(denominator: 0, elasticity: 0),
        SystemConfigContract.setOperatorFee(scalar: 0, constant: 0),
        SystemConfigContract.setLowestBaseFee(0), SystemConfigContract.setDataFootprintScalar(0),
        SystemConfigContract.gasLimit.input, SystemConfigContract.batcherHash.input,
        SystemConfigContract.scalar.input, SystemConfigContract.unsafeBlockSigner.input,
        SystemConfigContract.owner.input, SystemConfigContract.isPaused.input,
      ]
    ),
    (
      "SuperchainConfig",
      [
        SuperchainConfigContract.pause(""), SuperchainConfigContract.unpause,
        SuperchainConfigContract.guardian.input,
      ]
    ),
    (
      "OptimismPortal2",
      [
        PortalContract.deposit(to: nil, value: 0, gasLimit: 0, data: []),
        PortalContract.prove(message, gameIndex: 0, output: output, proof: []),
        PortalContract.finalize(message), PortalContract.finalize(message, provedBy: .zero),
        PortalContract.isFinalized(.zero).input, PortalContract.proof(of: .zero, by: .zero).input,
        PortalContract.maturityDelay.input, PortalContract.layerTwoSender.input,
        PortalContract.market.input,
      ]
    ),
    (
      "DisputeGameFactory",
      [
        DisputeGameFactoryContract.propose(.zero, blockNumber: 0),
        DisputeGameFactoryContract.bond().input, DisputeGameFactoryContract.gameCount.input,
        DisputeGameFactoryContract.game(at: 0).input,
        DisputeGameFactoryContract.game(root: .zero, blockNumber: 0).input,
        DisputeGameFactoryContract.setImplementation(gameType: 0, .zero, arguments: []),
        DisputeGameFactoryContract.setBond(gameType: 0, 0),
      ]
    ),
    (
      "ProposalGame",
      [
        DisputeGameContract.resolve, DisputeGameContract.claimCredit(.zero),
        DisputeGameContract.closeGame, game.status.input, game.rootClaim.input,
        game.blockNumber.input, game.l1Head.input, game.createdAt.input, game.resolvedAt.input,
        game.creator.input, game.delay.input,
      ]
    ),
    (
      "AnchorStateRegistry",
      [
        AnchorStateRegistryContract.anchor.input, AnchorStateRegistryContract.setAnchor(.zero),
        AnchorStateRegistryContract.respectedGameType.input,
        AnchorStateRegistryContract.setRespectedGameType(0),
        AnchorStateRegistryContract.blacklist(.zero), AnchorStateRegistryContract.retireGames,
        AnchorStateRegistryContract.isClaimValid(.zero).input,
        AnchorStateRegistryContract.finalityDelay.input,
      ]
    ),
    ("L1CrossDomainMessenger", messenger), ("L2CrossDomainMessenger", messenger),
    (
      "L1StandardBridge", bridge + [BridgeContract.depositEther(gasLimit: 0)]
    ),
    (
      "L2StandardBridge", bridge + [BridgeContract.withdraw(.zero, amount: 0, gasLimit: 0)]
    ),
    (
      "L2ToL1MessagePasser",
      [
        MessagePasserContract.initiateWithdrawal(target: .zero, gasLimit: 0, data: []),
        MessagePasserContract.burn, MessagePasserContract.nonce.input,
        MessagePasserContract.isSent(.zero).input,
      ]
    ),
    (
      "OptimismMintableERC20Factory",
      [TokenFactoryContract.createToken(for: .zero, name: "", symbol: "")]
    ),
    (
      "OptimismMintableERC20",
      token + [TokenContract.wrappedEther.remoteToken.input]
    ),
    ("WETH9", token + [TokenContract.wrap, TokenContract.unwrap(amount: 0)]),
    (
      "GasPriceOracle",
      [
        GasPriceOracleContract.l1Fee([]).input, GasPriceOracleContract.l1GasUsed([]).input,
        GasPriceOracleContract.l1FeeUpperBound(sizeInBytes: 0).input,
        GasPriceOracleContract.operatorFee(gas: 0).input,
        GasPriceOracleContract.hasBegun("Jovian").input, GasPriceOracleContract.begin("Jovian"),
      ]
    ),
    (
      "L1Block",
      [
        L1BlockContract.number.input, L1BlockContract.timestamp.input,
        L1BlockContract.hash.input, L1BlockContract.sequenceNumber.input,
        L1BlockContract.baseFee.input, L1BlockContract.blobBaseFee.input,
        L1BlockContract.batcherHash.input,
      ]
        + [L1Attributes.Format.bedrock, .ecotone, .isthmus, .jovian].map { $0.selector }
    ),
    (
      "FeeVault",
      [
        FeeVaultContract.withdraw, FeeVaultContract.l1Fee.totalProcessed.input,
        FeeVaultContract.l1Fee.recipient.input,
      ]
    ),
  ]
  private static let game = DisputeGameContract(.zero)
  private static let messenger = [
    MessengerContract.send(to: .zero, data: [], gasLimit: 0),
    MessengerContract.relay(
      LayerMessage(nonce: 0, sender: .zero, target: .zero, value: 0, gasLimit: 0, data: [])),
    MessengerContract.layerOne.isRelayed(.zero).input,
    MessengerContract.layerOne.isFailed(.zero).input, MessengerContract.layerOne.nonce.input,
  ]
  private static let bridge = [
    BridgeContract.sendEther(), BridgeContract.sendEther(to: .zero),
    BridgeContract.sendTokens(.zero, as: .zero, amount: 0),
    BridgeContract.sendTokens(.zero, as: .zero, amount: 0, to: .zero),
    BridgeContract.layerOne.locked(.zero, for: .zero).input,
  ]
  private static let token = [
    TokenContract.transfer(to: .zero, amount: 0), TokenContract.approve(.zero, amount: 0),
    TokenContract.wrappedEther.balance(of: .zero).input,
    TokenContract.wrappedEther.allowance(of: .zero, for: .zero).input,
    TokenContract.wrappedEther.totalSupply.input,
  ]

  @Test("every call of the bindings is a function of its contract")
  func selectors() throws {
    for (contract, inputs) in Self.inputs {
      let selectors = try Fixtures.artifact(contract)["methodIdentifiers"].members().map {
        try #require(Hexadecimal.decode("0x" + ($0.value.string ?? "")))
      }
      for input in inputs {
        #expect(selectors.contains(Bytes(input.prefix(4))), "\(contract) \(input.prefix(4))")
      }
    }
  }

  @Test("the interface that OP's clients use is whole, by selectors and topics of OP's own")
  func interfaces() throws {
    // Taken from OP's deployed contracts, and so not computed from our own signatures.
    let selectors: [(String, [String])] = [
      (
        "OptimismPortal2",
        [
          "e9e05c42", "4870496f", "8c3152e9", "43ca1c50", "9bf62d82", "a14238e7", "bb2c727e",
          "cff0ab96", "a35d99df", "bf653a5c", "5c975abb", "54fd4d50", "f2b4e617", "3c9f397c",
        ]
      ),
      (
        "DisputeGameFactory",
        ["82ecf2f6", "bb8aa1fc", "4d1975b4", "5f0150cb", "254bd683", "6593dc6e", "1b685b9e"]
      ),
      ("L1CrossDomainMessenger", ["3dbb202b", "d764ad0b", "b28ade25", "6e296e45", "b1b1b209"]),
      ("L1StandardBridge", ["b1a1a882", "9a2ac6d5", "58a997f6", "838b2520", "09fc8843"]),
      ("L2StandardBridge", ["32b7006d", "a3a79548", "e11013dd", "540abf73", "87087623"]),
      ("L2ToL1MessagePasser", ["c2b3e5ac", "44df8e70", "82e3702d", "ecc70428"]),
      ("L1Block", ["015d8eb9", "440a5e20", "098999be", "3db6be2b"]),
      ("GasPriceOracle", ["49948e0e", "f1c7a58b", "de26c4a1", "22b90ab3", "8e98b106"]),
    ]
    for (contract, expected) in selectors {
      let known = try Fixtures.artifact(contract)["methodIdentifiers"].members()
        .compactMap { $0.value.string }
      for selector in expected { #expect(known.contains(selector), "\(contract) \(selector)") }
    }
  }

  @Test("every event that OP declares is declared, and decoded where it is not said twice")
  func events() throws {
    let topics: [(String, String, String)] = [
      (
        "OptimismPortal2", "TransactionDeposited",
        "b3813568d9991fc951961fcb4c784893574240a28925604d09fc577c55bb7c32"
      ),
      (
        "OptimismPortal2", "WithdrawalProven",
        "67a6208cfcc0801d50f6cbe764733f4fddf66ac0b04442061a8a8c0cb6b63f62"
      ),
      (
        "OptimismPortal2", "WithdrawalFinalized",
        "db5c7652857aa163daadd670e116628fb42e869d8ac4251ef8971d9e5727df1b"
      ),
      (
        "SystemConfig", "ConfigUpdate",
        "1d2b0bda21d56b8bd12d4f94ebacffdfb35f5e226f84b461103bb8beab6353be"
      ),
      (
        "L2ToL1MessagePasser", "MessagePassed",
        "02a52367d10742d8032712c1bb8e0144ff1ec5ffda1ed7d70bb05a2744955054"
      ),
      (
        "L2CrossDomainMessenger", "SentMessage",
        "cb0f7ffd78f9aee47a248fae8db181db6eee833039123e026dcbff529522e52a"
      ),
      (
        "L2CrossDomainMessenger", "SentMessageExtension1",
        "8ebb2ec2465bdb2a06a66fc37a0963af8a2a6a1479d81d56fdb8cbb98096d546"
      ),
      (
        "L2StandardBridge", "ERC20BridgeInitiated",
        "7ff126db8024424bbfd9826e8ab82ff59136289ea440b04b39a0df1b03b9cabf"
      ),
      (
        "L2StandardBridge", "WithdrawalInitiated",
        "73d170910aba9e6d50b102db522b1dbcd796216f5128b445aa2135272886497e"
      ),
    ]
    for (contract, name, topic) in topics {
      let signature = try Fixtures.signatures("event", of: contract).first {
        $0.hasPrefix(name + "(")
      }
      let found = ABI.eventTopic(try #require(signature)).hexadecimal
      #expect(found == "0x" + topic, "\(name)")
    }
  }

  @Test("every error that a contract declares is read by its name")
  func errors() throws {
    for (contract, _) in RollupGenesisTests.places + [("OptimismMintableERC20", [])] {
      for signature in try Fixtures.signatures("error", of: contract) {
        let inputs = try #require(ABISignature(signature)).inputs
        let data = ABI.selector(signature) + Bytes(repeating: 0, count: 32 * inputs.count)
        let error = try #require(ContractError(revertData: data), "\(contract) \(signature)")
        #expect(signature.hasPrefix(error.name + "("))
      }
    }
  }

  @Test("logs of other contracts, with other topics or cut data, are no events")
  func hostileLogs() throws {
    let pair = try RollupPair()
    var logs = try pair.l1.send(
      Parts.alice, LayerOneAddresses.bridge, BridgeContract.sendEther(extraData: [1, 2]),
      value: 1
    ).logs
    logs += try pair.l2.send(
      Parts.alice, LayerTwoAddresses.bridge, BridgeContract.sendEther(), value: 1
    ).logs
    for log in logs {
      for read in [
        RollupEvent.init(layerOne:topics:data:), RollupEvent.init(layerTwo:topics:data:),
      ] {
        for count in 0..<(log.data.count - 31) where count % 7 == 0 {
          #expect(read(log.address, log.topics, Bytes(log.data.prefix(count))) == nil)
        }
        #expect(read(log.address, Array(log.topics.dropLast()), log.data) == nil)
        #expect(read(log.address, log.topics + [.zero], log.data) == nil)
        #expect(read(log.address, [], log.data) == nil)
        #expect(read(Parts.alice, log.topics, log.data) == nil)
      }
    }
  }
}
