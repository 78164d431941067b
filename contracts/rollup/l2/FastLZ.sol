// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// @notice The length that FastLZ, level 1, would bring bytes to.
library FastLZ {
    uint256 private constant FARTHEST = 0x1fff;

    function compressedSize(bytes memory input) internal pure returns (uint256 size) {
        unchecked {
            uint256 limit = input.length < 13 ? 0 : input.length - 13;
            uint256 start;
            uint256 table;
            // The last position of each hash of three bytes, in four bytes each.
            bytes memory positions = new bytes(8192 * 4 + 28);
            assembly ("memory-safe") {
                start := add(input, 32)
                table := add(positions, 32)
            }
            uint256 anchor = 0;
            uint256 position = 2;
            while (position < limit) {
                uint256 earlier;
                while (true) {
                    uint256 bytes_ = three(start + position);
                    earlier = replace(table, bytes_, position);
                    if (position >= limit) break;
                    if (position - earlier <= FARTHEST && bytes_ == three(start + earlier)) break;
                    ++position;
                }
                if (position + 1 >= limit) break;
                if (position > anchor) size += literals(position - anchor);
                uint256 length = matchLength(start + earlier + 3, start + position + 3, start + limit + 9);
                size += 3 * ((length - 1) / 262) + ((length - 1) % 262 >= 6 ? 3 : 2);
                position += length;
                replace(table, three(start + position), position);
                replace(table, three(start + position + 1), position + 1);
                position += 2;
                anchor = position;
            }
            size += literals(input.length - anchor);
        }
    }

    /// A byte before each 32 literals.
    function literals(uint256 count) private pure returns (uint256) {
        unchecked {
            return 33 * (count / 32) + (count % 32 == 0 ? 0 : count % 32 + 1);
        }
    }

    /// How far two places are alike, counting the first byte in which they differ.
    function matchLength(uint256 first, uint256 second, uint256 end) private pure returns (uint256 length) {
        assembly ("memory-safe") {
            for {} lt(add(second, length), end) {} {
                let differs :=
                    xor(byte(0, mload(add(first, length))), byte(0, mload(add(second, length))))
                length := add(length, 1)
                if differs { break }
            }
        }
    }

    /// Three bytes, the first one least significant.
    function three(uint256 pointer) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            let word := mload(pointer)
            value := or(byte(0, word), or(shl(8, byte(1, word)), shl(16, byte(2, word))))
        }
    }

    /// Remembers a position of three bytes; gives the one that was remembered before.
    function replace(uint256 table, uint256 bytes_, uint256 position) private pure returns (uint256 before) {
        assembly ("memory-safe") {
            let slot := add(table, shl(2, and(shr(19, and(mul(bytes_, 2654435769), 0xffffffff)), 0x1fff)))
            let word := mload(slot)
            before := shr(224, word)
            mstore(slot, or(shl(224, position), and(word, sub(shl(224, 1), 1))))
        }
    }
}
