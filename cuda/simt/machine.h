// One emulated multiprocessor: what a host thread keeps about the block that it runs, and its scheduler.
// A lane (a CUDA thread) runs until it must wait, then jumps straight to the next lane that can run: of its own warp
// first, else of the next warp. When none can run the host side looks at why: the block has ended, or it is stuck.
//   tests  tests/cuda/simt/emulator_test.cpp, planted_test.cpp
#pragma once

#include <array>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cuda/simt/buffer.h"
#include "cuda/simt/cuda_host.h"
#include "cuda/simt/emulator.h"
#include "cuda/simt/fiber.h"
#include "cuda/simt/ready_set.h"
#include "cuda/simt/sanitizer.h"
#include "cuda/simt/shared_region.h"
#include "cuda/simt/traps.h"
#include "cuda/simt/wavefronts.h"

namespace gdn2::simt {

/// Operations that the lanes of a warp carry out together.
enum class Operation : std::uint8_t {
    syncwarp, shuffle, shuffle_xor, shuffle_up, shuffle_down, ballot, any, all,
    mma_bf16_k16, mma_f16_k16, mma_bf16_k8, mma_tf32_k8,
    ldmatrix_x4, ldmatrix_x4_trans, ldmatrix_x2, ldmatrix_x2_trans,
    barrier_sync, barrier_arrive
};
const char* name_of(Operation operation);

enum class LaneState : std::uint8_t { ready, in_operation, at_barrier, at_named_barrier, ended };

/// An asynchronous copy under way.
struct AsyncCopy {
    std::byte* to = nullptr;
    std::array<std::byte, 16> data{};  // as the source was when the copy was issued
    int group = 0;
    const void* pc = nullptr;
};

/// One CUDA thread.
struct Lane {
    Context context;
    dim3 index;
    int thread = 0;  // number in the block
    LaneState state = LaneState::ready;
    const void* pc = nullptr;  // of the call that it waits in
    std::vector<AsyncCopy> copies;
    int groups = 0;  // of copies that it has committed
    std::int64_t steps_left = 0;
    unsigned warp() const { return static_cast<unsigned>(thread) / warp_size; }
    unsigned lane() const { return static_cast<unsigned>(thread) % warp_size; }
};

/// Lanes of `mask` on their way into one operation.
struct Meeting {
    unsigned mask = 0, arrived = 0;
    Operation operation = Operation::syncwarp;
    const void* pc = nullptr;  // of the first that came
};

struct Warp {
    unsigned index = 0, lanes = 0;  // lanes: a mask of those that exist
    ReadySet ready;
    std::array<Meeting, warp_size> meetings;  // by the lowest lane of their mask
    unsigned open_meetings = 0;
    Clock clock{};                            // clock[index] is the warp's own tick
    // What lanes bring into an operation, register by register, and what they take out.
    std::uint32_t in[8][warp_size];
    std::uint32_t out[4][warp_size];
    const void* address[warp_size];
    AccessLog log;
    MeetingPlace meeting_place;
    // The timeline: what the warp does, since when, and now.
    const char* phase = "";
    std::int64_t phase_first = 0, step = 0;
};

struct NamedBarrier {
    int threads = 0, arrived = 0;
    std::uint32_t waiting = 0;  // warps
    std::int64_t step = 0;      // the latest of those who came
    MeetingPlace meeting_place;
    Clock joined{};
    const void* pc = nullptr;
    int thread = -1;  // the first that came
};

/// What a fiber leaves behind when its kernel has gone wrong; the host side makes a Fault of it.
struct RawFault {
    FaultKind kind;
    std::string what;
    int thread;
    const void* pc;
    int other_thread;
    const void* other_pc;
};

class CrossBlockRaces;

/// What the blocks of a launch share.
struct Job {
    const Launch& launch;
    const Options& options;
    const std::function<void()>& body;
    std::uint32_t number = 0;  // of the launch, from 1
    std::shared_ptr<const Buffers> buffers;
    CrossBlockRaces& races;
};

class Machine {
public:
    /// Runs one block to its end. Throws Fault.
    void run_block(const Job& job, std::int64_t block);

