// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {L2} from "../shared/Addresses.sol";
import {Calls} from "../shared/Calls.sol";
import {L2ToL1MessagePasser} from "./L2ToL1MessagePasser.sol";

/// @notice Gathers one kind of fee and hands it to its recipient; lies at four addresses.
contract FeeVault {
    /// @notice Where the recipient is.
    enum WithdrawalNetwork {
        L1,
        L2
    }

    event Withdrawal(uint256 value, address to, address from);
    event Withdrawal(uint256 value, address to, address from, WithdrawalNetwork withdrawalNetwork);

    uint256 internal constant WITHDRAWAL_MIN_GAS = 400_000;

    /// @notice What was handed on so far, in wei.
    uint256 public totalProcessed;
    /// @notice Who gets the fees; genesis says so.
    address public recipient;
    /// @notice On which layer.
    WithdrawalNetwork public withdrawalNetwork;
    /// @notice No less than this is handed on, in wei.
    uint256 public minWithdrawalAmount;

    receive() external payable {}

    /// @notice Hands all fees on.
    function withdraw() external returns (uint256 value) {
        value = address(this).balance;
        require(
            value >= minWithdrawalAmount,
            "FeeVault: withdrawal amount must be greater than minimum withdrawal amount"
        );
        totalProcessed += value;
        emit Withdrawal(value, recipient, msg.sender);
        emit Withdrawal(value, recipient, msg.sender, withdrawalNetwork);
        if (withdrawalNetwork == WithdrawalNetwork.L2) {
            require(
                Calls.call(recipient, gasleft(), value, ""), "FeeVault: failed to send ETH to L2 fee recipient"
            );
        } else {
            L2ToL1MessagePasser(L2.MESSAGE_PASSER).initiateWithdrawal{value: value}(
                recipient, WITHDRAWAL_MIN_GAS, ""
            );
        }
    }

    function RECIPIENT() external view returns (address) {
        return recipient;
    }

    function WITHDRAWAL_NETWORK() external view returns (WithdrawalNetwork) {
        return withdrawalNetwork;
    }

    function MIN_WITHDRAWAL_AMOUNT() external view returns (uint256) {
        return minWithdrawalAmount;
    }

    /// @notice The recipient, by the oldest of its names.
    function l1FeeWallet() external view returns (address) {
        return recipient;
    }

    function version() external pure returns (string memory) {
        return "1.5.0";
    }
}
