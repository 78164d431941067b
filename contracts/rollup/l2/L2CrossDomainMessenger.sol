// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {CrossDomainMessenger} from "../CrossDomainMessenger.sol";
import {L1, L2} from "../shared/Addresses.sol";
import {AddressAlias} from "../shared/Messages.sol";
import {L2ToL1MessagePasser} from "./L2ToL1MessagePasser.sol";

/// @notice The messenger of L2: sends through the message passer, gets deposits of L1's messenger.
contract L2CrossDomainMessenger is CrossDomainMessenger {
    function otherMessenger() public pure override returns (address) {
        return L1.MESSENGER;
    }

    function l1CrossDomainMessenger() external pure returns (address) {
        return L1.MESSENGER;
    }

    function version() external pure returns (string memory) {
        return "2.2.0";
    }

    function isOtherMessenger() internal view override returns (bool) {
        return AddressAlias.unaliased(msg.sender) == L1.MESSENGER;
    }

    function isUnsafeTarget(address target) internal view override returns (bool) {
        return target == address(this) || target == L2.MESSAGE_PASSER;
    }

    function dispatch(address target, uint64 gasLimit, uint256 value, bytes memory data) internal override {
        L2ToL1MessagePasser(L2.MESSAGE_PASSER).initiateWithdrawal{value: value}(target, gasLimit, data);
    }
}
