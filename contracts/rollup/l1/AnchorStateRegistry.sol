// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {L1} from "../shared/Addresses.sol";
import {DisputeGameFactory} from "./DisputeGameFactory.sol";
import {GameStatus, IDisputeGame} from "./IDisputeGame.sol";
import {SystemConfig} from "./SystemConfig.sol";

/// @notice Says which claims hold, and which is the newest of them.
contract AnchorStateRegistry {
    error AnchorStateRegistry_Unauthorized();
    error AnchorStateRegistry_InvalidAnchorGame();

    event AnchorUpdated(IDisputeGame indexed game);
    event RespectedGameTypeSet(uint32 gameType);
    event RetirementTimestampSet(uint256 timestamp);
    event DisputeGameBlacklisted(IDisputeGame indexed disputeGame);

    /// @notice A claim about a block of L2.
    struct Proposal {
        bytes32 root;
        uint256 l2SequenceNumber;
    }

    DisputeGameFactory private constant FACTORY = DisputeGameFactory(L1.GAME_FACTORY);
    SystemConfig private constant CONFIG = SystemConfig(L1.SYSTEM_CONFIG);

    /// @notice The newest game whose claim holds; zero at first.
    IDisputeGame public anchorGame;
    /// @notice Games of this type count for withdrawals.
    uint32 public respectedGameType;
    /// @notice Games that were made until then do not count.
    uint64 public retirementTimestamp;
    /// @notice The output root that the rollup begins with; genesis says so.
    bytes32 public startingRoot;
    uint256 public startingBlockNumber;
    /// @notice How long a resolved game waits before it counts, in seconds.
    uint256 public disputeGameFinalityDelaySeconds;
    /// @notice Games that never count.
    mapping(IDisputeGame game => bool) public disputeGameBlacklist;

    modifier onlyGuardian() {
        if (msg.sender != CONFIG.guardian()) revert AnchorStateRegistry_Unauthorized();
        _;
    }

    /*//////////////////////////////////////////////////////////////
                                GUARDIAN
    //////////////////////////////////////////////////////////////*/

    function setRespectedGameType(uint32 gameType) external onlyGuardian {
        respectedGameType = gameType;
        emit RespectedGameTypeSet(gameType);
    }

    /// @notice Retires all games that there are.
    function updateRetirementTimestamp() external onlyGuardian {
        retirementTimestamp = uint64(block.timestamp);
        emit RetirementTimestampSet(block.timestamp);
    }

    function blacklistDisputeGame(IDisputeGame game) external onlyGuardian {
        disputeGameBlacklist[game] = true;
        emit DisputeGameBlacklisted(game);
    }

    /*//////////////////////////////////////////////////////////////
                                 ANCHOR
    //////////////////////////////////////////////////////////////*/

    /// @notice The newest claim that holds, and the number of its block.
    function getAnchorRoot() public view returns (bytes32, uint256) {
        if (address(anchorGame) == address(0)) return (startingRoot, startingBlockNumber);
        return (anchorGame.rootClaim(), anchorGame.l2SequenceNumber());
    }

    /// @notice The same, by its older name; the type does not matter.
    function anchors(uint32) external view returns (bytes32, uint256) {
        return getAnchorRoot();
    }

    function getStartingAnchorRoot() external view returns (Proposal memory) {
        return Proposal(startingRoot, startingBlockNumber);
    }

    /// @notice Makes a game the anchor, if its claim holds and is newer.
    function setAnchorState(IDisputeGame game) external {
        if (!isGameClaimValid(game)) revert AnchorStateRegistry_InvalidAnchorGame();
        (, uint256 number) = getAnchorRoot();
        if (game.l2SequenceNumber() <= number) revert AnchorStateRegistry_InvalidAnchorGame();
        anchorGame = game;
        emit AnchorUpdated(game);
    }

    /*//////////////////////////////////////////////////////////////
                                 GAMES
    //////////////////////////////////////////////////////////////*/

    /// @notice Whether the factory made the game, and the game relies on this registry.
    function isGameRegistered(IDisputeGame game) public view returns (bool) {
        (uint32 gameType, bytes32 rootClaim, bytes memory extraData) = game.gameData();
        (address registered,) = FACTORY.games(gameType, rootClaim, extraData);
        return registered == address(game) && game.anchorStateRegistry() == address(this);
    }

    function isGameRespected(IDisputeGame game) public view returns (bool) {
        return game.wasRespectedGameTypeWhenCreated();
    }

    function isGameBlacklisted(IDisputeGame game) public view returns (bool) {
        return disputeGameBlacklist[game];
    }

    function isGameRetired(IDisputeGame game) public view returns (bool) {
        return game.createdAt() <= retirementTimestamp;
    }

    /// @notice Whether the game may be relied on once it ends well.
    function isGameProper(IDisputeGame game) public view returns (bool) {
        return isGameRegistered(game) && !isGameBlacklisted(game) && !isGameRetired(game) && !paused();
    }

    function isGameResolved(IDisputeGame game) public view returns (bool) {
        return game.resolvedAt() != 0 && game.status() != GameStatus.IN_PROGRESS;
    }

    /// @notice Whether it has been resolved for long enough.
    function isGameFinalized(IDisputeGame game) public view returns (bool) {
        return isGameResolved(game) && block.timestamp - game.resolvedAt() > disputeGameFinalityDelaySeconds;
    }

    /// @notice Whether the game's claim holds.
    function isGameClaimValid(IDisputeGame game) public view returns (bool) {
        return isGameProper(game) && isGameRespected(game) && isGameFinalized(game)
            && game.status() == GameStatus.DEFENDER_WINS;
    }

    function paused() public view returns (bool) {
        return CONFIG.paused();
    }

    function disputeGameFactory() external pure returns (address) {
        return L1.GAME_FACTORY;
    }

    function systemConfig() external pure returns (address) {
        return L1.SYSTEM_CONFIG;
    }

    function version() external pure returns (string memory) {
        return "3.5.0";
    }
}
