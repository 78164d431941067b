import JSON
import Testing
import Tracers

@Suite("The choice of a tracer") struct TracerSelectionTests {
  @Test(
    "takes geth's names and settings",
    arguments: [
      "{}", #"{"enableMemory":true,"limit":5}"#, #"{"tracer":""}"#, #"{"tracer":"callTracer"}"#,
      #"{"tracer":"callTracer","tracerConfig":{"onlyTopCall":true,"withLog":true}}"#,
      #"{"tracer":"prestateTracer","tracerConfig":{"diffMode":true}}"#,
      #"{"tracer":"4byteTracer"}"#, #"{"tracer":"noopTracer"}"#,
      #"{"tracer":"flatCallTracer","tracerConfig":{"convertParityErrors":true}}"#,
      #"{"tracer":"muxTracer","tracerConfig":{"callTracer":{},"4byteTracer":{}}}"#,
      #"{"tracer":"erc7562Tracer","tracerConfig":{"ignoredOpcodes":["0x1"]}}"#,
      #"{"tracer":"keccak256PreimageTracer"}"#, #"{"tracer":"callTracerLegacy"}"#,
      #"{"tracer":"prestateTracerLegacy"}"#,
    ])
  func known(text: String) throws { _ = try TracerSelection(JSON.parse(text)) }

  @Test(
    "refuses what it does not know, by name",
    arguments: [
      (#"{"tracer":"{step: function() {}}"}"#, "tracer not found: {step: function() {}}"),
      (#"{"tracer":7}"#, "tracer is not a string"),
      (#"{"disableStack":1}"#, "disableStack is not a bool"),
      (#"{"limit":-1}"#, "invalid limit"),
      (
        #"{"tracer":"prestateTracer","tracerConfig":{"diffMode":true,"includeEmpty":true}}"#,
        "cannot use diffMode with includeEmpty"
      ),
      (#"{"tracer":"muxTracer"}"#, "muxTracer needs an object of tracers"),
      (
        #"{"tracer":"muxTracer","tracerConfig":{"muxTracer":{}}}"#, "a mux in a mux"
      ),
    ])
  func unknown(text: String, message: String) throws {
    let error = #expect(throws: TracerError.self) {
      try TracerSelection(JSON.parse(text))
    }
    #expect(error?.message == message)
  }
}
