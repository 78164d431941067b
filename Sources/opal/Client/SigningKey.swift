import Cryptography
import Glibc
import NativeCryptography
import Node
import Primitives

/// The key that a transaction is signed with here, rather than by the node; cast's names.
enum SigningKey {
  static let options: [Command.Option] = [
    .init("--private-key", value: "KEY", help: "this key (ETH_PRIVATE_KEY)"),
    .init(
      "--keystore", value: "FILE", help: "the key in this file of geth's or cast's (ETH_KEYSTORE)"),
    .init("--password", value: "TEXT", help: "the password of the file"),
    .init("--password-file", value: "FILE", help: "a file with the password (ETH_PASSWORD)"),
    .init("--mnemonic", value: "WORDS", help: "a key of this phrase"),
    .init("--mnemonic-index", value: "N", help: "which of its keys (0)"),
  ].under("signed here with")

  /// The key that options name, or else the environment; nil where the node is to sign.
  static func read(_ arguments: Arguments) throws(Failure) -> PrivateKey? {
    let given = ["--private-key", "--keystore", "--mnemonic"].filter { arguments.has($0) }
    guard given.count <= 1 else {
      throw .usage("\(given.joined(separator: " and ")) exclude each other")
    }
    let asksNode = arguments.has("--unlocked")
    guard given.isEmpty || !asksNode else {
      throw .usage("\(given[0]) and --unlocked exclude each other")
    }
    let key = try read(arguments, named: given.first, asksNode: asksNode)
    if let key, !given.isEmpty, let from = try arguments.value("--from"),
      try Remote.address(from) != key.address
    {
      throw .usage("--from is \(from), but the key is that of \(key.address.checksummed)")
    }
    return key
  }

  private static func read(
    _ arguments: Arguments, named: String?, asksNode: Bool
  ) throws(Failure) -> PrivateKey? {
    if let text = try arguments.value("--private-key") { return try key(text) }
    if let path = try arguments.value("--keystore") { return try open(path, arguments) }
    if let phrase = try arguments.value("--mnemonic") {
      let index = try arguments.number("--mnemonic-index", in: 0...(1 << 31 - 1)) ?? 0
      guard let key = Mnemonic(phrase)?.privateKey(account: UInt32(index)) else {
        throw .usage("--mnemonic is no ASCII phrase")
      }
      return key
    }
    guard !asksNode, !arguments.has("--from") else { return nil }
    if let text = environment("ETH_PRIVATE_KEY") { return try key(text) }
    if let path = environment("ETH_KEYSTORE") { return try open(path, arguments) }
    return nil
  }

  private static func environment(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }

  private static func key(_ text: String) throws(Failure) -> PrivateKey {
    guard let key = PrivateKey(hexadecimal: text) else {
      throw .usage("the private key is not 32 bytes in hexadecimal")
    }
    return key
  }

  /// The key in a file, under the password that options, the environment or a person give.
  private static func open(_ path: String, _ arguments: Arguments) throws(Failure) -> PrivateKey {
    let file: Bytes
    do throws(NodeError) {
      file = try Files.read(path, limitInBytes: KeyFile.sizeLimitInBytes)
    } catch {
      throw .failed(error.message)
    }
    let password = try password(arguments, of: path)
    do throws(KeyFileError) {
      return try KeyFile.open(file, password: password)
    } catch {
      throw .failed("\(path): \(error.message)")
    }
  }

  private static func password(_ arguments: Arguments, of path: String) throws(Failure) -> Bytes {
    let stated = try arguments.value("--password")
    let named = try arguments.value("--password-file")
    guard stated == nil || named == nil else {
      throw .usage("--password and --password-file exclude each other")
    }
    if let stated { return Bytes(stated.utf8) }
    if let file = named ?? environment("ETH_PASSWORD") {
      let text = try Home.readFile(file)
      // Editors end a line that nobody typed.
      return Bytes(text.prefix { $0 != 0x0a && $0 != 0x0d })
    }
    guard isatty(STDIN_FILENO) == 1, let typed = unsafe getpass("Password of \(path): ") else {
      throw .usage("--keystore needs --password or --password-file")
    }
    return Bytes(unsafe String(cString: typed).utf8)
  }
}
