// What ran the benchmark and what was built: without it a time means nothing.
//   tests  tests/tools/bench/bench_test.cpp
#pragma once

#include <string>
#include <vector>

namespace gdn2::bench {

struct Machine {
    std::string cpu;             ///< the processor's name
    int threads = 1;             ///< that parallel_for would use
    std::string units_compiled;  ///< widest vector units the program was compiled for: "AVX-512"
    std::string units_present;   ///< widest this processor has; "unknown" where it cannot be asked
    bool portable = false;       ///< built with GDN2_NATIVE=OFF
    bool optimised = true;       ///< built with assertions off
    std::string build_type;      ///< "Release"
    std::string compiler;        ///< "g++ 12.2.0"
    std::string date;            ///< UTC
    double load = 0;             ///< programs that wanted to run in the last minute
};

/// This machine, now.
Machine this_machine();

/// One line for each thing that makes the figures lower than this machine can do; empty when there is none.
std::vector<std::string> warnings(const Machine& machine);

}  // namespace gdn2::bench
