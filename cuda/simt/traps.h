// What stops a kernel in the middle of an instruction: the end of its stack, memory that is not there, an integer
// divided by zero. The processor tells of them by signals; here they become faults of the CUDA thread that ran.
//   tests  tests/cuda/simt/planted_test.cpp, traps_test.cpp
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace gdn2::simt {

/// What the signal said. Owns nothing: it is filled in while the signal is handled.
struct Trap {
    int signal = 0;  // 0: none
    std::uintptr_t address = 0;
    const void* pc = nullptr;  // after the first byte of the instruction, null where it is not known
};

/// While one is alive, the signals of running kernels are caught; those of anybody else go where they went before.
/// Under ThreadSanitizer, which must see every signal first, nothing is caught.
class CatchTraps {
public:
    CatchTraps();
    ~CatchTraps();
    CatchTraps(const CatchTraps&) = delete;
    CatchTraps& operator=(const CatchTraps&) = delete;
};

/// Where this host thread handles signals: a stack of its own, since the one at its end cannot. One that is there
/// already, a sanitizer's, is left in use.
class SignalStack {
public:
    SignalStack();
    ~SignalStack();
    SignalStack(const SignalStack&) = delete;
    SignalStack& operator=(const SignalStack&) = delete;

private:
    std::unique_ptr<std::byte[]> memory_;
};

}  // namespace gdn2::simt
