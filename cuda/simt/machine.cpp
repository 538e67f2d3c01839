// One block from start to end on this host thread.
//   tests  tests/cuda/simt/emulator_test.cpp, planted_test.cpp
#include "cuda/simt/machine.h"

#include <cfenv>
#include <cstdint>

#include "cuda/simt/image.h"
#include "cuda/simt/symbols.h"

namespace gdn2::simt {

constinit thread_local Machine* active_machine = nullptr;
constinit thread_local OwnStack own_stack;

void called_outside_a_kernel() { throw Error("a device function was called outside a kernel"); }

namespace {

/// While one is alive this host thread runs a kernel: its own stack is the lanes', and floating-point exceptions do
/// not trap, as they do not on the card.
class KernelRuns {
public:
    explicit KernelRuns(Machine* machine) {
        std::feholdexcept(&environment_);
        active_machine = machine;
    }
    ~KernelRuns() {
        own_stack = OwnStack{};
        active_machine = nullptr;
        std::fesetenv(&environment_);
    }
    KernelRuns(const KernelRuns&) = delete;
    KernelRuns& operator=(const KernelRuns&) = delete;

private:
    std::fenv_t environment_;
};

dim3 place_in(std::int64_t i, dim3 sizes) {
    const auto n = static_cast<unsigned long long>(i);
    const unsigned long long x = sizes.x, y = sizes.y;
    return {static_cast<unsigned>(n % x), static_cast<unsigned>(n / x % y), static_cast<unsigned>(n / x / y)};
}

unsigned mask_of(int lanes) { return lanes >= 32 ? ~0u : (1u << lanes) - 1; }

}  // namespace

void Machine::set_up(const Job& job, std::int64_t block) {
    const Launch& launch = job.launch;
    job_ = &job;
    checks_ = job.options.check && !under_thread_sanitizer;
    counts_ = job.options.count;
    own_stack.size = checks_ || counts_ ? StackPool::stack_bytes : UINTPTR_MAX;
    block_ = block;
    grid_size_ = {launch.grid.x, launch.grid.y, launch.grid.z};
    block_size_ = {launch.block.x, launch.block.y, launch.block.z};
    block_index_ = place_in(block, grid_size_);
    threads_ = static_cast<int>(launch.block.count());
    warp_count_ = (static_cast<unsigned>(threads_) + warp_size - 1) / warp_size;
    ended_ = at_barrier_ = 0;
    named_ = {};
    fault_.reset();
    trap_ = {};
    exception_ = nullptr;
    counters_ = {};
    spans_.clear();
    last_buffer_ = nullptr;
    set_up_shared_memory();
    set_up_lanes();
}

void Machine::set_up_shared_memory() {
    constexpr std::size_t alignment = 1024;
    const std::size_t bytes = job_->launch.shared_bytes;
    if (shared_memory_.size() < bytes + 2 * alignment) shared_memory_.resize(bytes + 2 * alignment);
    const auto start = reinterpret_cast<std::uintptr_t>(shared_memory_.data());
    dynamic_.data = shared_memory_.data() + (alignment - start % alignment);
    dynamic_.bytes = bytes;
    fill_with_poison(dynamic_.data, bytes);
    if (!static_.data) {
        const auto variables = thread_local_memory();  // a machine stays with its host thread
        static_.data = variables.data();
        static_.bytes = variables.size();
    }
    if (!checks_) return;
    const bool from_zero = abandoned_ || tick_ > last_tick / 2;
    if (from_zero) tick_ = 0;
    for (SharedRegion* region : {&dynamic_, &static_}) {
        if (from_zero) region->shadow.clear();
        region->shadow.begin(region->bytes, warp_count_, tick_);
    }
}

void Machine::set_up_lanes() {
    const int order = job_->options.lane_order;
    stacks_.reserve(static_cast<std::size_t>(threads_));
    if (abandoned_) stacks_.forget_fibers();
    abandoned_ = true;  // until the block has ended well
    if (lanes_.size() < static_cast<std::size_t>(threads_)) lanes_.resize(static_cast<std::size_t>(threads_));
    if (warps_.size() < warp_count_) warps_.resize(warp_count_);

    shuffled_ = order > 1;
    random_ = OrderRandom(static_cast<std::uint64_t>(order) << 32 ^ static_cast<std::uint64_t>(block_));
    ready_warps_.reset(order == 1);
    if (shuffled_) ready_warps_.shuffle(random_);
    for (int i = 0; i < threads_; ++i) {
        Lane& lane = lanes_[static_cast<std::size_t>(i)];
        lane.thread = i;
        lane.index = place_in(i, block_size_);
        lane.copies.clear();
        lane.groups = 0;
        lane.steps_left = job_->options.step_limit;
        stacks_.prepare(static_cast<std::size_t>(i), lane.context, lane_main);
    }
    ++tick_;
    for (unsigned w = 0; w < warp_count_; ++w) {
        Warp& warp = warps_[w];
        warp.index = w;
        warp.lanes = mask_of(threads_ - static_cast<int>(w * warp_size));
        warp.open_meetings = 0;
        warp.meetings = {};
        warp.clock.fill(tick_);
        warp.log.clear();
        warp.phase = "";
        warp.phase_first = warp.step = 0;
        warp.ready.reset(order == 1);
        release(warp, warp.lanes);
    }
}

void Machine::run_block(const Job& job, std::int64_t block) {
    require(!active_machine, std::string(job.launch.kernel) + ": launched from inside a kernel");
    const KernelRuns runs(this);
    set_up(job, block);

    warp_ = &warps_[ready_warps_.first()];
    Lane* first = next_lane();
    current_ = first;
    own_stack.low = stacks_.low(static_cast<std::size_t>(first->thread));
    say_come(&block_begins_);
    jump(home_, first->context);  // comes back when no lane can run
    say_left(&block_ends_);

    if (exception_) std::rethrow_exception(exception_);
    if (trap_.signal) fault_ = fault_of(trap_);
    if (!fault_) fault_ = why_stuck();
    if (fault_) throw_fault(*fault_);
    for (unsigned w = 0; w < warp_count_; ++w) {
        warps_[w].log.flush(counters_);
        begin_phase(warps_[w], "");
    }
    abandoned_ = false;
    counters_.blocks = 1;
}

/// What every fiber runs.
void Machine::lane_main() {
    Machine& self = *active_machine;
    say_left(&self.block_begins_);
    try {
        self.job_->body();
    } catch (...) {
        self.exception_ = std::current_exception();
        self.leave();
    }
    self.end_lane();
}

void Machine::end_lane() {
    Lane& self = *current_;
    if (at_barrier_ > 0)
        fault(FaultKind::divergent_barrier, nullptr,
              [] { return "leaves the kernel while another thread waits at a __syncthreads"; }, barrier_thread_,
              barrier_pc_);
    if (!self.copies.empty())
        fault(FaultKind::missing_wait, self.copies.front().pc,
              [] { return "leaves the kernel without waiting for this copy"; });
    self.state = LaneState::ended;
    ++ended_;
    suspend();
}

/// Back to the host for good. The fibers' stacks are abandoned as they are.
void Machine::leave() {
    say_come(&block_ends_);
    jump(current_->context, home_);
    __builtin_unreachable();
}

void Machine::throw_fault(const RawFault& raw) const {
    const BlockIndex block{block_index_.x, block_index_.y, block_index_.z};
    throw Fault({raw.kind, job_->launch.kernel, block, raw.thread, line_of(raw.pc), raw.what, block, raw.other_thread,
                 line_of(raw.other_pc)});
}

}  // namespace gdn2::simt
