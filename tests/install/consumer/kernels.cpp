// A program outside gdn2 that runs kernels on the emulator: two tokens, held against the reference.
#include <cmath>

#include "cuda/api/run.h"
#include "reference/delta_rule/heads.h"

int main() {
    gdn2::Problem<float> problem;
    for (auto* tensor : {&problem.q, &problem.k, &problem.v, &problem.b, &problem.w})
        *tensor = gdn2::Tensor<float>({1, 2, 1, 4}, 0.5f);
    problem.g = gdn2::Tensor<float>({1, 2, 1, 4}, -0.1f);
    const auto ours = gdn2::cuda::forward(problem, {.device = gdn2::cuda::Device::emulator});
    const auto reference = gdn2::forward(problem);
    for (gdn2::Index i = 0; i < ours.o.size(); ++i)
        if (!(std::abs(ours.o[i] - reference.o[i]) <= 1e-6f)) return 1;
    return 0;
}
