// Numbers made elsewhere: PyTorch's autograd in float64 (tests/golden/make_golden.py). The only witnesses here that
// share no line of code with this project.
#include <doctest/doctest.h>

#include "reference/delta_rule/heads.h"
#include "reference/delta_rule/problem_file.h"
#include "tests/support/expect_close.h"

namespace gdn2 {
namespace {

constexpr const char* names[] = {"g01_tiny",   "g02_killer", "g03_two_chunks",   "g04_grouped",
                                 "g05_packed", "g06_strong", "g07_double_erase", "g08_kda"};

std::string path_of(const std::string& name) { return std::string(GDN2_SOURCE_DIR) + "/tests/golden/" + name; }

Problem<double> problem_named(const std::string& name) {
    std::vector<std::string> notes;
    return read_problem(path_of(name + ".in.npz"), notes);
}

/// Every tensor the golden file has; there must be at least eight.
void expect_golden(const std::string& name, const Result<double>& claim, check::Pair pair) {
    std::vector<std::string> notes;
    const Claim golden = read_claim(path_of(name + ".out.npz"), notes);
    CHECK(golden.tensors.size() >= 8);
    const auto claimed = test::by_name(claim);
    for (const auto& [tensor, entry] : golden.tensors)
        test::expect_close(tensor, entry.values, *claimed.at(tensor), check::tolerance(pair, check::kind_of(tensor)));
}

TEST_CASE("recurrent agrees with the golden files") {
    for (const std::string name : names) {
        INFO(name);
        const Problem<double> p = problem_named(name);
        expect_golden(name, gradient(p, {.path = Path::recurrent}), check::Pair::recurrent_golden);
    }
}

TEST_CASE("chunk and residual_form agree with the golden files at any chunk length") {
    for (const std::string name : names)
        for (const Index chunk : {1, 16, 50, 64, 1000}) {
            INFO(name << " chunk " << chunk);
            const Problem<double> p = problem_named(name);
            expect_golden(name, gradient(p, {.path = Path::chunk, .chunk = chunk}), check::Pair::chunk_golden);
            expect_golden(name, gradient(p, {.path = Path::residual, .chunk = chunk}), check::Pair::chunk_golden);
        }
}

TEST_CASE("float32 agrees with the golden files") {
    for (const std::string name : names) {
        INFO(name);
        const Problem<float> p = cast_problem<float>(problem_named(name));
        expect_golden(name, test::to_double(gradient(p, {.path = Path::recurrent})), check::Pair::f32_recurrent);
        expect_golden(name, test::to_double(gradient(p, {.path = Path::chunk})), check::Pair::f32_chunk);
    }
}

}  // namespace
}  // namespace gdn2
