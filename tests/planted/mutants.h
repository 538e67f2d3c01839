// The list of planted mistakes (mutants.def) as an enum and a table.
//   tests  tests/planted/mutants_test.cpp
#pragma once

#include <set>
#include <string_view>
#include <vector>

namespace gdn2::planted {

/// A mistake that mutable_chunk can be asked to make.
enum class Mutant {
#define GDN2_MUTANT(name, place, dims, says) name,
#include "tests/planted/mutants.def"
#undef GDN2_MUTANT
};

/// Mistakes made together; empty: none.
using Mutants = std::set<Mutant>;

/// Which code makes the mistake.
enum class Place { recurrence, chunk, both, adjoint };

/// On which sizes it can be made.
enum class Dims { any, square };

struct Entry {
    Mutant mutant;
    std::string_view name;
    Place place;
    Dims dims;
    std::string_view says;  ///< what is computed instead
};

/// All of them, in the order of mutants.def.
const std::vector<Entry>& mutants();

}  // namespace gdn2::planted
