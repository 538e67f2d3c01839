// Lifts the floating-point traps that main.cpp sets, for tests that divide by zero or overflow on purpose.
#pragma once

#include <cfenv>

namespace gdn2::test {

/// While one is alive, invalid operations, divisions by zero and overflows give NaN and Inf as usual.
class AllowFpExceptions {
public:
    AllowFpExceptions() { std::feholdexcept(&before_); }
    ~AllowFpExceptions() { std::fesetenv(&before_); }
    AllowFpExceptions(const AllowFpExceptions&) = delete;
    AllowFpExceptions& operator=(const AllowFpExceptions&) = delete;

private:
    std::fenv_t before_;
};

}  // namespace gdn2::test
