// See workload.h.
#include "tools/bench/workload.h"

#include "reference/core/parallel.h"
#include "reference/core/random.h"
#include "reference/delta_rule/chunk_backward.h"
#include "reference/delta_rule/recurrent.h"
#include "reference/delta_rule/recurrent_backward.h"
#include "reference/delta_rule/residual_form.h"

namespace gdn2::bench {
namespace {

Tensor<double> exact_in_float(const Tensor<double>& tensor) { return cast<double>(cast<float>(tensor)); }

}  // namespace

Problem<double> timed_problem(const ProblemSizes& sizes) {
    const Shape shape{1, sizes.length, sizes.heads, sizes.dim};
    Random random(2026);
    Problem<double> problem;
    problem.q = exact_in_float(unit_rows(random_normal(shape, random)));
    problem.k = exact_in_float(unit_rows(random_normal(shape, random)));
    problem.v = exact_in_float(random_normal(shape, random));
    problem.g = exact_in_float(random_uniform(shape, random, -0.1, -0.001));
    problem.b = exact_in_float(random_uniform(shape, random, 0, 1));
    problem.w = exact_in_float(random_uniform(shape, random, 0, 1));
    problem.d_o = exact_in_float(random_normal(shape, random));
    return problem;
}

template <class Scalar>
Workload<Scalar>::Workload(const Problem<Scalar>& problem, Path path, Index chunk, int threads)
    : problem_(problem) {
    options_.path = path;
    options_.chunk = chunk;
    options_.threads = threads;
    for (Index head = 0; head < problem.q.shape()[2]; ++head) heads_.push_back(head_of(head));
}

template <class Scalar>
typename Workload<Scalar>::Head Workload<Scalar>::head_of(Index head) const {
    const auto rows = [&](const Tensor<Scalar>& tensor) {
        return head_rows(tensor, 0, head, 0, tensor.shape()[1]);
    };
    const auto& p = problem_;
    const Sequence<Scalar> x{rows(p.q), rows(p.k), rows(p.g), rows(p.b), rows(p.v), rows(p.w), scale_of(p)};
    const Matrix<Scalar> zero = Matrix<Scalar>::Zero(x.key_dim(), x.value_dim());
    return {x, rows(*p.d_o), zero, zero, {}, {}, {}};
}

template <class Scalar>
Forward<Scalar> Workload<Scalar>::forward_of(const Head& head, ChunkStarts<Scalar>* starts) const {
    switch (options_.path) {
        case Path::recurrent:
            return recurrent(head.x, head.S_0);
        case Path::chunk:
            return chunk(head.x, head.S_0, options_.chunk, starts);
        case Path::residual:
            return residual_form(head.x, head.S_0, options_.chunk, starts);
    }
    throw Error("unknown path");
}

template <class Scalar>
Gradient<Scalar> Workload<Scalar>::gradient_of(const Head& head) const {
    const auto& [x, d_o, S_0, dS, starts, forward, gradient] = head;
    switch (options_.path) {
        case Path::recurrent:
            return recurrent_backward(x, S_0, d_o, dS);
        case Path::chunk:
            return chunk_backward(x, starts, d_o, dS, options_.chunk);
        case Path::residual:
            return residual_form_backward(x, starts, d_o, dS, options_.chunk);
    }
    throw Error("unknown path");
}

template <class Scalar>
template <class Body>
void Workload<Scalar>::for_each_head(const Body& body) {
    parallel_for(static_cast<Index>(heads_.size()), options_.threads,
                 [&](Index i) { body(heads_[static_cast<std::size_t>(i)]); });
}

template <class Scalar>
void Workload<Scalar>::prepare() {
    for_each_head([&](Head& head) { head.forward = forward_of(head, &head.starts); });
}

template <class Scalar>
void Workload<Scalar>::run(Pass pass) {
    switch (pass) {
        case Pass::forward:
            return for_each_head([&](Head& head) { head.forward = forward_of(head, nullptr); });
        case Pass::backward:
            return for_each_head([&](Head& head) { head.gradient = gradient_of(head); });
        case Pass::run:
            run_ = gdn2::forward(problem_, options_);
            return;
        case Pass::grad:
            grad_ = gdn2::gradient(problem_, options_);
            return;
    }
}

template <class Scalar>
Result<Scalar> Workload<Scalar>::result(Pass pass) const {
    if (pass == Pass::run) return run_;
    if (pass == Pass::grad) return grad_;
    Result<Scalar> result;
    const Shape& shape = problem_.q.shape();
    const auto gather = [&](Tensor<Scalar>& tensor, const auto& part_of) {
        tensor = Tensor<Scalar>(shape);
        for (Index i = 0; i < shape[2]; ++i)
            head_rows(tensor, 0, i, 0, shape[1]) = part_of(heads_[static_cast<std::size_t>(i)]);
    };
    if (pass == Pass::forward) {
        gather(result.o, [](const Head& head) { return head.forward.o; });
        return result;
    }
    gather(result.dq, [](const Head& head) { return head.gradient.dq; });
    gather(result.dk, [](const Head& head) { return head.gradient.dk; });
    gather(result.dv, [](const Head& head) { return head.gradient.dv; });
    gather(result.dg, [](const Head& head) { return head.gradient.dg; });
    gather(result.db, [](const Head& head) { return head.gradient.db; });
    gather(result.dw, [](const Head& head) { return head.gradient.dw; });
    return result;
}

template class Workload<float>;
template class Workload<double>;

}  // namespace gdn2::bench
