// See scenario.h.
#include "reference/scenarios/scenario.h"

#include <algorithm>

#include "reference/io/text.h"
#include "reference/scenarios/hard_cases.h"
#include "reference/scenarios/lessons.h"

namespace gdn2 {

const std::vector<Scenario>& scenarios() {
    static const std::vector<Scenario> all{
        lesson_a_memory_is_a_matrix(), lesson_overwrite(), lesson_erase_and_write_alone(),
        lesson_shared_context_keys(),  lesson_decay(),     lesson_chunk_equals_recurrent(),
        hard_expansive_pair(),         hard_killer(),      hard_long_decay(),
        hard_two_keys_collide(),
    };
    return all;
}

bool is_scenario(const std::string& name) {
    return std::any_of(scenarios().begin(), scenarios().end(),
                       [&](const Scenario& x) { return x.name == name; });
}

const Scenario& scenario(const std::string& name) {
    std::string names;
    for (const Scenario& each : scenarios()) {
        if (each.name == name) return each;
        names += (names.empty() ? "" : ", ") + each.name;
    }
    throw Error("there is no scenario " + io::quote(name) + "; there are " + names);
}

}  // namespace gdn2
