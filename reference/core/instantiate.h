// Operators are templates on the scalar, defined in their .cpp and instantiated there for these three.
#pragma once

#include "reference/core/dual.h"

/// Calls DECLARE(float), DECLARE(double) and DECLARE(the dual number over double).
#define GDN2_INSTANTIATE(DECLARE) \
    DECLARE(float)                \
    DECLARE(double)               \
    DECLARE(::gdn2::Dual<double>)
