// A program outside gdn2: writes one association, reads it back.
#include <cmath>

#include "reference/delta_rule/recurrent.h"

int main() {
    using gdn2::Matrix, gdn2::rows_of;
    const Matrix<double> key{{0.6, 0.8}}, one{{1, 1}}, zero{{0, 0}};
    const Matrix<double> value{{3, -1, 2}}, open{{1, 1, 1}};
    const gdn2::Sequence<double> x{rows_of(key),   rows_of(key),  rows_of(zero), rows_of(one),
                                   rows_of(value), rows_of(open), 1.0};
    const auto [o, state] = gdn2::recurrent(x, Matrix<double>(Matrix<double>::Zero(2, 3)));
    return (o - value).norm() <= 1e-12 ? 0 : 1;
}
