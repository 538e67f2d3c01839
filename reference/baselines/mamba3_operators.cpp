// See operators.h: Mamba-3, whose state is four tensors.
#include "reference/baselines/mamba3_single_write.h"
#include "reference/baselines/operator_tensors.h"
#include "reference/baselines/operators.h"
#include "reference/core/random.h"

namespace gdn2::baselines {
namespace {

using check::Input;
using check::make_operator;
using check::Operator;
using check::Tensors;

constexpr Index state_dim = 6, value_dim = 3, angle_count = 2;

std::vector<Input> point(Index length, Index rank) {
    Random random(20260523);
    return {{"C", random_normal({length, rank * state_dim}, random)},
            {"B", random_normal({length, rank * state_dim}, random)},
            {"x", random_normal({length, rank * value_dim}, random)},
            {"Delta", random_uniform({length, 1}, random, 0.05, 1)},
            {"A", random_uniform({length, 1}, random, -1, -0.1)},
            {"lambda", random_uniform({length, 1}, random, 0, 1)},
            {"angles", random_normal({length, angle_count}, random)},
            {"D", Tensor<double>({1}, 0.8)},
            {"S", random_normal({state_dim, value_dim}, random)},
            {"last_k", random_normal({rank, state_dim}, random)},
            {"last_x", random_normal({rank, value_dim}, random)},
            {"theta", random_uniform({1, angle_count}, random, -2, 2)}};
}

template <class Scalar>
Mamba3<Scalar> view(const Tensors<Scalar>& x) {
    return {rows_of(x[0]), rows_of(x[1]), rows_of(x[2]), rows_of(x[3]),    rows_of(x[4]),
            rows_of(x[5]), rows_of(x[6]), x[7][0],       x[9].shape()[0]};
}

/// The last four tensors.
template <class Scalar>
Mamba3State<Scalar> state_of(const Tensors<Scalar>& x) {
    const auto last = [&](std::size_t i) { return Matrix<Scalar>(rows_of(x[x.size() - i])); };
    return {last(4), last(3), last(2), last(1)};
}

template <class Scalar>
Tensors<Scalar> outputs(const Mamba3Forward<Scalar>& run) {
    const Mamba3State<Scalar>& end = run.final_state;
    return {tensor_of(run.y), tensor_of(end.S), tensor_of(end.k), tensor_of(end.x), tensor_of(end.theta)};
}

Tensors<double> gradients(const Mamba3Gradient<double>& d) {
    const Mamba3State<double>& start = d.d_initial_state;
    return tensors_of(d.dC, d.dB, d.dx, d.dDelta, d.dA, d.dlambda, d.dangles, d.dD, start.S, start.k, start.x,
                      start.theta);
}

const std::vector<std::string> output_names{"y", "S", "last_k", "last_x", "theta"};

Operator recurrent_operator(const std::string& name, Index length, Index rank) {
    return make_operator(
        name, "two writes per token", point(length, rank), output_names,
        [](const auto& x) { return outputs(mamba3(view(x), state_of(x))); },
        [](const Tensors<double>& x, const Tensors<double>& dy) {
            return gradients(mamba3_backward(view(x), state_of(x), rows_of(dy[0]), state_of(dy)));
        });
}

Operator chunk_operator(const std::string& name, Index length, Index rank, Index chunk_length) {
    return make_operator(
        name + "_chunk", "one write per token, in chunks", point(length, rank), output_names,
        [chunk_length](const auto& x) { return outputs(mamba3_chunk(view(x), state_of(x), chunk_length)); },
        [chunk_length](const Tensors<double>& x, const Tensors<double>& dy) {
            ChunkStarts<double> starts;
            mamba3_chunk(view(x), state_of(x), chunk_length, &starts);
            return gradients(mamba3_chunk_backward(view(x), state_of(x), starts, rows_of(dy[0]), state_of(dy),
                                                   chunk_length));
        });
}

}  // namespace

std::vector<Operator> mamba3_operators(Index length, Index chunk_length) {
    std::vector<Operator> all;
    for (const auto& [name, rank] : {std::pair{"mamba3_siso", 1}, std::pair{"mamba3_mimo", 3}}) {
        all.push_back(recurrent_operator(name, length, rank));
        all.push_back(chunk_operator(name, length, rank, chunk_length));
    }
    return all;
}

}  // namespace gdn2::baselines
