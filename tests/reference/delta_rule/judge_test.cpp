// Somebody's results against the reference: right ones pass, a wrong one fails alone, and what was assumed is said.
// tests/tools/gdn2/check_test.cpp asks the same of the command.
#include "reference/delta_rule/judge.h"

#include <doctest/doctest.h>

#include <set>

#include "tests/support/expect_close.h"
#include "tests/support/random_problem.h"

namespace gdn2::test {
namespace {

Problem<double> grouped() {
    return draw_problem({{1, 90, 1, 2, 5, 7, 2}, Decay::slow, 1, false, true, true, {0, 20, 90}, 3});
}

Claim claim_of_run(const Problem<double>& problem) {
    const Result<double> result = gradient(problem, {.path = Path::residual});
    Claim claim;
    for (const std::string& name : result_names()) claim.tensors[name] = {tensor_named(result, name), io::DType::f64};
    return claim;
}

TEST_CASE("every tensor of a right claim passes, in the order of a result") {
    const Judgement found = judge(grouped(), claim_of_run(grouped()));
    CHECK(found.verdict() == Verdict::pass);
    CHECK(found.names_of(Verdict::pass) == "o final_state dq dk dv dg db dw d_initial_state");
    CHECK(found.notes.empty());
    CHECK(identical(found.reference, gradient(grouped(), {.path = Path::recurrent})));
    for (std::size_t i = 0; i < found.tensors.size(); ++i) CHECK(found.witness[i].name == found.tensors[i].name);
}

TEST_CASE("a wrong tensor fails alone, and where it is wrong is said") {
    Claim claim = claim_of_run(grouped());
    for (Index c = 0; c < 7; ++c) claim.tensors["o"].values[(70 * 2 + 1) * 7 + c] *= 2;
    const Judgement found = judge(grouped(), claim);
    CHECK(found.names_of(Verdict::fail) == "o");
    REQUIRE(found.tensors[0].comparison.where.first_bad);
    CHECK(*found.tensors[0].comparison.where.first_bad == std::vector<Index>{0, 70, 1, 0});
}

TEST_CASE("a looser tolerance forgives, a claim in f16 is held to that format") {
    Claim claim = claim_of_run(grouped());
    for (double& x : claim.tensors["dk"].values.values()) x *= 1 + 1e-4;
    CHECK(judge(grouped(), claim).names_of(Verdict::fail) == "dk");
    CHECK(judge(grouped(), claim, {.tolerance = 1e-3}).verdict() == Verdict::pass);
    claim.tensors["dk"].dtype = io::DType::f16;
    const Judgement found = judge(grouped(), claim);
    CHECK(found.verdict() == Verdict::pass);
    CHECK(found.tensors[3].comparison.tolerance == check::tolerance(check::Pair::f16_claim, check::Kind::gradient));
}

TEST_CASE("a claim of outputs alone needs no gradient, and what the loss lacks is assumed and said") {
    Problem<double> problem = grouped();
    Claim claim = claim_of_run(problem);
    problem.d_o.reset();
    problem.d_final_state.reset();
    Claim outputs;
    outputs.tensors["o"] = claim.tensors["o"];
    const Judgement forward_only = judge(problem, outputs);
    CHECK(forward_only.verdict() == Verdict::pass);
    CHECK(forward_only.notes.empty());
    CHECK(forward_only.reference.dq.shape() == Shape{0});
    const Judgement found = judge(problem, claim);
    REQUIRE(found.notes.size() == 2);
    CHECK(found.notes[0].find("ones") != std::string::npos);
    CHECK(found.names_of(Verdict::pass) == "o final_state");
}

/// One channel; every token erases all that is there: what rounding leaves of a large state differs between the paths.
Problem<double> erasing(double initial_state) {
    Problem<double> problem;
    problem.k = Tensor<double>({1, 8, 1, 1}, {0.9, 1.1, 0.85, 1.15, 0.95, 1.05, 0.8, 1.2});
    problem.q = problem.v = problem.w = Tensor<double>(problem.k.shape(), 1.0);
    problem.g = problem.b = Tensor<double>(problem.k.shape());
    for (Index t = 0; t < 8; ++t) problem.b[t] = 1 / (problem.k[t] * problem.k[t]);
    problem.initial_state = Tensor<double>({1, 1, 1, 1}, initial_state);
    return problem;
}

TEST_CASE("where the two paths disagree nothing is held against a claim") {
    Claim claim;
    claim.tensors["o"] = {forward(erasing(1e10), {.path = Path::recurrent}).o, io::DType::f64};
    const Judgement found = judge(erasing(1e10), claim);
    CHECK(found.verdict() == Verdict::undecided);
    CHECK(why_undecided(found.witness[0].comparison).find("token by token and in chunks, disagree") !=
          std::string::npos);
    claim.tensors["o"].values = forward(erasing(1), {.path = Path::recurrent}).o;
    CHECK(judge(erasing(1), claim).verdict() == Verdict::pass);
}

TEST_CASE("step by step the same is found, a tensor with every step once the runs are done") {
    Claim claim = claim_of_run(grouped());
    claim.tensors["dv"].dtype = io::DType::f32;
    claim.tensors.erase("final_state");
    Judge judge(grouped(), claim);
    CHECK(judge.steps() == 3 + 8);
    for (std::size_t step = 1; step <= 11; ++step) {
        CHECK(judge.advance() == (step < 11));
        CHECK(judge.found().tensors.size() == (step < 3 ? 0 : step - 3));
    }
    CHECK_FALSE(judge.advance());
    const Judgement whole = gdn2::judge(grouped(), claim);
    for (std::size_t i = 0; i < 8; ++i)
        CHECK(judge.found().tensors[i].comparison.relative == whole.tensors[i].comparison.relative);
    CHECK(judge.found().tensors[3].comparison.over_low_precision);
    CHECK_FALSE(judge.found().tensors[2].comparison.over_low_precision);
}

TEST_CASE("shapes are held to the problem's, by name") {
    Claim claim = claim_of_run(grouped());
    const Sizes sizes = validate_shapes(grouped());
    CHECK_NOTHROW(require_shapes(claim, sizes));
    claim.tensors["db"].values = Tensor<double>({1, 90, 2, 5});
    CHECK_THROWS_WITH_AS(judge(grouped(), claim),
                         "`db` must be [batch, length, key_heads, key_dim] = [1, 90, 1, 5], got [1, 90, 2, 5]", Error);
    const Result<double> whole = gradient(grouped());
    for (const std::string& name : result_names())
        CHECK(result_shape(name, sizes) == tensor_named(whole, name).shape());
    CHECK_THROWS_WITH_AS(result_shape("x", sizes), doctest::Contains("`x` is no result"), Error);
}

TEST_CASE("both paths report their progress") {
    std::set<Path> seen;
    JudgeOptions options;
    options.threads = 1;
    options.progress = [&](Path path, Index done, Index total) {
        CHECK(done <= total);
        seen.insert(path);
    };
    (void)judge(grouped(), claim_of_run(grouped()), options);
    CHECK(seen == std::set<Path>{Path::recurrent, Path::chunk});
}

}  // namespace
}  // namespace gdn2::test
