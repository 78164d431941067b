// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// @notice Where a rollup's contracts lie: those of L1 where Opal's genesis places them, those of
/// L2 where every OP chain has them. They know each other by these addresses.
library L1 {
    address internal constant SYSTEM_CONFIG = 0x4f50414C00000000000000000000000000000101;
    address payable internal constant PORTAL = payable(0x4F50414c00000000000000000000000000000102);
    address internal constant MESSENGER = 0x4F50414C00000000000000000000000000000103;
    address payable internal constant BRIDGE = payable(0x4f50414C00000000000000000000000000000104);
    address internal constant TOKEN_FACTORY = 0x4f50414C00000000000000000000000000000105;
    address internal constant GAME_FACTORY = 0x4F50414C00000000000000000000000000000106;
    address internal constant ANCHORS = 0x4F50414C00000000000000000000000000000107;
    address internal constant SUPERCHAIN_CONFIG = 0x4f50414C00000000000000000000000000000109;
    address internal constant BATCH_INBOX = 0xFf00000000000000000000000000000000000901;
}

library L2 {
    address internal constant DEPOSITOR = 0xDeaDDEaDDeAdDeAdDEAdDEaddeAddEAdDEAd0001;
    address internal constant MESSENGER = 0x4200000000000000000000000000000000000007;
    address internal constant GAS_PRICE_ORACLE = 0x420000000000000000000000000000000000000F;
    address payable internal constant BRIDGE = payable(0x4200000000000000000000000000000000000010);
    address internal constant L1_BLOCK = 0x4200000000000000000000000000000000000015;
    address payable internal constant MESSAGE_PASSER = payable(0x4200000000000000000000000000000000000016);
}

library Senders {
    /// Who sends while no message is being relayed: nobody.
    address internal constant NOBODY = 0x000000000000000000000000000000000000dEaD;
    /// Whom gas estimates are made for; calls of it fail where others would be kept for later.
    address internal constant ESTIMATOR = address(1);
}
