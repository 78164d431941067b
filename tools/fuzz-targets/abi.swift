import Primitives

/// ABI: a signature up to the first zero byte, and the encoding behind it.
///
/// What decodes is written, read again as the same values, and not much larger than what it came
/// from.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Bytes(UnsafeBufferPointer(start: start, count: count))
  let text = bytes.prefix { $0 != 0 }
  let encoding = bytes[min(bytes.count, text.count + 1)...]
  guard let types = types(Bytes(text)) else { return 0 }
  guard let values = try? ABI.decode(types, encoding) else { return 0 }
  let written = ABI.encode(values)
  precondition(written.count <= 64 * (encoding.count + 64) * (types.count + 1), "values swell")
  let again = try? ABI.decode(types, written)
  precondition(again == values, "values are not read as they were written")
  return 0
}

/// The types that a text spells: a signature, or one of some by its first byte.
private func types(_ text: Bytes) -> [ABIType]? {
  let text = String(decoding: text, as: UTF8.self)
  if let signature = ABISignature(text) {
    let canonical = String(decoding: signature.canonical, as: UTF8.self)
    precondition(ABISignature(canonical) == signature, "a signature is another once written")
    return signature.inputs
  }
  if let type = ABIType.parse(text) {
    precondition(ABIType.parse(type.canonicalName) == type, "a type is another once written")
    return [type]
  }
  guard let first = text.utf8.first else { return nil }
  let usual = [
    "(uint256,address,bytes)", "(string[],(bool,bytes4)[2])", "(int128[][])", "(bytes[],uint8)",
    "((address,(string,uint64)[])[])",
  ]
  return ABISignature(usual[Int(first) % usual.count])?.inputs
}
