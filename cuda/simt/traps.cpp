// What stops a kernel in the middle of an instruction.
//   source  sigaction(2), sigaltstack(2)
//   tests   tests/cuda/simt/planted_test.cpp, traps_test.cpp
#include "cuda/simt/traps.h"

#include <csignal>
#include <mutex>
#include <ucontext.h>

#include "cuda/simt/machine.h"

namespace gdn2::simt {
namespace {

constexpr int caught[] = {SIGSEGV, SIGFPE};
constexpr std::size_t handler_bytes = 64 * 1024;

std::mutex mutex;
int users = 0;
struct sigaction before[std::size(caught)];

const void* pc_of([[maybe_unused]] const void* context) {
#if defined(__x86_64__)
    const auto* all = static_cast<const ucontext_t*>(context);
    return reinterpret_cast<const char*>(all->uc_mcontext.gregs[REG_RIP]) + 1;
#elif defined(__aarch64__)
    const auto* all = static_cast<const ucontext_t*>(context);
    return reinterpret_cast<const char*>(all->uc_mcontext.pc) + 1;
#else
    return nullptr;
#endif
}

/// To whom the signal went before. Nobody: it comes again and takes its course.
void pass_on(int signal, siginfo_t* info, void* context) {
    const struct sigaction& theirs = before[signal == caught[0] ? 0 : 1];
    if (theirs.sa_flags & SA_SIGINFO) return theirs.sa_sigaction(signal, info, context);
    if (theirs.sa_handler != SIG_DFL && theirs.sa_handler != SIG_IGN) return theirs.sa_handler(signal);
    sigaction(signal, &theirs, nullptr);
    if (info->si_code <= 0) raise(signal);  // else the instruction that caused it runs again
}

void handle(int signal, siginfo_t* info, void* context) {
    if (active_machine && info->si_code > 0)  // not sent by somebody
        active_machine->trapped({signal, reinterpret_cast<std::uintptr_t>(info->si_addr), pc_of(context)});
    pass_on(signal, info, context);
}

}  // namespace

CatchTraps::CatchTraps() {
    if (under_thread_sanitizer) return;
    const std::lock_guard lock(mutex);
    if (users++ > 0) return;
    struct sigaction ours = {};
    ours.sa_sigaction = handle;
    ours.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;  // the handler does not return, and the next is to be heard
    for (std::size_t i = 0; i < std::size(caught); ++i) sigaction(caught[i], &ours, &before[i]);
}

CatchTraps::~CatchTraps() {
    if (under_thread_sanitizer) return;
    const std::lock_guard lock(mutex);
    if (--users > 0) return;
    for (std::size_t i = 0; i < std::size(caught); ++i) sigaction(caught[i], &before[i], nullptr);
}

SignalStack::SignalStack() {
    stack_t present = {};
    if (under_thread_sanitizer || sigaltstack(nullptr, &present) != 0 || !(present.ss_flags & SS_DISABLE)) return;
    memory_ = std::make_unique<std::byte[]>(handler_bytes);
    const stack_t ours = {memory_.get(), 0, handler_bytes};
    if (sigaltstack(&ours, nullptr) != 0) memory_.reset();
}

SignalStack::~SignalStack() {
    if (!memory_) return;
    const stack_t none = {nullptr, SS_DISABLE, 0};
    sigaltstack(&none, nullptr);
}

namespace {

std::string stack_is_full() {
    return "needs more than the " + std::to_string(StackPool::stack_bytes / 1024) + " KiB of a thread's stack";
}

}  // namespace

void Machine::trapped(const Trap& trap) {
    trap_ = trap;
    leave();
}

RawFault Machine::fault_of(const Trap& trap) const {
    const int thread = current_->thread;
    if (trap.signal == SIGFPE)
        return {FaultKind::division_by_zero, "divides an integer by zero", thread, trap.pc, -1, nullptr};
    if (stacks_.guards(trap.address)) return {FaultKind::stack_overflow, stack_is_full(), thread, trap.pc, -1, nullptr};
    return {FaultKind::out_of_bounds, "touches " + name_of_address(trap.address), thread, trap.pc, -1, nullptr};
}

void Machine::overflow_stack(const void* pc) { fault(FaultKind::stack_overflow, pc, stack_is_full); }

void Machine::never_ends(const void* pc) {
    fault(FaultKind::endless_loop, pc, [this] {
        return "has taken " + std::to_string(job_->options.step_limit) +
               " steps, accesses and meetings, and is taken not to end";
    });
}

}  // namespace gdn2::simt
