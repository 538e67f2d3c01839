// See head.h.
#include "visualizer/model/head.h"

#include <string>

namespace gdn2::viewer {
namespace {

/// Where a sequence lies in a batch.
struct Place {
    Index batch, first, length;
};

Place place_of(const Problem<double>& problem, const Sizes& sizes, Index sequence) {
    if (!problem.cu_seqlens) return {sequence, 0, sizes.length};
    const std::vector<Index>& starts = *problem.cu_seqlens;
    const auto n = static_cast<std::size_t>(sequence);
    return {0, starts[n], starts[n + 1] - starts[n]};
}

void require_inside(const char* what, Index given, Index count) {
    require(0 <= given && given < count, std::string("there is no ") + what + " " + std::to_string(given) +
                                             ": expected 0 to " + std::to_string(count - 1));
}

/// [length, dim] as one head of [1, length, 1, dim].
Tensor<double> tensor_of(const Matrix<double>& rows) {
    return {{1, rows.rows(), 1, rows.cols()}, {rows.data(), rows.data() + rows.size()}};
}

Tensor<double> state_tensor(const Matrix<double>& S) {
    return {{1, 1, S.rows(), S.cols()}, {S.data(), S.data() + S.size()}};
}

}  // namespace

Head head_of(const Problem<double>& problem, Index sequence, Index value_head) {
    const Sizes sizes = validate_shapes(problem);
    require_inside("sequence", sequence, sizes.sequences);
    require_inside("value head", value_head, sizes.value_heads);
    const Place at = place_of(problem, sizes, sequence);
    const auto rows = [&at](const Tensor<double>& tensor, Index head) -> Matrix<double> {
        return head_rows(tensor, at.batch, head, at.first, at.length);
    };
    const Index key_head = value_head / sizes.group();
    Head head{rows(problem.q, key_head), rows(problem.k, key_head),   rows(problem.g, key_head),
              rows(problem.b, key_head), rows(problem.v, value_head), rows(problem.w, value_head),
              scale_of(problem), Matrix<double>::Zero(sizes.key_dim, sizes.value_dim), {}, {}};
    if (problem.initial_state) head.initial_state = state_of(*problem.initial_state, sequence, value_head);
    if (problem.d_o) head.d_o = rows(*problem.d_o, value_head);
    if (problem.d_final_state) head.d_final_state = state_of(*problem.d_final_state, sequence, value_head);
    return head;
}

Problem<double> problem_of(const Head& head) {
    Problem<double> problem;
    problem.q = tensor_of(head.q);
    problem.k = tensor_of(head.k);
    problem.g = tensor_of(head.g);
    problem.b = tensor_of(head.b);
    problem.v = tensor_of(head.v);
    problem.w = tensor_of(head.w);
    problem.scale = head.scale;
    problem.initial_state = state_tensor(head.initial_state);
    if (head.d_o) problem.d_o = tensor_of(*head.d_o);
    if (head.d_final_state) problem.d_final_state = state_tensor(*head.d_final_state);
    return problem;
}

Sequence<double> sequence_of(const Head& head) {
    return {rows_of(head.q), rows_of(head.k), rows_of(head.g), rows_of(head.b),
            rows_of(head.v), rows_of(head.w), head.scale};
}

}  // namespace gdn2::viewer
