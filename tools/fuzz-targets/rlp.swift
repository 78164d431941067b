import Primitives

/// RLP: what is read strictly is written again byte for byte, and no bytes do harm.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Bytes(UnsafeBufferPointer(start: start, count: count))
  checkNumbers(bytes)
  do throws(RLPError) {
    var reader = RLPReader(bytes)
    var writer = RLPWriter()
    while !reader.isAtEnd { try copy(&reader, to: &writer, depth: 0) }
    precondition(writer.bytes == bytes, "what was read is not what is written")
  } catch {
    return 0
  }
  return 0
}

/// Copies one item with all that is in it, to a depth.
private func copy(
  _ reader: inout RLPReader, to writer: inout RLPWriter, depth: Int
) throws(RLPError) {
  precondition(reader.remainingCount > 0, "a reader that is not at its end has bytes")
  guard depth < 400 else { return writer.append(raw: try reader.rawItem()) }
  guard try reader.nextIsList() else { return writer.append(bytes: try reader.bytes()) }
  var items = try reader.list()
  try writer.list { (inner: inout RLPWriter) throws(RLPError) in
    while !items.isAtEnd { try copy(&items, to: &inner, depth: depth + 1) }
  }
}

/// Reads the first item as each of the types; what is one of them is written the same again.
private func checkNumbers(_ bytes: Bytes) {
  func item(_ write: (inout RLPReader) throws(RLPError) -> Bytes) {
    var reader = RLPReader(bytes)
    guard let written = try? write(&reader) else { return }
    precondition(bytes.starts(with: written), "a value is not written as it was read")
    precondition(reader.remainingCount == bytes.count - written.count, "the reader went astray")
  }
  item { (reader: inout RLPReader) throws(RLPError) in
    RLPWriter.encode(uint64: try reader.uint64())
  }
  item { (reader: inout RLPReader) throws(RLPError) in
    RLPWriter.encode(uint256: try reader.uint256())
  }
  item { (reader: inout RLPReader) throws(RLPError) in
    RLPWriter.encode(uint64: try reader.bool() ? 1 : 0)
  }
  item { (reader: inout RLPReader) throws(RLPError) in
    RLPWriter.encode(bytes: try reader.address().bytes)
  }
  item { (reader: inout RLPReader) throws(RLPError) in
    RLPWriter.encode(bytes: try reader.hash().bytes)
  }
  item { (reader: inout RLPReader) throws(RLPError) in
    RLPWriter.encode(bytes: try reader.optionalAddress()?.bytes ?? [])
  }
}
