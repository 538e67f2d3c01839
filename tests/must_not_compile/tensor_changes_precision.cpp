// A tensor changes precision through cast(), never by assignment.
// expect: (conversion from|no viable conversion)
#include "reference/core/tensor.h"

int main() {
    const gdn2::Tensor<float> single(gdn2::Shape{2});
#ifdef GDN2_MISTAKE
    const gdn2::Tensor<double> twice = single;
#else
    const gdn2::Tensor<double> twice = gdn2::cast<double>(single);
#endif
    return static_cast<int>(twice.rank());
}
