#pragma once
// The hash functions without a fetch of their algorithm at each call are called deprecated.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/obj_mac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <string.h>

// OpenSSL's general interface finds the algorithm anew for each message, which costs as much as
// hashing 300 bytes; these call the same processor-specific code directly. Nothing here has
// behaviour of its own.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"

/// SHA-256 of a head, a payload, a byte and 32 bytes, one after the other, into 32 bytes.
static inline void opal_sha256_leaf(
    const void *_Nullable head, size_t head_size, const void *_Nullable payload,
    size_t payload_size, unsigned char mark, const void *_Nonnull last,
    unsigned char *_Nonnull digest) {
  unsigned char tail[33];
  SHA256_CTX context;
  tail[0] = mark;
  memcpy(tail + 1, last, 32);
  SHA256_Init(&context);
  SHA256_Update(&context, head, head_size);
  SHA256_Update(&context, payload, payload_size);
  SHA256_Update(&context, tail, sizeof tail);
  SHA256_Final(digest, &context);
}

/// SHA-256 of a byte and 64 bytes, into 32 bytes.
static inline void opal_sha256_node(
    unsigned char mark, const void *_Nonnull children, unsigned char *_Nonnull digest) {
  unsigned char message[65];
  SHA256_CTX context;
  message[0] = mark;
  memcpy(message + 1, children, 64);
  SHA256_Init(&context);
  SHA256_Update(&context, message, sizeof message);
  SHA256_Final(digest, &context);
}

#pragma clang diagnostic pop
