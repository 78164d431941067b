@_spi(_Unicode) import Swift

/// The text in Unicode's normalization form C.
///
/// The standard library has this without Foundation, but behind an underscore; the fixtures of
/// Qwen's tokenizer hold it to the form that other implementations compute.
func canonicallyComposed(_ text: String) -> [Unicode.Scalar] {
  Array(text._nfc)
}
