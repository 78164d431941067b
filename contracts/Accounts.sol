// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// @notice What payers have deposited, and what others have earned: the money that `Attribution` holds.
///
/// Leaving takes notice. A withdrawal and a revocation take effect `NOTICE` after they are asked for,
/// so that a payer cannot be served and be gone before the settlement. An engine serves against
/// `spendableBalanceOf` and only while `revokedAt` is zero, and settles within the notice.
abstract contract Accounts {
    /*//////////////////////////////////////////////////////////////
                                 ERRORS
    //////////////////////////////////////////////////////////////*/

    error InsufficientBalance(address payer, uint256 balance, uint256 needed);
    error AlreadyRevoked(address payer, uint256 nonce);
    error NoWithdrawalRequested(address payer);
    error WithdrawalNotReady(uint64 readyAt);
    error NothingToPay(address account);
    error PaymentFailed(address account);

    /*//////////////////////////////////////////////////////////////
                                 EVENTS
    //////////////////////////////////////////////////////////////*/

    event Deposited(address indexed payer, uint256 amount);
    event WithdrawalRequested(address indexed payer, uint256 amount, uint64 readyAt);
    event Withdrawn(address indexed payer, uint256 amount);
    event RevocationRequested(address indexed payer, uint256 indexed nonce, uint64 effectiveAt);
    event EarningsPaid(address indexed account, uint256 amount);

    /*//////////////////////////////////////////////////////////////
                                 STORAGE
    //////////////////////////////////////////////////////////////*/

    struct Withdrawal {
        uint192 amount;
        uint64 readyAt;
    }

    /// @notice How long a withdrawal and a revocation wait.
    uint64 public constant NOTICE = 1 hours;

    /// @notice What a payer has deposited and not yet spent, in wei.
    mapping(address payer => uint256) public balanceOf;

    /// @notice What a payer has asked to withdraw, and from when it can.
    mapping(address payer => Withdrawal) public withdrawalOf;

    /// @notice From when a payer's authorisations of a nonce are void; zero if they are not revoked.
    mapping(address payer => mapping(uint256 nonce => uint64)) public revokedAt;

    /// @notice What an owner, engine or contributor has earned and not yet been paid, in wei.
    mapping(address account => uint256) public earningsOf;

    /*//////////////////////////////////////////////////////////////
                                 PAYERS
    //////////////////////////////////////////////////////////////*/

    /// @notice Adds to the caller's balance.
    function deposit() external payable {
        balanceOf[msg.sender] += msg.value;
        emit Deposited(msg.sender, msg.value);
    }

    /// @notice Asks to take out an amount, in `NOTICE` from now; it replaces an earlier request, and an
    /// amount of zero drops it. Until it is withdrawn it still pays for receipts.
    function requestWithdrawal(uint192 amount) external {
        if (amount > balanceOf[msg.sender]) revert InsufficientBalance(msg.sender, balanceOf[msg.sender], amount);

        uint64 readyAt = amount == 0 ? 0 : uint64(block.timestamp) + NOTICE;
        withdrawalOf[msg.sender] = Withdrawal(amount, readyAt);
        emit WithdrawalRequested(msg.sender, amount, readyAt);
    }

    /// @notice Takes out what was asked for, or what settlements have left of it.
    function withdraw() external {
        Withdrawal memory request = withdrawalOf[msg.sender];
        if (request.readyAt == 0) revert NoWithdrawalRequested(msg.sender);
        if (block.timestamp < request.readyAt) revert WithdrawalNotReady(request.readyAt);
        uint256 balance = balanceOf[msg.sender];
        uint256 amount = request.amount < balance ? request.amount : balance;

        delete withdrawalOf[msg.sender];
        balanceOf[msg.sender] = balance - amount;
        emit Withdrawn(msg.sender, amount);
        pay(msg.sender, amount);
    }

    /// @notice Voids the caller's authorisations of a nonce, in `NOTICE` from now.
    function revoke(uint256 nonce) external {
        if (revokedAt[msg.sender][nonce] != 0) revert AlreadyRevoked(msg.sender, nonce);

        uint64 effectiveAt = uint64(block.timestamp) + NOTICE;
        revokedAt[msg.sender][nonce] = effectiveAt;
        emit RevocationRequested(msg.sender, nonce, effectiveAt);
    }

    /// @notice What an engine can count on: the balance without what is about to be withdrawn.
    function spendableBalanceOf(address payer) external view returns (uint256) {
        uint256 balance = balanceOf[payer];
        uint256 leaving = withdrawalOf[payer].amount;
        return leaving < balance ? balance - leaving : 0;
    }

    /*//////////////////////////////////////////////////////////////
                                EARNERS
    //////////////////////////////////////////////////////////////*/

    /// @notice Pays the caller all it has earned.
    function withdrawEarnings() external {
        uint256 amount = earningsOf[msg.sender];
        if (amount == 0) revert NothingToPay(msg.sender);

        earningsOf[msg.sender] = 0;
        emit EarningsPaid(msg.sender, amount);
        pay(msg.sender, amount);
    }

    /*//////////////////////////////////////////////////////////////
                                INTERNAL
    //////////////////////////////////////////////////////////////*/

    /// Takes a fee out of a payer's balance.
    function charge(address payer, uint256 amount) internal {
        uint256 balance = balanceOf[payer];
        if (amount > balance) revert InsufficientBalance(payer, balance, amount);
        // Cannot underflow: compared just above.
        unchecked {
            balanceOf[payer] = balance - amount;
        }
    }

    /// Sends money out. Callers have already written down that it is gone, so calling back gains nothing.
    function pay(address account, uint256 amount) private {
        (bool isPaid,) = account.call{value: amount}("");
        if (!isPaid) revert PaymentFailed(account);
    }
}
