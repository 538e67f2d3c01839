// One tensor cell by cell: both sides, three ways of counting, and the reference's own run of one head.
#include "visualizer/model/difference_map.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "tests/support/allow_fp_exceptions.h"
#include "tests/support/random_problem.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;
using trace::Field;

constexpr Index chunk = 8;

Problem<double> grouped() {
    return draw_problem({{1, 30, 1, 2, 4, 6, 2}, Decay::slow, 1, false, true, true, {0, 19, 30}, 5});
}

/// A trace of all fields and all results.
struct File {
    Problem<double> problem = grouped();
    Claim claim;
    std::map<Field, Tensor<double>> fields;

    File() {
        std::vector<Field> all;
        for (const trace::FieldInfo& line : trace::fields()) all.push_back(line.field);
        trace::Recorder recorder(all, recorder_sizes(problem, chunk));
        const Result<double> result = gradient(problem, {.path = Path::recurrent, .recorder = &recorder});
        (void)forward(problem, {.path = Path::chunk, .chunk = chunk, .recorder = &recorder});
        for (const Field field : all) fields.emplace(field, recorder.tensor(field));
        for (const std::string& name : result_names())
            claim.tensors[name] = {tensor_named(result, name), io::DType::f64};
        claim.tensors.erase("o");
    }
    Side side(const char* device = "cpu", const char* precision = "f64") const {
        return {"file", &claim, &fields, &problem, trace::TraceMeta{"", "", device, precision, chunk, {}}};
    }
};

TEST_CASE("both sides of every tensor are the same in a right file, for every head, sequence and token") {
    const File file;
    Difference difference(file.problem, file.side());
    while (difference.work()) {}
    const DifferenceMaps maps(difference);
    for (const ComparedTensor& tensor : difference.tensors())
        for (const Index sequence : {0, 1})
            for (const Index head : {0, 1})
                for (const Index token : {0, 7, 8, 10}) {
                    INFO(tensor.name << " sequence " << sequence << " head " << head << " token " << token);
                    const DifferenceMap& map = maps.at(tensor.name, sequence, head, token);
                    CHECK(map.why.empty());
                    REQUIRE(map.reference.size() > 0);
                    REQUIRE(map.reference.rows() == map.candidate.rows());
                    REQUIRE(map.reference.cols() == map.candidate.cols());
                    CHECK(map.relative.maxCoeff() <= 1e-12);
                    CHECK(map.worst_by_row.size() == map.relative.rows());
                }
}

TEST_CASE("the same head of another sequence has a run of its own") {
    const File file;
    const Difference difference(file.problem, file.side());
    const DifferenceMaps maps(difference);
    for (const char* name : {"S", "u", "dS", "T"})
        for (const Index sequence : {0, 1, 0}) CHECK(maps.at(name, sequence, 1, 7).relative.maxCoeff() <= 1e-12);
}

TEST_CASE("a cell counts its difference absolutely, relatively and in units of its format") {
    File file;
    Tensor<double>& u = file.fields.at(Field::u);
    const Index at = ((19 + 4) * 2 + 1) * 6 + 2;
    u[at] = 1 + std::ldexp(3.0, -23);
    Difference difference(file.problem, file.side("cpu", "f32"));
    while (difference.work()) {}
    const DifferenceMaps maps(difference);
    const DifferenceMap& map = maps.at("u", 1, 1, 0);
    CHECK(std::string(map.row_axis) == "token");
    const double reference = map.reference(4, 2), size = difference.find("u")->comparison.size;
    CHECK(map.candidate(4, 2) == u[at]);
    CHECK(map.absolute(4, 2) == std::abs(u[at] - reference));
    CHECK(map.relative(4, 2) == std::abs(u[at] - reference) / size);
    CHECK(map.ulp(4, 2) == check::ulp_distance(reference, u[at], check::Precision::f32));
    CHECK(map.row == 4);
    CHECK(map.col == 2);
    CHECK(map.worst_by_row[4] == map.relative(4, 2));
    CHECK(map.tolerance == check::tolerance(check::Pair::f32_recurrent, check::Kind::output));
    CHECK(&map.cells(DifferenceUnit::ulp) == &map.ulp);
    CHECK(&map.cells(DifferenceUnit::relative) == &map.relative);
    CHECK(std::string(name_of(DifferenceUnit::absolute)) == "absolute");
}

TEST_CASE("a number that is not finite makes its own cell bad and no other") {
    File file;
    file.claim.tensors.at("dv").values[(3 * 2 + 0) * 6 + 5] = std::numeric_limits<double>::infinity();
    Difference difference(file.problem, file.side());
    const AllowFpExceptions allowed;
    while (difference.work()) {}
    const DifferenceMaps maps(difference);
    const DifferenceMap& map = maps.at("dv", 0, 0, 0);
    CHECK(map.row == 3);
    CHECK(map.col == 5);
    CHECK(std::isnan(map.worst_by_row[3]));
    for (const DifferenceUnit unit : {DifferenceUnit::absolute, DifferenceUnit::relative, DifferenceUnit::ulp}) {
        CHECK(std::isnan(map.cells(unit)(3, 5)));
        CHECK(map.cells(unit)(3, 4) < 1e3);
        CHECK(map.worst_by_row[4] < 1e-12);
    }
}

TEST_CASE("a field shows before it is compared, a result says that it is not") {
    const File file;
    Difference difference(file.problem, file.side());
    const DifferenceMaps maps(difference);
    CHECK(maps.at("S", 0, 1, 12).relative.maxCoeff() <= 1e-12);
    CHECK(maps.at("dk", 0, 1, 0).why == "not compared yet");
    CHECK(maps.at("dk", 0, 1, 0).relative.size() == 0);
    while (difference.work()) {}
    CHECK(maps.at("dk", 0, 1, 0).relative.maxCoeff() <= 1e-12);
    CHECK_THROWS_WITH_AS(maps.at("x", 0, 0, 0), doctest::Contains("no tensor x"), Error);
    CHECK_THROWS_AS(maps.at("S", 1, 0, 11), Error);
}

TEST_CASE("a kernel's gamma shows the last row of every chunk of the sequence") {
    const File file;
    Difference difference(file.problem, file.side("emulator", "f32"));
    while (difference.work()) {}
    const DifferenceMaps maps(difference);
    const DifferenceMap& map = maps.at("gamma", 0, 0, 0);
    CHECK(std::string(map.row_axis) == "chunk");
    REQUIRE(map.reference.rows() == 3);
    CHECK(map.relative.maxCoeff() <= 1e-12);
}

TEST_CASE("what was refused shows why") {
    File file;
    file.fields.at(Field::T) = Tensor<double>({1});
    Difference difference(file.problem, file.side());
    const DifferenceMaps maps(difference);
    CHECK(maps.at("T", 0, 0, 0).why.find("must be") != std::string::npos);
}

}  // namespace
}  // namespace gdn2::test
