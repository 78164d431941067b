import Primitives

/// 0xA0 to 0xA4: what a contract writes into the receipt.
extension Interpreter {
  @inline(never)
  func log(_ r: inout Registers, topics count: Int) throws(Interruption) {
    try r.need(2 &+ count)
    if current.isStatic { throw .halt(.writeProtection) }
    try r.charge(Gas.log &* (1 &+ count))
    let range = try memoryRange(r[0], r[1], &r)
    try r.charge(range.count &* Gas.logByte)
    for index in 0..<count { journal.logPile.appendTopic(Hash(r[2 &+ index])) }
    r.append(range, to: journal.logPile, from: current.address)
    if let tracer { tracer.log(journal.logPile[journal.logPile.count - 1], depth: depth) }
    r.drop(2 &+ count)
    r.next()
  }
}
