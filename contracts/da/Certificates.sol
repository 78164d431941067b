// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {BN254} from "./BN254.sol";

/// @notice Certificates that enough operators hold their chunks of a blob, as EigenDA lays them out.
library Certificates {
    /// @notice What the operators sign: the root over a batch's blobs, the block whose stakes count.
    struct BatchHeader {
        bytes32 batchRoot;
        uint32 referenceBlockNumber;
    }

    struct BlobCommitment {
        BN254.G1 commitment;
        BN254.G2 lengthCommitment;
        BN254.G2 lengthProof;
        uint32 length;
    }

    struct BlobHeader {
        uint16 version;
        bytes quorumNumbers;
        BlobCommitment commitment;
        bytes32 paymentHeaderHash;
    }

    struct BlobCertificate {
        BlobHeader blobHeader;
        bytes signature;
        uint32[] relayKeys;
    }

    /// @notice A blob, and the proof that a batch has it.
    struct BlobInclusion {
        BlobCertificate blobCertificate;
        uint32 blobIndex;
        bytes inclusionProof;
    }

    /// @notice Who did not sign, and where the registry says what their part is.
    struct Attestation {
        uint32[] nonSignerQuorumBitmapIndices;
        BN254.G1[] nonSignerPubkeys;
        BN254.G1[] quorumApks;
        BN254.G2 apkG2;
        BN254.G1 sigma;
        uint32[] quorumApkIndices;
        uint32[] totalStakeIndices;
        uint32[][] nonSignerStakeIndices;
    }

    struct Version2 {
        BlobInclusion blobInclusionInfo;
        BatchHeader batchHeader;
        Attestation nonSignerStakesAndSignature;
        bytes signedQuorumNumbers;
    }

    struct Version3 {
        BatchHeader batchHeader;
        BlobInclusion blobInclusionInfo;
        Attestation nonSignerStakesAndSignature;
        bytes signedQuorumNumbers;
    }

    struct Version4 {
        BatchHeader batchHeader;
        BlobInclusion blobInclusionInfo;
        Attestation nonSignerStakesAndSignature;
        bytes signedQuorumNumbers;
        uint16 offchainDerivationVersion;
    }

    function hash(BatchHeader memory header) internal pure returns (bytes32) {
        return keccak256(abi.encode(header));
    }

    /// @notice The leaf of the batch's tree.
    function hash(BlobCertificate memory certificate) internal pure returns (bytes32) {
        BlobHeader memory header = certificate.blobHeader;
        bytes32 inner = keccak256(abi.encode(header.version, header.quorumNumbers, header.commitment));
        bytes32 headerHash = keccak256(abi.encode(inner, header.paymentHeaderHash));
        return keccak256(abi.encode(headerHash, certificate.signature, certificate.relayKeys));
    }

    /// @notice Whether a batch's tree has the blob. Bits of the index beyond the proof do not count.
    function isIncluded(BlobInclusion memory inclusion, bytes32 root) internal pure returns (bool) {
        bytes memory proof = inclusion.inclusionProof;
        if (proof.length % 32 != 0 || proof.length > 256 * 32) return false;
        bytes32 node = keccak256(abi.encode(hash(inclusion.blobCertificate)));
        uint256 index = inclusion.blobIndex;
        for (uint256 position = 32; position <= proof.length; position += 32) {
            bytes32 sibling;
            assembly ("memory-safe") {
                sibling := mload(add(proof, position))
            }
            node = index & 1 == 0
                ? keccak256(abi.encode(node, sibling))
                : keccak256(abi.encode(sibling, node));
            index >>= 1;
        }
        return node == root;
    }
}
