import Contracts
import Cryptography
import Execution
import JSON
import Primitives
import Testing
import Trie

@Suite struct RollupGenesisTests {
  @Test("the hashes that the configuration names are those of both genesis blocks")
  func hashes() throws {
    let genesis = try #require(try Fixtures.json("genesis/rollup/rollup.json")["genesis"])
    for layer in [1, 2] {
      let block = try RollupChain.genesis(layer: layer).block()
      #expect(try genesis["l\(layer)"]?["hash"].asHash() == block.hash)
    }
  }

  @Test("the first anchor is the output root of L2's genesis")
  func anchor() throws {
    let pair = try RollupPair()
    let genesis = try RollupChain.genesis(layer: 2)
    let output = OutputRoot(
      stateRoot: genesis.state().root,
      messagePasserStorageRoot: try genesis.state().storageTrie(MessagePasserContract.address)
        .root, blockHash: genesis.block().hash)
    let anchor = try pair.l1.read(AnchorStateRegistryContract.anchor)
    #expect(anchor.root == output.hash && anchor.blockNumber == 0)
    #expect(
      try pair.l1.state.storage(
        AnchorStateRegistryContract.address, AnchorStateRegistryContract.startingRootSlot)
        == UInt256(output.hash))
  }

  @Test("every contract of the genesis is compiled from here")
  func codes() throws {
    for (name, addresses) in Self.places {
      let code = try Fixtures.artifact(name)["deployedBytecode"].asBytes()
      for (layer, address) in addresses {
        let chain = try RollupChain(layer: layer)
        #expect(try chain.state.code(at: address) == code, "\(name)")
      }
      #expect(code.count <= 24_576)
    }
  }

  @Test("the parts of the rollup are given to accounts of the development mnemonic")
  func parts() throws {
    let pair = try RollupPair()
    let l1 = pair.l1
    #expect(try l1.read(SystemConfigContract.owner) == Parts.owner)
    #expect(try l1.read(SystemConfigContract.unsafeBlockSigner) == Parts.unsafeBlockSigner)
    #expect(
      try l1.read(SystemConfigContract.batcherHash) == Hash(UInt256(Parts.batcher)))
    #expect(try l1.read(SuperchainConfigContract.guardian) == Parts.owner)
    #expect(try pair.l2.read(FeeVaultContract.l1Fee.recipient) == Parts.feeRecipient)
    for account in [Parts.batcher, Parts.proposer, Parts.challenger, Parts.owner] {
      #expect(try l1.balance(account) > 0)
    }
    let configuration = try Fixtures.json("genesis/rollup/rollup.json")
    #expect(
      try configuration["genesis"]?["system_config"]?["batcherAddr"].asAddress() == Parts.batcher)
    #expect(
      try configuration["deposit_contract_address"].asAddress() == PortalContract.address)
    #expect(
      try configuration["batch_inbox_address"].asAddress() == LayerOneAddresses.batchInbox)
  }

  @Test("the portal holds all ether that L2 begins with")
  func supply() throws {
    let genesis = try RollupChain.genesis(layer: 2)
    let supply = genesis.alloc.reduce(UInt256.zero) { $0 &+ $1.account.balance }
    #expect(try RollupChain(layer: 1).balance(PortalContract.address) == supply)
  }

  static let places: [(String, [(Int, Address)])] = [
    ("SystemConfig", [(1, LayerOneAddresses.systemConfig)]),
    ("OptimismPortal2", [(1, LayerOneAddresses.portal)]),
    ("L1CrossDomainMessenger", [(1, LayerOneAddresses.messenger)]),
    ("L1StandardBridge", [(1, LayerOneAddresses.bridge)]),
    (
      "OptimismMintableERC20Factory",
      [(1, LayerOneAddresses.tokenFactory), (2, LayerTwoAddresses.tokenFactory)]
    ),
    ("DisputeGameFactory", [(1, LayerOneAddresses.disputeGameFactory)]),
    ("AnchorStateRegistry", [(1, LayerOneAddresses.anchorStateRegistry)]),
    ("ProposalGame", [(1, LayerOneAddresses.proposalGame)]),
    ("SuperchainConfig", [(1, LayerOneAddresses.superchainConfig)]),
    ("OperatorRegistry", [(1, LayerOneAddresses.operatorRegistry)]),
    ("CertificateVerifier", [(1, LayerOneAddresses.certificateVerifier)]),
    ("WETH9", [(2, LayerTwoAddresses.wrappedEther)]),
    ("L2CrossDomainMessenger", [(2, LayerTwoAddresses.messenger)]),
    ("GasPriceOracle", [(2, LayerTwoAddresses.gasPriceOracle)]),
    ("L2StandardBridge", [(2, LayerTwoAddresses.bridge)]),
    ("L1Block", [(2, LayerTwoAddresses.l1Block)]),
    ("L2ToL1MessagePasser", [(2, LayerTwoAddresses.messagePasser)]),
    ("ProxyAdmin", [(2, LayerTwoAddresses.proxyAdmin)]),
    (
      "FeeVault",
      [
        (2, LayerTwoAddresses.sequencerFeeVault), (2, LayerTwoAddresses.baseFeeVault),
        (2, LayerTwoAddresses.l1FeeVault), (2, LayerTwoAddresses.operatorFeeVault),
      ]
    ),
  ]
}
