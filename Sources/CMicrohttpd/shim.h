#pragma once
#include <microhttpd.h>

// MHD_start_daemon takes its options as variadic arguments, which Swift cannot pass.
static inline struct MHD_Daemon *opal_http_start(
    int listen_socket, unsigned int connection_limit, unsigned int idle_seconds,
    size_t memory_per_connection, MHD_AccessHandlerCallback on_access, void *server,
    const char *tls_key, const char *tls_certificate, void *(*on_request_line)(void *, const char *, struct MHD_Connection *),
    MHD_RequestCompletedCallback on_completed, MHD_NotifyConnectionCallback on_connection) {
  // Not epoll: 0.9.75 uses it edge-triggered and misses an end that comes together with data, so
  // that the connection stays. At one connection poll is also 2.7 times cheaper a request.
  struct MHD_OptionItem tls[] = {
      {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)tls_key},
      {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)tls_certificate},
      {MHD_OPTION_END, 0, NULL}};
  struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
  return MHD_start_daemon(
      MHD_USE_POLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_ALLOW_UPGRADE |
          (tls_key ? MHD_USE_TLS : 0),
      0, NULL, NULL, on_access, server, MHD_OPTION_LISTEN_SOCKET, listen_socket, MHD_OPTION_CONNECTION_LIMIT,
      connection_limit, MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory_per_connection, MHD_OPTION_STRICT_FOR_CLIENT, 1,
      MHD_OPTION_URI_LOG_CALLBACK, on_request_line, server, MHD_OPTION_NOTIFY_COMPLETED,
      on_completed, server, MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_ARRAY,
      tls_key ? tls : none, MHD_OPTION_END);
}

// MHD_get_connection_info answers with a union behind variadic arguments.
static inline int opal_http_socket(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? info->connect_fd : -1;
}

static inline const struct sockaddr *opal_http_peer(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info ? info->client_addr : NULL;
}

static inline void *opal_http_socket_context(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info ? info->socket_context : NULL;
}

// MHD_SIZE_UNKNOWN is a macro with a cast.
static inline struct MHD_Response *opal_http_stream(
    size_t block_size, MHD_ContentReaderCallback reader, void *exchange,
    MHD_ContentReaderFreeCallback free_callback) {
  return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, block_size, reader, exchange,
                                           free_callback);
}

// Gives an upgraded connection's socket back; its arguments are variadic too.
static inline int opal_http_close_upgrade(struct MHD_UpgradeResponseHandle *handle) {
  return MHD_upgrade_action(handle, MHD_UPGRADE_ACTION_CLOSE);
}
