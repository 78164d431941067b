// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Owned} from "../rollup/shared/Owned.sol";
import {BN254} from "./BN254.sol";
import {Certificates} from "./Certificates.sol";
import {OperatorRegistry} from "./OperatorRegistry.sol";

/// @notice Checks certificates of the DA layer on L1, step by step as EigenDA's verifier does.
///
/// `Blobs` checks them natively by the same steps in the same order; each has its error here.
contract CertificateVerifier is Owned {
    error WrongDerivationVersion(uint16 derivationVersion);
    error NotIncluded();
    error UnknownBlobVersion(uint16 blobVersion);
    error SecurityAssumptionsNotMet();
    error TooManyQuorums(uint256 count);
    error TooManyNonSigners(uint256 count);
    error NoQuorum();
    error ListsDiffer();
    error ReferenceBlockNotPast(uint32 referenceBlock);
    error InvalidQuorums();
    error NonSignersUnsorted();
    error UnknownNonSigner(uint256 index);
    error WrongQuorumKey(uint8 quorum);
    error WrongStakeIndex(uint8 quorum);
    error WrongAttestation();
    error BlobQuorumsNotConfirmed();
    error RequiredQuorumsMissing();
    error UnknownCertificateVersion(uint8 certificateVersion);
    error TooLong(uint256 length);

    /// @notice How blobs of a version are coded.
    struct BlobVersion {
        uint32 chunkCount;
        uint32 operatorLimit;
        uint8 codingRate;
    }

    /// More bytes than these are no certificate, whoever has the gas to read them.
    uint256 internal constant SIZE_LIMIT = 262_144;
    /// What EigenDA's verifier answers: valid, or not.
    uint8 internal constant VALID = 1;
    uint8 internal constant INVALID = 6;
    uint256 internal constant QUORUM_LIMIT = 5;
    uint256 internal constant NON_SIGNER_LIMIT = 415;

    /// @notice Where operators' stakes are.
    OperatorRegistry public registry;
    /// @notice The share of a quorum's stake that must have signed, in per cent.
    uint8 public confirmationPercent;
    /// @notice The share that may be an adversary's, in per cent.
    uint8 public adversaryPercent;
    /// @notice The rules of derivation that certificates of version 4 name.
    uint16 public derivationVersion;
    /// @notice How many versions of blobs there are.
    uint16 public blobVersionCount;
    /// @notice The quorums that every blob must be in, a bit each.
    uint256 public requiredQuorums;
    mapping(uint16 version => BlobVersion) public blobVersions;

    /// @notice Adds a version of blobs.
    function addBlobVersion(BlobVersion calldata version) external onlyOwner {
        blobVersions[blobVersionCount] = version;
        ++blobVersionCount;
    }

    /// @notice The version of the certificates that `checkDACert` takes.
    function certVersion() external pure returns (uint8) {
        return 3;
    }

    /// @notice 1 for a valid certificate of version 3, in the ABI's encoding, 6 for another.
    function checkDACert(bytes calldata certificate) external view returns (uint8) {
        try this.verify(3, certificate) {
            return VALID;
        } catch {
            return INVALID;
        }
    }

    /// @notice Reverts unless a certificate of version 2, 3 or 4, in the ABI's encoding, is valid.
    function verify(uint8 version, bytes calldata certificate) external view {
        if (certificate.length > SIZE_LIMIT) revert TooLong(certificate.length);
        if (version == 2) {
            Certificates.Version2 memory second = abi.decode(certificate, (Certificates.Version2));
            check(
                second.batchHeader,
                second.blobInclusionInfo,
                second.nonSignerStakesAndSignature,
                second.signedQuorumNumbers
            );
        } else if (version == 3) {
            Certificates.Version3 memory third = abi.decode(certificate, (Certificates.Version3));
            check(
                third.batchHeader,
                third.blobInclusionInfo,
                third.nonSignerStakesAndSignature,
                third.signedQuorumNumbers
            );
        } else if (version == 4) {
            Certificates.Version4 memory fourth = abi.decode(certificate, (Certificates.Version4));
            if (fourth.offchainDerivationVersion != derivationVersion) {
                revert WrongDerivationVersion(fourth.offchainDerivationVersion);
            }
            check(
                fourth.batchHeader,
                fourth.blobInclusionInfo,
                fourth.nonSignerStakesAndSignature,
                fourth.signedQuorumNumbers
            );
        } else {
            revert UnknownCertificateVersion(version);
        }
    }

    function check(
        Certificates.BatchHeader memory batch,
        Certificates.BlobInclusion memory inclusion,
        Certificates.Attestation memory attestation,
        bytes memory signedQuorums
    ) private view {
        if (!Certificates.isIncluded(inclusion, batch.batchRoot)) revert NotIncluded();
        Certificates.BlobHeader memory header = inclusion.blobCertificate.blobHeader;
        checkSecurity(header.version);
        if (signedQuorums.length > QUORUM_LIMIT) revert TooManyQuorums(signedQuorums.length);
        uint256 missing = 0;
        for (uint256 i = 0; i < attestation.nonSignerStakeIndices.length; ++i) {
            missing += attestation.nonSignerStakeIndices[i].length;
        }
        if (missing > NON_SIGNER_LIMIT) revert TooManyNonSigners(missing);

        uint256 confirmed = confirmedQuorums(batch, attestation, signedQuorums);
        (bool ordered, uint256 blobQuorums) = bitmap(header.quorumNumbers);
        if (!ordered || blobQuorums & ~confirmed != 0) revert BlobQuorumsNotConfirmed();
        if (requiredQuorums & ~blobQuorums != 0) revert RequiredQuorumsMissing();
    }

    /// An adversary must not be able to withhold what a blob is put together from.
    function checkSecurity(uint16 version) private view {
        if (version >= blobVersionCount) revert UnknownBlobVersion(version);
        BlobVersion memory coding = blobVersions[version];
        if (
            confirmationPercent < adversaryPercent || coding.operatorLimit > coding.chunkCount
                || uint256(coding.codingRate) * (coding.chunkCount - coding.operatorLimit)
                    * (confirmationPercent - adversaryPercent) < 100 * uint256(coding.chunkCount)
        ) revert SecurityAssumptionsNotMet();
    }

    /*//////////////////////////////////////////////////////////////
                              ATTESTATION
    //////////////////////////////////////////////////////////////*/

    /// The quorums of whose stake enough signed; reverts unless all but the non-signers did sign.
    function confirmedQuorums(
        Certificates.BatchHeader memory batch,
        Certificates.Attestation memory attestation,
        bytes memory signedQuorums
    ) private view returns (uint256 confirmed) {
        uint256 count = signedQuorums.length;
        if (count == 0) revert NoQuorum();
        if (
            attestation.quorumApks.length != count || attestation.quorumApkIndices.length != count
                || attestation.totalStakeIndices.length != count
                || attestation.nonSignerStakeIndices.length != count
                || attestation.nonSignerPubkeys.length != attestation.nonSignerQuorumBitmapIndices.length
        ) revert ListsDiffer();
        uint32 at = batch.referenceBlockNumber;
        if (at >= block.number) revert ReferenceBlockNotPast(at);
        (bool ordered, uint256 signed) = bitmap(signedQuorums);
        if (!ordered) revert InvalidQuorums();
        for (uint256 i = 0; i < count; ++i) {
            bytes32 history = registry.quorumKeys(uint8(signedQuorums[i]));
            if (!registry.hasBegun(history, at)) revert InvalidQuorums();
        }
        (bytes32[] memory operators, uint256[] memory quorums) = nonSigners(attestation, at);
        for (uint256 i = 0; i < count; ++i) {
            uint8 quorum = uint8(signedQuorums[i]);
            if (isConfirmed(attestation, i, quorum, at, operators, quorums)) confirmed |= 1 << quorum;
        }
        checkSignature(Certificates.hash(batch), attestation, quorums, signed);
    }

    /// The identifiers of the non-signers, and the quorums that each was in.
    function nonSigners(Certificates.Attestation memory attestation, uint32 at)
        private
        view
        returns (bytes32[] memory operators, uint256[] memory quorums)
    {
        uint256 count = attestation.nonSignerPubkeys.length;
        operators = new bytes32[](count);
        quorums = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            operators[i] = BN254.hash(attestation.nonSignerPubkeys[i]);
            if (i > 0 && operators[i - 1] >= operators[i]) revert NonSignersUnsorted();
            (bool found, uint192 value) = registry.valueAt(
                registry.bitmaps(operators[i]), attestation.nonSignerQuorumBitmapIndices[i], at
            );
            if (!found) revert UnknownNonSigner(i);
            quorums[i] = value;
        }
    }

    /// Whether enough of one quorum's stake signed.
    function isConfirmed(
        Certificates.Attestation memory attestation,
        uint256 index,
        uint8 quorum,
        uint32 at,
        bytes32[] memory operators,
        uint256[] memory quorums
    ) private view returns (bool) {
        (bool found, uint192 value) =
            registry.valueAt(registry.quorumKeys(quorum), attestation.quorumApkIndices[index], at);
        if (!found || bytes24(value) != bytes24(BN254.hash(attestation.quorumApks[index]))) {
            revert WrongQuorumKey(quorum);
        }
        (found, value) = registry.valueAt(registry.totalStakes(quorum), attestation.totalStakeIndices[index], at);
        if (!found) revert WrongStakeIndex(quorum);
        uint256 missing =
            missingStake(attestation.nonSignerStakeIndices[index], quorum, at, operators, quorums);
        if (missing > value) revert WrongStakeIndex(quorum);
        return (value - missing) * 100 >= uint256(value) * confirmationPercent;
    }

    /// The stake of a quorum's non-signers.
    function missingStake(
        uint32[] memory indices,
        uint8 quorum,
        uint32 at,
        bytes32[] memory operators,
        uint256[] memory quorums
    ) private view returns (uint256 missing) {
        uint256 position = 0;
        for (uint256 i = 0; i < operators.length; ++i) {
            if (quorums[i] >> quorum & 1 == 0) continue;
            if (position >= indices.length) revert WrongStakeIndex(quorum);
            bytes32 history = registry.stakes(operators[i], quorum);
            (bool found, uint192 value) = registry.valueAt(history, indices[position], at);
            if (!found) revert WrongStakeIndex(quorum);
            missing += value;
            ++position;
        }
    }

    /// One check for two facts: the key in G2 is that of the quorums less the non-signers, each as
    /// often as it is in a quorum that signed, and it signed the digest.
    function checkSignature(
        bytes32 digest,
        Certificates.Attestation memory attestation,
        uint256[] memory quorums,
        uint256 signedQuorums
    ) private view {
        BN254.G1 memory key = BN254.G1(0, 0);
        for (uint256 i = 0; i < attestation.quorumApks.length; ++i) {
            key = BN254.sum(key, attestation.quorumApks[i]);
        }
        for (uint256 i = 0; i < quorums.length; ++i) {
            uint256 count = bitCount(quorums[i] & signedQuorums);
            key = BN254.sum(key, BN254.negated(BN254.product(attestation.nonSignerPubkeys[i], count)));
        }
        uint256 weight = uint256(
            keccak256(abi.encode(digest, key, attestation.apkG2, attestation.sigma))
        );
        bool holds = BN254.pairingIsOne(
            BN254.sum(attestation.sigma, BN254.product(key, weight)),
            BN254.negatedGenerator2(),
            BN254.sum(BN254.fromDigest(digest), BN254.product(BN254.generator1(), weight)),
            attestation.apkG2
        );
        if (!holds) revert WrongAttestation();
    }

    /// The set of quorums, a bit each, if they are in ascending order.
    function bitmap(bytes memory quorums) private pure returns (bool ordered, uint256 set) {
        for (uint256 i = 0; i < quorums.length; ++i) {
            uint256 bit = 1 << uint8(quorums[i]);
            if (set >= bit) return (false, 0);
            set |= bit;
        }
        return (true, set);
    }

    function bitCount(uint256 set) private pure returns (uint256 count) {
        for (; set != 0; ++count) set &= set - 1;
    }
}
