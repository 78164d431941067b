// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Owned} from "../rollup/shared/Owned.sol";

/// @notice Histories of the DA layer's quorums and operators, which certificates refer to by index.
///
/// The DA layer's own registry is the owner: it writes what changed, with the block from which on it
/// holds there, so that both know the same at each block, however late the entry comes. An entry holds
/// until the next one's block; one block has at most one entry of a history, the last that is written.
contract OperatorRegistry is Owned {
    error ListsDiffer();
    error BlockNotYet(uint32 fromBlock);
    error BlockBeforeLast(uint32 fromBlock);

    event EntryWritten(bytes32 indexed history, uint32 indexed index, uint32 fromBlock, uint192 value);

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

    /// @notice Writes values, each with the block from which on it holds: this one, or one before.
    function write(bytes32[] calldata histories, uint32[] calldata fromBlocks, uint192[] calldata values)
        external
        onlyOwner
    {
        if (histories.length != values.length || histories.length != fromBlocks.length) revert ListsDiffer();
        for (uint256 i = 0; i < histories.length; ++i) append(histories[i], fromBlocks[i], values[i]);
    }

    function append(bytes32 history, uint32 fromBlock, uint192 value) private {
        if (fromBlock > block.number) revert BlockNotYet(fromBlock);
        uint32 index = entryCount[history];
        if (index > 0) {
            Entry storage last = entries[history][index - 1];
            if (fromBlock < last.fromBlock) revert BlockBeforeLast(fromBlock);
            if (last.fromBlock == fromBlock) {
                last.value = value;
                emit EntryWritten(history, index - 1, fromBlock, value);
                return;
            }
            last.untilBlock = fromBlock;
        }
        entries[history][index] = Entry(fromBlock, 0, value);
        entryCount[history] = index + 1;
        emit EntryWritten(history, index, fromBlock, value);
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
