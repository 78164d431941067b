import Conformance

/// `opal blocktest`: runs Ethereum's blockchain tests.
let blockTestCommand = Command(
  name: "blocktest", summary: "run Ethereum's blockchain tests (BlockchainTests)",
  operands: ConformanceCommand.operands,
  details: """
    Takes the valid blocks of each test and refuses the others, and compares the head of the chain
    and its accounts at the end.

    """ + ConformanceCommand.pathsAndResults,
  example: "opal blocktest BlockchainTests/ValidBlocks blockchain-tests.tar.xz",
  options: ConformanceCommand.options
) { arguments throws(Failure) in
  try ConformanceCommand.run(BlockTest(), arguments)
}
