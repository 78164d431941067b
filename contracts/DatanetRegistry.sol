// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// @notice Which data belongs to which datanet, and how much of it each contributor gave.
///
/// The data itself lies off the chain in a content-addressed store; here are its hash and its size.
/// A contribution counts once the datanet's owner has approved it. The accepted sizes are the weights
/// from which anybody can compute the contributor tree that `Attribution` pays by: `contributors` and
/// the `ContributionApproved` events give the same sums.
contract DatanetRegistry {
    /*//////////////////////////////////////////////////////////////
                                 ERRORS
    //////////////////////////////////////////////////////////////*/

    error UnknownDatanet(uint256 datanet);
    error UnknownContribution(uint256 datanet, uint256 contribution);
    error NotDatanetOwner(uint256 datanet, address caller);
    error NameLengthOutOfBounds(uint256 lengthInBytes);
    error EmptyContent();
    error DuplicateContent(uint256 datanet, bytes32 contentHash);
    error AlreadyDecided(uint256 datanet, uint256 contribution);

    /*//////////////////////////////////////////////////////////////
                                 EVENTS
    //////////////////////////////////////////////////////////////*/

    event DatanetCreated(uint256 indexed datanet, address indexed owner, bytes32 metadataHash, string name);
    event ContributionSubmitted(
        uint256 indexed datanet,
        uint256 indexed contribution,
        address indexed contributor,
        bytes32 contentHash,
        uint64 sizeInBytes
    );
    event ContributionApproved(
        uint256 indexed datanet,
        uint256 indexed contribution,
        address indexed contributor,
        bytes32 contentHash,
        uint64 sizeInBytes
    );
    event ContributionRejected(
        uint256 indexed datanet, uint256 indexed contribution, address indexed contributor, bytes32 contentHash
    );

    /*//////////////////////////////////////////////////////////////
                                 STORAGE
    //////////////////////////////////////////////////////////////*/

    enum Status {
        None,
        Pending,
        Approved,
        Rejected
    }

    struct Datanet {
        address owner;
        bytes32 metadataHash;
        uint256 acceptedSizeInBytes;
        string name;
    }

    struct Contribution {
        address contributor;
        uint64 sizeInBytes;
        Status status;
        bytes32 contentHash;
    }

    /// @notice The longest name of a datanet, in bytes.
    uint256 public constant MAXIMUM_NAME_LENGTH = 128;

    /// @notice How many datanets there are; their numbers run from 1.
    uint256 public datanetCount;

    mapping(uint256 datanet => Datanet) private datanets;
    mapping(uint256 datanet => Contribution[]) private contributions;
    mapping(uint256 datanet => address[]) private acceptedContributors;

    /// @notice The bytes that a contributor gave to a datanet and that its owner accepted.
    mapping(uint256 datanet => mapping(address contributor => uint256)) public acceptedSizeInBytes;

    /// @notice Whether some content is pending or approved in a datanet; a rejection frees it again,
    /// so that nobody can keep a contributor out by submitting their content's hash first.
    mapping(uint256 datanet => mapping(bytes32 contentHash => bool)) public isContentTaken;

    /*//////////////////////////////////////////////////////////////
                                  LOGIC
    //////////////////////////////////////////////////////////////*/

    /// @notice Creates a datanet that the caller owns.
    /// @param name Between 1 and 128 bytes.
    /// @param metadataHash The hash of its description in the content-addressed store.
    /// @return datanet Its number.
    function createDatanet(string calldata name, bytes32 metadataHash) external returns (uint256 datanet) {
        uint256 length = bytes(name).length;
        if (length == 0 || length > MAXIMUM_NAME_LENGTH) revert NameLengthOutOfBounds(length);

        datanet = ++datanetCount;
        datanets[datanet] = Datanet(msg.sender, metadataHash, 0, name);
        emit DatanetCreated(datanet, msg.sender, metadataHash, name);
    }

    /// @notice Submits content to a datanet, whoever's it is.
    /// @return contribution Its number within the datanet, from 0.
    function contribute(uint256 datanet, bytes32 contentHash, uint64 sizeInBytes)
        external
        returns (uint256 contribution)
    {
        requireDatanet(datanet);
        if (contentHash == 0 || sizeInBytes == 0) revert EmptyContent();
        if (isContentTaken[datanet][contentHash]) revert DuplicateContent(datanet, contentHash);

        contribution = contributions[datanet].length;
        isContentTaken[datanet][contentHash] = true;
        contributions[datanet].push(Contribution(msg.sender, sizeInBytes, Status.Pending, contentHash));
        emit ContributionSubmitted(datanet, contribution, msg.sender, contentHash, sizeInBytes);
    }

    /// @notice Accepts a pending contribution: from here on its size counts for its contributor.
    function approve(uint256 datanet, uint256 contribution) external {
        Contribution storage pending = pendingContribution(datanet, contribution);
        address contributor = pending.contributor;
        uint64 sizeInBytes = pending.sizeInBytes;

        pending.status = Status.Approved;
        // A size is never zero, so a zero sum means the contributor's first accepted contribution.
        if (acceptedSizeInBytes[datanet][contributor] == 0) acceptedContributors[datanet].push(contributor);
        acceptedSizeInBytes[datanet][contributor] += sizeInBytes;
        datanets[datanet].acceptedSizeInBytes += sizeInBytes;
        emit ContributionApproved(datanet, contribution, contributor, pending.contentHash, sizeInBytes);
    }

    /// @notice Refuses a pending contribution and frees its content hash.
    function reject(uint256 datanet, uint256 contribution) external {
        Contribution storage pending = pendingContribution(datanet, contribution);

        pending.status = Status.Rejected;
        isContentTaken[datanet][pending.contentHash] = false;
        emit ContributionRejected(datanet, contribution, pending.contributor, pending.contentHash);
    }

    /*//////////////////////////////////////////////////////////////
                                  VIEWS
    //////////////////////////////////////////////////////////////*/

    /// @notice Whether a datanet of this number exists.
    function exists(uint256 datanet) public view returns (bool) {
        return datanet != 0 && datanet <= datanetCount;
    }

    /// @notice A datanet: owner, hash of its description, accepted bytes in all, name.
    function datanetOf(uint256 datanet) external view returns (Datanet memory) {
        requireDatanet(datanet);
        return datanets[datanet];
    }

    /// @notice How many contributions were ever submitted to a datanet.
    function contributionCount(uint256 datanet) external view returns (uint256) {
        return contributions[datanet].length;
    }

    /// @notice One contribution, by its number within the datanet.
    function contributionOf(uint256 datanet, uint256 contribution) external view returns (Contribution memory) {
        requireContribution(datanet, contribution);
        return contributions[datanet][contribution];
    }

    /// @notice How many contributors have accepted content in a datanet.
    function contributorCount(uint256 datanet) external view returns (uint256) {
        return acceptedContributors[datanet].length;
    }

    /// @notice A page of a datanet's contributors, in the order of their first approval, with the
    /// accepted size of each. A page past the end is short or empty.
    function contributors(uint256 datanet, uint256 offset, uint256 limit)
        external
        view
        returns (address[] memory accounts, uint256[] memory sizesInBytes)
    {
        address[] storage all = acceptedContributors[datanet];
        uint256 left = offset < all.length ? all.length - offset : 0;
        uint256 count = limit < left ? limit : left;

        accounts = new address[](count);
        sizesInBytes = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            accounts[i] = all[offset + i];
            sizesInBytes[i] = acceptedSizeInBytes[datanet][accounts[i]];
        }
    }

    /*//////////////////////////////////////////////////////////////
                                 CHECKS
    //////////////////////////////////////////////////////////////*/

    function requireDatanet(uint256 datanet) private view {
        if (!exists(datanet)) revert UnknownDatanet(datanet);
    }

    function requireContribution(uint256 datanet, uint256 contribution) private view {
        requireDatanet(datanet);
        if (contribution >= contributions[datanet].length) revert UnknownContribution(datanet, contribution);
    }

    /// The contribution to decide on, once the caller may decide and nobody has yet.
    function pendingContribution(uint256 datanet, uint256 contribution)
        private
        view
        returns (Contribution storage pending)
    {
        requireContribution(datanet, contribution);
        if (msg.sender != datanets[datanet].owner) revert NotDatanetOwner(datanet, msg.sender);
        pending = contributions[datanet][contribution];
        if (pending.status != Status.Pending) revert AlreadyDecided(datanet, contribution);
    }
}
