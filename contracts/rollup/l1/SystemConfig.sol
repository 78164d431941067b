// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {L1} from "../shared/Addresses.sol";
import {Owned} from "../shared/Owned.sol";
import {ResourceMetering} from "./ResourceMetering.sol";
import {SuperchainConfig} from "./SuperchainConfig.sol";

/// @notice What the rollup's owner sets: batcher, fees, gas limit. Derivation reads the events.
contract SystemConfig is Owned {
    enum UpdateType {
        BATCHER,
        FEE_SCALARS,
        GAS_LIMIT,
        UNSAFE_BLOCK_SIGNER,
        EIP_1559_PARAMS,
        OPERATOR_FEE_PARAMS,
        MIN_BASE_FEE,
        DA_FOOTPRINT_GAS_SCALAR
    }

    /// @notice Where the other contracts of L1 lie.
    struct Addresses {
        address l1CrossDomainMessenger;
        address l1ERC721Bridge;
        address l1StandardBridge;
        address optimismPortal;
        address optimismMintableERC20Factory;
    }

    event ConfigUpdate(uint256 indexed version, UpdateType indexed updateType, bytes data);

    uint256 public constant VERSION = 0;
    uint64 internal constant MAX_GAS_LIMIT = 500_000_000;

    /// @notice Where nodes look for the signer of unsafe blocks.
    bytes32 public constant UNSAFE_BLOCK_SIGNER_SLOT = keccak256("systemconfig.unsafeblocksigner");

    uint256 public overhead;
    uint256 public scalar;
    bytes32 public batcherHash;
    uint64 public gasLimit;
    uint32 public basefeeScalar;
    uint32 public blobbasefeeScalar;
    uint32 public eip1559Denominator;
    uint32 public eip1559Elasticity;
    uint32 public operatorFeeScalar;
    uint64 public operatorFeeConstant;
    uint64 public minBaseFee;
    uint16 public daFootprintGasScalar;

    ResourceMetering.ResourceConfig internal resources;

    /// @notice The block of L1 that the rollup begins at.
    uint256 public startBlock;
    /// @notice The chain id of L2.
    uint256 public l2ChainId;

    /*//////////////////////////////////////////////////////////////
                                SETTERS
    //////////////////////////////////////////////////////////////*/

    function setUnsafeBlockSigner(address signer) external onlyOwner {
        bytes32 slot = UNSAFE_BLOCK_SIGNER_SLOT;
        assembly {
            sstore(slot, signer)
        }
        emit ConfigUpdate(VERSION, UpdateType.UNSAFE_BLOCK_SIGNER, abi.encode(signer));
    }

    function setBatcherHash(bytes32 newBatcherHash) public onlyOwner {
        batcherHash = newBatcherHash;
        emit ConfigUpdate(VERSION, UpdateType.BATCHER, abi.encode(newBatcherHash));
    }

    function setBatcherHash(address batcher) external {
        setBatcherHash(bytes32(uint256(uint160(batcher))));
    }

    /// @notice The fee scalars of Bedrock; the scalar's first byte must say so.
    function setGasConfig(uint256 newOverhead, uint256 newScalar) external onlyOwner {
        require(newScalar >> 248 == 0, "SystemConfig: scalar exceeds max.");
        overhead = newOverhead;
        scalar = newScalar;
        emit ConfigUpdate(VERSION, UpdateType.FEE_SCALARS, abi.encode(newOverhead, newScalar));
    }

    /// @notice The fee scalars since Ecotone, packed behind a first byte of 1.
    function setGasConfigEcotone(uint32 newBasefeeScalar, uint32 newBlobbasefeeScalar) external onlyOwner {
        basefeeScalar = newBasefeeScalar;
        blobbasefeeScalar = newBlobbasefeeScalar;
        scalar = uint256(1) << 248 | uint256(newBlobbasefeeScalar) << 32 | newBasefeeScalar;
        emit ConfigUpdate(VERSION, UpdateType.FEE_SCALARS, abi.encode(overhead, scalar));
    }

    function setGasLimit(uint64 newGasLimit) external onlyOwner {
        require(newGasLimit >= minimumGasLimit(), "SystemConfig: gas limit too low");
        require(newGasLimit <= MAX_GAS_LIMIT, "SystemConfig: gas limit too high");
        gasLimit = newGasLimit;
        emit ConfigUpdate(VERSION, UpdateType.GAS_LIMIT, abi.encode(newGasLimit));
    }

    function setEIP1559Params(uint32 denominator, uint32 elasticity) external onlyOwner {
        require(denominator >= 1, "SystemConfig: denominator must be >= 1.");
        require(elasticity >= 1, "SystemConfig: elasticity must be >= 1.");
        eip1559Denominator = denominator;
        eip1559Elasticity = elasticity;
        emit ConfigUpdate(
            VERSION, UpdateType.EIP_1559_PARAMS, abi.encode(uint256(denominator) << 32 | elasticity)
        );
    }

    function setOperatorFeeScalars(uint32 newScalar, uint64 newConstant) external onlyOwner {
        operatorFeeScalar = newScalar;
        operatorFeeConstant = newConstant;
        emit ConfigUpdate(
            VERSION, UpdateType.OPERATOR_FEE_PARAMS, abi.encode(uint256(newScalar) << 64 | newConstant)
        );
    }

    function setMinBaseFee(uint64 newMinBaseFee) external onlyOwner {
        minBaseFee = newMinBaseFee;
        emit ConfigUpdate(VERSION, UpdateType.MIN_BASE_FEE, abi.encode(newMinBaseFee));
    }

    function setDAFootprintGasScalar(uint16 newScalar) external onlyOwner {
        daFootprintGasScalar = newScalar;
        emit ConfigUpdate(VERSION, UpdateType.DA_FOOTPRINT_GAS_SCALAR, abi.encode(newScalar));
    }

    /*//////////////////////////////////////////////////////////////
                                GETTERS
    //////////////////////////////////////////////////////////////*/

    function unsafeBlockSigner() external view returns (address signer) {
        bytes32 slot = UNSAFE_BLOCK_SIGNER_SLOT;
        assembly {
            signer := sload(slot)
        }
    }

    /// @notice A block of L2 must have room for all deposits of one of L1, and the system's.
    function minimumGasLimit() public view returns (uint64) {
        return uint64(resources.maxResourceLimit) + resources.systemTxMaxGas;
    }

    function maximumGasLimit() external pure returns (uint64) {
        return MAX_GAS_LIMIT;
    }

    function resourceConfig() external view returns (ResourceMetering.ResourceConfig memory) {
        return resources;
    }

    function paused() external view returns (bool) {
        return SuperchainConfig(L1.SUPERCHAIN_CONFIG).paused();
    }

    function guardian() external view returns (address) {
        return SuperchainConfig(L1.SUPERCHAIN_CONFIG).guardian();
    }

    function superchainConfig() external pure returns (address) {
        return L1.SUPERCHAIN_CONFIG;
    }

    function batchInbox() external pure returns (address) {
        return L1.BATCH_INBOX;
    }

    function l1CrossDomainMessenger() external pure returns (address) {
        return L1.MESSENGER;
    }

    function l1StandardBridge() external pure returns (address) {
        return L1.BRIDGE;
    }

    function optimismPortal() external pure returns (address) {
        return L1.PORTAL;
    }

    function optimismMintableERC20Factory() external pure returns (address) {
        return L1.TOKEN_FACTORY;
    }

    function disputeGameFactory() external pure returns (address) {
        return L1.GAME_FACTORY;
    }

    function getAddresses() external pure returns (Addresses memory) {
        return Addresses(L1.MESSENGER, address(0), L1.BRIDGE, L1.PORTAL, L1.TOKEN_FACTORY);
    }

    function isCustomGasToken() external pure returns (bool) {
        return false;
    }

    function version() external pure returns (string memory) {
        return "3.7.0";
    }
}
