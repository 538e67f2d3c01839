// Second of the two forward kernels: walks over a sequence's chunks and carries the state.
//     X = Z - E S_0     R = A X     O = Qg S_0 + A_qk R     S_C = Diag(gamma_C) S_0 + K_tail^T R
// The tape brings -E, so that X is one sum; Qg and A_qk carry scale.
// Everything is transposed: a warp owns 16 value channels (rows) and all key channels (columns) of S^T, in its
// accumulators, for the whole sequence. Value channels never meet, so warps exchange nothing; they only share the
// tiles of the tape. The 64 tokens of a chunk are the columns of X^T, R^T and O^T. Where a warp's registers do not hold
// all key channels, a team of two shares them (Team); read the kernel first as if every team were one warp, and every
// part (scan_part.cuh) a whole sequence.
//   equations  Eqs. 23, 24, 35 in the R form     tests  tests/cuda/kernels/forward_test.cpp
#pragma once

#include "cuda/kernels/scan_part.cuh"
#include "cuda/kernels/tile/chunk_tiles.h"
#include "cuda/kernels/tile/tape.h"

namespace gdn2::cuda {

/// Numbers from row to row where a warp turns its outputs around: neighbours in a column lie in different banks.
template <class E>
inline constexpr int output_stride = sizeof(E) == 2 ? 24 : 20;
template <class E>
inline constexpr int output_bytes = 64 * output_stride<E> * static_cast<int>(sizeof(E));

/// Shared memory of a team: for its outputs, and for a block put there.
template <class E, int slabs>
inline constexpr int team_bytes = team_size<E, slabs> > 1 && output_bytes<E> < 4096 ? 4096 : output_bytes<E>;

template <class E, int slabs>
inline constexpr int scan_shared_bytes = tape_stages<E> * stage_size<E> + 4 * team_bytes<E, slabs>;

/// One or two warps with 16 rows of S^T (value channels), each with every `size`-th slab of key channels. The first
/// leads: it alone has Z, multiplies by A and A_qk and writes the outputs. What the other has read from its slabs, and
/// then R for it, go through the team's shared memory, where every lane has its own place; the barriers are the tape's.
template <int size>
struct Team {
    int member;             ///< this warp's number in the team
    bool busy;              ///< false for warps beyond the tensor: they only keep the barriers
    unsigned char* shared;  ///< team_bytes

    GDN2_DEVICE bool leads() const { return busy && (size == 1 || member == 0); }
    GDN2_DEVICE bool follows() const { return size > 1 && busy && member > 0; }
    GDN2_DEVICE bool owns(int slab) const { return busy && (size == 1 || slab % size == member); }

