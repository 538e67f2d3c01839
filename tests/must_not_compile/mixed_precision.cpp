// A float sequence does not meet a double state: a precision is chosen once, by cast_problem.
// expect: (deduced conflicting types|no matching function)
#include "reference/delta_rule/recurrent.h"

#ifdef GDN2_MISTAKE
using StateScalar = double;
#else
using StateScalar = float;
#endif

int main() {
    const gdn2::Matrix<float> empty;
    const auto rows = gdn2::rows_of(empty);
    const gdn2::Sequence<float> x{rows, rows, rows, rows, rows, rows, 1.0f};
    return static_cast<int>(gdn2::recurrent(x, gdn2::Matrix<StateScalar>()).o.rows());
}
