// Kernels with one mistake each, and without it: what the emulator must catch, and must let pass.
#pragma once

namespace gdn2::test {

struct PlantedArguments {
    const float* in = nullptr;  // 256 floats that are written
    float* out = nullptr;       // 256 floats
    bool good = true;           // false: make the mistake
};
using PlantedKernel = void (*)(PlantedArguments);

void missing_syncthreads(PlantedArguments);
void missing_syncwarp(PlantedArguments);
void write_after_read(PlantedArguments);
void same_value_race(PlantedArguments);
void shuffle_is_no_barrier(PlantedArguments);
void global_race(PlantedArguments);
void ldmatrix_race(PlantedArguments);
void two_blocks_write(PlantedArguments);
void one_block_reads_the_other(PlantedArguments);
void missing_wait(PlantedArguments);
void wrong_wait_count(PlantedArguments);
void missing_commit(PlantedArguments);
void write_under_copy(PlantedArguments);
void copy_seen_without_barrier(PlantedArguments);
void never_waited(PlantedArguments);
void past_the_end(PlantedArguments);
void before_the_start(PlantedArguments);
void past_shared_memory(PlantedArguments);
void null_pointer(PlantedArguments);
void write_to_constant(PlantedArguments);
void copy_past_the_end(PlantedArguments);
void ldmatrix_outside(PlantedArguments);
void unwritten_shared(PlantedArguments);
void unwritten_global(PlantedArguments);
void unwritten_output(PlantedArguments);
void divergent_syncthreads(PlantedArguments);
void left_before_barrier(PlantedArguments);
void left_while_others_wait(PlantedArguments);
void divergent_collective(PlantedArguments);
void divergent_lines(PlantedArguments);
void partial_shuffle(PlantedArguments);
void lane_at_barrier(PlantedArguments);
void shuffle_from_outside(PlantedArguments);
void mask_without_caller(PlantedArguments);
void misaligned_vector(PlantedArguments);
void misaligned_pointer(PlantedArguments);
void misaligned_copy(PlantedArguments);
void misaligned_ldmatrix(PlantedArguments);
void named_barrier_counts(PlantedArguments);
void unmatched_arrive(PlantedArguments);
void barrier_zero(PlantedArguments);
void waits_in_a_circle(PlantedArguments);
void static_missing_syncthreads(PlantedArguments);
void static_scalar_race(PlantedArguments);
void static_unwritten(PlantedArguments);
void static_left_over(PlantedArguments);
void static_missing_wait(PlantedArguments);
void static_far_outside(PlantedArguments);
void deep_recursion(PlantedArguments);
void large_frame(PlantedArguments);
void division_by_zero(PlantedArguments);
void remainder_of_zero(PlantedArguments);
void waits_for_a_flag(PlantedArguments);
void waits_for_a_vote(PlantedArguments);
void barriers_without_end(PlantedArguments);

}  // namespace gdn2::test
