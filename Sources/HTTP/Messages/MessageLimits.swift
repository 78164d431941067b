import Synchronization

/// How much a connection of messages takes, and for how long.
public struct MessageLimits: Sendable {
  /// Larger messages end the connection, with close code 1009.
  public var maximumMessageSizeInBytes = 32 << 20

  /// Where all messages being received or answered together exceed this, a connection is ended.
  public var maximumTotalMessageSizeInBytes = 512 << 20

  /// Messages of one connection that are answered at the same time; further ones are not read.
  public var concurrentMessages = 16

  /// Messages are not read while more than this waits for their sender to read it.
  public var pausingBacklogInBytes = 1 << 20

  /// A connection for which more than this waits is ended, with close code 1008.
  public var maximumBacklogInBytes = 32 << 20

  /// Where all that waits for readers together exceeds this, a connection is ended.
  public var maximumTotalBacklogInBytes = 512 << 20

  /// How long a client may take nothing of what waits for it.
  public var writeTimeoutInSeconds = 30

  /// How long a message may take from its first byte to its last.
  public var messageTimeoutInSeconds = 120

  /// A client that was silent for so long is pinged, and after as long again cut off.
  public var pingIntervalInSeconds = 30

  /// How long the end of a connection may take.
  public var closeTimeoutInSeconds = 2

  /// Connections at a time; further ones wait, and those that began as HTTP count there.
  public var maximumConnectionCount = 256

  /// The usual limits.
  public init() {}
}

/// Answers the messages of one connection.
public protocol MessageSession: AnyObject, Sendable {
  /// A message has arrived whole; called on the server's thread, so it must not block.
  func receive(_ message: [UInt8], _ responder: MessageResponder)

  /// All that was sent has been taken, after something had to wait; on the server's thread.
  func connectionDrained()

  /// The connection is over; called once, on the server's thread.
  func connectionClosed()
}

/// The one answer to a message; from any thread, now or later.
///
/// A responder that is let go without an answer lets the connection go on without one.
public final class MessageResponder: Sendable {
  private let connection: MessageConnection
  private let sizeInBytes: Int
  private let isAnswered = Atomic<Bool>(false)

  init(_ connection: MessageConnection, sizeInBytes: Int) {
    self.connection = connection
    self.sizeInBytes = sizeInBytes
  }

  deinit { respond(nil) }

  /// Answers, or says that there is nothing to be answered; only the first time counts.
  public func respond(_ answer: [UInt8]?) {
    guard !isAnswered.exchange(true, ordering: .acquiringAndReleasing) else { return }
    if let answer { connection.send(answer) }
    connection.endMessage(sizeInBytes: sizeInBytes)
  }
}
