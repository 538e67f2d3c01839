// One loop over independent pieces of work: pieces are handed out one by one, so uneven ones share out well.
//   tests  tests/reference/core/parallel_test.cpp
#include "reference/core/parallel.h"

#include <algorithm>
#include <atomic>
#include <cfenv>
#include <exception>
#include <mutex>

#ifdef GDN2_THREADS_STD
#include <cstdlib>
#include <thread>
#include <vector>
#else
#include <omp.h>
#endif

namespace gdn2 {
namespace {

thread_local bool inside_loop = false;

/// What the threads of one loop share.
class Loop {
public:
    Loop(Index count, const std::function<void(Index)>& body) : count_(count), body_(body) {
        std::fegetenv(&caller_environment_);
    }

    /// Takes pieces until none is left or one has thrown. Every thread of the loop calls this once.
    void work() {
        std::fenv_t own_environment;
        std::fegetenv(&own_environment);
        std::fesetenv(&caller_environment_);
        inside_loop = true;
        try {
            for (Index i = next_++; i < count_ && !failed_; i = next_++) body_(i);
        } catch (...) {
            keep(std::current_exception());
        }
        inside_loop = false;
        std::fesetenv(&own_environment);
    }

    void rethrow() const {
        if (exception_) std::rethrow_exception(exception_);
    }

private:
    void keep(std::exception_ptr exception) {
        const std::lock_guard lock(mutex_);
        if (!exception_) exception_ = std::move(exception);
        failed_ = true;
    }

    const Index count_;
    const std::function<void(Index)>& body_;
    std::fenv_t caller_environment_;
    std::atomic<Index> next_ = 0;
    std::atomic<bool> failed_ = false;
    std::mutex mutex_;
    std::exception_ptr exception_;
};

#ifdef GDN2_THREADS_STD

void run_on_threads(Loop& loop, int threads) {
    std::vector<std::jthread> others;
    for (int i = 1; i < threads; ++i) others.emplace_back([&loop] { loop.work(); });
    loop.work();
}

#else

void run_on_threads(Loop& loop, int threads) {
#pragma omp parallel num_threads(threads)
    loop.work();
}

#endif

}  // namespace

#ifdef GDN2_THREADS_STD

int available_threads() {
    const char* asked = std::getenv("OMP_NUM_THREADS");
    const int given = asked ? std::atoi(asked) : 0;
    return given > 0 ? given : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

#else

int available_threads() { return omp_get_max_threads(); }

#endif

void parallel_for(Index count, int threads, const std::function<void(Index)>& body) {
    if (threads <= 0) threads = available_threads();
    threads = static_cast<int>(std::min<Index>(threads, count));

    if (inside_loop || threads <= 1) {
        for (Index i = 0; i < count; ++i) body(i);
        return;
    }
    Loop loop(count, body);
    run_on_threads(loop, threads);
    loop.rethrow();
}

}  // namespace gdn2
