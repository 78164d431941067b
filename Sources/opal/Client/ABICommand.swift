import Contracts
import Cryptography
import JSON
import Primitives

/// `opal abi`: the contract ABI by hand.
let abiCommand = Command(
  name: "abi", summary: "encode and decode what contracts take and give",
  operands: "encode|decode|selector|topic SIGNATURE [VALUES…]",
  details: """
    encode SIGNATURE VALUES…   the data of a call: selector and arguments
    decode SIGNATURE DATA      arguments of a call, or, where results are named, its results
    selector SIGNATURE         the first four bytes of a call
    topic SIGNATURE            the first topic of an event
    """,
  example: "opal abi encode 'transfer(address,uint256)' "
    + "0x70997970C51812dc3A010C7d01b50e0d17dc79C8 5"
) { arguments throws(Failure) in
  try arguments.expectOperands(2...64)
  let (function, outputs) = try ABIText.signature(arguments.operands[1])
  let rest = Array(arguments.operands.dropFirst(2))
  switch arguments.operands[0] {
  case "encode":
    let values = try ABIText.arguments(rest, for: function.inputs)
    // Without a name there is no function, as in a constructor.
    let data = function.name.isEmpty ? ABI.encode(values) : ABIText.call(function, values)
    Terminal.say(Hexadecimal.encodePrefixed(data))
  case "decode":
    guard rest.count == 1, let data = Hexadecimal.decode(rest[0]) else {
      throw .usage("decode takes a signature and data in hexadecimal")
    }
    let isCall = outputs == nil && !function.name.isEmpty
    if isCall, Bytes(data.prefix(4)) != ABIText.selector(function) {
      throw .failed("the data begins with another selector than \(arguments.operands[1])")
    }
    do throws(ABIError) {
      let values = try ABI.decode(
        outputs ?? function.inputs, isCall ? Bytes(data.dropFirst(4)) : data)
      for value in values { Terminal.say(value.text) }
    } catch {
      throw .failed("the data is not what the signature says: \(error)")
    }
  case "selector": Terminal.say(Hexadecimal.encodePrefixed(ABIText.selector(function)))
  case "topic", "event": Terminal.say(function.topic.hexadecimal)
  default:
    throw .usage("'\(arguments.operands[0])' is not one of encode, decode, selector and topic")
  }
  return 0
}

extension ABISignature {
  /// The first topic of the event of this signature.
  var topic: Hash { Keccak256.hash(canonical) }
}
