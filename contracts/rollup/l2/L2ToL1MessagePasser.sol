// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Messages} from "../shared/Messages.sol";

/// @notice Keeps the messages that leave L2, so that L1 can be shown that they were sent.
///
/// Withdrawal proofs read `sentMessages` in slot 0, and block headers hold the storage root.
contract L2ToL1MessagePasser {
    event MessagePassed(
        uint256 indexed nonce,
        address indexed sender,
        address indexed target,
        uint256 value,
        uint256 gasLimit,
        bytes data,
        bytes32 withdrawalHash
    );
    event WithdrawerBalanceBurnt(uint256 indexed amount);

    uint16 public constant MESSAGE_VERSION = 1;
    uint256 internal constant RECEIVE_DEFAULT_GAS_LIMIT = 100_000;

    /// @notice Whether a message was sent, by its hash.
    mapping(bytes32 withdrawalHash => bool) public sentMessages;

    uint240 internal nextNonce;

    receive() external payable {
        initiateWithdrawal(msg.sender, RECEIVE_DEFAULT_GAS_LIMIT, "");
    }

    /// @notice Sends a message to L1, where it can be made a call once it is proved.
    function initiateWithdrawal(address target, uint256 gasLimit, bytes memory data) public payable {
        uint256 nonce = messageNonce();
        bytes32 hash = Messages.hashWithdrawal(
            Messages.WithdrawalTransaction(nonce, msg.sender, target, msg.value, gasLimit, data)
        );
        sentMessages[hash] = true;
        emit MessagePassed(nonce, msg.sender, target, msg.value, gasLimit, data, hash);
        unchecked {
            ++nextNonce;
        }
    }

    /// @notice Takes the ether that has left L2 out of its supply.
    function burn() external {
        uint256 amount = address(this).balance;
        address burner;
        assembly ("memory-safe") {
            // A contract whose whole creation is ADDRESS SELFDESTRUCT.
            mstore(0, 0x30ff)
            burner := create(amount, 30, 2)
        }
        require(burner != address(0));
        emit WithdrawerBalanceBurnt(amount);
    }

    /// @notice The nonce of the next message, with its version.
    function messageNonce() public view returns (uint256) {
        return Messages.versionedNonce(nextNonce, MESSAGE_VERSION);
    }

    function version() external pure returns (string memory) {
        return "1.2.0";
    }
}
