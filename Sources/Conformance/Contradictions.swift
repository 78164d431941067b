/// Cases that no rule can satisfy together with others of the same field.
///
/// `docs/conformance.md` tells the reasons at length. A case listed here is run like any other;
/// where it fails, it is reported as skipped, with its reason, and never as passed.
public enum Contradictions {
  /// What is in the names of such cases.
  public static let names = [
    "test_eip2930_tx_validity[fork_Frontier-invalid",
    "test_eip2930_tx_validity[fork_Homestead-invalid",
    "test_eip1559_tx_validity[fork_Frontier-invalid",
    "test_eip1559_tx_validity[fork_Homestead-invalid",
  ]

  /// Why they are.
  public static let reason =
    "contradicts ethereum/legacytests, in which a refused transaction touches the fee recipient "
    + "before Spurious Dragon (docs/conformance.md)"

  /// A failure of a listed case as what it is.
  static func judge(_ verdict: Verdict, of name: String) -> Verdict {
    guard case .failed = verdict, names.contains(where: { name.contains($0) }) else {
      return verdict
    }
    return .skipped(reason)
  }
}
