// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Calls} from "../shared/Calls.sol";

/// @notice Sells the gas that deposits use on L2, at a price that follows demand, for gas on L1.
///
/// Source: the OP Stack specification, guaranteed gas market.
abstract contract ResourceMetering {
    error OutOfGas();

    /// @notice The price and what was sold in the last block with deposits.
    struct ResourceParams {
        uint128 prevBaseFee;
        uint64 prevBoughtGas;
        uint64 prevBlockNum;
    }

    /// @notice The rules of the market.
    struct ResourceConfig {
        uint32 maxResourceLimit;
        uint8 elasticityMultiplier;
        uint8 baseFeeMaxChangeDenominator;
        uint32 minimumBaseFee;
        uint32 systemTxMaxGas;
        uint128 maximumBaseFee;
    }

    /// One, in the fixed point of `decayed`.
    uint256 private constant ONE = 1e27;

    ResourceParams public params;

    /// Charges for `amount` of L2 gas what the function's own work does not come to.
    modifier metered(uint64 amount) {
        uint256 initialGas = gasleft();
        _;
        meter(amount, initialGas);
    }

    function meter(uint64 amount, uint256 initialGas) private {
        ResourceConfig memory config = resourceConfig();
        ResourceParams memory market = params;
        uint256 blocks = block.number - market.prevBlockNum;
        if (blocks > 0) {
            market.prevBaseFee = nextBaseFee(market, config, blocks);
            market.prevBoughtGas = 0;
            market.prevBlockNum = uint64(block.number);
        }
        market.prevBoughtGas += amount;
        if (market.prevBoughtGas > config.maxResourceLimit) revert OutOfGas();
        params = market;

        uint256 price = block.basefee > 1 gwei ? block.basefee : 1 gwei;
        uint256 gasCost = uint256(amount) * market.prevBaseFee / price;
        uint256 used = initialGas - gasleft();
        if (gasCost > used) Calls.burnGas(gasCost - used);
    }

    /// The price after `blocks` more blocks, of which only the first sees what was sold.
    function nextBaseFee(ResourceParams memory market, ResourceConfig memory config, uint256 blocks)
        private
        pure
        returns (uint128)
    {
        int256 target = int256(uint256(config.maxResourceLimit / config.elasticityMultiplier));
        int256 denominator = int256(uint256(config.baseFeeMaxChangeDenominator));
        int256 fee = int256(uint256(market.prevBaseFee));
        int256 change = fee * (int256(uint256(market.prevBoughtGas)) - target) / (target * denominator);
        uint256 next = clamped(fee + change, config);
        if (blocks > 1) next = clamped(int256(decayed(next, uint256(denominator), blocks - 1)), config);
        return uint128(next);
    }

    /// `fee * (1 - 1/denominator) ** exponent`.
    function decayed(uint256 fee, uint256 denominator, uint256 exponent) private pure returns (uint256) {
        uint256 base = ONE - ONE / denominator;
        uint256 power = ONE;
        while (exponent > 0 && power > 0) {
            if (exponent & 1 == 1) power = power * base / ONE;
            base = base * base / ONE;
            exponent >>= 1;
        }
        return fee * power / ONE;
    }

    function clamped(int256 fee, ResourceConfig memory config) private pure returns (uint256) {
        int256 lowest = int256(uint256(config.minimumBaseFee));
        int256 highest = int256(uint256(config.maximumBaseFee));
        return uint256(fee < lowest ? lowest : fee > highest ? highest : fee);
    }

    function resourceConfig() internal view virtual returns (ResourceConfig memory);
}
