// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Senders} from "./shared/Addresses.sol";
import {Calls} from "./shared/Calls.sol";
import {Messages} from "./shared/Messages.sol";

/// @notice Sends calls to the other layer and makes those that come from there.
///
/// A message is relayed once. One whose call fails is kept, and anybody may try it again with more
/// gas; its ether waits here meanwhile.
abstract contract CrossDomainMessenger {
    event SentMessage(address indexed target, address sender, bytes message, uint256 messageNonce, uint256 gasLimit);
    event SentMessageExtension1(address indexed sender, uint256 value);
    event RelayedMessage(bytes32 indexed msgHash);
    event FailedRelayedMessage(bytes32 indexed msgHash);

    uint16 public constant MESSAGE_VERSION = 1;
    uint64 public constant RELAY_CONSTANT_OVERHEAD = 200_000;
    uint64 public constant MIN_GAS_DYNAMIC_OVERHEAD_NUMERATOR = 64;
    uint64 public constant MIN_GAS_DYNAMIC_OVERHEAD_DENOMINATOR = 63;
    uint64 public constant MIN_GAS_CALLDATA_OVERHEAD = 16;
    uint64 public constant FLOOR_CALLDATA_OVERHEAD = 40;
    uint64 public constant RELAY_CALL_OVERHEAD = 40_000;
    uint64 public constant RELAY_RESERVED_GAS = 40_000;
    uint64 public constant RELAY_GAS_CHECK_BUFFER = 5_000;
    uint64 public constant TX_BASE_GAS = 21_000;
    uint64 public constant ENCODING_OVERHEAD = 260;

    /// @notice Messages that were relayed, by their hash.
    mapping(bytes32 => bool) public successfulMessages;

    address internal messageSender;
    uint240 internal nextNonce;

    /// @notice Messages whose call failed once, by their hash.
    mapping(bytes32 => bool) public failedMessages;

    /// @notice Sends a call to `target` on the other layer, with the ether of this one.
    function sendMessage(address target, bytes calldata message, uint32 minGasLimit) external payable {
        uint256 nonce = messageNonce();
        dispatch(
            otherMessenger(),
            baseGas(message, minGasLimit),
            msg.value,
            abi.encodeCall(this.relayMessage, (nonce, msg.sender, target, msg.value, minGasLimit, message))
        );
        emit SentMessage(target, msg.sender, message, nonce, minGasLimit);
        emit SentMessageExtension1(msg.sender, msg.value);
        ++nextNonce;
    }

    /// @notice Makes the call that the other messenger sends, or one that failed before.
    function relayMessage(
        uint256 nonce,
        address sender,
        address target,
        uint256 value,
        uint256 minGasLimit,
        bytes calldata message
    ) external payable {
        require(!paused(), "CrossDomainMessenger: paused");
        uint16 version = Messages.versionOf(nonce);
        require(version < 2, "CrossDomainMessenger: only version 0 or 1 messages are supported at this time");
        if (version == 0) {
            bytes32 legacyHash = Messages.hashVersion0(target, sender, message, nonce);
            require(!successfulMessages[legacyHash], "CrossDomainMessenger: legacy withdrawal already relayed");
        }
        bytes32 hash = Messages.hashVersion1(nonce, sender, target, value, minGasLimit, message);
        if (isOtherMessenger()) {
            assert(msg.value == value);
            assert(!failedMessages[hash]);
        } else {
            require(
                msg.value == 0, "CrossDomainMessenger: value must be zero unless message is from a system address"
            );
            require(failedMessages[hash], "CrossDomainMessenger: message cannot be replayed");
        }
        require(!isUnsafeTarget(target), "CrossDomainMessenger: cannot send message to blocked system address");
        require(!successfulMessages[hash], "CrossDomainMessenger: message has already been relayed");
        // A message within a message is kept for later, as is one with too little gas.
        if (
            !Calls.hasMinimumGas(minGasLimit, RELAY_RESERVED_GAS + RELAY_GAS_CHECK_BUFFER)
                || messageSender != Senders.NOBODY
        ) {
            fail(hash);
            return;
        }
        messageSender = sender;
        bool success = Calls.call(target, gasleft() - RELAY_RESERVED_GAS, value, message);
        messageSender = Senders.NOBODY;
        if (!success) {
            fail(hash);
            return;
        }
        // The call may have come back here.
        assert(!successfulMessages[hash]);
        successfulMessages[hash] = true;
        emit RelayedMessage(hash);
    }

    function fail(bytes32 hash) private {
        failedMessages[hash] = true;
        emit FailedRelayedMessage(hash);
        // An estimate must not take a failure for success.
        if (tx.origin == Senders.ESTIMATOR) revert("CrossDomainMessenger: failed to relay message");
    }

    /// @notice Who sent the message whose call this is, on the other layer.
    function xDomainMessageSender() external view returns (address) {
        require(messageSender != Senders.NOBODY, "CrossDomainMessenger: xDomainMessageSender is not set");
        return messageSender;
    }

    /// @notice The nonce of the next message, with its version.
    function messageNonce() public view returns (uint256) {
        return Messages.versionedNonce(nextNonce, MESSAGE_VERSION);
    }

    /// @notice The gas with which a message must be sent so that its call gets `minGasLimit`.
    function baseGas(bytes calldata message, uint32 minGasLimit) public pure returns (uint64) {
        uint64 execution = RELAY_CONSTANT_OVERHEAD + RELAY_CALL_OVERHEAD + RELAY_RESERVED_GAS
            + RELAY_GAS_CHECK_BUFFER
            + uint64(minGasLimit) * MIN_GAS_DYNAMIC_OVERHEAD_NUMERATOR / MIN_GAS_DYNAMIC_OVERHEAD_DENOMINATOR;
        uint64 size = uint64(message.length) + ENCODING_OVERHEAD;
        uint64 usual = execution + size * MIN_GAS_CALLDATA_OVERHEAD;
        uint64 floor = size * FLOOR_CALLDATA_OVERHEAD;
        return TX_BASE_GAS + (usual > floor ? usual : floor);
    }

    /// @notice The messenger of the other layer.
    function otherMessenger() public view virtual returns (address);

    /// @notice The messenger of the other layer, by its older name.
    function OTHER_MESSENGER() external view returns (address) {
        return otherMessenger();
    }

    /// @notice Whether nothing is relayed at present.
    function paused() public view virtual returns (bool) {
        return false;
    }

    function isOtherMessenger() internal view virtual returns (bool);

    function isUnsafeTarget(address target) internal view virtual returns (bool);

    function dispatch(address target, uint64 gasLimit, uint256 value, bytes memory data) internal virtual;
}
