import JSON

/// JSON: what is read is written, and read again as the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe [UInt8](UnsafeBufferPointer(start: start, count: count))
  guard let json = try? JSON.parse(bytes) else { return 0 }
  let written = json.serialized()
  precondition((try? JSON.parse(written)) == json, "JSON is another once written")
  precondition((try? JSON.parse(json.serializedForPeople())) == json, "the same, for people")
  return 0
}
