// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// @notice The guardian, who may stop what arrives on L1 while something is wrong.
contract SuperchainConfig {
    event Paused(string identifier);
    event Unpaused();

    /// @notice Who may pause; genesis says so.
    address public guardian;
    /// @notice Whether nothing is proved, finalised or relayed at present.
    bool public paused;

    modifier onlyGuardian() {
        require(msg.sender == guardian, "SuperchainConfig: only guardian can pause");
        _;
    }

    function pause(string calldata identifier) external onlyGuardian {
        paused = true;
        emit Paused(identifier);
    }

    function unpause() external onlyGuardian {
        paused = false;
        emit Unpaused();
    }

    function version() external pure returns (string memory) {
        return "1.2.0";
    }
}
