// Built-in functions of CUDA in which the threads of a warp or block meet, and the indices.
// A lane leaves what it brings in its warp and suspends; the last to come works for all; each then takes its own.
//   source  CUDA C++ Programming Guide: warp shuffle, vote and synchronisation functions; PTX ISA: shfl
//   tests   tests/cuda/simt/collectives_test.cpp
#include <bit>

#include "cuda/simt/machine.h"

namespace gdn2::simt {

dim3 thread_index() { return machine().lane().index; }
dim3 block_index() { return machine().block_index(); }
dim3 block_size() { return machine().block_size(); }
dim3 grid_size() { return machine().grid_size(); }
void* dynamic_shared() { return machine().shared(); }

int current_thread() { return active_machine ? active_machine->lane().thread : -1; }
int current_block() { return active_machine ? static_cast<int>(active_machine->block()) : -1; }

namespace {

/// The lane that `lane` reads in a shuffle with argument b, as PTX has it. Lanes outside the segment: its own.
unsigned source_lane(Operation operation, unsigned lane, unsigned b, unsigned width) {
    const unsigned first = lane & ~(width - 1), last = first + width - 1;
    switch (operation) {
        case Operation::shuffle: return first + (b & (width - 1));
        case Operation::shuffle_xor: return (lane ^ b) % 32 <= last ? (lane ^ b) % 32 : lane;
        case Operation::shuffle_up: return lane >= first + b ? lane - b : lane;
        default: return b <= last - lane ? lane + b : lane;
    }
}

unsigned shuffle(unsigned mask, unsigned value, unsigned b, int width, Operation operation, const void* pc) {
    Machine& here = machine();
    Warp& warp = here.warp();
    const unsigned lane = here.lane().lane();
    if (width < 1 || width > 32 || !std::has_single_bit(static_cast<unsigned>(width)))
        here.fault(FaultKind::bad_argument, pc, [=] { return "shuffles with a width of " + std::to_string(width); });
    const unsigned source = source_lane(operation, lane, b, static_cast<unsigned>(width));
    if (!(mask & warp.lanes & 1u << source))
        here.fault(FaultKind::divergent_collective, pc, [=] {
            return "reads lane " + std::to_string(source) + " in a shuffle which that lane takes no part in";
        });
    warp.in[0][lane] = value;
    warp.in[1][lane] = source;
    here.meet(mask, operation, pc, [&here](Warp& w, unsigned lanes) {
        for (unsigned left = lanes; left; left &= left - 1) {
            const auto i = static_cast<unsigned>(std::countr_zero(left));
            w.out[0][i] = w.in[0][w.in[1][i]];
        }
        ++here.counters().shuffles;
    });
    return warp.out[0][lane];
}

/// The lanes of `mask` whose predicate holds.
unsigned vote(unsigned mask, int predicate, Operation operation, const void* pc) {
    Machine& here = machine();
    Warp& warp = here.warp();
    const unsigned lane = here.lane().lane();
    warp.in[0][lane] = predicate != 0;
    here.meet(mask, operation, pc, [&here](Warp& w, unsigned lanes) {
        unsigned yes = 0;
        for (unsigned i = 0; i < warp_size; ++i)
            if (lanes >> i & 1) yes |= w.in[0][i] << i;
        for (unsigned i = 0; i < warp_size; ++i)
            if (lanes >> i & 1) w.out[0][i] = yes;
        ++here.counters().shuffles;
    });
    return warp.out[0][lane];
}

}  // namespace
}  // namespace gdn2::simt

using gdn2::simt::machine;
using gdn2::simt::Operation;
using gdn2::simt::shuffle;
using gdn2::simt::vote;

void __syncthreads() { machine().block_barrier(__builtin_return_address(0)); }

void __syncwarp(unsigned mask) {
    gdn2::simt::Machine& here = machine();
    void* round = here.warp().meeting_place.round();
    gdn2::simt::say_come(round);
    here.meet(mask, Operation::syncwarp, __builtin_return_address(0), [&here](gdn2::simt::Warp& warp, unsigned) {
        here.end_tick(warp);
        warp.meeting_place.next_round();
        ++here.counters().warp_syncs;
    });
    gdn2::simt::say_left(round);
}

// One definition for each function and type: the return address must be the kernel's.
#define GDN2_SHUFFLE(name, type, argument, operation)                                                      \
    type name(unsigned mask, type value, argument b, int width) {                                          \
        return __builtin_bit_cast(type, shuffle(mask, __builtin_bit_cast(unsigned, value),                 \
                                                static_cast<unsigned>(b), width, Operation::operation,     \
                                                __builtin_return_address(0)));                             \
    }
GDN2_SHUFFLE(__shfl_sync, float, int, shuffle)
GDN2_SHUFFLE(__shfl_sync, int, int, shuffle)
GDN2_SHUFFLE(__shfl_sync, unsigned, int, shuffle)
GDN2_SHUFFLE(__shfl_xor_sync, float, int, shuffle_xor)
GDN2_SHUFFLE(__shfl_xor_sync, int, int, shuffle_xor)
GDN2_SHUFFLE(__shfl_xor_sync, unsigned, int, shuffle_xor)
GDN2_SHUFFLE(__shfl_up_sync, float, unsigned, shuffle_up)
GDN2_SHUFFLE(__shfl_up_sync, int, unsigned, shuffle_up)
GDN2_SHUFFLE(__shfl_up_sync, unsigned, unsigned, shuffle_up)
GDN2_SHUFFLE(__shfl_down_sync, float, unsigned, shuffle_down)
GDN2_SHUFFLE(__shfl_down_sync, int, unsigned, shuffle_down)
GDN2_SHUFFLE(__shfl_down_sync, unsigned, unsigned, shuffle_down)
#undef GDN2_SHUFFLE

unsigned __ballot_sync(unsigned mask, int predicate) {
    return vote(mask, predicate, Operation::ballot, __builtin_return_address(0));
}
int __any_sync(unsigned mask, int predicate) {
    return vote(mask, predicate, Operation::any, __builtin_return_address(0)) != 0;
}
int __all_sync(unsigned mask, int predicate) {
    const unsigned lanes = mask & machine().warp().lanes;
    return vote(mask, predicate, Operation::all, __builtin_return_address(0)) == lanes;
}
