// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {CrossDomainMessenger} from "./CrossDomainMessenger.sol";
import {IERC165, ILegacyMintableERC20, IOptimismMintableERC20, Tokens} from "./shared/Tokens.sol";
import {Calls} from "./shared/Calls.sol";

/// @notice Moves ether and ERC-20 tokens between the layers: locked here and minted there, or
/// burnt here and released there.
abstract contract StandardBridge {
    event ETHBridgeInitiated(address indexed from, address indexed to, uint256 amount, bytes extraData);
    event ETHBridgeFinalized(address indexed from, address indexed to, uint256 amount, bytes extraData);
    event ERC20BridgeInitiated(
        address indexed localToken,
        address indexed remoteToken,
        address indexed from,
        address to,
        uint256 amount,
        bytes extraData
    );
    event ERC20BridgeFinalized(
        address indexed localToken,
        address indexed remoteToken,
        address indexed from,
        address to,
        uint256 amount,
        bytes extraData
    );

    uint32 internal constant RECEIVE_DEFAULT_GAS_LIMIT = 200_000;

    /// @notice How much of a local token is locked for a remote one.
    mapping(address localToken => mapping(address remoteToken => uint256)) public deposits;

    modifier onlyEOA() {
        require(
            Calls.isSenderExternallyOwned(), "StandardBridge: function can only be called from an EOA"
        );
        _;
    }

    modifier onlyOtherBridge() {
        require(
            msg.sender == messenger()
                && CrossDomainMessenger(messenger()).xDomainMessageSender() == otherBridge(),
            "StandardBridge: function can only be called from the other bridge"
        );
        _;
    }

    /// @notice This layer's messenger.
    function messenger() public view virtual returns (address);

    /// @notice The bridge on the other layer.
    function otherBridge() public view virtual returns (address);

    /// @notice Whether nothing arrives at present.
    function paused() public view virtual returns (bool) {
        return false;
    }

    function MESSENGER() external view returns (address) {
        return messenger();
    }

    function OTHER_BRIDGE() external view returns (address) {
        return otherBridge();
    }

    /*//////////////////////////////////////////////////////////////
                                SENDING
    //////////////////////////////////////////////////////////////*/

    function bridgeETH(uint32 minGasLimit, bytes calldata extraData) public payable onlyEOA {
        initiateETH(msg.sender, msg.sender, msg.value, minGasLimit, extraData);
    }

    function bridgeETHTo(address to, uint32 minGasLimit, bytes calldata extraData) public payable {
        initiateETH(msg.sender, to, msg.value, minGasLimit, extraData);
    }

    function bridgeERC20(
        address localToken,
        address remoteToken,
        uint256 amount,
        uint32 minGasLimit,
        bytes calldata extraData
    ) public virtual onlyEOA {
        initiateERC20(localToken, remoteToken, msg.sender, msg.sender, amount, minGasLimit, extraData);
    }

    function bridgeERC20To(
        address localToken,
        address remoteToken,
        address to,
        uint256 amount,
        uint32 minGasLimit,
        bytes calldata extraData
    ) public virtual {
        initiateERC20(localToken, remoteToken, msg.sender, to, amount, minGasLimit, extraData);
    }

    function initiateETH(address from, address to, uint256 amount, uint32 minGasLimit, bytes memory extraData)
        internal
    {
        require(msg.value == amount, "StandardBridge: bridging ETH must include sufficient ETH value");
        tellETHInitiated(from, to, amount, extraData);
        CrossDomainMessenger(messenger()).sendMessage{value: amount}(
            otherBridge(), abi.encodeCall(this.finalizeBridgeETH, (from, to, amount, extraData)), minGasLimit
        );
    }

    function initiateERC20(
        address localToken,
        address remoteToken,
        address from,
        address to,
        uint256 amount,
        uint32 minGasLimit,
        bytes memory extraData
    ) internal {
        require(msg.value == 0, "StandardBridge: cannot send value");
        if (isMintable(localToken)) {
            require(
                isPair(localToken, remoteToken),
                "StandardBridge: wrong remote token for Optimism Mintable ERC20 local token"
            );
            IOptimismMintableERC20(localToken).burn(from, amount);
        } else {
            Tokens.transferFrom(localToken, from, address(this), amount);
            deposits[localToken][remoteToken] += amount;
        }
        tellERC20Initiated(localToken, remoteToken, from, to, amount, extraData);
        // The other bridge sees both tokens from its side.
        CrossDomainMessenger(messenger()).sendMessage(
            otherBridge(),
            abi.encodeCall(
                this.finalizeBridgeERC20, (remoteToken, localToken, from, to, amount, extraData)
            ),
            minGasLimit
        );
    }

    /*//////////////////////////////////////////////////////////////
                                ARRIVING
    //////////////////////////////////////////////////////////////*/

    function finalizeBridgeETH(address from, address to, uint256 amount, bytes calldata extraData)
        public
        payable
        onlyOtherBridge
    {
        require(!paused(), "StandardBridge: paused");
        require(msg.value == amount, "StandardBridge: amount sent does not match amount required");
        require(to != address(this), "StandardBridge: cannot send to self");
        require(to != messenger(), "StandardBridge: cannot send to messenger");
        tellETHFinalized(from, to, amount, extraData);
        require(Calls.call(to, gasleft(), amount, ""), "StandardBridge: ETH transfer failed");
    }

    function finalizeBridgeERC20(
        address localToken,
        address remoteToken,
        address from,
        address to,
        uint256 amount,
        bytes calldata extraData
    ) public onlyOtherBridge {
        require(!paused(), "StandardBridge: paused");
        if (isMintable(localToken)) {
            require(
                isPair(localToken, remoteToken),
                "StandardBridge: wrong remote token for Optimism Mintable ERC20 local token"
            );
            IOptimismMintableERC20(localToken).mint(to, amount);
        } else {
            deposits[localToken][remoteToken] -= amount;
            Tokens.transfer(localToken, to, amount);
        }
        tellERC20Finalized(localToken, remoteToken, from, to, amount, extraData);
    }

    /*//////////////////////////////////////////////////////////////
                                 TOKENS
    //////////////////////////////////////////////////////////////*/

    function isMintable(address token) private view returns (bool) {
        return Tokens.hasInterface(token, type(IERC165).interfaceId)
            && (
                Tokens.hasInterface(token, type(ILegacyMintableERC20).interfaceId)
                    || Tokens.hasInterface(token, type(IOptimismMintableERC20).interfaceId)
            );
    }

    function isPair(address mintable, address other) private view returns (bool) {
        if (Tokens.hasInterface(mintable, type(ILegacyMintableERC20).interfaceId)) {
            return other == ILegacyMintableERC20(mintable).l1Token();
        }
        return other == IOptimismMintableERC20(mintable).remoteToken();
    }

    /*//////////////////////////////////////////////////////////////
                                 EVENTS
    //////////////////////////////////////////////////////////////*/

    function tellETHInitiated(address from, address to, uint256 amount, bytes memory extraData)
        internal
        virtual
    {
        emit ETHBridgeInitiated(from, to, amount, extraData);
    }

    function tellETHFinalized(address from, address to, uint256 amount, bytes memory extraData)
        internal
        virtual
    {
        emit ETHBridgeFinalized(from, to, amount, extraData);
    }

    function tellERC20Initiated(
        address localToken,
        address remoteToken,
        address from,
        address to,
        uint256 amount,
        bytes memory extraData
    ) internal virtual {
        emit ERC20BridgeInitiated(localToken, remoteToken, from, to, amount, extraData);
    }

    function tellERC20Finalized(
        address localToken,
        address remoteToken,
        address from,
        address to,
        uint256 amount,
        bytes memory extraData
    ) internal virtual {
        emit ERC20BridgeFinalized(localToken, remoteToken, from, to, amount, extraData);
    }
}
