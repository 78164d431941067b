// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// @notice Contracts that run another's code, with arguments of their own behind every input.
///
/// A clone's input is followed by its arguments and, in two bytes, their size with these two bytes.
library Clones {
    error CloneFailed();

    /// @notice Makes a clone of `implementation` with these arguments.
    function create(address implementation, bytes memory arguments) internal returns (address clone) {
        uint16 size = uint16(arguments.length + 2);
        // What is run: copy input, copy arguments behind it, delegate, give back the outcome.
        bytes memory runtime = abi.encodePacked(
            hex"365f5f37", // input to 0
            hex"61", size, hex"60383639", // arguments, which lie behind these 56 bytes, to its end
            hex"5f5f61", size, hex"36015f", // no output area; input with arguments, from 0
            hex"73", implementation, hex"5af4", // delegate all gas
            hex"3d5f5f3e", // output to 0
            hex"6034573d5ffd5b3d5ff3" // revert or return with it
        );
        bytes memory code = abi.encodePacked(runtime, arguments, size);
        // Constructor: give back all behind its 10 bytes.
        bytes memory creation = abi.encodePacked(hex"61", uint16(code.length), hex"80600a5f395ff3", code);
        assembly ("memory-safe") {
            clone := create(0, add(creation, 32), mload(creation))
        }
        if (clone == address(0)) revert CloneFailed();
    }
}

/// @notice Reads a clone's arguments.
abstract contract Cloned {
    function argumentsStart() private pure returns (uint256 start) {
        assembly {
            start := sub(calldatasize(), shr(240, calldataload(sub(calldatasize(), 2))))
        }
    }

    /// How many bytes of arguments there are.
    function argumentsSize() internal pure returns (uint256) {
        return msg.data.length - argumentsStart() - 2;
    }

    /// The 32 bytes of the arguments at `offset`.
    function argument(uint256 offset) internal pure returns (uint256 word) {
        uint256 position = argumentsStart() + offset;
        assembly {
            word := calldataload(position)
        }
    }

    /// `size` bytes of the arguments at `offset`.
    function arguments(uint256 offset, uint256 size) internal pure returns (bytes memory) {
        uint256 position = argumentsStart() + offset;
        return msg.data[position:position + size];
    }
}
