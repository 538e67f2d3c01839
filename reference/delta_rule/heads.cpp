// See heads.h.
#include "reference/delta_rule/heads.h"

#include <mutex>

#include "reference/core/instantiate.h"
#include "reference/core/parallel.h"
#include "reference/delta_rule/chunk_backward.h"
#include "reference/delta_rule/recurrent.h"
#include "reference/delta_rule/recurrent_backward.h"
#include "reference/delta_rule/residual_form.h"

namespace gdn2 {
namespace {

/// Where one sequence of one value head lies in the problem's tensors.
struct Piece {
    Index sequence, batch, first, length, value_head, key_head;
};

template <class Scalar>
Piece piece_of(const Problem<Scalar>& problem, const Sizes& sizes, Index i) {
    const Index sequence = i / sizes.value_heads, head = i % sizes.value_heads, key_head = head / sizes.group();
    if (!problem.cu_seqlens) return {sequence, sequence, 0, sizes.length, head, key_head};
    const auto offset = problem.cu_seqlens->begin() + sequence;
    return {sequence, 0, offset[0], offset[1] - offset[0], head, key_head};
}

template <class Scalar>
Sequence<Scalar> sequence_of(const Problem<Scalar>& problem, const Piece& at) {
    const auto key = [&](const Tensor<Scalar>& tensor) {
        return head_rows(tensor, at.batch, at.key_head, at.first, at.length);
    };
    const auto value = [&](const Tensor<Scalar>& tensor) {
        return head_rows(tensor, at.batch, at.value_head, at.first, at.length);
    };
    return {key(problem.q),   key(problem.k),   key(problem.g),   key(problem.b),
            value(problem.v), value(problem.w), scale_of(problem)};
}

/// A sequence's part of an optional state tensor, or zeros.
template <class Scalar>
Matrix<Scalar> state_or_zero(const std::optional<Tensor<Scalar>>& states, const Sizes& sizes, const Piece& at) {
    if (!states) return Matrix<Scalar>::Zero(sizes.key_dim, sizes.value_dim);
    return state_of(*states, at.sequence, at.value_head);
}

template <class Scalar>
Forward<Scalar> run_forward(const Sequence<Scalar>& x, const Matrix<Scalar>& S, const Options& options,
                            ChunkStarts<Scalar>* starts) {
    switch (options.path) {
        case Path::recurrent: return recurrent(x, S, options.recorder);
        case Path::chunk: return chunk(x, S, options.chunk, starts, options.recorder);
        case Path::residual: return residual_form(x, S, options.chunk, starts);
    }
    throw Error("unknown path");
}

template <class Scalar>
Gradient<Scalar> run_backward(const Sequence<Scalar>& x, const Matrix<Scalar>& S,
                              const ChunkStarts<Scalar>& starts, const Rows<Scalar>& d_o,
                              const Matrix<Scalar>& dS, const Options& options) {
    switch (options.path) {
        case Path::recurrent: return recurrent_backward(x, S, d_o, dS, options.recorder);
        case Path::chunk: return chunk_backward(x, starts, d_o, dS, options.chunk);
        case Path::residual: return residual_form_backward(x, starts, d_o, dS, options.chunk);
    }
    throw Error("unknown path");
}

/// Calls body(piece) for every (sequence, value head), over threads, and reports progress.
template <class Scalar, class Body>
void for_each_piece(const Problem<Scalar>& problem, const Sizes& sizes, const Options& options, const Body& body) {
    const Index total = sizes.sequences * sizes.value_heads;
    std::mutex mutex;
    Index done = 0;
    parallel_for(total, options.recorder ? 1 : options.threads, [&](Index i) {
        const Piece at = piece_of(problem, sizes, i);
        if (options.recorder) options.recorder->enter(at.sequence, at.value_head);
        body(at);
        if (!options.progress) return;
        const std::lock_guard lock(mutex);
        options.progress(++done, total);
    });
}

template <class Scalar>
Result<Scalar> result_for(const Sizes& sizes) {
    Result<Scalar> result;
    result.o = Tensor<Scalar>(sizes.value_shape());
    result.final_state = Tensor<Scalar>(sizes.state_shape());
    return result;
}

template <class Scalar>
void store(const Forward<Scalar>& from, const Piece& at, Result<Scalar>& to) {
    head_rows(to.o, at.batch, at.value_head, at.first, at.length) = from.o;
    state_of(to.final_state, at.sequence, at.value_head) = from.final_state;
}

/// Stores a head's gradients; those of q k g b by value head, to be summed over groups afterwards.
template <class Scalar>
void store(const Gradient<Scalar>& from, const Piece& at, Result<Scalar>& to) {
    const auto rows = [&](Tensor<Scalar>& tensor) {
        return head_rows(tensor, at.batch, at.value_head, at.first, at.length);
    };
    rows(to.dq) = from.dq;
    rows(to.dk) = from.dk;
    rows(to.dg) = from.dg;
    rows(to.db) = from.db;
    rows(to.dv) = from.dv;
    rows(to.dw) = from.dw;
    state_of(to.d_initial_state, at.sequence, at.value_head) = from.d_initial_state;
}

/// [batch, length, value_heads, key_dim] -> [batch, length, key_heads, key_dim], in the order of the heads.
template <class Scalar>
void sum_groups(const Sizes& sizes, Tensor<Scalar>& tensor) {
    if (sizes.group() == 1) return;
    Tensor<Scalar> sum(sizes.key_shape());
    const Index tokens = sizes.batch * sizes.length;
    for (Index row = 0; row < tokens * sizes.value_heads; ++row) {
        const Eigen::Map<const Vector<Scalar>> part(tensor.data() + row * sizes.key_dim, sizes.key_dim);
        Eigen::Map<Vector<Scalar>>(sum.data() + row / sizes.group() * sizes.key_dim, sizes.key_dim) += part;
    }
    tensor = std::move(sum);
}

}  // namespace

template <class Scalar>
trace::RecorderSizes recorder_sizes(const Problem<Scalar>& problem, Index chunk) {
    const Sizes sizes = validate_shapes(problem);
    return {sizes.batch,   sizes.length, sizes.value_heads, sizes.key_dim,
            sizes.value_dim, chunk,      problem.cu_seqlens.value_or(std::vector<Index>{})};
}

template <class Scalar>
Result<Scalar> forward(const Problem<Scalar>& problem, const Options& options) {
    const Sizes sizes = validate_shapes(problem);
    require_chunk_length(options.chunk);
    Result<Scalar> result = result_for<Scalar>(sizes);
    for_each_piece(problem, sizes, options, [&](const Piece& at) {
        const Matrix<Scalar> S = state_or_zero(problem.initial_state, sizes, at);
        store(run_forward<Scalar>(sequence_of(problem, at), S, options, nullptr), at, result);
    });
    return result;
}

template <class Scalar>
Result<Scalar> gradient(const Problem<Scalar>& problem, const Options& options) {
    const Sizes sizes = validate_shapes(problem);
    require_chunk_length(options.chunk);
    require(problem.d_o || problem.d_final_state, "a gradient needs `do` or `dht`, and the problem has neither");
    const Tensor<Scalar> no_d_o(problem.d_o ? Shape{0} : sizes.value_shape());
    const Tensor<Scalar>& d_o = problem.d_o ? *problem.d_o : no_d_o;

    Result<Scalar> result = result_for<Scalar>(sizes);
    const Shape by_value_head{sizes.batch, sizes.length, sizes.value_heads, sizes.key_dim};
    for (Tensor<Scalar>* tensor : {&result.dq, &result.dk, &result.dg, &result.db})
        *tensor = Tensor<Scalar>(by_value_head);
    result.dv = result.dw = Tensor<Scalar>(sizes.value_shape());
    result.d_initial_state = Tensor<Scalar>(sizes.state_shape());

    for_each_piece(problem, sizes, options, [&](const Piece& at) {
        const Sequence<Scalar> x = sequence_of(problem, at);
        const Matrix<Scalar> S = state_or_zero(problem.initial_state, sizes, at);
        const Matrix<Scalar> dS = state_or_zero(problem.d_final_state, sizes, at);
        ChunkStarts<Scalar> starts;
        store(run_forward(x, S, options, &starts), at, result);
        const Rows<Scalar> upstream = head_rows(d_o, at.batch, at.value_head, at.first, at.length);
        store(run_backward(x, S, starts, upstream, dS, options), at, result);
    });
    for (Tensor<Scalar>* tensor : {&result.dq, &result.dk, &result.dg, &result.db}) sum_groups(sizes, *tensor);
    return result;
}

#define GDN2_DECLARE(Scalar)                                                         \
    template trace::RecorderSizes recorder_sizes(const Problem<Scalar>&, Index);     \
    template Result<Scalar> forward(const Problem<Scalar>&, const Options&);         \
    template Result<Scalar> gradient(const Problem<Scalar>&, const Options&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