    // -- For the functions that kernels call.
    Lane& lane() { return *current_; }
    Warp& warp() { return *warp_; }
    unsigned warp_count() const { return warp_count_; }
    int threads() const { return threads_; }
    dim3 block_index() const { return block_index_; }
    dim3 block_size() const { return block_size_; }
    dim3 grid_size() const { return grid_size_; }
    std::int64_t block() const { return block_; }
    std::byte* shared() { return dynamic_.data; }
    Counters& counters() { return counters_; }

    /// The calling lane meets the other lanes of `mask`; the last one to come runs work(warp, lanes) for all.
    template <class Work>
    void meet(unsigned mask, Operation operation, const void* pc, const Work& work);
    /// The same for operations that need all 32 lanes.
    template <class Work>
    void meet_all(Operation operation, const void* pc, const Work& work);

    /// __syncthreads.
    void block_barrier(const void* pc);
    /// Named barriers: a warp that has met brings its threads.
    void named_barrier(int id, int threads, bool wait, const void* pc);

    // -- Memory (memory.cpp). Each faults unless the access is allowed, and counts it.
    /// Any access of kernel code.
    template <bool is_write>
    void access(std::uintptr_t address, std::size_t bytes, const void* pc);
    /// The same where the address must be a multiple of the size.
    template <bool is_write>
    void aligned_access(std::uintptr_t address, std::size_t bytes, const void* pc) {
        if (address % bytes != 0) misaligned(address, bytes, is_write, pc);
        access<is_write>(address, bytes, pc);
    }
    /// A lane's part of ldmatrix.
    void read_matrix_row(const void* row, const void* pc);
    /// The offsets in shared memory of a warp's rows for ldmatrix, to count their passes.
    void count_matrices(const void* const (&rows)[warp_size], unsigned matrices);

    // -- cp.async (async_copy.cpp).
    void issue_copy(void* shared, const void* global, bool valid, const void* pc);
    void commit_copies() { ++current_->groups; }
    void wait_copies(int groups_left, const void* pc);

    // -- The timeline (timeline.cpp).
    void begin_phase(Warp& warp, const char* name);
    const std::vector<TimelineSpan>& spans() const { return spans_; }

    /// The warp's accesses so far are over, for those that it meets: a new tick begins.
    const Clock& end_tick(Warp& warp);

    // -- Faults that no operation of the kernel's finds (traps.cpp).
    [[noreturn]] void trapped(const Trap& trap);
    [[noreturn]] void overflow_stack(const void* pc);
    [[noreturn]] void never_ends(const void* pc);

    /// Ends the launch with the calling lane's fault. sentence() says what it did; the caller's stack is abandoned, so
    /// nobody up there may own memory, the parts of the sentence least of all.
    template <class Sentence>
    [[noreturn]] void fault(FaultKind kind, const void* pc, const Sentence& sentence, int other_thread = -1,
                            const void* other_pc = nullptr) {
        fault_ = RawFault{kind, sentence(), current_->thread, pc, other_thread, other_pc};
        leave();
    }

private:
    void set_up(const Job& job, std::int64_t block);
    void set_up_shared_memory();
    void set_up_lanes();
    template <bool is_write>
    void access_shared(SharedRegion& region, std::uintptr_t address, std::size_t bytes, const void* pc);
    template <bool is_write>
    void check_shared(SharedRegion& region, std::size_t offset, std::size_t bytes, const void* pc);
    SharedRegion* shared_region_of(std::uintptr_t address, std::size_t bytes);
    template <bool is_write>
    void access_global(std::uintptr_t address, std::size_t bytes, const void* pc);
    [[noreturn]] void misaligned(std::uintptr_t address, std::size_t bytes, bool is_write, const void* pc);
    Buffer* buffer_of(std::uintptr_t address, std::size_t bytes);
    Access access_by_lane(bool is_write, const void* pc) const;
    [[noreturn]] void out_of_bounds(std::uintptr_t address, std::size_t bytes, bool is_write, const void* pc);
    /// `buffer`: where, or null for shared memory, in `region`.
    [[noreturn]] void refuse(const Conflict& conflict, bool is_write, const Buffer* buffer, const SharedRegion* region,
                             const void* pc);
    std::string name_of_address(std::uintptr_t address) const;
    void announce_copy(SharedRegion& region, std::size_t offset, const void* pc);
    void land_copy(const AsyncCopy& copy);
    void note_cross_block(const Conflict& conflict, const Buffer& buffer, bool is_write, const void* pc);
    void suspend();
    Lane* next_lane();
    void release(Warp& warp, unsigned lanes);
    static void lane_main();
    void end_lane();
    [[noreturn]] void leave();
    /// True when the caller is the last of its meeting.
    bool arrive(unsigned mask, Operation operation, const void* pc);
    void close_meeting(Warp& warp, unsigned mask);
    void complete_barrier();
    void bring(Warp& warp, int id, int threads, bool wait, const void* pc);
    void complete(NamedBarrier& barrier);
    void catch_up(Warp& warp, std::int64_t step);
    std::optional<RawFault> why_stuck() const;
    RawFault missing_lane(const Warp& warp, const Meeting& meeting) const;
    std::string whereabouts(const Lane& lane) const;
    RawFault fault_of(const Trap& trap) const;
    [[noreturn]] void throw_fault(const RawFault& raw) const;

