// A loop over the numbers of a tensor that is gone before the loop begins.
// expect: (deleted function|call to deleted)
#include "reference/core/tensor.h"

gdn2::Tensor<double> made() { return gdn2::Tensor<double>(gdn2::Shape{2}); }

int main() {
    double sum = 0;
#ifdef GDN2_MISTAKE
    for (const double value : made().values()) sum += value;
#else
    const gdn2::Tensor<double> kept = made();
    for (const double value : kept.values()) sum += value;
#endif
    return static_cast<int>(sum);
}
