// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// @notice Points of BN254, through the precompiled contracts; what is no point is an error there.
library BN254 {
    error InvalidPoint();

    struct G1 {
        uint256 X;
        uint256 Y;
    }

    /// @notice A point of G2; of each coordinate the coefficient of u comes first.
    struct G2 {
        uint256[2] X;
        uint256[2] Y;
    }

    uint256 internal constant P = 21888242871839275222246405745257275088696311157297823662689037894645226208583;

    function generator1() internal pure returns (G1 memory) {
        return G1(1, 2);
    }

    function negatedGenerator2() internal pure returns (G2 memory) {
        return G2(
            [
                11559732032986387107991004021392285783925812861821192530917403151452391805634,
                10857046999023057135944570762232829481370756359578518086990519993285655852781
            ],
            [
                17805874995975841540914202342111839520379459829704422454583296818431106115052,
                13392588948715843804641432497768002650278120570034223513918757245338268106653
            ]
        );
    }

    function negated(G1 memory point) internal pure returns (G1 memory) {
        return point.Y == 0 ? point : G1(point.X, P - point.Y % P);
    }

    function sum(G1 memory a, G1 memory b) internal view returns (G1 memory result) {
        uint256[4] memory input = [a.X, a.Y, b.X, b.Y];
        bool success;
        assembly ("memory-safe") {
            success := staticcall(gas(), 6, input, 128, result, 64)
        }
        if (!success) revert InvalidPoint();
    }

    function product(G1 memory point, uint256 factor) internal view returns (G1 memory result) {
        uint256[3] memory input = [point.X, point.Y, factor];
        bool success;
        assembly ("memory-safe") {
            success := staticcall(gas(), 7, input, 96, result, 64)
        }
        if (!success) revert InvalidPoint();
    }

    /// @notice Whether e(a, b) e(c, d) is one.
    function pairingIsOne(G1 memory a, G2 memory b, G1 memory c, G2 memory d) internal view returns (bool) {
        uint256[12] memory input =
            [a.X, a.Y, b.X[0], b.X[1], b.Y[0], b.Y[1], c.X, c.Y, d.X[0], d.X[1], d.Y[0], d.Y[1]];
        uint256 answer;
        bool success;
        assembly ("memory-safe") {
            success := staticcall(gas(), 8, input, 384, 0, 32)
            answer := mload(0)
        }
        if (!success) revert InvalidPoint();
        return answer == 1;
    }

    /// @notice The point that stands for a digest: that of the next x for which there is one.
    function fromDigest(bytes32 digest) internal view returns (G1 memory) {
        uint256 x = uint256(digest) % P;
        while (true) {
            uint256 square = addmod(mulmod(mulmod(x, x, P), x, P), 3, P);
            uint256 y = power(square, (P + 1) / 4);
            if (mulmod(y, y, P) == square) return G1(x, y);
            x = addmod(x, 1, P);
        }
        revert InvalidPoint();
    }

    function power(uint256 base, uint256 exponent) private view returns (uint256 result) {
        uint256[6] memory input = [32, 32, 32, base, exponent, P];
        assembly ("memory-safe") {
            if iszero(staticcall(gas(), 5, input, 192, 0, 32)) { revert(0, 0) }
            result := mload(0)
        }
    }

    function hash(G1 memory point) internal pure returns (bytes32) {
        return keccak256(abi.encode(point.X, point.Y));
    }
}
