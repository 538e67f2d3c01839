// The same tokens under every rule, and what is said about their gates.
#include "visualizer/model/mixers.h"

#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "reference/scenarios/rivals.h"
#include "tests/support/random_problem.h"
#include "visualizer/model/track.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

Head head_of_scenario(const char* name) { return head_of(scenario(name).problem, 0, 0); }

TEST_CASE("the rules are those of the rivals, bit for bit") {
    for (const char* name : {"overwrite", "shared_context_keys", "decay", "long_decay"}) {
        const std::vector<Rival> all = rivals(scenario(name));
        const Mixer mixers[] = {Mixer::gdn2, Mixer::kda, Mixer::gated_deltanet, Mixer::gated_linear_attention};
        for (std::size_t i = 0; i < all.size(); ++i) {
            INFO(name << " " << all[i].name);
            const Track ours(tie(head_of_scenario(name), mixers[i], name).head);
            CHECK(ours.o() == Track(head_of(all[i].problem, 0, 0)).o());
        }
    }
}

TEST_CASE("each rule ties what it says") {
    const Head own = head_of_scenario("killer");
    const Head deltanet = tie(own, Mixer::deltanet, "").head;
    CHECK(deltanet.g.isZero(0));
    CHECK(deltanet.b(3, 0) == deltanet.w(3, 0));
    const Head additive = tie(own, Mixer::linear_attention, "").head;
    CHECK(additive.b.isZero(0));
    CHECK(additive.w.isConstant(1, 0));
    CHECK(additive.g.isZero(0));
    CHECK_FALSE(tie(own, Mixer::gated_linear_attention, "").head.g.isZero(0));
    CHECK(tie(own, Mixer::kda, "", 0.25).head.b.isConstant(0.25, 0));
    CHECK(tie(own, Mixer::kda, "", 0.25).gates == "one gate for all tokens: 0.25");
    CHECK(tie(own, Mixer::gdn2, "", 0.25).head.b == own.b);
}

TEST_CASE("lesson 4 ties by the gates that a search found, unless one is asked for") {
    const Head own = head_of_scenario("shared_context_keys");
    CHECK(tie(own, Mixer::kda, "shared_context_keys").gates.find("search") != std::string::npos);
    CHECK(tie(own, Mixer::kda, "").gates.find("mean") != std::string::npos);
    CHECK(tie(own, Mixer::kda, "shared_context_keys", 1.0).head.b.isConstant(1, 0));
}

TEST_CASE("a sequence without tokens is the same under every rule") {
    const Problem<double> problem =
        draw_problem({{1, 4, 1, 1, 3, 5, 2}, Decay::slow, 1, false, true, true, {0, 0, 4}, 1});
    const Head own = head_of(problem, 0, 0);
    for (const Mixer mixer : all_mixers) {
        const Head tied = tie(own, mixer, "").head;
        CHECK(tied.length() == 0);
        CHECK(tied.initial_state == own.initial_state);
    }
}

TEST_CASE("every rule has a name and an id of its own that finds it again") {
    std::set<std::string> names;
    for (const Mixer mixer : all_mixers) {
        names.insert(name_of(mixer));
        CHECK(mixer_of(id_of(mixer)) == mixer);
    }
    CHECK(names.size() == all_mixers.size());
    CHECK_FALSE(mixer_of("mamba"));
}

}  // namespace
}  // namespace gdn2::test
