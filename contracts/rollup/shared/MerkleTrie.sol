// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// @notice Proves what a Merkle-Patricia trie holds under a key of 32 bytes.
///
/// A proof is the nodes from the root down, as `eth_getProof` gives them. Nodes of less than 32
/// bytes lie within their parents; they may also be listed again behind these. Every encoding is
/// strict, and every node must be used.
library MerkleTrie {
    error InvalidTrieProof();

    /// One RLP item in memory: where it starts, how many bytes are header and payload.
    struct Item {
        uint256 start;
        uint256 headerSize;
        uint256 size;
        bool isList;
    }

    /// @notice The value under `key` in the trie with this root; reverts if the proof shows none.
    function valueOf(bytes32 key, bytes[] memory proof, bytes32 root) internal pure returns (bytes memory) {
        if (proof.length == 0 || keccak256(proof[0]) != root) revert InvalidTrieProof();
        Item memory node = whole(proof[0]);
        uint256 used = 1;
        uint256 depth = 0;
        while (true) {
            Item[] memory members = list(node);
            Item memory next;
            if (members.length == 17) {
                if (depth == 64) {
                    if (used != proof.length) revert InvalidTrieProof();
                    return content(members[16]);
                }
                next = members[nibble(key, depth)];
                ++depth;
            } else if (members.length == 2) {
                bool isLeaf;
                (depth, isLeaf) = follow(key, depth, members[0]);
                if (isLeaf) {
                    if (depth != 64 || used != proof.length) revert InvalidTrieProof();
                    return content(members[1]);
                }
                next = members[1];
            } else {
                revert InvalidTrieProof();
            }
            (node, used) = descend(next, proof, used);
        }
        revert InvalidTrieProof();
    }

    /// The node that a parent's member names by hash, or is.
    function descend(Item memory member, bytes[] memory proof, uint256 used)
        private
        pure
        returns (Item memory, uint256)
    {
        if (member.isList) {
            if (member.headerSize + member.size >= 32) revert InvalidTrieProof();
            if (used < proof.length && keccak256(proof[used]) == hashOf(member)) ++used;
            return (member, used);
        }
        if (member.size != 32 || used >= proof.length) revert InvalidTrieProof();
        bytes32 hash;
        uint256 payload = member.start + member.headerSize;
        assembly ("memory-safe") {
            hash := mload(payload)
        }
        if (keccak256(proof[used]) != hash) revert InvalidTrieProof();
        return (whole(proof[used]), used + 1);
    }

    /// Follows a leaf's or an extension's path, which must agree with the key.
    function follow(bytes32 key, uint256 depth, Item memory path) private pure returns (uint256, bool isLeaf) {
        if (path.isList || path.size == 0) revert InvalidTrieProof();
        uint256 start = path.start + path.headerSize;
        uint256 first = byteAt(start);
        uint256 flags = first >> 4;
        if (flags > 3) revert InvalidTrieProof();
        isLeaf = flags & 2 != 0;
        uint256 count = 2 * path.size - 2;
        if (flags & 1 != 0) {
            if (depth >= 64 || nibble(key, depth) != first & 15) revert InvalidTrieProof();
            ++depth;
        } else if (first & 15 != 0 || (count == 0 && !isLeaf)) {
            revert InvalidTrieProof();
        }
        if (depth + count > 64) revert InvalidTrieProof();
        for (uint256 i = 0; i < count; ++i) {
            uint256 pair = byteAt(start + 1 + i / 2);
            if ((i % 2 == 0 ? pair >> 4 : pair & 15) != nibble(key, depth + i)) revert InvalidTrieProof();
        }
        return (depth + count, isLeaf);
    }

    function nibble(bytes32 key, uint256 depth) private pure returns (uint256) {
        return uint256(key) >> (252 - 4 * depth) & 15;
    }

    /*//////////////////////////////////////////////////////////////
                                  RLP
    //////////////////////////////////////////////////////////////*/

    /// The one item that `data` is.
    function whole(bytes memory data) private pure returns (Item memory item) {
        uint256 start;
        assembly ("memory-safe") {
            start := add(data, 32)
        }
        item = itemAt(start, data.length);
        if (item.headerSize + item.size != data.length) revert InvalidTrieProof();
    }

    /// The members of a list, at most 17.
    function list(Item memory item) private pure returns (Item[] memory members) {
        if (!item.isList) revert InvalidTrieProof();
        members = new Item[](17);
        uint256 position = item.start + item.headerSize;
        uint256 end = position + item.size;
        uint256 count = 0;
        while (position < end) {
            if (count == 17) revert InvalidTrieProof();
            Item memory member = itemAt(position, end - position);
            members[count] = member;
            position += member.headerSize + member.size;
            ++count;
        }
        assembly ("memory-safe") {
            mstore(members, count)
        }
    }

    function itemAt(uint256 start, uint256 available) private pure returns (Item memory) {
        if (available == 0) revert InvalidTrieProof();
        uint256 first = byteAt(start);
        if (first < 0x80) return Item(start, 0, 1, false);
        bool isList = first >= 0xc0;
        uint256 short = first - (isList ? 0xc0 : 0x80);
        uint256 headerSize = 1;
        uint256 size = short;
        if (short > 55) {
            headerSize = 1 + short - 55;
            if (headerSize > available || byteAt(start + 1) == 0) revert InvalidTrieProof();
            size = 0;
            for (uint256 i = 1; i < headerSize; ++i) size = size << 8 | byteAt(start + i);
            if (size <= 55) revert InvalidTrieProof();
        }
        if (size > available - headerSize) revert InvalidTrieProof();
        if (!isList && headerSize == 1 && size == 1 && byteAt(start + 1) < 0x80) revert InvalidTrieProof();
        return Item(start, headerSize, size, isList);
    }

    /// The bytes of a string that is not empty.
    function content(Item memory item) private pure returns (bytes memory bytes_) {
        if (item.isList || item.size == 0) revert InvalidTrieProof();
        bytes_ = new bytes(item.size);
        uint256 start = item.start + item.headerSize;
        uint256 size = item.size;
        assembly ("memory-safe") {
            mcopy(add(bytes_, 32), start, size)
        }
    }

    function hashOf(Item memory item) private pure returns (bytes32 hash) {
        uint256 start = item.start;
        uint256 size = item.headerSize + item.size;
        assembly ("memory-safe") {
            hash := keccak256(start, size)
        }
    }

    function byteAt(uint256 position) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := byte(0, mload(position))
        }
    }
}
