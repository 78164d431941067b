import Cryptography
import EVM
import Foundation
import JSON
import NativeCryptography
import Primitives
import TestSupport
import Testing

/// go-ethereum's and the EIPs' vectors of precompiled contracts, run as messages, gas included.
@Suite struct PrecompileVectorTests {
  static let archive = "conformance/precompiles.tar.xz"

  /// The files, each with the contract that it is of and the fork whose price it gives.
  static let files: [(name: String, contract: UInt32, fork: Fork)] = [
    ("go-ethereum/bn256Add", 0x06, .istanbul), ("go-ethereum/bn256ScalarMul", 0x07, .istanbul),
    ("go-ethereum/bn256Pairing", 0x08, .istanbul),
    ("go-ethereum/pointEvaluation", 0x0a, .cancun),
    ("go-ethereum/blsG1Add", 0x0b, .prague), ("go-ethereum/blsG1Mul", 0x0c, .prague),
    ("go-ethereum/blsG1MultiExp", 0x0c, .prague), ("go-ethereum/blsG2Add", 0x0d, .prague),
    ("go-ethereum/blsG2Mul", 0x0e, .prague), ("go-ethereum/blsG2MultiExp", 0x0e, .prague),
    ("go-ethereum/blsPairing", 0x0f, .prague), ("go-ethereum/blsMapG1", 0x10, .prague),
    ("go-ethereum/blsMapG2", 0x11, .prague), ("go-ethereum/fail-blsG1Add", 0x0b, .prague),
    ("go-ethereum/fail-blsG1Mul", 0x0c, .prague),
    ("go-ethereum/fail-blsG1MultiExp", 0x0c, .prague),
    ("go-ethereum/fail-blsG2Add", 0x0d, .prague), ("go-ethereum/fail-blsG2Mul", 0x0e, .prague),
    ("go-ethereum/fail-blsG2MultiExp", 0x0e, .prague),
    ("go-ethereum/fail-blsPairing", 0x0f, .prague),
    ("go-ethereum/fail-blsMapG1", 0x10, .prague), ("go-ethereum/fail-blsMapG2", 0x11, .prague),
    ("go-ethereum/p256Verify", 0x100, .osaka), ("go-ethereum/ecRecover", 0x01, .osaka),
    ("go-ethereum/modexp", 0x05, .byzantium), ("go-ethereum/modexp_eip2565", 0x05, .berlin),
    ("go-ethereum/modexp_eip7883", 0x05, .osaka), ("go-ethereum/blake2F", 0x09, .istanbul),
    ("go-ethereum/fail-blake2f", 0x09, .istanbul), ("eip-2537/add_G1_bls", 0x0b, .prague),
    ("eip-2537/mul_G1_bls", 0x0c, .prague), ("eip-2537/msm_G1_bls", 0x0c, .prague),
    ("eip-2537/add_G2_bls", 0x0d, .prague), ("eip-2537/mul_G2_bls", 0x0e, .prague),
    ("eip-2537/pairing_check_bls", 0x0f, .prague),
    ("eip-2537/map_fp_to_G1_bls", 0x10, .prague), ("eip-2537/map_fp2_to_G2_bls", 0x11, .prague),
    ("eip-2537/fail-add_G1_bls", 0x0b, .prague), ("eip-2537/fail-mul_G1_bls", 0x0c, .prague),
    ("eip-2537/fail-msm_G1_bls", 0x0c, .prague), ("eip-2537/fail-add_G2_bls", 0x0d, .prague),
    ("eip-2537/fail-mul_G2_bls", 0x0e, .prague), ("eip-2537/fail-msm_G2_bls", 0x0e, .prague),
    ("eip-2537/fail-pairing_check_bls", 0x0f, .prague),
    ("eip-2537/fail-map_fp_to_G1_bls", 0x10, .prague),
    ("eip-2537/fail-map_fp2_to_G2_bls", 0x11, .prague),
  ]

  /// Members of the archive, one after the other.
  private static func members(_ pattern: String) throws -> Bytes {
    let unpacking = Process()
    unpacking.executableURL = URL(filePath: "/usr/bin/env")
    unpacking.arguments = [
      "tar", "xOf", Project.vectors.appending(path: archive).path, "--wildcards", pattern,
    ]
    let pipe = Pipe()
    unpacking.standardOutput = pipe
    try unpacking.run()
    let bytes = Bytes(pipe.fileHandleForReading.readDataToEndOfFile())
    unpacking.waitUntilExit()
    return bytes
  }

