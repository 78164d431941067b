// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {L2} from "../shared/Addresses.sol";

/// @notice What L2 knows of L1: set by the first deposit of every L2 block.
///
/// The fee rules read this storage directly, so the layout is OP's.
contract L1Block {
    error NotDepositor();

    uint64 public number;
    uint64 public timestamp;
    uint256 public basefee;
    bytes32 public hash;
    uint64 public sequenceNumber;
    uint32 public blobBaseFeeScalar;
    uint32 public baseFeeScalar;
    bytes32 public batcherHash;
    uint256 public l1FeeOverhead;
    uint256 public l1FeeScalar;
    uint256 public blobBaseFee;
    uint64 public operatorFeeConstant;
    uint32 public operatorFeeScalar;
    uint16 public daFootprintGasScalar;

    modifier onlyDepositor() {
        if (msg.sender != L2.DEPOSITOR) revert NotDepositor();
        _;
    }

    /// @notice The values of Bedrock, as the ABI encodes them.
    function setL1BlockValues(
        uint64 number_,
        uint64 timestamp_,
        uint256 basefee_,
        bytes32 hash_,
        uint64 sequenceNumber_,
        bytes32 batcherHash_,
        uint256 l1FeeOverhead_,
        uint256 l1FeeScalar_
    ) external {
        require(msg.sender == L2.DEPOSITOR, "L1Block: only the depositor account can set L1 block values");
        number = number_;
        timestamp = timestamp_;
        basefee = basefee_;
        hash = hash_;
        sequenceNumber = sequenceNumber_;
        batcherHash = batcherHash_;
        l1FeeOverhead = l1FeeOverhead_;
        l1FeeScalar = l1FeeScalar_;
    }

    /// @notice The values since Ecotone, packed: baseFeeScalar (4 bytes), blobBaseFeeScalar (4),
    /// sequenceNumber (8), timestamp (8), number (8), basefee, blobBaseFee, hash, batcherHash.
    function setL1BlockValuesEcotone() external onlyDepositor {
        setPacked();
    }

    /// @notice The values since Isthmus: those of Ecotone, operatorFeeScalar (4 bytes),
    /// operatorFeeConstant (8).
    function setL1BlockValuesIsthmus() external onlyDepositor {
        setPacked();
        assembly {
            sstore(operatorFeeConstant.slot, shr(160, calldataload(164)))
        }
    }

    /// @notice The values since Jovian: those of Isthmus, daFootprintGasScalar (2 bytes).
    function setL1BlockValuesJovian() external onlyDepositor {
        setPacked();
        assembly {
            sstore(
                operatorFeeConstant.slot,
                or(shl(96, shr(240, calldataload(176))), shr(160, calldataload(164)))
            )
        }
    }

    /// The two rows of small values lie in storage as they come, 16 bytes each.
    function setPacked() private {
        assembly {
            sstore(sequenceNumber.slot, shr(128, calldataload(4)))
            sstore(number.slot, shr(128, calldataload(20)))
            sstore(basefee.slot, calldataload(36))
            sstore(blobBaseFee.slot, calldataload(68))
            sstore(hash.slot, calldataload(100))
            sstore(batcherHash.slot, calldataload(132))
        }
    }

    function DEPOSITOR_ACCOUNT() external pure returns (address) {
        return L2.DEPOSITOR;
    }

    function gasPayingToken() external pure returns (address, uint8) {
        return (0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE, 18);
    }

    function gasPayingTokenName() external pure returns (string memory) {
        return "Ether";
    }

    function gasPayingTokenSymbol() external pure returns (string memory) {
        return "ETH";
    }

    function isCustomGasToken() external pure returns (bool) {
        return false;
    }

    function version() external pure returns (string memory) {
        return "1.7.0";
    }
}
