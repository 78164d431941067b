import Cryptography
import Primitives

/// Why a contract refused: a custom error of Opal's contracts, or one of Solidity's own.
public struct ContractError: Hashable, Sendable {
  /// One argument of an error.
  public struct Argument: Hashable, Sendable {
    /// Its name in the contract.
    public var name: String
    /// Its value.
    public var value: ABIValue
  }

  /// The error's name.
  public var name: String
  /// Its arguments in their order.
  public var arguments: [Argument]

  /// Reads the output of a reverted call; nil for no output and for an unknown error.
  public init?(revertData: Bytes) {
    guard revertData.count >= 4 else { return nil }
    let selector = Bytes(revertData[..<4])
    guard
      let declaration = Self.declarations.first(where: { known in known.selector == selector }),
      let values = try? ABI.decode(declaration.types, revertData[4...])
    else { return nil }
    name = declaration.name
    arguments = zip(declaration.names, values).map { name, value in
      Argument(name: name, value: value)
    }
  }

  /// The error in words, such as "WrongFee(expected: 29011, stated: 1)".
  public var message: String {
    if name == "Error", let text = arguments.first?.value.asBytes {
      return String(decoding: text, as: UTF8.self)
    }
    let words = arguments.map { argument in argument.name + ": " + Self.text(argument.value) }
    return name + "(" + words.joined(separator: ", ") + ")"
  }

  private static func text(_ value: ABIValue) -> String {
    switch value {
    case .uint(let number), .int(let number): number.decimalString
    case .address(let address): address.hexadecimal
    case .bool(let flag): flag ? "true" : "false"
    case .string(let text): String(decoding: text, as: UTF8.self)
    case .fixedBytes(let bytes), .bytes(let bytes): Hexadecimal.encodePrefixed(bytes)
    case .array(let elements), .fixedArray(let elements), .tuple(let elements):
      "[" + elements.map(text).joined(separator: ", ") + "]"
    }
  }
}

extension ContractError {
  /// An error as its contract declares it, with the selector that its data starts with.
  struct Declaration: Sendable {
    let name: String
    let names: [String]
    let types: [ABIType]
    let selector: Bytes

    /// Reads a declaration such as "UnknownModel(bytes32 model)".
    init(_ text: String) {
      let parts = text.split(separator: "(", omittingEmptySubsequences: false)
      var names: [String] = []
      var types: [ABIType] = []
      for parameter in parts[1].dropLast().split(separator: ",") {
        let words = parameter.split(separator: " ")
        guard words.count == 2, let type = ABIType.parse(String(words[0])) else {
          preconditionFailure("errors are declared with a type and a name for each argument")
        }
        types.append(type)
        names.append(String(words[1]))
      }
      name = String(parts[0])
      self.names = names
      self.types = types
      let canonical = types.map { type in type.canonicalName }.joined(separator: ",")
      selector = ABI.selector(name + "(" + canonical + ")")
    }
  }

