// What a step of training costs, beside the rate at which Eigen multiplies on the same threads; and where it goes.
//   tests  tests/tools/bench/bench_test.cpp
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "reference/core/shape.h"
#include "tools/bench/statistics.h"

namespace gdn2::bench {

/// The model and the batch that are timed: one Gated DeltaNet-2 layer with an MLP, float.
struct TrainingSizes {
    Index d_model = 64, length = 128, batch = 32, heads = 4, dim = 16, mlp_hidden = 128, vocabulary = 64;

    Index tokens() const { return batch * length; }
};

/// A step on some threads.
struct TrainingRow {
    int threads = 1;
    Quartiles milliseconds;       ///< on the clock: forward, backward, sums, clipping, AdamW
    double tokens_per_second = 0;
    double gflops = 0;            ///< under training_flops()
    Quartiles share;              ///< of the rate of products of 512 x 256 by 256 x 256 on as many threads
};

/// One kind of work alone, as part of the time of a step on one thread.
struct TrainingPart {
    std::string name;
    Quartiles share;
};

struct TrainingReport {
    TrainingSizes sizes;
    Index parameters = 0;
    std::vector<TrainingRow> rows;
    std::vector<TrainingPart> parts;  ///< what is not named is in the last, "the rest"
};

/// Products of weights, 6 flops a parameter and token (the embedding has none), and the recurrence: 9 flops forward and
/// 18 backward an element of the states and token.
double training_flops(const TrainingSizes& sizes, Index parameters_without_embedding);

/// Samples steps, products and parts side by side.
TrainingReport measure_training(const std::vector<int>& thread_counts, int rounds, bool quick);

}  // namespace gdn2::bench
