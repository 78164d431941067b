import Blobs
import Cryptography
import Primitives
import Synchronization

/// Payloads to certificates, and certificates to payloads.
extension ProxyService {
  /// Why a certificate gives no payload: a batch that has it is dropped by derivation.
  private enum DerivationError: Int {
    case parsing = 1
    case recency = 2
    case invalid = 3
    case decoding = 4

    func response(_ message: String) -> ProxyResponse {
      .json(418, #"{"StatusCode":\#(rawValue),"Msg":"\#(message)"}"#)
    }
  }

  // MARK: Storing

  func put(_ payload: Bytes, isStandard: Bool) -> ProxyResponse {
    guard payload.count <= options.payloadLimitInBytes else {
      return .text(400, "the payload is longer than \(options.payloadLimitInBytes) bytes")
    }
    guard let blob = try? Blob(payload: payload) else {
      return .text(500, "the payload has no blob")
    }
    let result = content.withLock { content -> Result<Certificate, PutFailure> in
      Result { () throws(PutFailure) in try certify(blob, &content) }
    }
    switch result {
    case .success(let certificate):
      return ProxyResponse(
        status: 200, body: isStandard ? certificate.bytes : certificate.genericCommitment)
    case .failure(let failure): return failure.response
    }
  }

  private enum PutFailure: Error {
    case refused(DispersalRefusal)
    case lengthsNotProved
    case misfit
    case notCertified

    var response: ProxyResponse {
      switch self {
      // 503 tells a batcher to post to L1 instead, and to come back later.
      case .refused(.unavailable): .text(503, "the disperser takes no blobs at the moment")
      case .notCertified: .text(503, "too few operators signed")
      case .lengthsNotProved:
        .text(503, "there are no points in G2 to prove lengths with: blobs are only verified")
      case .refused(.payment(.rateExceeded)): .text(429, "the reservation's rate is exceeded")
      case .refused(let reason): .text(500, "the dispersal is refused: \(reason)")
      case .misfit: .text(500, "the dispersal does not fit the network's state")
      }
    }
  }

  /// How often expired blobs are thrown away.
  private static var pruningIntervalInSeconds: UInt64 { 600 }

  private func certify(
    _ blob: Blob, _ content: inout Content
  ) throws(PutFailure) -> Certificate {
    let network = content.network
    if clock().seconds >= content.lastPruning + Self.pruningIntervalInSeconds {
      content.lastPruning = clock().seconds
      do throws(StorageMisfit) {
        _ = try network.prune(timeInSeconds: clock().seconds)
      } catch {
        throw .misfit
      }
    }
    guard network.terms.string.provesLengths else { throw .lengthsNotProved }
    guard let commitment = network.terms.string.commit(blob, threads: network.threads) else {
      throw .refused(.header)
    }
    var time = clock()
    // Two equal payloads in one instant are two blobs.
    time.nanoseconds = max(time.nanoseconds, content.lastPaymentInNanoseconds + 1)
    content.lastPaymentInNanoseconds = time.nanoseconds
    let payments = network.state.payments
    let cost =
      UInt256(payments.billableSymbols(UInt64(blob.length))) * payments.weiPerSymbol
    let isReserved = payments.reservation(of: account.address) != nil
    let payment = PaymentHeader(
      account: account.address, timestampInNanoseconds: time.nanoseconds,
      cumulativePayment: isReserved ? .zero : payments.spent(by: account.address) + cost)
    let header = BlobHeader(
      version: options.blobVersion, quorums: options.quorums,
      commitment: CommitmentWords(commitment), paymentHash: payment.hash)
    let certificate = BlobCertificate(
      header: header, signature: account.sign(header.blobKey), relayKeys: [0])
    let blobKey: Hash
    do throws(DispersalRefusal) {
      blobKey = try network.disperse(
        blob, certificate, payment: payment, timeInNanoseconds: time.nanoseconds)
    } catch {
      throw .refused(error)
    }
    do throws(StorageMisfit) {
      try network.processBatch(referenceBlock: time.block, timeInSeconds: time.seconds)
    } catch {
      throw .misfit
    }
    guard let made = network.state.certificate(of: blobKey, version: options.version) else {
      throw .notCertified
    }
    return made
  }

  // MARK: Fetching

  func get(_ text: String, _ query: Query) -> ProxyResponse {
    guard let bytes = Hexadecimal.decode(text), let first = bytes.first else {
      return .text(400, "the commitment is not hexadecimal")
    }
    if query["commitment_mode"] == "standard" { return certified(bytes[...], query) }
    switch first {
    case 0: return preimage(bytes.dropFirst())
    case 1:
      guard bytes.count >= 3 else { return .text(400, "insufficient data") }
      guard bytes[1] == 0 else { return .text(400, "unsupported DA layer \(bytes[1])") }
      return certified(bytes.dropFirst(2), query)
    default: return .text(400, "unsupported commitment type \(Hexadecimal.encode([first]))")
    }
  }

  /// The payload of a certificate behind its version byte.
  private func certified(_ bytes: ArraySlice<UInt8>, _ query: Query) -> ProxyResponse {
    var inclusion: UInt64 = 0
    if let text = query["l1_inclusion_block_number"], !text.isEmpty {
      guard let number = UInt64(text) else {
        return .text(400, "l1_inclusion_block_number is no number")
      }
      inclusion = number
    }
    let certificate: Certificate
    do throws(CertificateError) {
      certificate = try Certificate(bytes: bytes)
    } catch {
      if case .version(let version) = error {
        return .text(400, "unsupported cert version \(version)")
      }
      return DerivationError.parsing.response("the certificate cannot be parsed")
    }
    let reference = UInt64(certificate.batchHeader.referenceBlock)
    if certificate.version == .v4, inclusion > 0,
      inclusion > reference + options.recencyWindowInBlocks
    {
      return DerivationError.recency.response("the certificate was posted too late")
    }
    let wantsEncoded = ["", "true", "1"].contains(query["return_encoded_payload"]?.lowercased())
    return content.withLock { content in
      payload(of: certificate, content.network, wantsEncoded: wantsEncoded)
    }
  }

  private func payload(
    of certificate: Certificate, _ network: StorageNetwork, wantsEncoded: Bool
  ) -> ProxyResponse {
    let snapshot = network.state.registry.snapshot(at: certificate.batchHeader.referenceBlock)
    do throws(CertificateRejection) {
      // The verifier's own block comes after the one that it refers to.
      let block = max(
        UInt64(clock().block), UInt64(certificate.batchHeader.referenceBlock) + 1)
      try certificate.verify(network.terms.rules, snapshot, currentBlock: block)
    } catch {
      return DerivationError.invalid.response("the certificate is not valid: \(error)")
    }
    let blob: Blob
    do throws(RetrievalError) {
      blob = try network.retrieve(certificate.inclusion.certificate.header)
    } catch {
      if case .tooFewChunks(_, found: 0) = error {
        return .text(404, "nobody has the blob, or it has expired")
      }
      return .text(500, "the blob cannot be retrieved: \(error)")
    }
    let encoded = blob.encodedPayload(form: .evaluations)
    if wantsEncoded { return ProxyResponse(status: 200, body: encoded) }
    do throws(PayloadError) {
      return ProxyResponse(status: 200, body: try PayloadCodec.decode(encoded))
    } catch {
      return DerivationError.decoding.response("the blob is no encoded payload: \(error)")
    }
  }
}
