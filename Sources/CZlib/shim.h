#pragma once
#include <zlib.h>

// deflateInit2 and inflateInit2 are macros; 16 more bits of window stand for gzip's frame.
static inline int opal_gzip_begin_compression(z_stream *stream, int level) {
  return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}

static inline int opal_gzip_begin_decompression(z_stream *stream) {
  return inflateInit2(stream, 15 + 16);
}

// zlib's own frame (RFC 1950), as the channels of a rollup have it.
static inline int opal_zlib_begin_compression(z_stream *stream, int level) {
  return deflateInit(stream, level);
}

static inline int opal_zlib_begin_decompression(z_stream *stream) { return inflateInit(stream); }
