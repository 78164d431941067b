// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Accounts} from "./Accounts.sol";
import {ModelMarket} from "./ModelMarket.sol";
import {SignedUsage} from "./SignedUsage.sol";

/// @notice Pays for the use of models: both signatures checked, each receipt once, to the wei.
///
/// A payer deposits, and signs authorisations; an engine serves, and signs receipts; anybody may
/// bring a receipt here. Its fee leaves the payer's balance and is split as the model says: to the
/// owner, to the engine, and into a pool for the contributors, which they claim by a Merkle proof.
///
/// Rules worth knowing:
/// - Contributors' weights lie one after the other on a line from 0 to their sum, `whole`. A leaf of
///   the attribution tree is one stretch of it, `keccak256(keccak256(abi.encode(contributor, start,
///   end, whole)))`, and is worth `pool * end / whole - pool * start / whole`: within a wei of the
///   exact proportion, and together exactly the pool. A tree whose stretches overlap can still never
///   pay more than the pool.
/// - Who contributed what is the engine's signed statement. Anybody can recompute it from the
///   registry's events. A zero root says that nobody contributed: then the contributors' share is
///   not charged, so neither engine nor owner gains by leaving contributors out.
/// - Adapters are priced and split like models; a receipt pays for its model and each adapter.
contract Attribution is Accounts {
    using SignedUsage for SignedUsage.Authorization;
    using SignedUsage for SignedUsage.Receipt;

    /*//////////////////////////////////////////////////////////////
                                 ERRORS
    //////////////////////////////////////////////////////////////*/

    error WrongPayerSignature(address expected, address recovered);
    error WrongEngineSignature(address expected, address recovered);
    error WrongAuthorization(bytes32 expected, bytes32 stated);
    error WrongPayer(address expected, address stated);
    error AuthorizationExpired(uint64 expiry);
    error AuthorizationRevoked(address payer, uint256 nonce);
    error ModelNotAuthorized(bytes32 model);
    error MaximumFeeExceeded(uint256 maximumFee, uint256 total);
    error WrongFee(uint256 expected, uint256 stated);
    error FeeTooLarge(uint256 fee);
    error ReceiptAlreadySettled(bytes32 receipt);
    error SequenceAlreadyUsed(address engine, uint64 sequence);
    error UnknownReceipt(bytes32 receipt);
    error InvalidStretch(uint256 start, uint256 end, uint256 whole);
    error InvalidProof(bytes32 receipt, address contributor);
    error AlreadyClaimed(bytes32 receipt, address contributor);
    error PoolExhausted(bytes32 receipt, uint256 remaining, uint256 amount);

    /*//////////////////////////////////////////////////////////////
                                 EVENTS
    //////////////////////////////////////////////////////////////*/

    event UsageSettled(
        bytes32 indexed receipt,
        address indexed payer,
        address indexed engine,
        bytes32 authorization,
        bytes32 model,
        uint64 sequence,
        uint256 charged,
        uint256 engineAmount,
        uint256 contributorAmount,
        bytes32 attributionRoot
    );
    event ModelOwnerCredited(bytes32 indexed receipt, bytes32 indexed model, address indexed owner, uint256 amount);
    event ContributorCredited(bytes32 indexed receipt, address indexed contributor, uint256 amount);

    /*//////////////////////////////////////////////////////////////
                                 STORAGE
    //////////////////////////////////////////////////////////////*/

    /// @notice What a settled receipt has left for its contributors, in wei.
    struct Pool {
        bytes32 attributionRoot;
        uint120 amount;
        uint120 remaining;
        bool isSettled;
    }

    /// @notice One receipt with the authorisation it draws on, as `settleMany` takes them.
    struct Usage {
        SignedUsage.Authorization authorization;
        bytes payerSignature;
        SignedUsage.Receipt receipt;
        bytes engineSignature;
    }

    /// A fee and its parts, while a receipt is being settled.
    struct Sums {
        uint256 owners;
        uint256 contributors;
        uint256 engine;
    }

    ModelMarket private constant MARKET = ModelMarket(0x4f50414c00000000000000000000000000000002);

    /// @notice What has been charged under an authorisation so far, by its digest, in wei.
    mapping(bytes32 authorization => uint256) public chargedUnder;

    /// @notice The pool of a settled receipt, by its digest.
    mapping(bytes32 receipt => Pool) public poolOf;

    mapping(bytes32 receipt => mapping(bytes32 leaf => bool)) private isClaimed;

    /// Sequence numbers that an engine has used: one bit each, 256 to a word.
    mapping(address engine => mapping(uint256 word => uint256)) private usedSequences;

    /*//////////////////////////////////////////////////////////////
                               SETTLEMENT
    //////////////////////////////////////////////////////////////*/

    /// @notice Charges a receipt to its payer and credits those who earned it.
    function settle(
        SignedUsage.Authorization calldata authorization,
        bytes calldata payerSignature,
        SignedUsage.Receipt calldata receipt,
        bytes calldata engineSignature
    ) public {
        bytes32 digest = receipt.digest();
        if (poolOf[digest].isSettled) revert ReceiptAlreadySettled(digest);
        address engine = SignedUsage.signer(digest, engineSignature);
        if (engine != authorization.engine) revert WrongEngineSignature(authorization.engine, engine);

        checkAuthorization(authorization, payerSignature, receipt);
        useSequence(engine, receipt.sequence);
        credit(digest, authorization, receipt);
    }

    /// @notice Settles several; if one cannot be settled, none is.
    function settleMany(Usage[] calldata usages) external {
        for (uint256 i = 0; i < usages.length; ++i) {
            Usage calldata usage = usages[i];
            settle(usage.authorization, usage.payerSignature, usage.receipt, usage.engineSignature);
        }
    }

    /// The payer allowed this engine this receipt, and the permission still holds.
    function checkAuthorization(
        SignedUsage.Authorization calldata authorization,
        bytes calldata payerSignature,
        SignedUsage.Receipt calldata receipt
    ) private view {
        bytes32 digest = authorization.digest();
        address payer = SignedUsage.signer(digest, payerSignature);
        if (payer != authorization.payer) revert WrongPayerSignature(authorization.payer, payer);
        if (receipt.authorization != digest) revert WrongAuthorization(digest, receipt.authorization);
        if (receipt.payer != payer) revert WrongPayer(payer, receipt.payer);
        if (block.timestamp > authorization.expiry) revert AuthorizationExpired(authorization.expiry);
        uint64 void = revokedAt[payer][authorization.nonce];
        if (void != 0 && block.timestamp >= void) revert AuthorizationRevoked(payer, authorization.nonce);

        requireAuthorized(authorization.models, receipt.model);
        for (uint256 i = 0; i < receipt.adapters.length; ++i) {
            requireAuthorized(authorization.models, receipt.adapters[i]);
        }
    }

    function requireAuthorized(bytes32[] calldata models, bytes32 model) private pure {
        for (uint256 i = 0; i < models.length; ++i) {
            if (models[i] == model) return;
        }
        revert ModelNotAuthorized(model);
    }

    function useSequence(address engine, uint64 sequence) private {
        uint256 bit = 1 << (sequence & 0xff);
        uint256 word = usedSequences[engine][sequence >> 8];
        if (word & bit != 0) revert SequenceAlreadyUsed(engine, sequence);
        usedSequences[engine][sequence >> 8] = word | bit;
    }

    /// Moves the money of one receipt: out of the payer's balance, to owners, engine and pool.
    function credit(
        bytes32 digest,
        SignedUsage.Authorization calldata authorization,
        SignedUsage.Receipt calldata receipt
    ) private {
        Sums memory sums;
        creditOwner(digest, receipt.model, authorization.engine, receipt, sums);
        for (uint256 i = 0; i < receipt.adapters.length; ++i) {
            creditOwner(digest, receipt.adapters[i], authorization.engine, receipt, sums);
        }
        uint256 fee = sums.owners + sums.contributors + sums.engine;
        if (fee != receipt.fee) revert WrongFee(fee, receipt.fee);
        if (fee > type(uint120).max) revert FeeTooLarge(fee);
        if (receipt.attributionRoot == 0) sums.contributors = 0;
        uint256 charged = sums.owners + sums.contributors + sums.engine;

        uint256 total = chargedUnder[receipt.authorization] + charged;
        if (total > authorization.maximumFee) revert MaximumFeeExceeded(authorization.maximumFee, total);
        chargedUnder[receipt.authorization] = total;
        charge(receipt.payer, charged);
        earningsOf[authorization.engine] += sums.engine;
        // Fits: the pool is a part of a fee that does.
        uint120 pool = uint120(sums.contributors);
        poolOf[digest] = Pool(pool == 0 ? bytes32(0) : receipt.attributionRoot, pool, pool, true);
        emit UsageSettled(
            digest,
            receipt.payer,
            authorization.engine,
            receipt.authorization,
            receipt.model,
            receipt.sequence,
            charged,
            sums.engine,
            sums.contributors,
            receipt.attributionRoot
        );
    }

    /// Credits the owner of one model or adapter, and adds the parts of its price to the sums.
    function creditOwner(
        bytes32 digest,
        bytes32 model,
        address engine,
        SignedUsage.Receipt calldata receipt,
        Sums memory sums
    ) private {
        (address owner, uint256 ownerAmount, uint256 contributorAmount, uint256 engineAmount) =
            MARKET.quote(model, engine, receipt.promptTokens, receipt.completionTokens);
        sums.owners += ownerAmount;
        sums.contributors += contributorAmount;
        sums.engine += engineAmount;
        earningsOf[owner] += ownerAmount;
        emit ModelOwnerCredited(digest, model, owner, ownerAmount);
    }

    /*//////////////////////////////////////////////////////////////
                              CONTRIBUTORS
    //////////////////////////////////////////////////////////////*/

    /// @notice Credits a contributor with their stretch of a receipt's pool. Anybody may bring the proof.
    /// @param start Where the contributor's stretch starts on the line of all weights.
    /// @param end Where it ends.
    /// @param whole Where the line ends: the sum of all weights, below 2^128.
    function claim(
        bytes32 receipt,
        address contributor,
        uint256 start,
        uint256 end,
        uint256 whole,
        bytes32[] calldata proof
    ) external {
        Pool storage pool = poolOf[receipt];
        if (!pool.isSettled) revert UnknownReceipt(receipt);
        if (start >= end || end > whole || whole > type(uint128).max) revert InvalidStretch(start, end, whole);
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(contributor, start, end, whole))));
        if (isClaimed[receipt][leaf]) revert AlreadyClaimed(receipt, contributor);
        // An empty pool has the root zero, to which nothing hashes.
        if (rootOf(leaf, proof) != pool.attributionRoot) revert InvalidProof(receipt, contributor);
        uint256 amount = pool.amount * end / whole - pool.amount * start / whole;
        if (amount > pool.remaining) revert PoolExhausted(receipt, pool.remaining, amount);

        isClaimed[receipt][leaf] = true;
        pool.remaining -= uint120(amount);
        earningsOf[contributor] += amount;
        emit ContributorCredited(receipt, contributor, amount);
    }

    /// The root that a proof leads to. Siblings are hashed the lower first, so a proof needs no
    /// directions; leaves are hashed twice, so that no inner node can pass for a leaf.
    function rootOf(bytes32 leaf, bytes32[] calldata proof) private pure returns (bytes32 node) {
        node = leaf;
        for (uint256 i = 0; i < proof.length; ++i) {
            bytes32 sibling = proof[i];
            node = node < sibling
                ? keccak256(abi.encodePacked(node, sibling))
                : keccak256(abi.encodePacked(sibling, node));
        }
    }

    /*//////////////////////////////////////////////////////////////
                                 VIEWS
    //////////////////////////////////////////////////////////////*/

    /// @notice The EIP-712 domain separator: name "Opal", version "1", this chain, this contract.
    function domainSeparator() external view returns (bytes32) {
        return SignedUsage.domainSeparator();
    }

    /// @notice What a payer signs.
    function authorizationDigest(SignedUsage.Authorization calldata authorization) external view returns (bytes32) {
        return authorization.digest();
    }

    /// @notice What an engine signs.
    function receiptDigest(SignedUsage.Receipt calldata receipt) external view returns (bytes32) {
        return receipt.digest();
    }

    /// @notice Whether an engine has used a sequence number.
    function isSequenceUsed(address engine, uint64 sequence) external view returns (bool) {
        return usedSequences[engine][sequence >> 8] & (1 << (sequence & 0xff)) != 0;
    }
}
