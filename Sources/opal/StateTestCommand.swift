import Conformance

/// `opal statetest`: runs Ethereum's state tests.
let stateTestCommand = Command(
  name: "statetest", summary: "run Ethereum's state tests (GeneralStateTests)",
  operands: ConformanceCommand.operands,
  details: """
    Runs each transaction of each test under each fork that the file lists, and compares whether
    it is refused, the state's root and the hash of the logs.

    """ + ConformanceCommand.pathsAndResults,
  example: "opal statetest GeneralStateTests/stExample state-tests.tar.xz",
  options: ConformanceCommand.options
) { arguments throws(Failure) in
  try ConformanceCommand.run(StateTest(), arguments)
}