    const Job* job_ = nullptr;
    bool checks_ = true, counts_ = true, shuffled_ = false;
    std::int64_t block_ = 0;
    dim3 block_index_, block_size_, grid_size_;
    int threads_ = 0, ended_ = 0;
    unsigned warp_count_ = 0;

    Lane* current_ = nullptr;
    Warp* warp_ = nullptr;  // the running lane's
    std::vector<Lane> lanes_;
    std::vector<Warp> warps_;
    ReadySet ready_warps_;
    OrderRandom random_{0};

    int at_barrier_ = 0, barrier_thread_ = -1;
    const void* barrier_pc_ = nullptr;
    MeetingPlace barrier_place_;
    std::array<NamedBarrier, 16> named_{};

    Context home_;
    char block_begins_ = 0, block_ends_ = 0;  // where lanes and the host meet, for ThreadSanitizer
    StackPool stacks_;
    SignalStack signal_stack_;
    Trap trap_;
    std::optional<RawFault> fault_;
    std::exception_ptr exception_;
    Counters counters_;
    std::vector<TimelineSpan> spans_;

    std::vector<std::byte> shared_memory_;
    SharedRegion dynamic_, static_;
    Tick tick_ = 0;                 // the latest that this host thread has given out
    bool abandoned_ = false;        // the last block ended in a fault
    Buffer* last_buffer_ = nullptr;  // where the last access was
};

/// The machine that runs on this host thread, null while no kernel does.
extern constinit thread_local Machine* active_machine;

[[noreturn]] void called_outside_a_kernel();

/// The machine of the calling kernel thread; throws Error when the host calls a device function.
inline Machine& machine() {
    if (!active_machine) called_outside_a_kernel();
    return *active_machine;
}

/// Accesses within [low, low + size) are the running lane's own stack. While no kernel runs it is all of memory.
struct OwnStack {
    std::uintptr_t low = 0, size = UINTPTR_MAX;
};
extern constinit thread_local OwnStack own_stack;

template <class Work>
void Machine::meet(unsigned mask, Operation operation, const void* pc, const Work& work) {
    mask &= warp().lanes;
    if (arrive(mask, operation, pc)) {
        work(warp(), mask);
        if (mask == warp().lanes) warp().log.flush(counters_);
        close_meeting(warp(), mask);
        release(warp(), mask);
    }
    suspend();
}

template <class Work>
void Machine::meet_all(Operation operation, const void* pc, const Work& work) {
    if (warp().lanes != ~0u)
        fault(FaultKind::bad_argument, pc,
              [=] { return std::string("is in ") + name_of(operation) + " in a warp of fewer than 32"; });
    meet(~0u, operation, pc, work);
}

}  // namespace gdn2::simt
