import Conformance
import Execution
import Primitives

/// Another EVM in a process of its own, which runs programs on command.
///
/// Lines go in, with numbers and bytes in hexadecimal and `-` for no bytes: `program` forgets
/// everything; `account ADDRESS NONCE BALANCE CODE` and `slot ADDRESS SLOT WORD` make the state;
/// `message CALLER TARGET INPUT GAS` is what is run; `run COUNT` runs it so often, each time from
/// the same state, and answers `SECONDS GAS OUTPUT`: the processor's seconds each, the gas that
/// the message used (0 where the peer counts another way), the output.
final class EVMPeer {
  /// The peer's name in reports.
  let name: String
  private let process: LineProcess

  /// What a peer answers.
  struct Answer {
    /// The processor's seconds for each run.
    var seconds: Double
    /// The gas that the message used.
    var gas: UInt64
    /// What the message gave back.
    var output: Bytes
  }

  /// Starts a peer by a shell command; nil if that cannot be.
  init?(_ name: String, _ command: String) {
    guard let process = try? LineProcess(["/bin/sh", "-c", "exec " + command]) else { return nil }
    self.name = name
    self.process = process
  }

  /// Tells the peer of a program; nil if it has died.
  func prepare(_ program: MachineProgram) -> EVMPeer? {
    var lines = ["program"]
    for (address, account) in program.accounts {
      let code = Self.hexadecimal(account.code)
      lines.append(
        "account \(Self.hexadecimal(address.bytes)) \(account.nonce)"
          + " \(Self.hexadecimal(account.balance.bigEndianBytes)) \(code)")
      for (slot, word) in account.storage {
        lines.append(
          "slot \(Self.hexadecimal(address.bytes))"
            + " \(Self.hexadecimal(slot.bigEndianBytes)) \(Self.hexadecimal(word.bigEndianBytes))")
      }
    }
    lines.append(
      "message \(Self.hexadecimal(program.caller.bytes))"
        + " \(Self.hexadecimal(program.target.bytes)) \(Self.hexadecimal(program.input))"
        + " \(MachineProgram.gasLimit)")
    for line in lines {
      guard (try? process.ask(Bytes(line.utf8))) != nil else { return nil }
    }
    return self
  }

  /// Runs the program so often; nil if the peer fails.
  func run(_ count: Int) -> Answer? {
    guard (try? process.ask(Bytes("run \(count)".utf8))) != nil,
      let line = try? process.answer()
    else { return nil }
    let words = String(decoding: line, as: UTF8.self).split(separator: " ")
    guard words.count == 3, let seconds = Double(words[0]), let gas = UInt64(words[1]),
      let output = words[2] == "-" ? [] : Hexadecimal.decode(String(words[2]))
    else { return nil }
    return Answer(seconds: seconds, gas: gas, output: output)
  }

  private static func hexadecimal(_ bytes: Bytes) -> String {
    bytes.isEmpty ? "-" : Hexadecimal.encode(bytes)
  }
}
