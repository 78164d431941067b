import Cryptography
import EVM
import Execution
import NativeCryptography
import Primitives

/// Gives a case its transaction.
struct TransactionGenerator {
  let world: FuzzWorld
  let peer: CaseGenerator.Peer

  /// Fills in a transaction of a kind that the fork knows.
  func fill(_ fuzzCase: inout FuzzCase, _ random: inout SplitMix) {
    let sender = world.sender.address
    let own = fuzzCase.accounts.first { $0.address == sender }?.account ?? GenesisAccount()
    var transaction = fuzzCase.transaction
    transaction.kind = kind(&random)
    if transaction.kind != .legacy { transaction.chainID = 1 }
    transaction.nonce = own.nonce
    if random.oneIn(150) { transaction.nonce &+= random.oneIn(2) ? 1 : .max }
    target(&transaction, &random)
    prices(&transaction, fuzzCase.header, &random)
    lists(&transaction, &random)
    transaction.value = value(own, &random)
    gasLimit(&transaction, &random)
    if transaction.kind == .setCode {
      transaction.authorizations = authorizations(own.nonce, &random)
    }
    fuzzCase.transaction = transaction
  }

  private func kind(_ random: inout SplitMix) -> TransactionKind {
    var kinds: [(weight: Int, element: TransactionKind)] = [(6, .legacy)]
    if world.fork >= .berlin { kinds.append((4, .accessList)) }
    if world.fork >= .london { kinds.append((4, .dynamicFee)) }
    if world.fork >= .cancun { kinds.append((2, .blob)) }
    if world.fork >= .prague { kinds.append((6, .setCode)) }
    return random.pick(weighted: kinds)
  }

  private func target(_ transaction: inout Transaction, _ random: inout SplitMix) {
    switch random.below(12) {
    case 0..<2 where transaction.kind != .blob && transaction.kind != .setCode:
      transaction.to = nil
      var program = ProgramGenerator(
        SplitMix(seed: random.next()), world: world, position: 0)
      transaction.data = program.initCode()
      if world.fork >= .shanghai, random.oneIn(40) {
        let size = random.pick([49_151, 49_152, 49_153])
        transaction.data += Bytes(repeating: 0, count: max(0, size - transaction.data.count))
      }
      return
    case 2: transaction.to = world.address(&random)
    case 3 where random.oneIn(2):
      let address = random.pick(world.precompiles)
      transaction.to = address
      transaction.data = PrecompileInputs(world).input(UInt256(address).lowUInt64, &random)
      return
    default: transaction.to = random.oneIn(3) ? random.pick(world.contracts) : world.contracts[0]
    }
    switch random.below(10) {
    case 0: transaction.data = random.bytes(random.below(1500))
    case 1: transaction.data = Bytes(repeating: 0, count: random.below(2000))
    case 2..<6: transaction.data = random.bytes(random.below(100))
    default: break
    }
  }

  private func prices(
    _ transaction: inout Transaction, _ header: BlockHeader, _ random: inout SplitMix
  ) {
    let base = header.baseFee ?? .zero
    transaction.maxFeePerGas = base &+ UInt256(UInt64(random.oneIn(12) ? 0 : random.below(50)))
    if transaction.hasDynamicFee {
      let tip = min(transaction.maxFeePerGas, UInt256(UInt64(random.below(20))))
      transaction.maxPriorityFeePerGas = tip
      if random.oneIn(150), peer == .eels {
        transaction.maxPriorityFeePerGas = transaction.maxFeePerGas &+ .one
      }
    } else {
      transaction.maxPriorityFeePerGas = transaction.maxFeePerGas
    }
    if random.oneIn(100), peer == .eels, !base.isZero, !transaction.hasDynamicFee {
      transaction.maxFeePerGas = base &- .one
      transaction.maxPriorityFeePerGas = transaction.maxFeePerGas
    }
    guard transaction.kind == .blob else { return }
    transaction.blobHashes = (0..<random.number(1...3)).map { _ in
      var bytes = random.bytes(32)
      bytes[0] = random.oneIn(60) ? 2 : 1
      return Hash(bytes)
    }
    if random.oneIn(80) { transaction.blobHashes = [] }
    if random.oneIn(60) {
      transaction.blobHashes += Array(repeating: Hash(UInt256.one << 248), count: 6)
    }
    transaction.maxFeePerBlobGas = random.oneIn(60) ? .zero : 1 << 40
  }

  private func lists(_ transaction: inout Transaction, _ random: inout SplitMix) {
    guard transaction.kind != .legacy else { return }
    transaction.accessList = (0..<random.below(4)).map { _ in
      AccessListEntry(
        address: random.oneIn(3) ? world.address(&random) : random.pick(world.contracts),
        storageKeys: (0..<random.below(4)).map { _ in UInt256(UInt64(random.below(5))) })
    }
  }

  private func value(_ own: GenesisAccount, _ random: inout SplitMix) -> UInt256 {
    switch random.below(30) {
    case 0..<18: .zero
    case 18..<26: UInt256(UInt64(random.below(1000)))
    case 26..<29: UInt256(random.next())
    // A peer that is asked after paying would not refuse just here.
    default: peer == .eels ? own.balance : UInt256(random.next())
    }
  }

  private func gasLimit(_ transaction: inout Transaction, _ random: inout SplitMix) {
    let intrinsic = transaction.intrinsicGas(world.fork)
    let least = max(intrinsic.gas, intrinsic.floor)
    switch random.below(40) {
    case 0: transaction.gasLimit = least &- 1
    case 1: transaction.gasLimit = least
    case 2..<5: transaction.gasLimit = least + UInt64(random.below(1000))
    case 5..<11: transaction.gasLimit = least + UInt64(random.below(40_000))
    case 15 where world.fork >= .osaka:
      transaction.gasLimit = 1 << 24 + UInt64(random.below(2))
    case 16..<20 where !world.isSlow: transaction.gasLimit = least + UInt64(random.below(8_000_000))
    default:
      transaction.gasLimit = least + UInt64(random.below(world.isSlow ? 400_000 : 1_500_000))
    }
  }

  private func authorizations(
    _ senderNonce: UInt64, _ random: inout SplitMix
  ) -> [CodeAuthorization] {
    if random.oneIn(60) { return [] }
    return (0..<random.number(1...4)).map { _ in
      let key = random.pick(world.wallets)
      // The sender's nonce has been raised before its own authorisation is looked at.
      let right = key == world.sender ? senderNonce &+ 1 : UInt64(random.below(3))
      var authorization = CodeAuthorization(
        chainID: random.oneIn(12) ? 2 : UInt256(UInt64(random.below(2))),
        address: random.oneIn(6) ? .zero : world.address(&random),
        nonce: random.oneIn(8) ? UInt64(random.below(3)) : right)
      if random.oneIn(40) { authorization.nonce = .max }
      let signature = key.sign(authorization.signingHash)
      authorization.r = signature.r
      authorization.s = signature.s
      authorization.yParity = signature.yParity ? 1 : 0
      switch random.below(40) {
      case 0: authorization.s = Signature.order &- signature.s
      case 1: authorization.yParity = UInt8(random.below(256))
      case 2: authorization.r = .zero
      default: break
      }
      return authorization
    }
  }
}
