// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {CrossDomainMessenger} from "../CrossDomainMessenger.sol";
import {L1, L2} from "../shared/Addresses.sol";
import {OptimismPortal2} from "./OptimismPortal2.sol";
import {SystemConfig} from "./SystemConfig.sol";

/// @notice The messenger of L1: sends deposits, gets the portal's withdrawals of L2's messenger.
contract L1CrossDomainMessenger is CrossDomainMessenger {
    OptimismPortal2 private constant THE_PORTAL = OptimismPortal2(L1.PORTAL);

    function otherMessenger() public pure override returns (address) {
        return L2.MESSENGER;
    }

    function paused() public view override returns (bool) {
        return SystemConfig(L1.SYSTEM_CONFIG).paused();
    }

    function portal() external pure returns (address) {
        return L1.PORTAL;
    }

    function PORTAL() external pure returns (address) {
        return L1.PORTAL;
    }

    function systemConfig() external pure returns (address) {
        return L1.SYSTEM_CONFIG;
    }

    function superchainConfig() external pure returns (address) {
        return L1.SUPERCHAIN_CONFIG;
    }

    function version() external pure returns (string memory) {
        return "2.9.0";
    }

    function isOtherMessenger() internal view override returns (bool) {
        return msg.sender == L1.PORTAL && THE_PORTAL.l2Sender() == L2.MESSENGER;
    }

    function isUnsafeTarget(address target) internal view override returns (bool) {
        return target == address(this) || target == L1.PORTAL;
    }

    function dispatch(address target, uint64 gasLimit, uint256 value, bytes memory data) internal override {
        THE_PORTAL.depositTransaction{value: value}(target, value, gasLimit, false, data);
    }
}
