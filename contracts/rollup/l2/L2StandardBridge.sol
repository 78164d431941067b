// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {StandardBridge} from "../StandardBridge.sol";
import {L1, L2} from "../shared/Addresses.sol";
import {IOptimismMintableERC20} from "../shared/Tokens.sol";

/// @notice The bridge of L2, with the functions and events that it had before both were alike.
contract L2StandardBridge is StandardBridge {
    event WithdrawalInitiated(
        address indexed l1Token,
        address indexed l2Token,
        address indexed from,
        address to,
        uint256 amount,
        bytes extraData
    );
    event DepositFinalized(
        address indexed l1Token,
        address indexed l2Token,
        address indexed from,
        address to,
        uint256 amount,
        bytes extraData
    );

    /// What stands for ether in the older functions and events.
    address internal constant LEGACY_ETH = 0xDeadDeAddeAddEAddeadDEaDDEAdDeaDDeAD0000;

    receive() external payable onlyEOA {
        initiateWithdrawal(
            LEGACY_ETH, msg.sender, msg.sender, msg.value, RECEIVE_DEFAULT_GAS_LIMIT, ""
        );
    }

    function withdraw(address l2Token, uint256 amount, uint32 minGasLimit, bytes calldata extraData)
        external
        payable
        onlyEOA
    {
        initiateWithdrawal(l2Token, msg.sender, msg.sender, amount, minGasLimit, extraData);
    }

    function withdrawTo(
        address l2Token,
        address to,
        uint256 amount,
        uint32 minGasLimit,
        bytes calldata extraData
    ) external payable {
        initiateWithdrawal(l2Token, msg.sender, to, amount, minGasLimit, extraData);
    }

    function messenger() public pure override returns (address) {
        return L2.MESSENGER;
    }

    function otherBridge() public pure override returns (address) {
        return L1.BRIDGE;
    }

    function l1TokenBridge() external pure returns (address) {
        return L1.BRIDGE;
    }

    function version() external pure returns (string memory) {
        return "1.13.0";
    }

    function initiateWithdrawal(
        address l2Token,
        address from,
        address to,
        uint256 amount,
        uint32 minGasLimit,
        bytes memory extraData
    ) private {
        if (l2Token == LEGACY_ETH) {
            initiateETH(from, to, amount, minGasLimit, extraData);
        } else {
            address l1Token = IOptimismMintableERC20(l2Token).remoteToken();
            initiateERC20(l2Token, l1Token, from, to, amount, minGasLimit, extraData);
        }
    }

    function tellETHInitiated(address from, address to, uint256 amount, bytes memory extraData)
        internal
        override
    {
        emit WithdrawalInitiated(address(0), LEGACY_ETH, from, to, amount, extraData);
        super.tellETHInitiated(from, to, amount, extraData);
    }

    function tellETHFinalized(address from, address to, uint256 amount, bytes memory extraData)
        internal
        override
    {
        emit DepositFinalized(address(0), LEGACY_ETH, from, to, amount, extraData);
        super.tellETHFinalized(from, to, amount, extraData);
    }

    function tellERC20Initiated(
        address localToken,
        address remoteToken,
        address from,
        address to,
        uint256 amount,
        bytes memory extraData
    ) internal override {
        emit WithdrawalInitiated(remoteToken, localToken, from, to, amount, extraData);
        super.tellERC20Initiated(localToken, remoteToken, from, to, amount, extraData);
    }

    function tellERC20Finalized(
        address localToken,
        address remoteToken,
        address from,
        address to,
        uint256 amount,
        bytes memory extraData
    ) internal override {
        emit DepositFinalized(remoteToken, localToken, from, to, amount, extraData);
        super.tellERC20Finalized(localToken, remoteToken, from, to, amount, extraData);
    }
}
