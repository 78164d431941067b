// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// @notice What goes from one layer to the other, and how it is hashed.
library Messages {
    /// @notice A message that leaves L2.
    struct WithdrawalTransaction {
        uint256 nonce;
        address sender;
        address target;
        uint256 value;
        uint256 gasLimit;
        bytes data;
    }

    /// @notice The parts of an output root, version 0.
    struct OutputRootProof {
        bytes32 version;
        bytes32 stateRoot;
        bytes32 messagePasserStorageRoot;
        bytes32 latestBlockhash;
    }

    function hashWithdrawal(WithdrawalTransaction memory message) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                message.nonce, message.sender, message.target, message.value, message.gasLimit, message.data
            )
        );
    }

    function hashOutputRoot(OutputRootProof memory proof) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(proof.version, proof.stateRoot, proof.messagePasserStorageRoot, proof.latestBlockhash)
        );
    }

    /// A nonce with the version of the message's encoding in its first two bytes.
    function versionedNonce(uint240 nonce, uint16 version) internal pure returns (uint256) {
        return uint256(version) << 240 | nonce;
    }

    function versionOf(uint256 nonce) internal pure returns (uint16) {
        return uint16(nonce >> 240);
    }

    /// The hash of a message of the legacy messengers.
    function hashVersion0(address target, address sender, bytes memory data, uint256 nonce)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(
            abi.encodeWithSignature("relayMessage(address,address,bytes,uint256)", target, sender, data, nonce)
        );
    }

    /// The hash that messengers know a message by.
    function hashVersion1(
        uint256 nonce,
        address sender,
        address target,
        uint256 value,
        uint256 gasLimit,
        bytes memory data
    ) internal pure returns (bytes32) {
        return keccak256(
            abi.encodeWithSignature(
                "relayMessage(uint256,address,address,uint256,uint256,bytes)",
                nonce,
                sender,
                target,
                value,
                gasLimit,
                data
            )
        );
    }
}

/// @notice Contracts of L1 act on L2 under another address, so that none can pass for one of L2.
library AddressAlias {
    uint160 private constant OFFSET = uint160(0x1111000000000000000000000000000000001111);

    function aliased(address account) internal pure returns (address) {
        unchecked {
            return address(uint160(account) + OFFSET);
        }
    }

    function unaliased(address account) internal pure returns (address) {
        unchecked {
            return address(uint160(account) - OFFSET);
        }
    }
}
