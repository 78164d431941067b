import Foundation
import Inference
import TestSupport

/// Where the files are that these tests read.
enum Fixtures {
  /// The root of the package.
  static let root = Project.root.path

  static let llama = root + "/Tests/Vectors/inference/llama"
  static let demo = root + "/genesis/models/demo"
  static let demoExpected = root + "/Tests/Vectors/inference/demo/expected.safetensors"

  /// Where the larger fixtures are, if this machine has them.
  static let thirdPartyVectors = Project.vectors.path
  static let hasThirdPartyVectors = Project.hasVectors("inference/mistral/config.json")

  /// One copy for all tests: reading it takes a while in a debug build.
  static let demoModel = Result { () throws(ModelError) in
    try LanguageModel.load(directory: demo)
  }
  static let llamaModel = Result { () throws(ModelError) in
    try LanguageModel.load(directory: llama)
  }
}

/// The largest difference between two lists of numbers; infinite if they differ in length.
func largestDifference(_ left: [Float], _ right: [Float]) -> Float {
  guard left.count == right.count else { return .infinity }
  var largest: Float = 0
  for (left, right) in zip(left, right) {
    let difference = (left - right).magnitude
    if !(difference <= largest) { largest = difference }
  }
  return largest
}

/// The place of the largest number, the first of equals.
func indexOfLargest(_ values: [Float]) -> Int {
  var best = 0
  for index in values.indices where values[index] > values[best] { best = index }
  return best
}

/// Numbers that are the same in every run (Knuth's MMIX generator).
struct SeededNumbers {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next(below limit: UInt32) -> UInt32 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return UInt32(truncatingIfNeeded: (state >> 32) * UInt64(limit) >> 32)
  }
}
