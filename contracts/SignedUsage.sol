// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// @notice The two things that are signed for each use, as EIP-712 typed data.
///
/// The domain is computed at run time: these contracts have no constructor, they are placed by
/// genesis, so nothing about the chain is known when they are compiled.
library SignedUsage {
    error InvalidSignature();

    /// @notice What a payer allows an engine to charge.
    /// @param payer Who pays, and signs this.
    /// @param engine Who may charge, and signs receipts.
    /// @param models The models and adapters that may be used.
    /// @param maximumFee The most that all receipts together may charge, in wei.
    /// @param expiry The last second, in Unix time, at which a receipt can be settled.
    /// @param nonce Tells authorisations apart; the payer revokes by it.
    struct Authorization {
        address payer;
        address engine;
        bytes32[] models;
        uint256 maximumFee;
        uint64 expiry;
        uint256 nonce;
    }

    /// @notice What an engine says it has done.
    /// @param authorization The digest of the payer's authorisation.
    /// @param model The model that was used, and `adapters` those used with it.
    /// @param requestHash Over the prompt, the parameters and the seed.
    /// @param outputHash Over what was generated.
    /// @param fee In wei; exactly what the market asks for these tokens.
    /// @param attributionRoot The contributor tree's root; zero if nobody contributed.
    /// @param sequence The engine's own number for this receipt, used once.
    struct Receipt {
        bytes32 authorization;
        address payer;
        bytes32 model;
        bytes32[] adapters;
        bytes32 requestHash;
        bytes32 outputHash;
        uint64 promptTokens;
        uint64 completionTokens;
        uint256 fee;
        bytes32 attributionRoot;
        uint64 sequence;
    }

    bytes32 internal constant DOMAIN_TYPE = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 internal constant AUTHORIZATION_TYPE = keccak256(
        "Authorization(address payer,address engine,bytes32[] models,uint256 maximumFee,uint64 expiry,uint256 nonce)"
    );
    bytes32 internal constant RECEIPT_TYPE = keccak256(
        "Receipt(bytes32 authorization,address payer,bytes32 model,bytes32[] adapters,bytes32 requestHash,"
        "bytes32 outputHash,uint64 promptTokens,uint64 completionTokens,uint256 fee,bytes32 attributionRoot,"
        "uint64 sequence)"
    );

    /// Half the order of secp256k1: of the two signatures (s and n - s) only the low one counts.
    uint256 internal constant HALF_CURVE_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @notice The EIP-712 domain separator of the calling contract on this chain.
    function domainSeparator() internal view returns (bytes32) {
        return keccak256(
            abi.encode(DOMAIN_TYPE, keccak256("Opal"), keccak256("1"), block.chainid, address(this))
        );
    }

    /// @notice The digest that the payer signs; it also names the authorisation.
    function digest(Authorization calldata value) internal view returns (bytes32) {
        return typed(
            keccak256(
                abi.encode(
                    AUTHORIZATION_TYPE,
                    value.payer,
                    value.engine,
                    keccak256(abi.encodePacked(value.models)),
                    value.maximumFee,
                    value.expiry,
                    value.nonce
                )
            )
        );
    }

    /// @notice The digest that the engine signs; it also names the receipt.
    function digest(Receipt calldata value) internal view returns (bytes32) {
        // All fields are words, so two halves joined are the encoding of the whole: one call of
        // `abi.encode` would need more stack than the machine lets us reach.
        bytes memory head = abi.encode(
            RECEIPT_TYPE,
            value.authorization,
            value.payer,
            value.model,
            keccak256(abi.encodePacked(value.adapters)),
            value.requestHash
        );
        bytes memory tail = abi.encode(
            value.outputHash,
            value.promptTokens,
            value.completionTokens,
            value.fee,
            value.attributionRoot,
            value.sequence
        );
        return typed(keccak256(bytes.concat(head, tail)));
    }

    /// @notice The signer of a digest: 65 bytes r, s, v, with a low s and v 27 or 28.
    function signer(bytes32 hash, bytes calldata signature) internal pure returns (address account) {
        if (signature.length != 65) revert InvalidSignature();
        bytes32 r = bytes32(signature[0:32]);
        bytes32 s = bytes32(signature[32:64]);
        uint8 v = uint8(signature[64]);
        if (uint256(s) > HALF_CURVE_ORDER || (v != 27 && v != 28)) revert InvalidSignature();

        // The precompile answers zero for an r or s of zero or out of range.
        account = ecrecover(hash, v, r, s);
        if (account == address(0)) revert InvalidSignature();
    }

    function typed(bytes32 structHash) private view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", domainSeparator(), structHash));
    }
}
