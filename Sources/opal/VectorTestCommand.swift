import Conformance

/// `opal vectortest`: runs every other kind of test vector.
let vectorTestCommand = Command(
  name: "vectortest", summary: "run test vectors of every other kind",
  operands: ConformanceCommand.operands,
  details: """
    Recognises each file's kind by its shape: bare code, instructions, precompiled contracts,
    tries, RLP, ABI, transactions, difficulties, genesis blocks, hashes, keys, key files,
    signatures, typed data, and what the data availability layer is made of: payloads, commitments,
    coded blobs, certificates, points. A file of an unknown kind is a failure.

    """ + ConformanceCommand.pathsAndResults,
  example: "opal vectortest TransactionTests precompiles.tar.xz",
  options: ConformanceCommand.options
) { arguments throws(Failure) in
  try ConformanceCommand.run(VectorTest(), arguments, endings: VectorTest.endings)
}
