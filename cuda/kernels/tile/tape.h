// The tape: the tiles that scan consumes, in the order in which it consumes them, copied ahead through a ring of
// stages in shared memory. Per chunk
//     v  w  E_0 .. E_n-1  A  Qg_0 .. Qg_n-1  A_qk  (K_tail_0 gamma_0) .. (K_tail_n-1 gamma_n-1)
// v and w are cut out of the caller's tensors; the rest lies in the workspace in this order (params.h).
//   tests  tests/cuda/kernels/forward_test.cpp
#pragma once

#include "cuda/kernels/prepare_tree.cuh"
#include "cuda/kernels/tile/sequence.h"

namespace gdn2::cuda {

/// Tiles in shared memory at once.
template <class E>
inline constexpr int tape_stages = sizeof(E) == 2 ? 8 : 4;
template <class E>
inline constexpr int stage_size = tile_bytes<E> + gamma_bytes;

/// Which part of the work a block of scan has: a sequence, a head, and value channels from first_value on.
struct ScanPart {
    Span sequence;
    std::int64_t first_slot;
    int head, key_head, first_value, width;
};

template <class E, int slabs>
class Tape {
public:
    /// Begins to copy. `p` and `part` must outlive the tape.
    GDN2_DEVICE Tape(const ScanParams& p, const ScanPart& part) : p_(p), part_(part) {
#pragma unroll 1
        for (int i = 0; i < tape_stages<E> - 1; ++i) issue();
    }

    /// The next tile, arrived. The one before it may be overwritten from here on. All threads of the block call it.
    GDN2_DEVICE const unsigned char* next() {
        copy_async_wait<tape_stages<E> - 2>();
        __syncthreads();
        issue();
        const unsigned char* tile = shared_memory() + consumed_;
        consumed_ = consumed_ == last_stage ? 0 : consumed_ + stage_size<E>;
        return tile;
    }

private:
    static constexpr int last_stage = (tape_stages<E> - 1) * stage_size<E>;
    static constexpr int items = 4 + 3 * slabs, first_with_gamma = 2 * slabs + 4;

    /// Starts copying one more tile, or nothing at the tape's end; always closes a group.
    GDN2_DEVICE void issue() {
        if (std::int64_t{chunk_} * chunk_length < part_.sequence.length) {
            unsigned char* stage = shared_memory() + issued_;
            if (item_ < 2) {
                copy_values(stage, static_cast<const E*>(item_ == 0 ? p_.value.v : p_.value.w));
            } else {
                copy_record(stage);
            }
            item_ = item_ + 1 == items ? 0 : item_ + 1;
            chunk_ += item_ == 0;
        }
        issued_ = issued_ == last_stage ? 0 : issued_ + stage_size<E>;
        copy_async_commit();
    }

    GDN2_DEVICE void copy_record(unsigned char* stage) const {
        const std::int64_t record = (part_.first_slot + chunk_) * p_.key_heads + part_.key_head;
        const int gammas = item_ > first_with_gamma ? item_ - first_with_gamma : 0;
        const int offset = (item_ - 2) * tile_bytes<E> + gammas * gamma_bytes;
        const int bytes = tile_bytes<E> + (item_ >= first_with_gamma ? gamma_bytes : 0);
        const unsigned char* source = p_.workspace.records + record * p_.workspace.record_bytes + offset;
        for (int at = static_cast<int>(threadIdx.x) * 16; at < bytes; at += static_cast<int>(blockDim.x) * 16)
            copy_async_16(stage + at, source + at, true);
    }

    /// 64 tokens x width channels of v or w; zeros beyond the sequence and the tensor.
    GDN2_DEVICE void copy_values(unsigned char* stage, const E* tensor) const {
        const ValueSide& value = p_.value;
        const int step = value.units ? unit_size<E> : 1, per_row = part_.width / step;
        const std::int64_t first = part_.sequence.first + std::int64_t{chunk_} * chunk_length;
        const std::int64_t left = part_.sequence.length - std::int64_t{chunk_} * chunk_length;
        for (int i = static_cast<int>(threadIdx.x); i < 64 * per_row; i += static_cast<int>(blockDim.x)) {
            const int row = i / per_row, column = i % per_row * step;
            const bool inside = row < left && part_.first_value + column < value.dim;
            const std::int64_t token = ((first + row) * value.heads + part_.head) * value.dim;
            const E* source = inside ? tensor + token + part_.first_value + column : tensor;
            if (value.units) {
                copy_async_16(tile_at<E>(stage, row, column), source, inside);
            } else {
                *tile_at<E>(stage, row, column) = inside ? *source : Element<E>::from_float(0.0f);
            }
        }
    }

    const ScanParams& p_;
    const ScanPart& part_;
    int chunk_ = 0, item_ = 0;           ///< what to copy next
    int issued_ = 0, consumed_ = 0;      ///< byte offsets of the next stages to fill and to hand out
};

}  // namespace gdn2::cuda
