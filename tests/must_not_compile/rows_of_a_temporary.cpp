// A view of a matrix that is gone at the end of the line.
// expect: (deleted function|no matching function)
#include "reference/core/matrix.h"

int main() {
    const gdn2::Matrix<double> kept = gdn2::Matrix<double>::Zero(1, 1);
#ifdef GDN2_MISTAKE
    const auto view = gdn2::rows_of(gdn2::Matrix<double>(kept));
#else
    const auto view = gdn2::rows_of(kept);
#endif
    return static_cast<int>(view(0, 0));
}
