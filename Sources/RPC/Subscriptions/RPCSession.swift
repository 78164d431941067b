import HTTP
import Synchronization

/// JSON-RPC over one connection of messages: answers requests, and owns subscriptions.
final class RPCSession: MessageSession {
  let connection: MessageConnection
  private let dispatcher: JSONRPCDispatcher
  private let hub: SubscriptionHub
  /// Whether the other side may only look.
  private let isReading: Bool
  private let subscriptions = Mutex<[String: Subscription]>([:])

  init(
    _ connection: MessageConnection, dispatcher: JSONRPCDispatcher, hub: SubscriptionHub,
    isReading: Bool = false
  ) {
    self.isReading = isReading
    self.connection = connection
    self.dispatcher = dispatcher
    self.hub = hub
  }

  func receive(_ message: [UInt8], _ responder: MessageResponder) {
    let call = RPCCall(session: self)
    let beginning = dispatcher.begin(message, call: call, isReading: isReading)
    if case .done(let reply) = beginning {
      responder.respond(reply)
      call.activate()
    } else if !dispatcher.run(beginning, respond: { responder.respond($0) }) {
      Task {
        responder.respond(await dispatcher.finish(beginning, call: call))
        call.activate()
      }
    }
  }

  func connectionClosed() {
    let ended = subscriptions.withLock { subscriptions in
      defer { subscriptions = [:] }
      return [Subscription](subscriptions.values)
    }
    for subscription in ended {
      subscription.end()
      hub.remove(subscription.name)
    }
  }

  func connectionDrained() {
    let followers = subscriptions.withLock { subscriptions in
      subscriptions.values.filter { subscription in
        if case .events = subscription.topic { true } else { false }
      }
    }
    if !followers.isEmpty { hub.resume(followers) }
  }

  /// Adds a subscription, of which nothing is told before `call` is answered.
  ///
  /// - Throws: `RPCError` -32005 where there are too many.
  func subscribe(
    _ topic: SubscriptionTopic, firstEvent: UInt64 = 0, in call: RPCCall
  ) throws(RPCError) -> Subscription {
    let subscription = Subscription(topic, on: connection, firstEvent: firstEvent)
    let isAdded = subscriptions.withLock { subscriptions in
      guard subscriptions.count < hub.limits.perConnection else { return false }
      subscriptions[subscription.name] = subscription
      return true
    }
    guard isAdded else {
      throw RPCError(
        code: -32005, message: "too many subscriptions: at most \(hub.limits.perConnection)")
    }
    hub.add(subscription)
    call.add(subscription)
    // Whoever has gone in the meantime is not told again that it has.
    if connection.isClosed { hub.remove(subscription.name) }
    return subscription
  }

  /// Ends a subscription; false where there is none of that name.
  func unsubscribe(_ name: String) -> Bool {
    guard let subscription = subscriptions.withLock({ $0.removeValue(forKey: name) }) else {
      return false
    }
    subscription.end()
    hub.remove(name)
    return true
  }

  fileprivate func follow(_ subscriptions: [Subscription]) {
    let followers = subscriptions.filter { subscription in
      if case .events = subscription.topic { true } else { false }
    }
    if !followers.isEmpty { hub.resume(followers) }
  }
}

/// One message of a session on its way to its answer.
public final class RPCCall: Sendable {
  let session: RPCSession
  private let begun = Mutex<[Subscription]>([])

  init(session: RPCSession) { self.session = session }

  func add(_ subscription: Subscription) { begun.withLock { $0.append(subscription) } }

  /// The answer was sent: what was subscribed to in it begins.
  func activate() {
    let subscriptions = begun.withLock { begun in
      defer { begun = [] }
      return begun
    }
    if subscriptions.isEmpty { return }
    for subscription in subscriptions { subscription.activate() }
    session.follow(subscriptions)
  }
}
