import Cryptography
import Primitives
import SQLite

/// What a view holds, in one hash: equal views have equal digests, whenever they were built.
public struct ViewDigest: Hashable, Sendable {
  /// The view's name.
  public var name: String
  /// How many rows its tables have.
  public var rowCount: Int
  /// SHA-256 over its tables' names and rows.
  ///
  /// Tables come in the order of their definition, rows in the order of their keys; a row is the
  /// RLP list of its columns, an integer as its two's complement in 64 bits, null as an empty list.
  /// The nodes of tries come each once, by their Keccak-256, which is the row's first column.
  public var digest: Hash

  /// The digests of all views, ascending by name, of one state of the file.
  static func all(on connection: borrowing Connection) throws(ViewsError) -> [ViewDigest] {
    var digests: [ViewDigest] = []
    for view in View.all { digests.append(try ViewDigest(of: view, on: connection)) }
    return digests
  }

  private init(of view: View, on connection: borrowing Connection) throws(ViewsError) {
    var hasher = SHA256Hasher()
    var rowCount = 0
    do throws(SQLiteError) {
      for table in view.tables {
        hasher.update(RLPWriter.encode(bytes: Bytes(table.name.utf8)))
        if table.name == Schema.trieNodes.name {
          try connection.forEachNode { hash, node in
            hasher.update(
              RLPWriter.list { row in
                row.append(hash: hash)
                row.append(bytes: node)
              })
            rowCount += 1
          }
          continue
        }
        let rows = try connection.cached(table.listing)
        while try rows.step() {
          hasher.update(try table.encodedRow(of: rows))
          rowCount += 1
        }
      }
    } catch {
      throw ViewsError(error)
    }
    name = view.name
    self.rowCount = rowCount
    digest = hasher.finalize()
  }
}

extension ViewTable {
  /// The present row in its canonical form.
  fileprivate func encodedRow(of row: borrowing Statement) throws(SQLiteError) -> Bytes {
    var items: [Bytes] = []
    for (index, column) in columns.enumerated() {
      if row.isNull(index) {
        items.append([0xc0])
        continue
      }
      switch column.type {
      case .integer:
        items.append(RLPWriter.encode(uint64: UInt64(bitPattern: try row.int64(index))))
      case .bytes: items.append(RLPWriter.encode(bytes: try row.blob(index)))
      case .text: items.append(RLPWriter.encode(bytes: Bytes(try row.text(index).utf8)))
      }
    }
    return RLPWriter.list(rawItems: items)
  }
}
