// A second file: results, results with their problem, or a trace.
#include "visualizer/model/claim_file.h"

#include <doctest/doctest.h>

#include "reference/delta_rule/heads.h"
#include "tests/support/random_problem.h"
#include "tests/support/temporary_file.h"
#include "visualizer/model/document.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

io::Array numbers(double fill) { return io::from_tensor(Tensor<double>({1, 2, 1, 2}, fill)); }

TEST_CASE("results alone are one layer, whatever the open file's is called") {
    io::Archive archive;
    archive.add("o", numbers(1));
    archive.add("ht", io::from_tensor(Tensor<double>({1, 1, 2, 2})));
    const TemporaryFile file(archive, "gdn2_claim_file_test.npz");
    const ClaimFile found = open_claim_file(file.path);
    CHECK(found.path == file.path);
    REQUIRE(found.layer("blocks.7"));
    CHECK(found.layer("")->claim.tensors.count("final_state") == 1);
    CHECK_FALSE(found.layer("")->problem);
    CHECK_FALSE(found.meta);
}

TEST_CASE("layers are found by their name") {
    io::Archive archive;
    archive.add("blocks.3.o", numbers(3));
    archive.add("blocks.0.o", numbers(0));
    archive.add("head.weight", numbers(1));
    const TemporaryFile file(archive, "gdn2_claim_file_test.npz");
    const ClaimFile found = open_claim_file(file.path);
    REQUIRE(found.layer("blocks.0"));
    CHECK(found.layer("blocks.0")->claim.tensors.at("o").values[0] == 0);
    CHECK(found.layer("blocks.3")->claim.tensors.at("o").values[0] == 3);
    CHECK(found.layer("head") == nullptr);
}

TEST_CASE("a problem beside results comes with them, and a problem alone is refused") {
    const Problem<double> problem = draw_problem({{1, 6, 1, 1, 3, 4, 1}, Decay::slow});
    io::Archive archive = archive_of(problem);
    const TemporaryFile alone(archive, "gdn2_claim_file_test.npz");
    CHECK_THROWS_WITH_AS(open_claim_file(alone.path), doctest::Contains("nothing to compare"), Error);
    archive.add("o", io::from_tensor(Tensor<float>({1, 6, 1, 4})));
    const TemporaryFile both(archive, "gdn2_claim_file_test_2.npz");
    const ClaimFile found = open_claim_file(both.path);
    REQUIRE(found.layer("")->problem);
    CHECK(found.layer("")->problem->k.values() == problem.k.values());
    CHECK(found.layer("")->claim.tensors.at("o").dtype == io::DType::f32);
    CHECK_THROWS_WITH_AS(open_claim_file("nowhere.npz"), doctest::Contains("nowhere.npz"), Error);
}

TEST_CASE("a tensor of another shape than the open problem's is refused by name, with both shapes") {
    const Problem<double> problem = draw_problem({{1, 6, 1, 1, 3, 4, 1}, Decay::slow});
    Document document;
    document.layers.push_back({"", problem, validate_shapes(problem), {}, {}});
    ClaimFile file;
    file.path = "claim.npz";
    const auto holding = [&file](const Shape& o) {
        file.layers = {{"", Claim{{{"o", {Tensor<double>(o), io::DType::f32}}}}, {}, {}}};
    };
    holding({1, 6, 1, 4});
    CHECK_NOTHROW(require_shapes(file, document));
    holding({1, 5, 1, 4});
    CHECK_THROWS_WITH_AS(require_shapes(file, document),
                         "`claim.npz`: `o` must have the open problem's shape, [1, 6, 1, 4], got [1, 5, 1, 4]", Error);
    file.layers.front() = {"", {}, {{trace::Field::u, Tensor<double>({1, 6, 1, 3})}}, {}};
    CHECK_THROWS_WITH_AS(require_shapes(file, document), doctest::Contains("`u` must have"), Error);
}

TEST_CASE("a trace brings its fields and who made it") {
    const Problem<double> problem = draw_problem({{1, 6, 1, 1, 3, 4, 1}, Decay::slow});
    trace::Recorder recorder({trace::Field::S, trace::Field::u}, recorder_sizes(problem, 64));
    (void)forward(problem, {.path = Path::recurrent, .recorder = &recorder});
    const trace::TraceMeta meta{"a test", "", "emulator", "bf16", 64, {}};
    const TemporaryFile file(trace::archive_of(archive_of(problem), recorder, meta), "gdn2_claim_file_test.npz");
    const ClaimFile found = open_claim_file(file.path);
    CHECK(found.layer("x")->recorded.size() == 2);
    REQUIRE(found.meta);
    CHECK(found.meta->precision == "bf16");
    CHECK(found.layer("")->problem);
}

}  // namespace
}  // namespace gdn2::test
