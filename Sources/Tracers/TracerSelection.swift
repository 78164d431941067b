import EVM
import Execution
import JSON
import Primitives

/// Why a tracer cannot be made of what was asked for.
public struct TracerError: Error, Hashable, Sendable {
  /// What is wrong, in words.
  public var message: String

  init(_ message: String) { self.message = message }
}

/// Which tracer is asked for, with what settings.
public indirect enum TracerSelection: Sendable {
  /// Each instruction.
  case structLogs(StructLogOptions)
  /// A tree of calls.
  case calls(isTopOnly: Bool, hasLogs: Bool)
  /// The tree of calls as it was shown once.
  case legacyCalls
  /// A list of calls.
  case flatCalls(convertsErrors: Bool, includesPrecompiles: Bool)
  /// What of the state is needed, or changed.
  case prestate(PrestateOptions)
  /// What of the state is needed, as it was shown once.
  case legacyPrestate
  /// Selectors.
  case selectors
  /// What was hashed.
  case hashInputs
  /// What bundlers must know.
  case operations(OperationOptions)
  /// Nothing.
  case nothing
  /// Several at once, by name.
  case several([(name: String, selection: TracerSelection)])

  /// The tracer that a call's last parameter asks for: geth's `TraceConfig`, whose settings for
  /// `structLogs` stand in the object itself.
  ///
  /// - Throws: `TracerError`.
  public init(_ configuration: JSON) throws(TracerError) {
    guard let name = try Self.text(configuration, "tracer") else {
      var options = StructLogOptions()
      options.hasMemory = try Self.flag(configuration, "enableMemory")
      options.omitsStack = try Self.flag(configuration, "disableStack")
      options.omitsStorage = try Self.flag(configuration, "disableStorage")
      options.hasReturnData = try Self.flag(configuration, "enableReturnData")
      if let limit = configuration["limit"], !limit.isNull {
        guard let number = limit.int, number >= 0 else { throw TracerError("invalid limit") }
        options.limitInBytes = number
      }
      self = .structLogs(options)
      return
    }
    try self.init(name, configuration["tracerConfig"] ?? .null)
  }

  /// The tracer of that name.
  ///
  /// - Throws: `TracerError`.
  public init(_ name: String, _ settings: JSON) throws(TracerError) {
    switch name {
    case "callTracer":
      self = .calls(
        isTopOnly: try Self.flag(settings, "onlyTopCall"),
        hasLogs: try Self.flag(settings, "withLog"))
    case "callTracerLegacy": self = .legacyCalls
    case "flatCallTracer":
      self = .flatCalls(
        convertsErrors: try Self.flag(settings, "convertParityErrors"),
        includesPrecompiles: try Self.flag(settings, "includePrecompiles"))
    case "prestateTracer":
      var options = PrestateOptions()
      options.isDifference = try Self.flag(settings, "diffMode")
      options.omitsCode = try Self.flag(settings, "disableCode")
      options.omitsStorage = try Self.flag(settings, "disableStorage")
      options.includesEmpty = try Self.flag(settings, "includeEmpty")
      if options.isDifference && options.includesEmpty {
        throw TracerError("cannot use diffMode with includeEmpty")
      }
      self = .prestate(options)
    case "prestateTracerLegacy": self = .legacyPrestate
    case "4byteTracer": self = .selectors
    case "keccak256PreimageTracer": self = .hashInputs
    case "noopTracer": self = .nothing
    case "erc7562Tracer": self = .operations(try Self.operationOptions(settings))
    case "muxTracer": self = .several(try Self.several(settings))
    default: throw TracerError("tracer not found: \(name)")
    }
  }

  private static func operationOptions(_ settings: JSON) throws(TracerError) -> OperationOptions {
    var options = OperationOptions()
    options.hasLogs = try flag(settings, "withLog")
    guard let list = settings["ignoredOpcodes"], !list.isNull else { return options }
    var ignored: Set<UInt8> = []
    for element in list.array ?? [] {
      guard let text = element.string, let number = UInt256(hexadecimal: text),
        let opcode = number.asUInt64.flatMap({ UInt8(exactly: $0) })
      else { throw TracerError("invalid opcode in ignoredOpcodes") }
      ignored.insert(opcode)
    }
    options.ignored = ignored
    return options
  }

  private static func several(
    _ settings: JSON
  ) throws(TracerError) -> [(name: String, selection: TracerSelection)] {
    guard let members = settings.object else {
      throw TracerError("muxTracer needs an object of tracers")
    }
    guard members.count <= 16 else { throw TracerError("too many tracers") }
    var list: [(name: String, selection: TracerSelection)] = []
    for member in members {
      guard member.key != "muxTracer" else { throw TracerError("a mux in a mux") }
      list.append((member.key, try TracerSelection(member.key, member.value)))
    }
    return list
  }

  private static func flag(_ json: JSON, _ name: String) throws(TracerError) -> Bool {
    guard let value = json[name], !value.isNull else { return false }
    guard let flag = value.bool else { throw TracerError("\(name) is not a bool") }
    return flag
  }

  private static func text(_ json: JSON, _ name: String) throws(TracerError) -> String? {
    guard let value = json[name], !value.isNull else { return nil }
    guard let text = value.string else { throw TracerError("\(name) is not a string") }
    return text.isEmpty ? nil : text
  }

  /// A tracer for one transaction.
  public func tracer(_ context: TraceContext) -> any ResultTracer {
    switch self {
    case .structLogs(let options): StructLogTracer(context, options)
    case .calls(let isTopOnly, let hasLogs):
      CallTracer(context, isTopOnly: isTopOnly, hasLogs: hasLogs)
    case .legacyCalls: LegacyCallTracer(context)
    case .flatCalls(let convertsErrors, let includesPrecompiles):
      FlatCallTracer(
        context, convertsErrors: convertsErrors, includesPrecompiles: includesPrecompiles)
    case .prestate(let options): PrestateTracer(context, options)
    case .legacyPrestate: LegacyPrestateTracer(context)
    case .selectors: FourByteTracer(context)
    case .hashInputs: HashInputTracer()
    case .operations(let options): OperationTracer(context, options)
    case .nothing: NoopTracer()
    case .several(let list): MuxTracer(list.map { ($0.name, $0.selection.tracer(context)) })
    }
  }
}
