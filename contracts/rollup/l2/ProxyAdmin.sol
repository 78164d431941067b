// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Owned} from "../shared/Owned.sol";

interface IProxy {
    function admin() external view returns (address);
    function implementation() external view returns (address);
    function changeAdmin(address newAdmin) external;
    function upgradeTo(address implementation) external;
    function upgradeToAndCall(address implementation, bytes calldata data) external payable returns (bytes memory);
}

/// @notice Upgrades the proxies (ERC-1967) that name it their admin.
///
/// Opal's predeploys are plain code, so none of them is among these; those that others deploy may be.
contract ProxyAdmin is Owned {
    function getProxyImplementation(address proxy) external view returns (address) {
        return IProxy(proxy).implementation();
    }

    function getProxyAdmin(address payable proxy) external view returns (address) {
        return IProxy(proxy).admin();
    }

    function changeProxyAdmin(address payable proxy, address newAdmin) external onlyOwner {
        IProxy(proxy).changeAdmin(newAdmin);
    }

    function upgrade(address payable proxy, address implementation) external onlyOwner {
        IProxy(proxy).upgradeTo(implementation);
    }

    function upgradeAndCall(address payable proxy, address implementation, bytes calldata data)
        external
        payable
        onlyOwner
    {
        IProxy(proxy).upgradeToAndCall{value: msg.value}(implementation, data);
    }
}