  private static let gasLimit: UInt64 = 1_000_000_000

  private static func run(
    _ contract: UInt32, _ fork: Fork, _ input: Bytes
  ) throws -> MessageResult {
    let world = World(fork)
    let machine = Machine(
      fork: fork, block: world.block,
      transaction: TransactionEnvironment(origin: World.sender), journal: world.journal,
      provider: NativeCryptographyProvider.shared)
    return try machine.run(
      .call(
        from: World.sender, to: Address(0, 0, contract), input: input, gasLimit: gasLimit))
  }

  @Test(
    "the contracts give the field's outputs, refusals and prices",
    .enabled(if: Project.hasVectors(archive), "no conformance vectors"), arguments: files)
  func fieldsVectors(name: String, contract: UInt32, fork: Fork) throws {
    let cases = try #require(try JSON.parse(try Self.members("*/\(name).json")).array)
    #expect(!cases.isEmpty)
    for vector in cases {
      let label = vector["Name"]?.string ?? "?"
      let input = try #require(Hexadecimal.decode(vector["Input"]?.string ?? "0x"))
      let result = try Self.run(contract, fork, input)
      if vector["ExpectedError"] != nil {
        #expect(result.status == .halt(.precompileFailure), "\(label)")
      } else {
        #expect(result.status == .success, "\(label)")
        #expect(
          result.output == Hexadecimal.decode(vector["Expected"]?.string ?? "0x"), "\(label)")
        if let gas = vector["Gas"]?.uint64 {
          #expect(Self.gasLimit - result.gasLeft == gas, "\(label)")
        }
      }
    }
  }

  @Test(
    "point evaluation agrees with every proof of c-kzg",
    .enabled(if: Project.hasVectors(archive), "no conformance vectors"))
  func proofs() throws {
    let text = String(decoding: try Self.members("*/data.yaml"), as: UTF8.self)
    let cases = text.split(separator: "input:\n")
    #expect(cases.count > 100)
    for (index, text) in cases.enumerated() {
      func field(_ name: String) throws -> Bytes {
        let line = text.split(separator: "\n").first { $0.contains(" \(name): ") }
        let value = try #require(line?.split(separator: " ").last)
        return try #require(Hexadecimal.decode(String(value.filter { $0 != "'" })))
      }
      let commitment = try field("commitment")
      let hash = [1] + SHA256.hash(commitment).bytes.dropFirst()
      let input = try hash + field("z") + field("y") + commitment + field("proof")
      let isValid = text.contains("output: true")
      #expect(
        try Self.run(0x0a, .cancun, input).status
          == (isValid ? .success : .halt(.precompileFailure)), "case \(index)")
    }
  }

  @Test("input that is too short, too long or not of the curve is refused with all its gas")
  func hostile() throws {
    for contract: UInt32 in 0x0a...0x11 {
      for count in [0, 1, 63, 65, 127, 129, 159, 161, 255, 257, 383, 385, 511, 513] {
        for byte: UInt8 in [0, 0xff] {
          let result = try Self.run(contract, .osaka, Bytes(repeating: byte, count: count))
          #expect(result.status == .halt(.precompileFailure), "\(contract) \(count) \(byte)")
          #expect(result.gasLeft == 0)
        }
      }
    }
    for count in [1, 191, 193] {
      let result = try Self.run(0x08, .osaka, Bytes(repeating: 0, count: count))
      #expect(result.status == .halt(.precompileFailure))
    }
    let high = Bytes(repeating: 0xff, count: 128)
    #expect(try Self.run(0x06, .osaka, high).status == .halt(.precompileFailure))
    #expect(try Self.run(0x07, .osaka, high).status == .halt(.precompileFailure))
    #expect(try Self.run(0x06, .osaka, []).output == Bytes(repeating: 0, count: 64))
    #expect(try Self.run(0x100, .osaka, high).output.isEmpty)
  }

  @Test("the curve of Byzantium costs more there than from Istanbul on")
  func prices() throws {
    let before = try [6, 7, 8].map { Self.gasLimit - (try Self.run($0, .byzantium, [])).gasLeft }
    #expect(before == [500, 40_000, 100_000])
    let after = try [6, 7, 8].map { Self.gasLimit - (try Self.run($0, .istanbul, [])).gasLeft }
    #expect(after == [150, 6000, 45_000])
    #expect(Self.gasLimit - (try Self.run(0x100, .osaka, [])).gasLeft == 6900)
  }
}
