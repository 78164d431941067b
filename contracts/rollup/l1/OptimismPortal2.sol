// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {L1, Senders} from "../shared/Addresses.sol";
import {Calls} from "../shared/Calls.sol";
import {MerkleTrie} from "../shared/MerkleTrie.sol";
import {AddressAlias, Messages} from "../shared/Messages.sol";
import {AnchorStateRegistry} from "./AnchorStateRegistry.sol";
import {DisputeGameFactory} from "./DisputeGameFactory.sol";
import {GameStatus, IDisputeGame} from "./IDisputeGame.sol";
import {ResourceMetering} from "./ResourceMetering.sol";
import {SystemConfig} from "./SystemConfig.sol";

/// @notice The gate between the layers: deposits go in, proved withdrawals come out.
contract OptimismPortal2 is ResourceMetering {
    error OptimismPortal_AlreadyFinalized();
    error OptimismPortal_BadTarget();
    error OptimismPortal_CallPaused();
    error OptimismPortal_CalldataTooLarge();
    error OptimismPortal_GasEstimation();
    error OptimismPortal_GasLimitTooLow();
    error OptimismPortal_ImproperDisputeGame();
    error OptimismPortal_InvalidDisputeGame();
    error OptimismPortal_InvalidMerkleProof();
    error OptimismPortal_InvalidOutputRootProof();
    error OptimismPortal_InvalidProofTimestamp();
    error OptimismPortal_InvalidRootClaim();
    error OptimismPortal_NoReentrancy();
    error OptimismPortal_ProofNotOldEnough();
    error OptimismPortal_Unproven();

    event TransactionDeposited(address indexed from, address indexed to, uint256 indexed version, bytes opaqueData);
    event WithdrawalProven(bytes32 indexed withdrawalHash, address indexed from, address indexed to);
    event WithdrawalProvenExtension1(bytes32 indexed withdrawalHash, address indexed proofSubmitter);
    event WithdrawalFinalized(bytes32 indexed withdrawalHash, bool success);

    /// @notice By which game, and when, somebody proved a withdrawal.
    struct ProvenWithdrawal {
        IDisputeGame disputeGameProxy;
        uint64 timestamp;
    }

    uint256 internal constant DEPOSIT_VERSION = 0;
    uint64 internal constant RECEIVE_DEFAULT_GAS_LIMIT = 100_000;
    uint256 internal constant CALLDATA_LIMIT = 120_000;

    DisputeGameFactory private constant FACTORY = DisputeGameFactory(L1.GAME_FACTORY);
    AnchorStateRegistry private constant ANCHORS = AnchorStateRegistry(L1.ANCHORS);
    SystemConfig private constant CONFIG = SystemConfig(L1.SYSTEM_CONFIG);

    /// @notice Who sent the withdrawal whose call this is, on L2; 0x…dEaD if none is.
    address public l2Sender;
    /// @notice How long a withdrawal waits after its proof, in seconds.
    uint256 public proofMaturityDelaySeconds;
    /// @notice Withdrawals that were made calls, by their hash.
    mapping(bytes32 => bool) public finalizedWithdrawals;
    /// @notice Proofs of a withdrawal, by who brought them.
    mapping(bytes32 => mapping(address => ProvenWithdrawal)) public provenWithdrawals;
    /// @notice Who brought proofs of a withdrawal.
    mapping(bytes32 => address[]) public proofSubmitters;

    /*//////////////////////////////////////////////////////////////
                                DEPOSITS
    //////////////////////////////////////////////////////////////*/

    receive() external payable {
        depositTransaction(msg.sender, msg.value, RECEIVE_DEFAULT_GAS_LIMIT, false, "");
    }

    /// @notice Takes ether without a deposit.
    function donateETH() external payable {}

    /// @notice Asks for a transaction on L2, which cannot be refused there.
    ///
    /// The ether is created for the sender there; a sender that is a contract has another address.
    function depositTransaction(
        address to,
        uint256 value,
        uint64 gasLimit,
        bool isCreation,
        bytes memory data
    ) public payable metered(gasLimit) {
        if (isCreation && to != address(0)) revert OptimismPortal_BadTarget();
        if (gasLimit < minimumGasLimit(uint64(data.length))) revert OptimismPortal_GasLimitTooLow();
        if (data.length > CALLDATA_LIMIT) revert OptimismPortal_CalldataTooLarge();
        address from = Calls.isSenderExternallyOwned() ? msg.sender : AddressAlias.aliased(msg.sender);
        bytes memory opaqueData = abi.encodePacked(msg.value, value, gasLimit, isCreation, data);
        emit TransactionDeposited(from, to, DEPOSIT_VERSION, opaqueData);
    }

    /// @notice The least gas limit of a deposit with so much data.
    function minimumGasLimit(uint64 byteCount) public pure returns (uint64) {
        return byteCount * 40 + 21000;
    }

    /*//////////////////////////////////////////////////////////////
                              WITHDRAWALS
    //////////////////////////////////////////////////////////////*/

    /// @notice Shows that a withdrawal is in the message passer's storage under a game's claim.
    function proveWithdrawalTransaction(
        Messages.WithdrawalTransaction memory message,
        uint256 disputeGameIndex,
        Messages.OutputRootProof calldata outputRootProof,
        bytes[] calldata withdrawalProof
    ) external {
        requireNotPaused();
        if (message.target == address(this)) revert OptimismPortal_BadTarget();
        (,, address proxy) = FACTORY.gameAtIndex(disputeGameIndex);
        IDisputeGame game = IDisputeGame(proxy);
        if (!ANCHORS.isGameProper(game)) revert OptimismPortal_ImproperDisputeGame();
        if (!ANCHORS.isGameRespected(game)) revert OptimismPortal_InvalidDisputeGame();
        if (game.status() == GameStatus.CHALLENGER_WINS) revert OptimismPortal_InvalidDisputeGame();
        if (block.timestamp <= game.createdAt()) revert OptimismPortal_InvalidProofTimestamp();
        if (game.rootClaim() != Messages.hashOutputRoot(outputRootProof)) {
            revert OptimismPortal_InvalidOutputRootProof();
        }
        bytes32 hash = Messages.hashWithdrawal(message);
        // The trie's keys are hashes of slots; the slot is that of the mapping in slot 0.
        bytes32 key = keccak256(abi.encode(keccak256(abi.encode(hash, uint256(0)))));
        bytes memory value =
            MerkleTrie.valueOf(key, withdrawalProof, outputRootProof.messagePasserStorageRoot);
        if (value.length != 1 || value[0] != 0x01) revert OptimismPortal_InvalidMerkleProof();

        provenWithdrawals[hash][msg.sender] = ProvenWithdrawal(game, uint64(block.timestamp));
        proofSubmitters[hash].push(msg.sender);
        emit WithdrawalProven(hash, message.sender, message.target);
        emit WithdrawalProvenExtension1(hash, msg.sender);
    }

    /// @notice Makes a withdrawal that the sender proved a call.
    function finalizeWithdrawalTransaction(Messages.WithdrawalTransaction memory message) external {
        finalizeWithdrawalTransactionExternalProof(message, msg.sender);
    }

    /// @notice Makes a withdrawal that `proofSubmitter` proved a call, whether or not it succeeds.
    function finalizeWithdrawalTransactionExternalProof(
        Messages.WithdrawalTransaction memory message,
        address proofSubmitter
    ) public {
        requireNotPaused();
        if (l2Sender != Senders.NOBODY) revert OptimismPortal_NoReentrancy();
        if (message.target == address(this)) revert OptimismPortal_BadTarget();
        bytes32 hash = Messages.hashWithdrawal(message);
        checkWithdrawal(hash, proofSubmitter);
        finalizedWithdrawals[hash] = true;
        l2Sender = message.sender;
        bool success =
            Calls.callWithMinimumGas(message.target, message.gasLimit, message.value, message.data);
        l2Sender = Senders.NOBODY;
        emit WithdrawalFinalized(hash, success);
        // An estimate must not take a failure for success.
        if (!success && tx.origin == Senders.ESTIMATOR) revert OptimismPortal_GasEstimation();
    }

    /// @notice Reverts unless a withdrawal can be finalised now on the word of this submitter.
    function checkWithdrawal(bytes32 hash, address proofSubmitter) public view {
        ProvenWithdrawal memory proven = provenWithdrawals[hash][proofSubmitter];
        if (finalizedWithdrawals[hash]) revert OptimismPortal_AlreadyFinalized();
        if (proven.timestamp == 0) revert OptimismPortal_Unproven();
        if (proven.timestamp <= proven.disputeGameProxy.createdAt()) {
            revert OptimismPortal_InvalidProofTimestamp();
        }
        if (block.timestamp - proven.timestamp <= proofMaturityDelaySeconds) {
            revert OptimismPortal_ProofNotOldEnough();
        }
        if (!ANCHORS.isGameClaimValid(proven.disputeGameProxy)) revert OptimismPortal_InvalidRootClaim();
    }

    /// @notice How many proofs of a withdrawal were brought.
    function numProofSubmitters(bytes32 hash) external view returns (uint256) {
        return proofSubmitters[hash].length;
    }

    /*//////////////////////////////////////////////////////////////
                             OTHER CONTRACTS
    //////////////////////////////////////////////////////////////*/

    function paused() public view returns (bool) {
        return CONFIG.paused();
    }

    function guardian() external view returns (address) {
        return CONFIG.guardian();
    }

    function respectedGameType() external view returns (uint32) {
        return ANCHORS.respectedGameType();
    }

    function respectedGameTypeUpdatedAt() external view returns (uint64) {
        return ANCHORS.retirementTimestamp();
    }

    function disputeGameBlacklist(IDisputeGame game) external view returns (bool) {
        return ANCHORS.disputeGameBlacklist(game);
    }

    function disputeGameFinalityDelaySeconds() external view returns (uint256) {
        return ANCHORS.disputeGameFinalityDelaySeconds();
    }

    function anchorStateRegistry() external pure returns (address) {
        return L1.ANCHORS;
    }

    function disputeGameFactory() external pure returns (address) {
        return L1.GAME_FACTORY;
    }

    function systemConfig() external pure returns (address) {
        return L1.SYSTEM_CONFIG;
    }

    function superchainConfig() external pure returns (address) {
        return L1.SUPERCHAIN_CONFIG;
    }

    function version() external pure returns (string memory) {
        return "4.6.0";
    }

    function requireNotPaused() private view {
        if (paused()) revert OptimismPortal_CallPaused();
    }

    function resourceConfig() internal view override returns (ResourceConfig memory) {
        return CONFIG.resourceConfig();
    }
}
