// What a run of the benchmark found, and how it is told: as a table and as JSON.
//   tests  tests/tools/bench/bench_test.cpp
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tools/bench/device_report.h"
#include "tools/bench/machine.h"
#include "tools/bench/memory.h"
#include "tools/bench/peaks.h"
#include "tools/bench/statistics.h"
#include "tools/bench/suite.h"
#include "tools/bench/training.h"

namespace gdn2::bench {

/// A rate of the machine, in GF/s of one thread's processor time.
struct Peak {
    std::string name;  ///< "fma" or "64x128x128"
    Precision precision;
    Quartiles gflops;
};

/// One path, pass and precision.
struct Row {
    Path path;
    Pass pass;
    Precision precision;
    Quartiles microseconds;            ///< per token-head, one thread, processor time
    double gflops = 0;                 ///< under the model of flops.h
    Quartiles share;                   ///< of the judged tile's rate
    Quartiles over_forward;            ///< time over that of the forward pass
    double wall_1 = 0;                 ///< microseconds per token-head on the clock, one thread, median
    std::optional<double> wall_2;      ///< the same, two threads
    std::optional<Quartiles> speedup;  ///< wall_1 over wall_2, round by round
};

/// One of the figures the project promises.
struct Target {
    std::string what;
    double value, limit;
    bool at_least;  ///< value >= limit is wanted, else value <= limit

    bool met() const { return at_least ? value >= limit : value <= limit; }
};

struct Report {
    Machine machine;
    ProblemSizes sizes;
    Index chunk = 64;
    int rounds = 0;
    double cpu_share = 1;  ///< of a core that one thread got while it was timed
    CheckSummary checks;
    std::vector<Peak> peaks;
    std::vector<Row> rows;
    std::vector<MemoryRow> memory;
    TrainingReport training;
    std::vector<Target> targets;  ///< empty when the run was too short to judge
    KernelShape kernel_shape;     ///< of counters
    std::string kernel_precision = "bf16";
    std::vector<CounterRow> counters;  ///< empty where there are no kernels
    CardReport card;
};

/// The report as a table.
std::string text_of(const Report& report);

/// The report as JSON.
nlohmann::json json_of(const Report& report);

/// The part about training.
std::string text_of(const TrainingReport& report);
/// The same as JSON.
nlohmann::json json_of(const TrainingReport& report);

}  // namespace gdn2::bench
