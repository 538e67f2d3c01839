// Small kernels for the emulator's tests: shuffles and votes, orders, counts, phases, floating point.
#pragma once

#include <cstdint>

namespace gdn2::test {

/// out[i][t] for shuffles with argument b: 0 __shfl_sync, 1 xor, 2 up, 3 down, of value 100 + t.
void all_shuffles(int* out, int b, int width);
/// out[0][t] ballot, out[1][t] any, out[2][t] all of t % 32 < limit; the type-specific shuffles in out[3..5].
void all_votes(unsigned* out, int limit);
/// Sums in[0..n) by threads, warps and the block, through every kind of meeting; out[block] and out_all[thread].
void block_sum(const float* in, float* out, float* out_all, int n);
/// Writes the numbers of the thread, block and grid: 6 per thread, in order of x, y, z.
void write_indices(unsigned* out);

/// Ordered: warp 0 produces `rounds` values, warps 1 to 3 consume them, through two named barriers.
void producer_consumers(const float* in, float* out, int rounds, bool good);
/// The same order through __syncwarp, barriers and several readers; fails when it reports a race.
void ordered_accesses(const float* in, float* out);
/// Each warp reads a global value; then, without a barrier unless good, warp 0 overwrites it.
void several_readers(float* data, float* out, bool good);
/// Every block reads all of `in`.
void shared_input(const float* in, float* out, int n);

/// Every block reads data[0]; then block 0 writes it.
void overwrites_input(float* data);
/// Every block writes out[9], then out[4].
void blocks_meet_twice(float* out);

/// Counted accesses: 3 global loads and 1 global store of 4 bytes, 1 load and 1 store of 16, per thread, and so on.
void counted(const float* in, float* out);
/// Thread t of a warp stores 4 bytes to shared memory at t * stride floats.
void strided_stores(int stride);
/// Thread t of a warp stores 16 bytes at t * stride float4s.
void strided_vectors(int stride);
/// Lanes below 16 and above take different ways through shared memory.
void split_lanes();
/// Loads four 8 x 8 matrices whose rows are `pitch` bytes apart.
void pitched_ldmatrix(int pitch, float* out);

/// Two phases a warp, with work in proportion to its number.
void phases(float* out);
/// out[t] = 0 / 0 and the like, which trap on the host.
void makes_nan(float* out);
/// Calls `thrower` in one thread.
void throws_error(void (*thrower)());
/// Copies after which nothing is left over: zero-fill, partial groups, many groups.
void copies(const float* in, float* out);

}  // namespace gdn2::test
