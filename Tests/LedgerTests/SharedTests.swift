import Ledger
import Testing

@Suite("What copies share")
struct SharedTests {
  private struct Holder: Sendable {
    @Shared var numbers = [1, 2, 3]
  }

  @Test("a copy keeps what it had when the other changes, and the other way round")
  func copies() {
    var one = Holder()
    var other = one
    one.numbers.append(4)
    #expect(one.numbers == [1, 2, 3, 4])
    #expect(other.numbers == [1, 2, 3])
    other.numbers[0] = 7
    #expect(one.numbers == [1, 2, 3, 4])
    #expect(other.numbers == [7, 2, 3])
    one.numbers = []
    #expect(one.numbers.isEmpty)
    #expect(other.numbers == [7, 2, 3])
  }
}
