// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Owned} from "../shared/Owned.sol";
import {Clones} from "./Clones.sol";
import {IDisputeGame} from "./IDisputeGame.sol";

/// @notice Makes games about output roots, one for each claim, and lists them.
contract DisputeGameFactory is Owned {
    error NoImplementation(uint32 gameType);
    error IncorrectBondAmount();
    error GameAlreadyExists(bytes32 uuid);

    event DisputeGameCreated(
        address indexed disputeProxy, uint32 indexed gameType, bytes32 indexed rootClaim
    );
    event ImplementationSet(address indexed impl, uint32 indexed gameType);
    event ImplementationArgsSet(uint32 indexed gameType, bytes args);
    event InitBondUpdated(uint32 indexed gameType, uint256 indexed newBond);

    /// @notice What `findLatestGames` gives of a game.
    struct GameSearchResult {
        uint256 index;
        bytes32 metadata;
        uint64 timestamp;
        bytes32 rootClaim;
        bytes extraData;
    }

    /// @notice The code of each type of game.
    mapping(uint32 gameType => address) public gameImpls;
    /// @notice What a game of each type costs its creator at first, in wei.
    mapping(uint32 gameType => uint256) public initBonds;
    /// @notice What each implementation is told beside the claim.
    mapping(uint32 gameType => bytes) public gameArgs;

    /// A game: type (32 bits), time (64), address (160).
    mapping(bytes32 uuid => bytes32) private gameOf;
    bytes32[] private allGames;

    /// @notice Makes a game about a claim.
    ///
    /// Its immutable arguments are creator, root claim, hash of the block before; where the type has
    /// arguments, the type; the extra data; the type's arguments.
    function create(uint32 gameType, bytes32 rootClaim, bytes calldata extraData)
        external
        payable
        returns (IDisputeGame game)
    {
        address implementation = gameImpls[gameType];
        if (implementation == address(0)) revert NoImplementation(gameType);
        if (msg.value != initBonds[gameType]) revert IncorrectBondAmount();
        bytes memory arguments = gameArgs[gameType];
        bytes memory start = abi.encodePacked(msg.sender, rootClaim, blockhash(block.number - 1));
        game = IDisputeGame(
            Clones.create(
                implementation,
                arguments.length == 0
                    ? abi.encodePacked(start, extraData)
                    : abi.encodePacked(start, gameType, extraData, arguments)
            )
        );
        game.initialize{value: msg.value}();

        bytes32 uuid = getGameUUID(gameType, rootClaim, extraData);
        if (gameOf[uuid] != 0) revert GameAlreadyExists(uuid);
        bytes32 metadata = pack(gameType, uint64(block.timestamp), address(game));
        gameOf[uuid] = metadata;
        allGames.push(metadata);
        emit DisputeGameCreated(address(game), gameType, rootClaim);
    }

    /// @notice The game about a claim; zeros if there is none.
    function games(uint32 gameType, bytes32 rootClaim, bytes calldata extraData)
        external
        view
        returns (address proxy, uint64 timestamp)
    {
        (, timestamp, proxy) = unpack(gameOf[getGameUUID(gameType, rootClaim, extraData)]);
    }

    /// @notice How many games there are.
    function gameCount() external view returns (uint256) {
        return allGames.length;
    }

    /// @notice The game with this number, counted from 0.
    function gameAtIndex(uint256 index)
        external
        view
        returns (uint32 gameType, uint64 timestamp, address proxy)
    {
        return unpack(allGames[index]);
    }

    /// @notice What tells a claim from all others.
    function getGameUUID(uint32 gameType, bytes32 rootClaim, bytes calldata extraData)
        public
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(gameType, rootClaim, extraData));
    }

    /// @notice At most `n` games of a type, newest first, from number `start` down.
    function findLatestGames(uint32 gameType, uint256 start, uint256 n)
        external
        view
        returns (GameSearchResult[] memory found)
    {
        if (start >= allGames.length || n == 0) return found;
        uint256 most = n < start + 1 ? n : start + 1;
        found = new GameSearchResult[](most);
        uint256 count = 0;
        for (uint256 i = start + 1; i > 0 && count < most; --i) {
            (uint32 type_, uint64 timestamp, address proxy) = unpack(allGames[i - 1]);
            if (type_ != gameType) continue;
            IDisputeGame game = IDisputeGame(proxy);
            found[count] = GameSearchResult(
                i - 1, allGames[i - 1], timestamp, game.rootClaim(), game.extraData()
            );
            ++count;
        }
        assembly ("memory-safe") {
            mstore(found, count)
        }
    }

    function setImplementation(uint32 gameType, address implementation) external onlyOwner {
        gameImpls[gameType] = implementation;
        delete gameArgs[gameType];
        emit ImplementationSet(implementation, gameType);
    }

    function setImplementation(uint32 gameType, address implementation, bytes calldata arguments)
        external
        onlyOwner
    {
        gameImpls[gameType] = implementation;
        gameArgs[gameType] = arguments;
        emit ImplementationSet(implementation, gameType);
        emit ImplementationArgsSet(gameType, arguments);
    }

    function setInitBond(uint32 gameType, uint256 bond) external onlyOwner {
        initBonds[gameType] = bond;
        emit InitBondUpdated(gameType, bond);
    }

    function version() external pure returns (string memory) {
        return "1.2.0";
    }

    function pack(uint32 gameType, uint64 timestamp, address proxy) private pure returns (bytes32) {
        return bytes32(uint256(gameType) << 224 | uint256(timestamp) << 160 | uint160(proxy));
    }

    function unpack(bytes32 game) private pure returns (uint32, uint64, address) {
        return (uint32(uint256(game) >> 224), uint64(uint256(game) >> 160), address(uint160(uint256(game))));
    }
}