  /// Every error that Opal's contracts declare, and Solidity's own two.
  static let declarations: [Declaration] =
    [
      "Error(string message)",
      "Panic(uint256 code)",
      // DatanetRegistry
      "UnknownDatanet(uint256 datanet)",
      "UnknownContribution(uint256 datanet,uint256 contribution)",
      "NotDatanetOwner(uint256 datanet,address caller)",
      "NameLengthOutOfBounds(uint256 lengthInBytes)",
      "EmptyContent()",
      "DuplicateContent(uint256 datanet,bytes32 contentHash)",
      "AlreadyDecided(uint256 datanet,uint256 contribution)",
      // ModelMarket
      "UnknownModel(bytes32 model)",
      "ModelAlreadyRegistered(bytes32 model)",
      "ZeroModel()",
      "NotModelOwner(bytes32 model,address caller)",
      "DuplicateDatanet(uint256 datanet)",
      "TooManyDatanets(uint256 count)",
      "SplitNotWhole(uint256 sumInBasisPoints)",
      "ContributorsWithoutDatanet()",
      "EngineNotRegistered(address engine)",
      "EngineAlreadyRegistered(address engine)",
      "EngineNotAllowed(bytes32 model,address engine)",
      "PaymentFailed(address account)",
      // SignedUsage and Accounts
      "InvalidSignature()",
      "InsufficientBalance(address payer,uint256 balance,uint256 needed)",
      "AlreadyRevoked(address payer,uint256 nonce)",
      "NoWithdrawalRequested(address payer)",
      "WithdrawalNotReady(uint64 readyAt)",
      "NothingToPay(address account)",
      // Attribution
      "WrongPayerSignature(address expected,address recovered)",
      "WrongEngineSignature(address expected,address recovered)",
      "WrongAuthorization(bytes32 expected,bytes32 stated)",
      "WrongPayer(address expected,address stated)",
      "AuthorizationExpired(uint64 expiry)",
      "AuthorizationRevoked(address payer,uint256 nonce)",
      "ModelNotAuthorized(bytes32 model)",
      "MaximumFeeExceeded(uint256 maximumFee,uint256 total)",
      "WrongFee(uint256 expected,uint256 stated)",
      "FeeTooLarge(uint256 fee)",
      "ReceiptAlreadySettled(bytes32 receipt)",
      "SequenceAlreadyUsed(address engine,uint64 sequence)",
      "UnknownReceipt(bytes32 receipt)",
      "InvalidStretch(uint256 start,uint256 end,uint256 whole)",
      "InvalidProof(bytes32 receipt,address contributor)",
      "AlreadyClaimed(bytes32 receipt,address contributor)",
      "PoolExhausted(bytes32 receipt,uint256 remaining,uint256 amount)",
      // ERC20
      "InsufficientTokens(address account,uint256 balance,uint256 needed)",
      "InsufficientAllowance(address owner,address spender,uint256 allowed,uint256 needed)",
      "PermitExpired(uint256 deadline)",
      "WrongPermitSignature(address expected,address recovered)",
      // AnchorStateRegistry
      "AnchorStateRegistry_Unauthorized()",
      "AnchorStateRegistry_InvalidAnchorGame()",
      // Clones
      "CloneFailed()",
      // DisputeGameFactory
      "NoImplementation(uint32 gameType)",
      "IncorrectBondAmount()",
      "GameAlreadyExists(bytes32 uuid)",
      // OptimismPortal2
      "OptimismPortal_AlreadyFinalized()",
      "OptimismPortal_BadTarget()",
      "OptimismPortal_CallPaused()",
      "OptimismPortal_CalldataTooLarge()",
      "OptimismPortal_GasEstimation()",
      "OptimismPortal_GasLimitTooLow()",
      "OptimismPortal_ImproperDisputeGame()",
      "OptimismPortal_InvalidDisputeGame()",
      "OptimismPortal_InvalidMerkleProof()",
      "OptimismPortal_InvalidOutputRootProof()",
      "OptimismPortal_InvalidProofTimestamp()",
      "OptimismPortal_InvalidRootClaim()",
      "OptimismPortal_NoReentrancy()",
      "OptimismPortal_ProofNotOldEnough()",
      "OptimismPortal_Unproven()",
      // ProposalGame
      "AlreadyInitialized()",
      "BadAuth()",
      "BadExtraData()",
      "UnexpectedRootClaim(bytes32 rootClaim)",
      "GameNotInProgress()",
      "ClockNotExpired()",
      "GameNotFinalized()",
      "NoCreditToClaim()",
      "BondTransferFailed()",
      // ResourceMetering
      "OutOfGas()",
      // L1Block
      "NotDepositor()",
      // Calls
      "NotEnoughGas()",
      // MerkleTrie
      "InvalidTrieProof()",
      // Tokens
      "TokenTransferFailed(address token)",
      // BN254
      "InvalidPoint()",
      // CertificateVerifier
      "WrongDerivationVersion(uint16 derivationVersion)",
      "NotIncluded()",
      "UnknownBlobVersion(uint16 blobVersion)",
      "SecurityAssumptionsNotMet()",
      "TooManyQuorums(uint256 count)",
      "TooManyNonSigners(uint256 count)",
      "NoQuorum()",
      "ListsDiffer()",
      "ReferenceBlockNotPast(uint32 referenceBlock)",
      "InvalidQuorums()",
      "NonSignersUnsorted()",
      "UnknownNonSigner(uint256 index)",
      "WrongQuorumKey(uint8 quorum)",
      "WrongStakeIndex(uint8 quorum)",
      "WrongAttestation()",
      "TooLong(uint256 length)",
      "BlobQuorumsNotConfirmed()",
      "RequiredQuorumsMissing()",
      "UnknownCertificateVersion(uint8 certificateVersion)",
      // OperatorRegistry
      "BlockNotYet(uint32 fromBlock)",
      "BlockBeforeLast(uint32 fromBlock)",
    ].map { text in Declaration(text) }
}
