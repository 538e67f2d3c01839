// Third of the four backward kernels: walks over a sequence's chunks from the last to the first and carries the
// gradient of the state.
//     dR = A_qk^T scale dO + K_tail dS_C     dX = A^T dR     dS_0 = Diag(gamma_C) dS_C + Qg^T scale dO - E^T dX
// The tape brings -E, so that dS_0 is one sum; Qg and A_qk carry scale.
// Built as scan is (scan.cuh), its team included: a warp owns 16 value channels and all key channels of dS^T. It saves
// dS_C^T and dX^T of every chunk for chunk_grad.
//   equations  Eqs. 26-28 in the R form (docs/kernels.md, Backward)     tests  tests/cuda/kernels/backward_test.cpp
#pragma once

#include "cuda/kernels/scan.cuh"

namespace gdn2::cuda {

/// dR += dS K_tail^T over this warp's slabs, each of which is saved before and decays after: Diag(gamma_C) dS_C.
template <int slab = 0, class E, int slabs, class Order, int size>
GDN2_DEVICE void read_gradient(Block& dR, Block (&dS)[slabs / size], Tape<E, slabs, Order>& tape,
                               const Team<size>& team, const ScanParams& p, const TileRows& saved) {
    const unsigned char* tile = tape.template next<Order::K_tail + slab>();
    if (size == 1 || slab % size == team.member)
        store_rows_of_tile<E>(p.saved.states, saved.at * slabs + slab, saved.first, dS[slab / size]);
    keep_order();
    if (team.owns(slab)) {
        Product<E>::with_transpose(dR, dS[slab / size], tile);
        decay_slab<E>(dS[slab / size], tile);
    }
    if constexpr (slab + 1 < slabs) read_gradient<slab + 1>(dR, dS, tape, team, p, saved);
}

/// dX += dR A, the transpose of dX = A^T dR, after the team's parts of dR have been added up.
template <int part = 0, class E, int slabs, class Order, int size>
GDN2_DEVICE void multiply_inverse_transposed(Block& dX, Block& dR, Tape<E, slabs, Order>& tape,
                                             const Team<size>& team) {
    const unsigned char* tile = tape.template next<Order::A + part>();
    if (size > 1 && part == 0 && team.leads()) team.add(dR);
    if (team.leads()) Product<E>::with(dX, dR, tile);
    if constexpr (part + 1 < Tape<E, slabs, Order>::A_tiles)
        multiply_inverse_transposed<part + 1>(dX, dR, tape, team);
}

/// dS += dO Qg - dX E, transposed, for this warp's slabs.
template <int slab = 0, class E, int slabs, class Order, int size>
GDN2_DEVICE void write_gradient(Block (&dS)[slabs / size], Kept dO, Block& dX,
                                Tape<E, slabs, Order>& tape, const Team<size>& team) {
    const unsigned char* tile = tape.template next<Order::Qg_and_E + 2 * slab>();
    if (team.owns(slab)) Product<E>::with(dS[slab / size], dO, tile);
    tile = tape.template next<Order::Qg_and_E + 2 * slab + 1>();
    if (slab == 0 && team.follows()) team.add(dX);  // to zeros
    if (team.owns(slab)) Product<E>::with(dS[slab / size], dX, tile);
    if constexpr (slab + 1 < slabs) write_gradient<slab + 1>(dS, dO, dX, tape, team);
}

/// Besides the tape's stages: for each team its exchange and its 16 columns of dO.
inline constexpr int exchange_bytes = 4096;
template <class E, int slabs>
inline constexpr int reverse_scan_shared_bytes =
    tape_stages<E> * stage_size<E> + 4 * (kept_bytes<E> + (team_size<E, slabs> > 1 ? exchange_bytes : 0));

/// grid and threads as of scan, reverse_scan_shared_bytes<E, slabs> of shared memory
template <class E, int slabs>
__global__ void __launch_bounds__(scan_threads<E, slabs>, 2 / team_size<E, slabs>) reverse_scan(const ScanParams p) {
    constexpr int size = team_size<E, slabs>;
    const ScanPart part = part_of(p);
    Block dS[slabs / size];
    load_state(dS, p.states, values_of(p, part, warp_index() % 4), warp_index() / 4, size);

    const int row = 16 * (warp_index() % 4);
    unsigned char* shared = shared_memory() + tape_stages<E> * stage_size<E>;
    const Kept dO{shared + warp_index() % 4 * kept_bytes<E>};
    const Team<size> team{warp_index() / 4, part.place.first_value + row < p.value.dim,
                          shared + 4 * kept_bytes<E> + warp_index() % 4 * exchange_bytes};
    using At = ReverseOrder<E, slabs>;
    static_assert(size == 1 || At::A % 2 == 0, "a barrier between the team's parts of dR and their sum");
    Tape<E, slabs, At> tape(p, part);
    TileRows saved = tile_rows(p, part);
    saved.at += std::int64_t{tape.chunks() - 1} * tile_step(p);
    for (; tape.more(); tape.next_chunk(), saved.at -= tile_step(p)) {
        Block dR, dX;
        phase("dR = A_qk^T dO + K_tail dS");
        const unsigned char* tile = tape.template next<0>();
        if (team.leads()) Product<E>::keep(dO, Columns{tile, row});
        clear(dR);
        read_gradient(dR, dS, tape, team, p, saved);
        if (team.follows()) team.put(dR);
        tile = tape.template next<At::A_qk>();
        if (team.leads()) Product<E>::with(dR, dO, tile);

        phase("dX = A^T dR");
        clear(dX);
        multiply_inverse_transposed(dX, dR, tape, team);
        if (size > 1 && team.leads()) team.put(dX);
        if (team.member == 0) store_rows_of_tile<E>(p.saved.rows, saved.at, saved.first, dX);

        phase("dS = gamma dS + Qg^T dO - E^T dX");
        write_gradient(dS, dO, dX, tape, team);
    }
    copy_async_wait<0>();
    store_state(dS, p.states, values_of(p, part_of(p), reread_thread() / 32 % 4), reread_thread() / 128, size);
}

}  // namespace gdn2::cuda
