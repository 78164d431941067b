// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {OptimismMintableERC20} from "./OptimismMintableERC20.sol";

/// @notice Makes tokens that stand for one of the other layer.
contract OptimismMintableERC20Factory {
    event StandardL2TokenCreated(address indexed remoteToken, address indexed localToken);
    event OptimismMintableERC20Created(address indexed localToken, address indexed remoteToken, address deployer);

    /// @notice The bridge of this layer, which genesis names.
    address public bridge;

    /// @notice The remote token of each token that was made here.
    mapping(address localToken => address remoteToken) public deployments;

    function BRIDGE() external view returns (address) {
        return bridge;
    }

    function createStandardL2Token(address remoteToken, string memory name, string memory symbol)
        external
        returns (address)
    {
        return createOptimismMintableERC20(remoteToken, name, symbol);
    }

    function createOptimismMintableERC20(address remoteToken, string memory name, string memory symbol)
        public
        returns (address)
    {
        return createOptimismMintableERC20WithDecimals(remoteToken, name, symbol, 18);
    }

    function createOptimismMintableERC20WithDecimals(
        address remoteToken,
        string memory name,
        string memory symbol,
        uint8 decimals
    ) public returns (address token) {
        require(
            remoteToken != address(0), "OptimismMintableERC20Factory: must provide remote token address"
        );
        bytes32 salt = keccak256(abi.encode(remoteToken, name, symbol, decimals));
        token = address(new OptimismMintableERC20{salt: salt}(bridge, remoteToken, name, symbol, decimals));
        deployments[token] = remoteToken;
        emit StandardL2TokenCreated(remoteToken, token);
        emit OptimismMintableERC20Created(token, remoteToken, msg.sender);
    }
}
