// The tape: the tiles that scan consumes, in the order in which it consumes them, copied ahead through a ring of
// stages in shared memory. Per chunk
//     v  w  E_0 .. E_n-1  A  Qg_0 .. Qg_n-1  A_qk  (K_tail_0 gamma_0) .. (K_tail_n-1 gamma_n-1)
// v and w are cut out of the caller's tensors; the rest lies in the workspace in this order (params.h).
//   tests  tests/cuda/kernels/forward_test.cpp
#pragma once

#include <utility>

#include "cuda/kernels/prepare_tree.cuh"
#include "cuda/kernels/tile/sequence.h"

namespace gdn2::cuda {

inline constexpr int scan_threads = 128;  ///< four warps with 16 value channels each

/// Tiles in shared memory at once.
template <class E>
inline constexpr int tape_stages = sizeof(E) == 2 ? 8 : 4;
template <class E>
inline constexpr int stage_size = tile_bytes<E> + gamma_bytes;

/// Which part of the work a block of scan has: a sequence, a head, and value channels from first_value on.
struct ScanPart {
    Place place;
    Span sequence;
    std::int64_t first_slot;
};

template <class E, int slabs>
class Tape {
public:
    static constexpr int items = 4 + 3 * slabs;  ///< tiles of a chunk

    /// Begins to copy. `p` and `part` must outlive the tape.
    GDN2_DEVICE Tape(const ScanParams& p, const ScanPart& part) : p_(p), part_(part) {
        const std::int64_t record = part.first_slot * p.key_heads + part.place.key_head;
        record_ = p.workspace.records + record * p.workspace.record_bytes + threadIdx.x * 16;
        left_ = part.sequence.length;
        start(std::make_integer_sequence<int, tape_stages<E> - 1>());
    }

    /// Tile number `position` of the chunk, arrived; in order. The tile before it may be overwritten from here on.
    /// All threads of the block call it.
    template <int position>
    GDN2_DEVICE const unsigned char* next() {
        copy_async_wait<tape_stages<E> - 2>();
        __syncthreads();
        issue<position + tape_stages<E> - 1>();
        const unsigned char* tile = shared_memory() + consumed_;
        consumed_ = consumed_ == last_stage ? 0 : consumed_ + stage_size<E>;
        return tile;
    }

    /// Call after a chunk's last tile.
    GDN2_DEVICE void next_chunk() {
        record_ += p_.key_heads * p_.workspace.record_bytes;
        left_ -= chunk_length;
    }

private:
    static constexpr int last_stage = (tape_stages<E> - 1) * stage_size<E>, first_with_gamma = 2 * slabs + 4;

    template <int... positions>
    GDN2_DEVICE void start(std::integer_sequence<int, positions...>) {
        (issue<positions>(), ...);
    }

    /// Starts copying the tile at `position`, counted from this chunk's first; none at the tape's end. Closes a group.
    template <int position>
    GDN2_DEVICE void issue() {
        constexpr int item = position % items, chunk = position / items;
        if (left_ > chunk * chunk_length) {
            unsigned char* stage = shared_memory() + issued_;
            if constexpr (item < 2) {
                copy_values(stage, static_cast<const E*>(item == 0 ? p_.value.v : p_.value.w), chunk * chunk_length);
            } else {
                constexpr int gammas = item > first_with_gamma ? item - first_with_gamma : 0;
                constexpr int bytes = tile_bytes<E> + (item >= first_with_gamma ? gamma_bytes : 0);
                copy_run<bytes>(stage, record_ + chunk * p_.key_heads * p_.workspace.record_bytes +
                                           (item - 2) * tile_bytes<E> + gammas * gamma_bytes);
            }
        }
        issued_ = issued_ == last_stage ? 0 : issued_ + stage_size<E>;
        copy_async_commit();
    }

    template <int bytes>
    GDN2_DEVICE void copy_run(unsigned char* stage, const unsigned char* source) const {
        constexpr int per_round = scan_threads * 16;
        const int mine = static_cast<int>(threadIdx.x) * 16;
#pragma unroll
        for (int at = 0; at < bytes; at += per_round)
            if (at + per_round <= bytes || mine < bytes - at) copy_async_16(stage + at + mine, source + at, true);
    }

    /// 64 tokens x 64 channels of v or w, `ahead` tokens further on; zeros beyond the sequence and the tensor.
    GDN2_DEVICE void copy_values(unsigned char* stage, const E* tensor, int ahead) const {
        const ValueSide& value = p_.value;
        const std::int64_t first = part_.sequence.first + part_.sequence.length - left_ + ahead, left = left_ - ahead;
        const int first_value = part_.place.first_value, step = value.heads * value.dim;
        const E* corner = tensor + (first * value.heads + part_.place.head) * value.dim + first_value;
        if (value.units) {
            constexpr int per_row = 64 / unit_size<E>;
            const int column = static_cast<int>(threadIdx.x) % per_row * unit_size<E>;
            const bool exists = first_value + column < value.dim;
#pragma unroll
            for (int i = 0; i < 64; i += scan_threads / per_row) {
                const int row = static_cast<int>(threadIdx.x) / per_row + i;
                const bool inside = exists && row < left;
                const E* source = inside ? corner + std::int64_t{row} * step + column : tensor;
                copy_async_16(tile_at<E>(stage, row, column), source, inside);
            }
        } else {
#pragma unroll 1
            for (int i = static_cast<int>(threadIdx.x); i < 64 * 64; i += scan_threads) {
                const int row = i / 64, column = i % 64;
                const bool inside = row < left && first_value + column < value.dim;
                *tile_at<E>(stage, row, column) =
                    inside ? corner[std::int64_t{row} * step + column] : Element<E>::from_float(0.0f);
            }
        }
    }

    const ScanParams& p_;
    const ScanPart& part_;
    const unsigned char* record_;   ///< this chunk's, from the thread's first 16 bytes on
    std::int64_t left_;             ///< tokens from this chunk's first to the sequence's end
    int issued_ = 0, consumed_ = 0;  ///< byte offsets of the next stages to fill and to hand out
};

}  // namespace gdn2::cuda
