// See mutants.h.
#include "tests/planted/mutants.h"

namespace gdn2::planted {

const std::vector<Entry>& mutants() {
    static const std::vector<Entry> all{
#define GDN2_MUTANT(name, place, dims, says) {Mutant::name, #name, Place::place, Dims::dims, says},
#include "tests/planted/mutants.def"
#undef GDN2_MUTANT
    };
    return all;
}

}  // namespace gdn2::planted
