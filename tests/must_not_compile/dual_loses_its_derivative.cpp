// A dual number does not turn into a plain one by itself: that would drop a derivative without a word.
// expect: (cannot convert|no viable conversion)
#include "reference/core/dual.h"

int main() {
    const gdn2::Dual<double> x(1.0, 2.0);
#ifdef GDN2_MISTAKE
    const double plain = x;
#else
    const double plain = gdn2::value_of(x);
#endif
    return static_cast<int>(plain);
}
