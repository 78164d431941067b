// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// @notice Calls with guarantees about gas, whose output is never copied.
library Calls {
    error NotEnoughGas();

    function call(address target, uint256 gasLimit, uint256 value, bytes memory data)
        internal
        returns (bool success)
    {
        assembly ("memory-safe") {
            success := call(gasLimit, target, value, add(data, 32), mload(data), 0, 0)
        }
    }

    /// @notice Whether a call now would get `minimumGas`, with `reserved` left for what follows it.
    ///
    /// A call gets at most 63/64 of what is left, and costs 40,000 at most before it begins.
    function hasMinimumGas(uint256 minimumGas, uint256 reserved) internal view returns (bool enough) {
        assembly ("memory-safe") {
            enough := iszero(lt(mul(gas(), 63), add(mul(minimumGas, 64), mul(add(40000, reserved), 63))))
        }
    }

    /// @notice Calls with all gas, which is at least `minimumGas`, or reverts.
    function callWithMinimumGas(address target, uint256 minimumGas, uint256 value, bytes memory data)
        internal
        returns (bool)
    {
        if (!hasMinimumGas(minimumGas, 0)) revert NotEnoughGas();
        return call(target, gasleft(), value, data);
    }

    /// @notice Uses up this much gas.
    function burnGas(uint256 amount) internal view {
        uint256 initial = gasleft();
        uint256 i = 0;
        while (initial - gasleft() < amount) ++i;
    }

    /// @notice Whether the caller signs for itself: it began the transaction, or delegates its code
    /// (0xef0100 and an address), which only an account with a key can.
    function isSenderExternallyOwned() internal view returns (bool) {
        if (msg.sender == tx.origin) return true;
        if (msg.sender.code.length != 23) return false;
        bytes3 prefix;
        assembly ("memory-safe") {
            extcodecopy(caller(), 0, 0, 32)
            prefix := and(mload(0), shl(232, 0xffffff))
        }
        return prefix == 0xef0100;
    }
}
