// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Owned} from "../rollup/shared/Owned.sol";

/// @notice Histories of the DA layer's quorums and operators, which certificates refer to by index.
///
/// The DA layer's own registry is the owner: it writes what changed, in the block in which it did.
/// An entry holds from its block until the next entry's; one block has at most one
/// entry, and none that changes nothing.
contract OperatorRegistry is Owned {
    error EntryTooLarge();

    event EntryWritten(bytes32 indexed history, uint32 indexed index, uint192 value);

    struct Entry {
        uint32 fromBlock;
        uint32 untilBlock;
        uint192 value;
    }

    mapping(bytes32 history => mapping(uint32 index => Entry)) public entries;
    /// @notice How many entries a history has.
    mapping(bytes32 history => uint32) public entryCount;

    /// @notice The history of the first 24 bytes of the hash of the sum of a quorum's keys.
    function quorumKeys(uint8 quorum) public pure returns (bytes32) {
        return keccak256(abi.encode("quorum key", quorum));
    }

    /// @notice The history of the sum of a quorum's stakes.
    function totalStakes(uint8 quorum) public pure returns (bytes32) {
        return keccak256(abi.encode("total stake", quorum));
    }

    /// @notice The history of the quorums that an operator is in, a bit each.
    function bitmaps(bytes32 operator) public pure returns (bytes32) {
        return keccak256(abi.encode("quorums", operator));
    }

    /// @notice The history of an operator's stake in a quorum.
    function stakes(bytes32 operator, uint8 quorum) public pure returns (bytes32) {
        return keccak256(abi.encode("stake", operator, quorum));
    }

    /// @notice Writes values that hold from this block on.
    function write(bytes32[] calldata histories, uint192[] calldata values) external onlyOwner {
        if (histories.length != values.length || block.number > type(uint32).max) revert EntryTooLarge();
        for (uint256 i = 0; i < histories.length; ++i) append(histories[i], values[i]);
    }

    function append(bytes32 history, uint192 value) private {
        uint32 index = entryCount[history];
        uint32 now_ = uint32(block.number);
        if (index > 0) {
            Entry storage last = entries[history][index - 1];
            if (last.value == value) return;
            if (last.fromBlock == now_) {
                last.value = value;
                emit EntryWritten(history, index - 1, value);
                return;
            }
            last.untilBlock = now_;
        }
        entries[history][index] = Entry(now_, 0, value);
        entryCount[history] = index + 1;
        emit EntryWritten(history, index, value);
    }

    /// @notice Whether a history had begun at a block.
    function hasBegun(bytes32 history, uint32 blockNumber) external view returns (bool) {
        return entryCount[history] > 0 && entries[history][0].fromBlock <= blockNumber;
    }

    /// @notice The value at an index, if it is the one that held at a block.
    function valueAt(bytes32 history, uint32 index, uint32 blockNumber)
        external
        view
        returns (bool found, uint192 value)
    {
        if (index >= entryCount[history]) return (false, 0);
        Entry memory entry = entries[history][index];
        found = blockNumber >= entry.fromBlock && (entry.untilBlock == 0 || blockNumber < entry.untilBlock);
        value = entry.value;
    }
}
