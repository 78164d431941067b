// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

interface IERC20 {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

interface IERC165 {
    function supportsInterface(bytes4 interfaceId) external view returns (bool);
}

/// @notice A token that a bridge mints and burns.
interface IOptimismMintableERC20 {
    function remoteToken() external view returns (address);
    function bridge() external returns (address);
    function mint(address to, uint256 amount) external;
    function burn(address from, uint256 amount) external;
}

/// @notice The same, as it was called once.
interface ILegacyMintableERC20 {
    function l1Token() external view returns (address);
    function mint(address to, uint256 amount) external;
    function burn(address from, uint256 amount) external;
}

/// @notice Calls of tokens, of which some return nothing.
library Tokens {
    error TokenTransferFailed(address token);

    function transfer(address token, address to, uint256 amount) internal {
        check(token, abi.encodeCall(IERC20.transfer, (to, amount)));
    }

    function transferFrom(address token, address from, address to, uint256 amount) internal {
        check(token, abi.encodeCall(IERC20.transferFrom, (from, to, amount)));
    }

    function check(address token, bytes memory data) private {
        (bool success, bytes memory answer) = token.call(data);
        bool accepted = answer.length == 0 ? token.code.length > 0 : isTrue(answer);
        if (!success || !accepted) revert TokenTransferFailed(token);
    }

    function isTrue(bytes memory answer) private pure returns (bool) {
        return answer.length >= 32 && bytes32(answer) == bytes32(uint256(1));
    }

    /// @notice Whether a contract says that it has an interface (ERC-165).
    function hasInterface(address token, bytes4 interfaceId) internal view returns (bool) {
        (bool success, bytes memory answer) =
            token.staticcall{gas: 30_000}(abi.encodeCall(IERC165.supportsInterface, (interfaceId)));
        return success && isTrue(answer);
    }
}
