// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {AnchorStateRegistry} from "./AnchorStateRegistry.sol";
import {Cloned} from "./Clones.sol";
import {GameStatus, IDisputeGame} from "./IDisputeGame.sol";

/// @notice A claim by the one proposer who is taken to be honest; it wins once a delay is over.
///
/// Nobody can dispute it; the guardian can blacklist it. Each game is a clone of the factory's.
contract ProposalGame is Cloned, IDisputeGame {
    error AlreadyInitialized();
    error BadAuth();
    error BadExtraData();
    error UnexpectedRootClaim(bytes32 rootClaim);
    error GameNotInProgress();
    error ClockNotExpired();
    error GameNotFinalized();
    error NoCreditToClaim();
    error BondTransferFailed();

    event GameClosed();

    uint64 public createdAt;
    uint64 public resolvedAt;
    GameStatus public status;
    bool public wasRespectedGameTypeWhenCreated;
    /// @notice The creator's bond, which waits to be claimed, in wei.
    uint256 public bond;

    function initialize() external payable {
        if (createdAt != 0) revert AlreadyInitialized();
        // The arguments' sizes, and nothing else: another size would be the same claim again.
        if (argumentsSize() != 20 + 32 + 32 + 4 + 32 + 20 + 8 + 20) revert BadExtraData();
        if (gameCreator() != proposer()) revert BadAuth();
        AnchorStateRegistry registry = AnchorStateRegistry(anchorStateRegistry());
        (, uint256 anchor) = registry.getAnchorRoot();
        if (l2BlockNumber() <= anchor) revert UnexpectedRootClaim(rootClaim());
        createdAt = uint64(block.timestamp);
        wasRespectedGameTypeWhenCreated = registry.respectedGameType() == gameType();
        bond = msg.value;
    }

    /// @notice Decides for the claim, once the delay is over.
    function resolve() external returns (GameStatus) {
        if (status != GameStatus.IN_PROGRESS) revert GameNotInProgress();
        if (createdAt == 0 || block.timestamp < createdAt + maxClockDuration()) revert ClockNotExpired();
        resolvedAt = uint64(block.timestamp);
        status = GameStatus.DEFENDER_WINS;
        emit Resolved(GameStatus.DEFENDER_WINS);
        return GameStatus.DEFENDER_WINS;
    }

    /// @notice Makes the claim the anchor, if it is the newest.
    function closeGame() public {
        AnchorStateRegistry registry = AnchorStateRegistry(anchorStateRegistry());
        if (!registry.isGameFinalized(this)) revert GameNotFinalized();
        try registry.setAnchorState(this) {} catch {}
        emit GameClosed();
    }

    /// @notice Gives the creator the bond back.
    function claimCredit(address recipient) external {
        closeGame();
        uint256 amount = bond;
        if (amount == 0 || recipient != gameCreator()) revert NoCreditToClaim();
        bond = 0;
        (bool success,) = recipient.call{value: amount}("");
        if (!success) revert BondTransferFailed();
    }

    /*//////////////////////////////////////////////////////////////
                               ARGUMENTS
    //////////////////////////////////////////////////////////////*/

    function gameCreator() public pure returns (address) {
        return address(uint160(argument(0) >> 96));
    }

    function rootClaim() public pure returns (bytes32) {
        return bytes32(argument(20));
    }

    /// @notice The block of L1 before the one that the claim was made in.
    function l1Head() external pure returns (bytes32) {
        return bytes32(argument(52));
    }

    function gameType() public pure returns (uint32) {
        return uint32(argument(84) >> 224);
    }

    function l2BlockNumber() public pure returns (uint256) {
        return argument(88);
    }

    function l2SequenceNumber() external pure returns (uint256) {
        return l2BlockNumber();
    }

    function extraData() public pure returns (bytes memory) {
        return arguments(88, 32);
    }

    /// @notice Who may make such games.
    function proposer() public pure returns (address) {
        return address(uint160(argument(120) >> 96));
    }

    /// @notice How long a claim waits, in seconds.
    function maxClockDuration() public pure returns (uint64) {
        return uint64(argument(140) >> 192);
    }

    function anchorStateRegistry() public pure returns (address) {
        return address(uint160(argument(148) >> 96));
    }

    function gameData() external pure returns (uint32, bytes32, bytes memory) {
        return (gameType(), rootClaim(), extraData());
    }

    function version() external pure returns (string memory) {
        return "1.0.0";
    }
}
