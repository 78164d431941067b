// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {L2} from "../shared/Addresses.sol";
import {FastLZ} from "./FastLZ.sol";
import {L1Block} from "./L1Block.sol";

/// @notice What a transaction costs beside L2 gas, by the rules that hold now.
contract GasPriceOracle {
    uint256 public constant DECIMALS = 6;

    L1Block private constant L1_BLOCK = L1Block(L2.L1_BLOCK);

    /// What a signature adds to a transaction, in bytes.
    uint256 private constant SIGNATURE_SIZE = 68;
    uint256 private constant COST_INTERCEPT = 42_585_600;
    uint256 private constant COST_FASTLZ_COEFFICIENT = 836_500;
    uint256 private constant MIN_TRANSACTION_SIZE = 100;

    /// @notice Which upgrades have begun; set in their first block.
    bool public isEcotone;
    bool public isFjord;
    bool public isIsthmus;
    bool public isJovian;

    modifier onlyDepositor() {
        require(
            msg.sender == L2.DEPOSITOR, "GasPriceOracle: only the depositor account can set isEcotone flag"
        );
        _;
    }

    function setEcotone() external onlyDepositor {
        require(!isEcotone, "GasPriceOracle: Ecotone already active");
        isEcotone = true;
    }

    function setFjord() external onlyDepositor {
        require(isEcotone, "GasPriceOracle: Fjord can only be activated after Ecotone");
        require(!isFjord, "GasPriceOracle: Fjord already active");
        isFjord = true;
    }

    function setIsthmus() external onlyDepositor {
        require(isFjord, "GasPriceOracle: Isthmus can only be activated after Fjord");
        require(!isIsthmus, "GasPriceOracle: Isthmus already active");
        isIsthmus = true;
    }

    function setJovian() external onlyDepositor {
        require(isIsthmus, "GasPriceOracle: Jovian can only be activated after Isthmus");
        require(!isJovian, "GasPriceOracle: Jovian already active");
        isJovian = true;
    }

    /// @notice The L1 fee of an unsigned transaction in RLP, in wei.
    function getL1Fee(bytes memory data) external view returns (uint256) {
        if (isFjord) return fjordFee(FastLZ.compressedSize(data) + SIGNATURE_SIZE);
        uint256 gas = dataGas(data) + SIGNATURE_SIZE * 16;
        if (isEcotone) return gas * weightedPrice() / (16 * 10 ** DECIMALS);
        return (gas + L1_BLOCK.l1FeeOverhead()) * l1BaseFee() * L1_BLOCK.l1FeeScalar() / 10 ** DECIMALS;
    }

    /// @notice The L1 fee of an unsigned transaction of this size that hardly compresses, in wei.
    ///
    /// OP's formula; FastLZ may add a byte to each 32, so that random bytes can cost a little more.
    function getL1FeeUpperBound(uint256 unsignedTxSize) external view returns (uint256) {
        require(isFjord, "GasPriceOracle: getL1FeeUpperBound only supports Fjord");
        uint256 size = unsignedTxSize + SIGNATURE_SIZE;
        return fjordFee(size + size / 255 + 16);
    }

    /// @notice The L1 gas that an unsigned transaction is counted with.
    function getL1GasUsed(bytes memory data) external view returns (uint256) {
        if (isFjord) {
            return estimatedSize(FastLZ.compressedSize(data) + SIGNATURE_SIZE) * 16 / 10 ** DECIMALS;
        }
        uint256 gas = dataGas(data) + SIGNATURE_SIZE * 16;
        return isEcotone ? gas : gas + L1_BLOCK.l1FeeOverhead();
    }

    /// @notice The operator's fee for so much L2 gas, in wei.
    function getOperatorFee(uint256 gasUsed) external view returns (uint256) {
        if (!isIsthmus) return 0;
        uint256 feeScalar = L1_BLOCK.operatorFeeScalar();
        uint256 constant_ = L1_BLOCK.operatorFeeConstant();
        // Isthmus stops at the highest number; Jovian reverts behind it.
        if (isJovian) return gasUsed * feeScalar * 100 + constant_;
        return saturatingProduct(gasUsed, feeScalar) / 10 ** DECIMALS + constant_;
    }

    function gasPrice() external view returns (uint256) {
        return block.basefee;
    }

    function baseFee() external view returns (uint256) {
        return block.basefee;
    }

    function overhead() external view returns (uint256) {
        require(!isEcotone, "GasPriceOracle: overhead() is deprecated");
        return L1_BLOCK.l1FeeOverhead();
    }

    function scalar() external view returns (uint256) {
        require(!isEcotone, "GasPriceOracle: scalar() is deprecated");
        return L1_BLOCK.l1FeeScalar();
    }

    function l1BaseFee() public view returns (uint256) {
        return L1_BLOCK.basefee();
    }

    function blobBaseFee() public view returns (uint256) {
        return L1_BLOCK.blobBaseFee();
    }

    function baseFeeScalar() public view returns (uint32) {
        return L1_BLOCK.baseFeeScalar();
    }

    function blobBaseFeeScalar() public view returns (uint32) {
        return L1_BLOCK.blobBaseFeeScalar();
    }

    function decimals() external pure returns (uint256) {
        return DECIMALS;
    }

    function version() external pure returns (string memory) {
        return "1.6.0";
    }

    function fjordFee(uint256 compressedSize) private view returns (uint256) {
        return estimatedSize(compressedSize) * weightedPrice() / 10 ** (2 * DECIMALS);
    }

    /// What a byte costs on L1, sixteen-fold and in millionths of a wei.
    function weightedPrice() private view returns (uint256) {
        return uint256(baseFeeScalar()) * 16 * l1BaseFee() + uint256(blobBaseFeeScalar()) * blobBaseFee();
    }

    /// What a transaction takes of a compressed batch, in millionths of a byte.
    function estimatedSize(uint256 compressedSize) private pure returns (uint256) {
        uint256 scaled = compressedSize * COST_FASTLZ_COEFFICIENT;
        uint256 size = scaled < COST_INTERCEPT ? 0 : scaled - COST_INTERCEPT;
        uint256 smallest = MIN_TRANSACTION_SIZE * 10 ** DECIMALS;
        return size < smallest ? smallest : size;
    }

    function dataGas(bytes memory data) private pure returns (uint256 gas) {
        for (uint256 i = 0; i < data.length; ++i) gas += data[i] == 0 ? 4 : 16;
    }

    function saturatingProduct(uint256 a, uint256 b) private pure returns (uint256 product) {
        unchecked {
            product = a * b;
            if (a != 0 && product / a != b) product = type(uint256).max;
        }
    }
}
