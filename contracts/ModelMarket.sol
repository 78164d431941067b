// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {DatanetRegistry} from "./DatanetRegistry.sol";

/// @notice What the use of a model costs, among whom it is split, and which engines may serve it.
///
/// A model, or an adapter, is known by the hash of its content. Its split is fixed for good, so that
/// contributors know what they signed up for. A new price is announced a day before it holds: a use
/// is settled at the price that holds in the block of the settlement, so an engine settles what it
/// served before an announced price comes into force.
contract ModelMarket {
    /*//////////////////////////////////////////////////////////////
                                 ERRORS
    //////////////////////////////////////////////////////////////*/

    error UnknownModel(bytes32 model);
    error ModelAlreadyRegistered(bytes32 model);
    error ZeroModel();
    error NotModelOwner(bytes32 model, address caller);
    error UnknownDatanet(uint256 datanet);
    error DuplicateDatanet(uint256 datanet);
    error TooManyDatanets(uint256 count);
    error SplitNotWhole(uint256 sumInBasisPoints);
    error ContributorsWithoutDatanet();
    error EngineNotRegistered(address engine);
    error EngineAlreadyRegistered(address engine);
    error EngineNotAllowed(bytes32 model, address engine);
    error PaymentFailed(address account);

    /*//////////////////////////////////////////////////////////////
                                 EVENTS
    //////////////////////////////////////////////////////////////*/

    event ModelRegistered(bytes32 indexed model, address indexed owner, uint256[] datanets, Split split, Price price);
    event PriceAnnounced(bytes32 indexed model, Price price, uint64 effectiveAt);
    event EnginesRestricted(bytes32 indexed model, bool isRestricted);
    event EngineAllowed(bytes32 indexed model, address indexed engine, bool isAllowed);
    event EngineRegistered(address indexed engine, uint256 stake);
    event EngineRetired(address indexed engine, uint256 stake);

    /*//////////////////////////////////////////////////////////////
                                 STORAGE
    //////////////////////////////////////////////////////////////*/

    /// @notice Prices in wei.
    struct Price {
        uint128 perPromptToken;
        uint128 perCompletionToken;
    }

    /// @notice Shares in basis points; they sum to 10,000.
    struct Split {
        uint16 owner;
        uint16 contributors;
        uint16 engine;
    }

    struct Model {
        address owner;
        Split split;
        bool isRestricted;
        uint64 nextPriceAt;
        Price price;
        Price nextPrice;
    }

    /// @notice How long before it holds a new price is announced.
    uint64 public constant PRICE_NOTICE = 1 days;

    /// @notice The most datanets that one model can name.
    uint256 public constant MAXIMUM_DATANETS = 32;

    uint256 private constant BASIS_POINTS = 10_000;
    DatanetRegistry private constant REGISTRY = DatanetRegistry(0x4f50414C00000000000000000000000000000001);

    mapping(bytes32 model => Model) private models;
    mapping(bytes32 model => uint256[]) private datanetsOfModel;
    mapping(bytes32 model => mapping(address engine => bool)) private isListed;

    /// @notice Whether an engine has registered itself.
    mapping(address engine => bool) public isEngine;

    /// @notice What an engine has staked, in wei; returned when it retires.
    mapping(address engine => uint256) public stakeOf;

    /*//////////////////////////////////////////////////////////////
                                 MODELS
    //////////////////////////////////////////////////////////////*/

    /// @notice Registers a model that the caller owns, open to every registered engine.
    /// @param datanets The datanets it was trained on, each once. Without one, contributors get no share.
    function registerModel(bytes32 model, uint256[] calldata datanets, Price calldata price, Split calldata split)
        external
    {
        if (model == 0) revert ZeroModel();
        if (models[model].owner != address(0)) revert ModelAlreadyRegistered(model);
        uint256 sum = uint256(split.owner) + split.contributors + split.engine;
        if (sum != BASIS_POINTS) revert SplitNotWhole(sum);
        if (split.contributors != 0 && datanets.length == 0) revert ContributorsWithoutDatanet();
        requireDistinctDatanets(datanets);

        models[model] = Model(msg.sender, split, false, 0, price, price);
        datanetsOfModel[model] = datanets;
        emit ModelRegistered(model, msg.sender, datanets, split, price);
    }

    /// @notice Announces a new price, which holds from `PRICE_NOTICE` from now on. One announced before
    /// that does not hold yet is replaced.
    function announcePrice(bytes32 model, Price calldata price) external {
        Model storage entry = ownModel(model);

        entry.price = priceOf(model);
        entry.nextPrice = price;
        entry.nextPriceAt = uint64(block.timestamp) + PRICE_NOTICE;
        emit PriceAnnounced(model, price, entry.nextPriceAt);
    }

    /// @notice Says whether only listed engines may serve a model, or every registered one.
    function restrictEngines(bytes32 model, bool isRestricted) external {
        ownModel(model).isRestricted = isRestricted;
        emit EnginesRestricted(model, isRestricted);
    }

    /// @notice Puts an engine on a model's list, or takes it off.
    function allowEngine(bytes32 model, address engine, bool isAllowed) external {
        ownModel(model);
        isListed[model][engine] = isAllowed;
        emit EngineAllowed(model, engine, isAllowed);
    }

    /*//////////////////////////////////////////////////////////////
                                 ENGINES
    //////////////////////////////////////////////////////////////*/

    /// @notice Registers the caller as an engine, with whatever stake it sends along.
    function registerEngine() external payable {
        if (isEngine[msg.sender]) revert EngineAlreadyRegistered(msg.sender);

        isEngine[msg.sender] = true;
        stakeOf[msg.sender] = msg.value;
        emit EngineRegistered(msg.sender, msg.value);
    }

    /// @notice Takes the caller off the register and returns its stake. What it has not settled is lost.
    function retireEngine() external {
        if (!isEngine[msg.sender]) revert EngineNotRegistered(msg.sender);
        uint256 stake = stakeOf[msg.sender];

        isEngine[msg.sender] = false;
        stakeOf[msg.sender] = 0;
        emit EngineRetired(msg.sender, stake);

        (bool isPaid,) = msg.sender.call{value: stake}("");
        if (!isPaid) revert PaymentFailed(msg.sender);
    }

    /*//////////////////////////////////////////////////////////////
                                  VIEWS
    //////////////////////////////////////////////////////////////*/

    /// @notice A model: owner, split, whether engines are restricted, prices now and announced.
    function modelOf(bytes32 model) external view returns (Model memory) {
        requireModel(model);
        return models[model];
    }

    /// @notice The datanets that a model was trained on.
    function datanetsOf(bytes32 model) external view returns (uint256[] memory) {
        requireModel(model);
        return datanetsOfModel[model];
    }

    /// @notice The price that holds in this block.
    function priceOf(bytes32 model) public view returns (Price memory) {
        requireModel(model);
        Model storage entry = models[model];
        bool isNextInForce = entry.nextPriceAt != 0 && block.timestamp >= entry.nextPriceAt;
        return isNextInForce ? entry.nextPrice : entry.price;
    }

    /// @notice Whether an engine is registered and may serve a model.
    function mayServe(bytes32 model, address engine) public view returns (bool) {
        requireModel(model);
        return isEngine[engine] && (!models[model].isRestricted || isListed[model][engine]);
    }

    /// @notice What a use costs in this block, in wei, and who gets which part of it. The contributors'
    /// and the engine's parts are rounded down; the owner has the rest, so nothing is lost.
    function quote(bytes32 model, address engine, uint64 promptTokens, uint64 completionTokens)
        external
        view
        returns (address owner, uint256 ownerAmount, uint256 contributorAmount, uint256 engineAmount)
    {
        if (!isEngine[engine]) revert EngineNotRegistered(engine);
        if (!mayServe(model, engine)) revert EngineNotAllowed(model, engine);
        Price memory price = priceOf(model);
        Split memory split = models[model].split;

        uint256 fee =
            uint256(price.perPromptToken) * promptTokens + uint256(price.perCompletionToken) * completionTokens;
        owner = models[model].owner;
        contributorAmount = fee * split.contributors / BASIS_POINTS;
        engineAmount = fee * split.engine / BASIS_POINTS;
        ownerAmount = fee - contributorAmount - engineAmount;
    }

    /*//////////////////////////////////////////////////////////////
                                 CHECKS
    //////////////////////////////////////////////////////////////*/

    function requireModel(bytes32 model) private view {
        if (models[model].owner == address(0)) revert UnknownModel(model);
    }

    /// A model that the caller owns.
    function ownModel(bytes32 model) private view returns (Model storage entry) {
        requireModel(model);
        entry = models[model];
        if (entry.owner != msg.sender) revert NotModelOwner(model, msg.sender);
    }

    /// At most `MAXIMUM_DATANETS`, so that comparing each with each stays cheap.
    function requireDistinctDatanets(uint256[] calldata datanets) private view {
        if (datanets.length > MAXIMUM_DATANETS) revert TooManyDatanets(datanets.length);
        for (uint256 i = 0; i < datanets.length; ++i) {
            if (!REGISTRY.exists(datanets[i])) revert UnknownDatanet(datanets[i]);
            for (uint256 j = 0; j < i; ++j) {
                if (datanets[i] == datanets[j]) revert DuplicateDatanet(datanets[i]);
            }
        }
    }
}
