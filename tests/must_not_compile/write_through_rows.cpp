// Rows are read-only: an operator cannot change the problem it is given.
// expect: (read-only|lvalue required|not assignable|THIS_EXPRESSION_IS_NOT_A_LVALUE|no viable overloaded)
#include "reference/core/matrix.h"

#ifdef GDN2_MISTAKE
using View = gdn2::Rows<double>;
#else
using View = gdn2::MutableRows<double>;
#endif

int main() {
    gdn2::Matrix<double> matrix(1, 1);
    View view(matrix.data(), 1, 1, Eigen::OuterStride<>(1));
    view(0, 0) = 2;
    return static_cast<int>(view(0, 0));
}
