// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

interface IToken {
    function transfer(address to, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
    function balanceOf(address account) external view returns (uint256);
}

/// Two tokens exchanged along a constant product, as the first exchanges did it.
contract Exchange {
    IToken public immutable first;
    IToken public immutable second;
    uint112 private firstReserve;
    uint112 private secondReserve;
    uint32 private lastTimestamp;
    uint256 public cumulativePrice;

    event Swap(address indexed sender, uint256 paid, uint256 received, bool paidFirst);

    error Insufficient(uint256 received, uint256 wanted);

    constructor(IToken first_, IToken second_) {
        first = first_;
        second = second_;
    }

    /// Takes what the exchange owns as its reserves.
    function sync() public {
        _update(first.balanceOf(address(this)), second.balanceOf(address(this)));
    }

    /// Pays in one token and receives the other, less 0.3 per cent.
    function swap(bool paysFirst, uint256 paid, uint256 wanted) external returns (uint256 received) {
        (uint256 from, uint256 to) =
            paysFirst ? (firstReserve, secondReserve) : (secondReserve, firstReserve);
        uint256 counted = paid * 997;
        received = counted * to / (from * 1000 + counted);
        if (received < wanted || received == 0) revert Insufficient(received, wanted);
        (IToken payment, IToken goods) = paysFirst ? (first, second) : (second, first);
        require(payment.transferFrom(msg.sender, address(this), paid));
        require(goods.transfer(msg.sender, received));
        sync();
        emit Swap(msg.sender, paid, received, paysFirst);
    }

    function _update(uint256 firstBalance, uint256 secondBalance) private {
        uint32 timestamp = uint32(block.timestamp);
        if (firstReserve != 0 && timestamp != lastTimestamp) {
            cumulativePrice += (uint256(secondReserve) << 112) / firstReserve
                * (timestamp - lastTimestamp);
        }
        (firstReserve, secondReserve) = (uint112(firstBalance), uint112(secondBalance));
        lastTimestamp = timestamp;
    }
}
