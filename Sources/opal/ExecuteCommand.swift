import Conformance

/// `opal execute`: runs blocks from their witnesses.
let executeCommand = Command(
  name: "execute", summary: "execute blocks with their witnesses, statelessly",
  operands: ConformanceCommand.operands,
  details: """
    Each file names the rules of an OP chain, a parent header, the attributes of the next block and
    preimages (trie nodes, codes, headers). The block is made from those alone, and its hash is
    compared. What the witness lacks is named.

    """ + ConformanceCommand.pathsAndResults,
  example: "opal execute exec_block_op_sepolia_26207960.json",
  options: ConformanceCommand.options
) { arguments throws(Failure) in
  try ConformanceCommand.run(WitnessBlock(), arguments)
}
