// Which chunk a block works on. Chunks of all sequences are numbered with gaps, so that neither a prefix sum nor a
// look at cu_seqlens by the host is needed: sequence n's first chunk has slot start(n) / 64 + n. Since
// floor((x + y) / 64) + 1 >= floor(x / 64) + ceil(y / 64), slots never meet, and start(end) / 64 + count bounds them.
// Segments, parts of some other length, are numbered the same way.
//   tests  tests/cuda/kernels/unit_test.cpp
#pragma once

#include "cuda/kernels/params.h"
#include "cuda/kernels/tile/platform.h"

namespace gdn2::cuda {

/// Tokens [first, first + length) of the batch, all of one sequence.
struct Span {
    std::int64_t first;
    std::int64_t length;
};

/// What a block of a kernel with grid (sequences * value blocks, value heads) works on.
struct Place {
    std::int64_t sequence;
    int head, key_head;
    int first_value;  ///< its first value channel
};

/// `width`: value channels of a block.
GDN2_DEVICE Place place_of(int value_dim, int width, int value_heads, int key_heads) {
    const unsigned blocks = static_cast<unsigned>((value_dim + width - 1) / width);
    const int head = static_cast<int>(blockIdx.y);
    return {blockIdx.x / blocks, head, head / (value_heads / key_heads), static_cast<int>(blockIdx.x % blocks) * width};
}

/// First token of sequence n; of n = count, one past the last token.
GDN2_DEVICE std::int64_t start_of(const Sequences& sequences, std::int64_t n) {
    if (!sequences.cu_seqlens) return n * sequences.length;
    if (sequences.wide) return static_cast<const std::int64_t*>(sequences.cu_seqlens)[n];
    return static_cast<const std::int32_t*>(sequences.cu_seqlens)[n];
}

GDN2_DEVICE Span span_of(const Sequences& sequences, std::int64_t n) {
    const std::int64_t first = start_of(sequences, n);
    return {first, start_of(sequences, n + 1) - first};
}

/// Slot of the first chunk of sequence n, or part of `length` tokens.
GDN2_DEVICE std::int64_t first_slot(const Sequences& sequences, std::int64_t n, int length = chunk_length) {
    return slot_of(n, start_of(sequences, n), length);
}

/// The sequence whose slots `slot` is among.
GDN2_DEVICE std::int64_t sequence_of(const Sequences& sequences, std::int64_t slot, int length = chunk_length) {
    std::int64_t low = 0, high = sequences.count;  // first_slot(low) <= slot < first_slot(high)
    while (high - low > 1) {
        const std::int64_t middle = (low + high) / 2;
        if (first_slot(sequences, middle, length) <= slot) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

/// The tokens of the chunk in `slot`; none (length <= 0) where the slot is a gap.
GDN2_DEVICE Span chunk_of(const Sequences& sequences, std::int64_t slot) {
    const std::int64_t n = sequence_of(sequences, slot);
    const Span sequence = span_of(sequences, n);
    const std::int64_t offset = (slot - first_slot(sequences, n)) * chunk_length;
    const std::int64_t left = sequence.length - offset;
    return {sequence.first + offset, left < chunk_length ? left : chunk_length};
}

}  // namespace gdn2::cuda