    GDN2_DEVICE unsigned char* place(int n) const { return shared + (32 * n + lane_index()) * 16; }
    /// Leaves a block for the other warp.
    GDN2_DEVICE void put(const Block& block) const {
#pragma unroll
        for (int n = 0; n < 8; ++n)
            store_vector<float4>(place(n), make_float4(block[n][0], block[n][1], block[n][2], block[n][3]));
    }
    /// Adds to a block what the other warp has put.
    GDN2_DEVICE void add(Block& block) const {
#pragma unroll
        for (int n = 0; n < 8; ++n) {
            const float4 x = load_vector<float4>(place(n));
            block[n][0] += x.x, block[n][1] += x.y, block[n][2] += x.z, block[n][3] += x.w;
        }
    }
};

/// Z^T = (w * v)^T from the chunk's first two tiles, in the leading warp; zeros in others.
template <class E, int slabs, class Order, int size>
GDN2_DEVICE void read_values(Block& Z, Tape<E, slabs, Order>& tape, const Team<size>& team) {
    Block w;
    const unsigned char* tile = tape.template next<0>();
    if (size > 1) clear(Z);
    if (team.leads()) Product<E>::load_transpose(Z, tile, warp_index() % 4 * 16);
    tile = tape.template next<1>();
    if (!team.leads()) return;
    Product<E>::load_transpose(w, tile, warp_index() % 4 * 16);
#pragma unroll
    for (int n = 0; n < 8; ++n)
#pragma unroll
        for (int i = 0; i < 4; ++i) Z[n][i] *= w[n][i];
}

/// d += S tile^T over this warp's slabs; the tiles of all slabs stand at `position` and after.
template <int position, int slab = 0, class E, int slabs, class Order, int size>
GDN2_DEVICE void read_state(Block& d, const Block (&S)[slabs / size], Tape<E, slabs, Order>& tape,
                            const Team<size>& team) {
    const unsigned char* tile = tape.template next<position + slab>();
    if (team.owns(slab)) Product<E>::with_transpose(d, S[slab / size], tile);
    if constexpr (slab + 1 < slabs) read_state<position, slab + 1>(d, S, tape, team);
}

/// R += A X, after the team's parts of X have been added up.
template <int part = 0, class E, int slabs, class Order, int size>
GDN2_DEVICE void multiply_inverse(Block& R, Block& X, Tape<E, slabs, Order>& tape, const Team<size>& team) {
    const unsigned char* tile = tape.template next<Order::A + part>();
    if (size > 1 && part == 0 && team.leads()) team.add(X);
    if (team.leads()) Product<E>::template with_transpose<Triangle::lower>(R, X, tile);
    if constexpr (part + 1 < Tape<E, slabs, Order>::A_tiles) multiply_inverse<part + 1>(R, X, tape, team);
}

/// S = Diag(gamma_C) S for one slab of key channels, whose K_tail's tile is given.
template <class E>
GDN2_DEVICE void decay_slab(Block& S, const unsigned char* tile) {
    const float* gamma = reinterpret_cast<const float*>(tile + tile_bytes<E>) + lane_index() % 4 * 2;
#pragma unroll
    for (int n = 0; n < 8; ++n) {
        const float2 decay = load_vector<float2>(gamma + 8 * n);
        S[n][0] *= decay.x;
        S[n][1] *= decay.y;
        S[n][2] *= decay.x;
        S[n][3] *= decay.y;
    }
}

/// S = Diag(gamma_C) S + K_tail^T R for this warp's slabs; the tiles of all slabs stand at `position` and after.
template <int position, int slab = 0, class E, int slabs, class Order, int size>
GDN2_DEVICE void write_state(Block (&S)[slabs / size], const Block& R, Tape<E, slabs, Order>& tape,
                             const Team<size>& team) {
    const unsigned char* tile = tape.template next<position + slab>();
    if (team.owns(slab)) {
        decay_slab<E>(S[slab / size], tile);
        Product<E>::with(S[slab / size], R, tile);
    }
    if constexpr (slab + 1 < slabs) write_state<position, slab + 1>(S, R, tape, team);
}

/// Turns the team's 16 x 64 outputs around through shared memory and writes them as rows of o, from value channel
/// `first` of the block on; `channels` of them exist. The tape's next barrier lets the rows be written again.
template <class E, int slabs, class Order, int size>
GDN2_DEVICE void store_output(Block& O, const ValueSide& value, const Tape<E, slabs, Order>& tape,
                              const Team<size>& team, int first, int channels) {
    if (!team.leads()) return;
    if (size > 1) {
        team.add(O);
        __syncwarp();
    }
    E* rows = reinterpret_cast<E*>(team.shared);
    const int length = tape.left();
    const int g = lane_index() / 4, t = lane_index() % 4;
#pragma unroll
    for (int n = 0; n < 8; ++n)
#pragma unroll
        for (int i = 0; i < 4; ++i)
            rows[(8 * n + 2 * t + i % 2) * output_stride<E> + g + i / 2 * 8] = Element<E>::from_float(O[n][i]);
    __syncwarp();
    E* corner = static_cast<E*>(value.o) + (tape.values() + first);
    const std::int64_t step = std::int64_t{value.heads} * value.dim;
    if (value.units) {
        constexpr int per_row = 16 / unit_size<E>;
        const int column = lane_index() % per_row * unit_size<E>;
#pragma unroll
        for (int row = lane_index() / per_row; row < 64; row += 32 / per_row)
            if (row < length && column < channels)
                store_vector<uint4>(corner + row * step + column,
                                    load_vector<uint4>(rows + row * output_stride<E> + column));
    } else {
        for (int i = lane_index(); i < 64 * 16; i += 32)
            if (i / 16 < length && i % 16 < channels)
                corner[i / 16 * step + i % 16] = rows[i / 16 * output_stride<E> + i % 16];
    }
}

/// Saves the state at the chunk's start.
template <class E, int slabs, int size>
GDN2_DEVICE void save_state(const ScanParams& p, const Block (&S)[slabs / size], const TileRows& rows) {
#pragma unroll
    for (int i = 0; i < slabs / size; ++i)
        store_rows_of_tile<E>(p.saved.states, rows.at * slabs + warp_index() / 4 + i * size, rows.first, S[i]);
}

/// grid (sequences * value blocks of 64 channels, value heads), or with segments (segment slots * value blocks, ..),
/// where it maps with the key blocks of M besides; scan_threads<E, slabs> threads, scan_shared_bytes<E, slabs> of
/// shared memory; slabs = key_dim / 64, rounded up to 1, 2 or 4
template <class E, int slabs, int walk = Walk::outputs>
__global__ void __launch_bounds__(scan_threads<E, slabs>, 2 / team_size<E, slabs>) scan(const ScanParams p) {
    constexpr int size = team_size<E, slabs>;
    constexpr bool outputs = Walk::writes(walk), saves = Walk::keeps(walk);
    const ScanPart part = part_of<walk>(p);
    if (is_idle<walk>(p, part)) return;
    Block S[slabs / size];
    const StatePlace start = start_of_part<walk, slabs>(p, part, warp_index() % 4);
    load_state(S, start.states, start.block, warp_index() / 4, size);
    if (walk == Walk::maps && has_map(p, part)) add_identity(S, start.block, warp_index() / 4, size);

    const int row = 16 * (warp_index() % 4), first_value = part.place.first_value + row;
    const Team<size> team{warp_index() / 4, start.block.first_value < start.block.value_dim,
                          shared_memory() + tape_stages<E> * stage_size<E> + warp_index() % 4 * team_bytes<E, slabs>};
    using At = ScanOrder<E, slabs, walk>;  // where on the tape a tile stands
    static_assert(size == 1 || At::A % 2 == 0, "a barrier between the team's parts of X and their sum");
    Tape<E, slabs, At> tape(p, part);
    TileRows saved = tile_rows<saves>(p, part);
    for (; tape.more(); tape.next_chunk()) {
        if constexpr (saves) save_state<E, slabs, size>(p, S, saved);
        Block X, R;
        phase("X = Z - E S");                                                          // Eq. 35 before A
        read_values(X, tape, team);
        read_state<At::E_tiles>(X, S, tape, team);
        if (team.follows()) team.put(X);

        phase("R = A X");
        clear(R);
        multiply_inverse(R, X, tape, team);                                           // Eq. 35
        if (size > 1 && team.leads()) team.put(R);
        if (saves && team.member == 0) store_rows_of_tile<E>(p.saved.rows, saved.at, saved.first, R);

        phase("O = Qg S + A_qk R");
        clear(X);  // from here on X is O: two blocks are all that fits beside the state
        if constexpr (outputs) read_state<At::Qg>(X, S, tape, team);
        if (!outputs && size > 1) __syncthreads();  // otherwise Qg's tiles bring the barrier
        if (team.follows()) {
            team.add(R);  // to zeros
            if (outputs) team.put(X);
        }
        if constexpr (outputs) {
            const unsigned char* A_qk = tape.template next<At::A_qk>();
            if (team.leads()) Product<E>::template with_transpose<Triangle::lower>(X, R, A_qk);   // Eq. 24
            if (size == 1) store_output<E>(X, p.value, tape, team, row, p.value.dim - first_value);
        }

        phase("S = gamma S + K_tail^T R");
        write_state<At::K_tail>(S, R, tape, team);                                     // Eq. 23
        if (outputs && size > 1) store_output<E>(X, p.value, tape, team, row, p.value.dim - first_value);
        if constexpr (saves) saved.at += tile_step(p);
    }
    copy_async_wait<0>();
    const StatePlace end = end_of_part<walk, slabs>(p, part_of<walk>(p), reread_thread() / 32 % 4);
    store_state(S, end.states, end.block, reread_thread() / 128, size);
}

}  // namespace gdn2::cuda
