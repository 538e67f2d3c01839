// The operators exist for float, double and the dual number; integers would round silently.
// expect: undefined reference to .*recurrent<int>
#include "reference/delta_rule/recurrent.h"

#ifdef GDN2_MISTAKE
using Scalar = int;
#else
using Scalar = double;
#endif

int main() {
    const gdn2::Matrix<Scalar> empty;
    const auto rows = gdn2::rows_of(empty);
    const gdn2::Sequence<Scalar> x{rows, rows, rows, rows, rows, rows, Scalar(1)};
    return static_cast<int>(gdn2::recurrent(x, gdn2::Matrix<Scalar>()).o.rows());
}
