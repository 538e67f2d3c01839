// See projection.h.
#include "reference/layers/projection.h"

#include "reference/core/error.h"
#include "reference/core/instantiate.h"

namespace gdn2 {

template <class Scalar>
LowRank<Scalar> make_low_rank(Index in, Index rank, Index out, const LinearOptions& options, Random& random) {
    LinearOptions unbiased = options;
    unbiased.bias = false;
    LowRank<Scalar> map;
    map.first = make_linear<Scalar>(in, rank, unbiased, random);
    map.second = make_linear<Scalar>(rank, out, options, random);
    return map;
}

template <class Scalar>
Projection<Scalar> make_projection(Index in, Index rank, Index out, const LinearOptions& options, Random& random) {
    if (rank == 0) return {make_linear<Scalar>(in, out, options, random)};
    return {make_low_rank<Scalar>(in, rank, out, options, random)};
}

template <class Scalar>
Matrix<Scalar> forward(const LowRank<Scalar>& map, const Matrix<Scalar>& x) {
    return forward(map.second, forward(map.first, x));
}

template <class Scalar>
Matrix<Scalar> forward(const Projection<Scalar>& map, const Matrix<Scalar>& x) {
    return std::visit([&](const auto& form) { return forward(form, x); }, map.form);
}

template <class Scalar>
Matrix<Scalar> backward(const LowRank<Scalar>& map, const Matrix<Scalar>& x, const Matrix<Scalar>& dy,
                        LowRank<Scalar>& d) {
    // forward: y = second(first(x))
    const Matrix<Scalar> d_middle = backward(map.second, forward(map.first, x), dy, d.second);
    return backward(map.first, x, d_middle, d.first);
}

template <class Scalar>
Matrix<Scalar> backward(const Projection<Scalar>& map, const Matrix<Scalar>& x, const Matrix<Scalar>& dy,
                        Projection<Scalar>& d) {
    require(map.form.index() == d.form.index(), "a projection's gradient must have the projection's form");
    const auto of_form = [&]<class Form>(const Form& form) { return backward(form, x, dy, std::get<Form>(d.form)); };
    return std::visit(of_form, map.form);
}

template <class Scalar>
void collect(const std::string& prefix, LowRank<Scalar>& map, Parameters<Scalar>& into) {
    collect(prefix + "0.", map.first, into);
    collect(prefix + "1.", map.second, into);
}

template <class Scalar>
void collect(const std::string& prefix, Projection<Scalar>& map, Parameters<Scalar>& into) {
    std::visit([&](auto& form) { collect(prefix, form, into); }, map.form);
}

#define GDN2_DECLARE(Scalar)                                                                              \
    template LowRank<Scalar> make_low_rank(Index, Index, Index, const LinearOptions&, Random&);           \
    template Projection<Scalar> make_projection(Index, Index, Index, const LinearOptions&, Random&);      \
    template Matrix<Scalar> forward(const LowRank<Scalar>&, const Matrix<Scalar>&);                       \
    template Matrix<Scalar> forward(const Projection<Scalar>&, const Matrix<Scalar>&);                    \
    template Matrix<Scalar> backward(const LowRank<Scalar>&, const Matrix<Scalar>&, const Matrix<Scalar>&, \
                                     LowRank<Scalar>&);                                                   \
    template Matrix<Scalar> backward(const Projection<Scalar>&, const Matrix<Scalar>&,                    \
                                     const Matrix<Scalar>&, Projection<Scalar>&);                         \
    template void collect(const std::string&, LowRank<Scalar>&, Parameters<Scalar>&);                     \
    template void collect(const std::string&, Projection<Scalar>&, Parameters<Scalar>&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
