import Primitives
import RPC
import Testing

@Suite("Tokens")
struct JSONWebTokenTests {
  private let now: UInt64 = 1_700_000_000
  private let secret = Bytes(0..<32)

  @Test("a token of this minute under the same secret passes, by the field's usual spelling")
  func valid() throws {
    let tokens = try #require(JSONWebToken(secret: secret))
    for time in [now - 60, now, now + 60] {
      let token = tokens.token(issuedAt: time)
      #expect(tokens.refusal(ofAuthorization: "Bearer " + token, now: now) == nil)
    }
    // Made by another implementation (Python's hmac).
    let foreign =
      "bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3MDAwMDAwMDB9."
      + "uAxdaUtr1_HpYPtNDLNlQ_sHMiP5eBV-ra8EjL3ScS8"
    #expect(tokens.refusal(ofAuthorization: foreign, now: now) == nil)
  }

  @Test("anything else does not")
  func invalid() throws {
    let tokens = try #require(JSONWebToken(secret: secret))
    let other = try #require(JSONWebToken(secret: secret.reversed()))
    let token = tokens.token(issuedAt: now)
    #expect(JSONWebToken(secret: Bytes(0..<31)) == nil)
    for field in [
      nil, "", "Bearer", "Bearer ", "Basic " + token, "Bearer " + other.token(issuedAt: now),
      "Bearer " + tokens.token(issuedAt: now - 61), "Bearer " + tokens.token(issuedAt: now + 61),
      "Bearer " + token + "A", "Bearer " + token.dropLast(), "Bearer x" + token,
      "Bearer eyJhbGciOiJub25lIn0.eyJpYXQiOjE3MDAwMDAwMDB9.",
      "Bearer ...", "Bearer " + String(repeating: ".", count: 100_000),
    ] {
      #expect(tokens.refusal(ofAuthorization: field, now: now) != nil, "\(field ?? "none")")
    }
  }
}
