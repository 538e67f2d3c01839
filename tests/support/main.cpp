// The main of every test program. An operation that makes NaN or Inf out of numbers stops the test it happens in:
// in the reference that is a mistake, however the result is used. See allow_fp_exceptions.h for the exceptions.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cfenv>

int main(int argc, char** argv) {
#ifdef __GLIBC__
    feenableexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW);
#endif
    return doctest::Context(argc, argv).run();
}
