// All scenarios: there, valid, and able to run every path.
#include "reference/scenarios/scenario.h"

#include <doctest/doctest.h>

#include <set>

#include "reference/delta_rule/heads.h"
#include "tests/support/expect_close.h"

using namespace gdn2;

TEST_CASE("scenarios have unique names and all their words") {
    std::set<std::string> names;
    for (const Scenario& each : scenarios()) {
        CAPTURE(each.name);
        CHECK(names.insert(each.name).second);
        CHECK(!each.title.empty());
        CHECK(!each.shows.empty());
        CHECK(is_scenario(each.name));
        CHECK(&scenario(each.name) == &each);
    }
    CHECK(names.size() == 10);
}

TEST_CASE("every scenario is a valid problem with a label for each token") {
    for (const Scenario& each : scenarios()) {
        CAPTURE(each.name);
        const Sizes sizes = validate_shapes(each.problem);
        CHECK_NOTHROW(validate_values(each.problem));
        CHECK(warnings(each.problem).empty());
        CHECK(static_cast<Index>(each.labels.size()) == sizes.length);
        CHECK(each.problem.d_o.has_value());
        if (!each.recall) continue;
        CHECK(each.recall->expected.size() == each.labels.size());
        CHECK(each.recall->queries.cols() == sizes.key_dim);
        CHECK(each.recall->values.cols() == sizes.value_dim);
        CHECK(each.recall->key_names.size() == static_cast<std::size_t>(each.recall->queries.rows()));
        CHECK(each.recall->value_names.size() == static_cast<std::size_t>(each.recall->values.rows()));
    }
}

TEST_CASE("an unknown scenario is refused with the names there are") {
    CHECK(!is_scenario("overwritten"));
    try {
        (void)scenario("overwritten");
        FAIL("not refused");
    } catch (const Error& error) {
        const std::string text = error.what();
        CHECK(text.find("`overwritten`") != std::string::npos);
        CHECK(text.find("shared_context_keys") != std::string::npos);
    }
}

TEST_CASE("every scenario has the same gradient token by token and by chunks") {
    for (const Scenario& each : scenarios()) {
        if (each.name == "expansive_pair") continue;  // grows: held to its own test
        CAPTURE(each.name);
        constexpr double least_rms = check::smallest_part;  // the others are about 1; some are zero but for rounding
        const Result<double> reference = gradient(each.problem, {.path = Path::recurrent});
        test::expect_close(reference, gradient(each.problem, {.path = Path::chunk, .chunk = 5}),
                           check::Pair::chunk_recurrent, least_rms);
        test::expect_close(reference, gradient(each.problem, {.path = Path::residual, .chunk = 64}),
                           check::Pair::chunk_recurrent, least_rms);
    }
}
