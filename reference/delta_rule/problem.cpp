// See problem.h.
#include "reference/delta_rule/problem.h"

#include <cmath>

#include "reference/core/instantiate.h"
#include "reference/io/text.h"

namespace gdn2 {
namespace {

/// "[batch, length, key_heads, key_dim] = [1, 8, 2, 16]"
std::string described(const char* words, const Shape& shape) { return words + (" = " + to_string(shape)); }

template <class Scalar>
void require_shape(const char* name, const Tensor<Scalar>& tensor, const char* words, const Shape& expected) {
    require(tensor.shape() == expected, std::string("`") + name + "` must be " + described(words, expected) +
                                            ", got " + to_string(tensor.shape()));
}

template <class Scalar>
void require_rank_4(const char* name, const Tensor<Scalar>& tensor) {
    require(tensor.rank() == 4, std::string("`") + name + "` must be [batch, length, heads, dim], got " +
                                    to_string(tensor.shape()));
    require(element_count(tensor.shape()) > 0,
            std::string("`") + name + "` must have no size of 0, got " + to_string(tensor.shape()));
}

void require_offsets(const std::vector<Index>& cu_seqlens, const Sizes& sizes) {
    const auto at = [&](std::size_t i) { return "cu_seqlens[" + std::to_string(i) + "]"; };
    const auto number = [](Index x) { return std::to_string(x); };
    require(sizes.batch == 1, "`cu_seqlens` needs batch = 1, got batch = " + number(sizes.batch));
    require(cu_seqlens.size() >= 2,
            "`cu_seqlens` must be [0, ..., length], at least 2 numbers, got " + std::to_string(cu_seqlens.size()));
    require(cu_seqlens.front() == 0, "`" + at(0) + "` must be 0, got " + number(cu_seqlens.front()));
    for (std::size_t i = 1; i < cu_seqlens.size(); ++i)
        require(cu_seqlens[i - 1] <= cu_seqlens[i], "`cu_seqlens` must never decrease: " + at(i) + " = " +
                                                        number(cu_seqlens[i]) + " after " +
                                                        number(cu_seqlens[i - 1]));
    require(cu_seqlens.back() == sizes.length, "`" + at(cu_seqlens.size() - 1) + "` must be length = " +
                                                   number(sizes.length) + ", got " + number(cu_seqlens.back()));
}

/// "`g`[0, 3, 1, 7] = 0.5"
template <class Scalar>
std::string element(const char* name, const Tensor<Scalar>& tensor, Index offset) {
    return std::string("`") + name + "`" + to_string(unravel(offset, tensor.shape())) + " = " +
           io::number(value_of(tensor[offset]));
}

template <class Scalar>
void require_finite(const char* name, const Tensor<Scalar>& tensor, bool minus_infinity_allowed = false) {
    for (Index i = 0; i < tensor.size(); ++i) {
        const double x = value_of(tensor[i]);
        const bool wiped = minus_infinity_allowed && x == -std::numeric_limits<double>::infinity();
        if (!std::isfinite(x) && !wiped) throw Error(element(name, tensor, i) + " is not a finite number");
    }
}

template <class Scalar>
void warn_outside(const char* name, const Tensor<Scalar>& tensor, double high, std::vector<std::string>& lines) {
    for (Index i = 0; i < tensor.size(); ++i) {
        const double x = value_of(tensor[i]);
        if (x >= 0 && x <= high) continue;
        lines.push_back(element(name, tensor, i) + " lies outside [0, " + std::to_string(int(high)) + "]");
        return;
    }
}

}  // namespace

template <class Scalar>
Sizes validate_shapes(const Problem<Scalar>& problem) {
    constexpr const char* key_words = "[batch, length, key_heads, key_dim]";
    constexpr const char* value_words = "[batch, length, value_heads, value_dim]";
    constexpr const char* state_words = "[sequences, value_heads, key_dim, value_dim]";
    require_rank_4("q", problem.q);
    require_rank_4("v", problem.v);
    const Shape &keys = problem.q.shape(), &values = problem.v.shape();
    Sizes sizes{keys[0], keys[1], keys[2], values[2], keys[3], values[3], keys[0]};

    require_shape("k", problem.k, key_words, sizes.key_shape());
    require_shape("g", problem.g, key_words, sizes.key_shape());
    require_shape("b", problem.b, key_words, sizes.key_shape());
    require_shape("v", problem.v, value_words, sizes.value_shape());
    require_shape("w", problem.w, value_words, sizes.value_shape());
    require(sizes.value_heads % sizes.key_heads == 0,
            "`v` must have a multiple of q's " + std::to_string(sizes.key_heads) + " heads, got " +
                std::to_string(sizes.value_heads));
    if (problem.cu_seqlens) {
        require_offsets(*problem.cu_seqlens, sizes);
        sizes.sequences = static_cast<Index>(problem.cu_seqlens->size()) - 1;
    }
    if (problem.initial_state)
        require_shape("initial_state", *problem.initial_state, state_words, sizes.state_shape());
    if (problem.d_o) require_shape("do", *problem.d_o, value_words, sizes.value_shape());
    if (problem.d_final_state) require_shape("dht", *problem.d_final_state, state_words, sizes.state_shape());
    return sizes;
}

template <class Scalar>
void validate_values(const Problem<Scalar>& problem) {
    require_finite("q", problem.q);
    require_finite("k", problem.k);
    require_finite("v", problem.v);
    require_finite("g", problem.g, true);
    require_finite("b", problem.b);
    require_finite("w", problem.w);
    if (problem.scale)
        require(std::isfinite(value_of(*problem.scale)),
                "`scale` = " + io::number(value_of(*problem.scale)) + " is not a finite number");
    if (problem.initial_state) require_finite("initial_state", *problem.initial_state);
    if (problem.d_o) require_finite("do", *problem.d_o);
    if (problem.d_final_state) require_finite("dht", *problem.d_final_state);
    for (Index i = 0; i < problem.g.size(); ++i)
        if (!(value_of(problem.g[i]) <= 0))
            throw Error(element("g", problem.g, i) + " must be <= 0: g is a log-decay");
}

template <class Scalar>
std::vector<std::string> warnings(const Problem<Scalar>& problem) {
    std::vector<std::string> lines;
    warn_outside("b", problem.b, 2, lines);
    warn_outside("w", problem.w, 1, lines);
    return lines;
}

template <class To, class From>
Problem<To> cast_problem(const Problem<From>& problem) {
    const auto maybe = [](const std::optional<Tensor<From>>& tensor) {
        return tensor ? std::optional(cast<To>(*tensor)) : std::nullopt;
    };
    Problem<To> result;
    result.q = cast<To>(problem.q);
    result.k = cast<To>(problem.k);
    result.v = cast<To>(problem.v);
    result.g = cast<To>(problem.g);
    result.b = cast<To>(problem.b);
    result.w = cast<To>(problem.w);
    if (problem.scale) result.scale = static_cast<To>(*problem.scale);
    result.initial_state = maybe(problem.initial_state);
    result.cu_seqlens = problem.cu_seqlens;
    result.d_o = maybe(problem.d_o);
    result.d_final_state = maybe(problem.d_final_state);
    return result;
}

template <class Scalar>
Scalar scale_of(const Problem<Scalar>& problem) {
    using std::sqrt;
    const auto key_dim = static_cast<double>(problem.q.shape().back());
    return problem.scale ? *problem.scale : Scalar(1) / sqrt(static_cast<Scalar>(key_dim));
}

template <class Scalar>
Sequence<Scalar> span_of(const Sequence<Scalar>& x, Index first, Index length) {
    const auto part = [&](const Rows<Scalar>& rows) {
        return Rows<Scalar>(rows.data() + first * rows.outerStride(), length, rows.cols(),
                            Eigen::OuterStride<>(rows.outerStride()));
    };
    return {part(x.q), part(x.k), part(x.g), part(x.b), part(x.v), part(x.w), x.scale};
}

template <class Scalar>
Gradient<Scalar> gradient_for(const Sequence<Scalar>& x) {
    const auto keys = [&] { return Matrix<Scalar>(x.length(), x.key_dim()); };
    const auto values = [&] { return Matrix<Scalar>(x.length(), x.value_dim()); };
    return {keys(), keys(), keys(), keys(), values(), values(), {}};
}

void require_chunk_length(Index chunk_length) {
    require(chunk_length >= 1, "the chunk length must be at least 1, got " + std::to_string(chunk_length));
}

#define GDN2_DECLARE(Scalar)                                               \
    template Sizes validate_shapes(const Problem<Scalar>&);                \
    template void validate_values(const Problem<Scalar>&);                 \
    template std::vector<std::string> warnings(const Problem<Scalar>&);    \
    template Problem<Scalar> cast_problem(const Problem<double>&);         \
    template Scalar scale_of(const Problem<Scalar>&);                      \
    template Sequence<Scalar> span_of(const Sequence<Scalar>&, Index, Index); \
    template Gradient<Scalar> gradient_for(const Sequence<Scalar>&);
GDN2_INSTANTIATE(GDN2_DECLARE)
template Problem<double> cast_problem(const Problem<float>&);

}  // namespace gdn2
