// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {StandardBridge} from "../StandardBridge.sol";
import {L1, L2} from "../shared/Addresses.sol";
import {SystemConfig} from "./SystemConfig.sol";

/// @notice The bridge of L1, with the functions and events that it had before both were alike.
contract L1StandardBridge is StandardBridge {
    event ETHDepositInitiated(address indexed from, address indexed to, uint256 amount, bytes extraData);
    event ETHWithdrawalFinalized(address indexed from, address indexed to, uint256 amount, bytes extraData);
    event ERC20DepositInitiated(
        address indexed l1Token,
        address indexed l2Token,
        address indexed from,
        address to,
        uint256 amount,
        bytes extraData
    );
    event ERC20WithdrawalFinalized(
        address indexed l1Token,
        address indexed l2Token,
        address indexed from,
        address to,
        uint256 amount,
        bytes extraData
    );

    receive() external payable onlyEOA {
        initiateETH(msg.sender, msg.sender, msg.value, RECEIVE_DEFAULT_GAS_LIMIT, "");
    }

    function depositETH(uint32 minGasLimit, bytes calldata extraData) external payable onlyEOA {
        initiateETH(msg.sender, msg.sender, msg.value, minGasLimit, extraData);
    }

    function depositETHTo(address to, uint32 minGasLimit, bytes calldata extraData) external payable {
        initiateETH(msg.sender, to, msg.value, minGasLimit, extraData);
    }

    function depositERC20(
        address l1Token,
        address l2Token,
        uint256 amount,
        uint32 minGasLimit,
        bytes calldata extraData
    ) external onlyEOA {
        initiateERC20(l1Token, l2Token, msg.sender, msg.sender, amount, minGasLimit, extraData);
    }

    function depositERC20To(
        address l1Token,
        address l2Token,
        address to,
        uint256 amount,
        uint32 minGasLimit,
        bytes calldata extraData
    ) external {
        initiateERC20(l1Token, l2Token, msg.sender, to, amount, minGasLimit, extraData);
    }

    function finalizeETHWithdrawal(address from, address to, uint256 amount, bytes calldata extraData)
        external
        payable
    {
        finalizeBridgeETH(from, to, amount, extraData);
    }

    function finalizeERC20Withdrawal(
        address l1Token,
        address l2Token,
        address from,
        address to,
        uint256 amount,
        bytes calldata extraData
    ) external {
        finalizeBridgeERC20(l1Token, l2Token, from, to, amount, extraData);
    }

    function messenger() public pure override returns (address) {
        return L1.MESSENGER;
    }

    function otherBridge() public pure override returns (address) {
        return L2.BRIDGE;
    }

    function l2TokenBridge() external pure returns (address) {
        return L2.BRIDGE;
    }

    function paused() public view override returns (bool) {
        return SystemConfig(L1.SYSTEM_CONFIG).paused();
    }

    function systemConfig() external pure returns (address) {
        return L1.SYSTEM_CONFIG;
    }

    function version() external pure returns (string memory) {
        return "2.7.0";
    }

    function tellETHInitiated(address from, address to, uint256 amount, bytes memory extraData)
        internal
        override
    {
        emit ETHDepositInitiated(from, to, amount, extraData);
        super.tellETHInitiated(from, to, amount, extraData);
    }

    function tellETHFinalized(address from, address to, uint256 amount, bytes memory extraData)
        internal
        override
    {
        emit ETHWithdrawalFinalized(from, to, amount, extraData);
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
        emit ERC20DepositInitiated(localToken, remoteToken, from, to, amount, extraData);
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
        emit ERC20WithdrawalFinalized(localToken, remoteToken, from, to, amount, extraData);
        super.tellERC20Finalized(localToken, remoteToken, from, to, amount, extraData);
    }
}
