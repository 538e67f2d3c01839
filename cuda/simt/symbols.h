// From a return address to "file:line", for faults.
//   tests  tests/cuda/simt/planted_test.cpp
#pragma once

#include <string>

namespace gdn2::simt {

/// Where the call that returns to `pc` stands: "fragment.h:40", or "fragment.h:40 (from scan.cuh:88)" when the function
/// that holds it was inlined. Reads the program's debug information with addr2line (binutils); without either it
/// gives "program+0x1234". Empty for null. Slow the first time that an address is asked for.
std::string line_of(const void* pc);

/// True when both addresses are of the same call in the source: compilers copy code. True also where a line is not
/// known, as in a program without debug information: what cannot be told apart is no mistake.
bool same_symbol(const void* a, const void* b);
inline bool same_line(const void* a, const void* b) { return a == b || same_symbol(a, b); }

}  // namespace gdn2::simt
