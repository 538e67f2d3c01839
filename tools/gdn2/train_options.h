// What gdn2 train is asked for, and the runs that it comes to.
//   tests  tests/tools/gdn2/train_options_test.cpp
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/gdn2/train_run.h"

namespace CLI {
class App;
}  // namespace CLI

namespace gdn2::tools {

/// The command line. What only some mixers have a use for is empty unless it was said.
struct TrainArguments {
    TrainArguments();

    std::string task;
    std::vector<std::string> mixers{"gdn2"};
    Index seeds = 1;
    ModelConfig config;
    std::optional<Index> rank, window, attention_heads, decay_rank, output_gate_rank;
    std::optional<std::string> output_gate;
    bool published_start = false;
    TrainingOptions training;
    RunOptions run;
    bool list = false, as_json = false;
};

/// Adds TASK and all options.
void add_train_options(CLI::App& command, TrainArguments& arguments);

/// Every mixer with the first seed, then with the next: what is compared is trained side by side. A mixer keeps the
/// usual value of an option that it has no use for. Throws Error on an option that none of the mixers has a use for.
std::vector<RunPlan> plans_of(const TrainArguments& arguments);

}  // namespace gdn2::tools
