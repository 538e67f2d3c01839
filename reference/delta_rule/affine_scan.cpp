// See affine_scan.h.
#include "reference/delta_rule/affine_scan.h"

#include "reference/core/instantiate.h"
#include "reference/delta_rule/chunk.h"
#include "reference/delta_rule/wy.h"

namespace gdn2 {
namespace {

void require_bounds(const std::vector<Index>& bounds, Index length) {
    bool good = bounds.size() >= 2 && bounds.front() == 0 && bounds.back() == length;
    for (std::size_t i = 1; i < bounds.size(); ++i) good = good && bounds[i - 1] <= bounds[i];
    require(good, "`bounds` must rise from 0 to length = " + std::to_string(length));
}

}  // namespace

template <class Scalar>
AffineMap<Scalar> identity_map(Index key_dim, Index value_dim) {
    return {Matrix<Scalar>::Identity(key_dim, key_dim), Matrix<Scalar>::Zero(key_dim, value_dim)};
}

template <class Scalar>
AffineMap<Scalar> map_of(const Sequence<Scalar>& span, Index chunk_length) {
    require_chunk_length(chunk_length);
    AffineMap<Scalar> map = identity_map<Scalar>(span.key_dim(), span.value_dim());
    for (Index first = 0; first < span.length(); first += chunk_length) {
        const WY<Scalar> c = wy(span_of(span, first, std::min(chunk_length, span.length() - first)));
        AffineMap<Scalar> chunk;
        chunk.M = c.gamma_C().asDiagonal();
        chunk.M.noalias() -= c.K_tail.transpose() * c.Y;                 // Eqs. 23, 35
        chunk.N = c.K_tail.transpose() * c.U;                            // Eqs. 23, 35
        map = compose(chunk, map);
    }
    return map;
}

template <class Scalar>
AffineMap<Scalar> compose(const AffineMap<Scalar>& later, const AffineMap<Scalar>& earlier) {
    return {later.M * earlier.M, later.M * earlier.N + later.N};
}

template <class Scalar>
std::vector<AffineMap<Scalar>> exclusive_scan(const std::vector<AffineMap<Scalar>>& spans) {
    if (spans.empty()) return {};
    const auto identity = identity_map<Scalar>(spans[0].N.rows(), spans[0].N.cols());
    if (spans.size() == 1) return {identity};

    std::vector<AffineMap<Scalar>> pairs;
    for (std::size_t i = 0; i + 1 < spans.size(); i += 2) pairs.push_back(compose(spans[i + 1], spans[i]));
    if (spans.size() % 2) pairs.push_back(spans.back());

    std::vector<AffineMap<Scalar>> result;
    for (const AffineMap<Scalar>& before : exclusive_scan(pairs)) {
        const std::size_t i = result.size();
        result.push_back(before);
        if (i + 1 < spans.size()) result.push_back(compose(spans[i], before));
    }
    return result;
}

template <class Scalar>
Forward<Scalar> split_forward(const Sequence<Scalar>& x, const Matrix<Scalar>& initial_state,
                              const std::vector<Index>& bounds, Index chunk_length) {
    require_bounds(bounds, x.length());
    std::vector<AffineMap<Scalar>> maps;
    for (std::size_t i = 1; i < bounds.size(); ++i)
        maps.push_back(map_of(span_of(x, bounds[i - 1], bounds[i] - bounds[i - 1]), chunk_length));

    Forward<Scalar> result{Matrix<Scalar>(x.length(), x.value_dim()), initial_state};
    const std::vector<AffineMap<Scalar>> before = exclusive_scan(maps);
    for (std::size_t i = 0; i < before.size(); ++i) {
        const Index first = bounds[i], length = bounds[i + 1] - first;
        Forward<Scalar> span = chunk(span_of(x, first, length), before[i](initial_state), chunk_length);
        result.o.middleRows(first, length) = span.o;
        result.final_state = std::move(span.final_state);
    }
    return result;
}

#define GDN2_DECLARE(Scalar)                                                                            \
    template AffineMap<Scalar> identity_map(Index, Index);                                              \
    template AffineMap<Scalar> map_of(const Sequence<Scalar>&, Index);                                  \
    template AffineMap<Scalar> compose(const AffineMap<Scalar>&, const AffineMap<Scalar>&);             \
    template std::vector<AffineMap<Scalar>> exclusive_scan(const std::vector<AffineMap<Scalar>>&);      \
    template Forward<Scalar> split_forward(const Sequence<Scalar>&, const Matrix<Scalar>&,              \
                                           const std::vector<Index>&, Index);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
