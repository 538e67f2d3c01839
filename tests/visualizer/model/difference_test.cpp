// The Diff tab: a right file passes, a wrong one fails where it is wrong, and what was assumed or refused is said.
#include "visualizer/model/difference.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "reference/check/compare.h"
#include "reference/core/small_float.h"
#include "reference/io/text.h"
#include "tests/support/allow_fp_exceptions.h"
#include "tests/visualizer/model/everything.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;
using trace::Field;

void finish(Difference& difference) {
    while (difference.work()) {}
}

std::string names_of(const Difference& difference, Verdict verdict) {
    std::string names;
    for (const ComparedTensor& tensor : difference.tensors())
        if (tensor.compared && tensor.verdict == verdict) names += tensor.name + " ";
    return names;
}

TEST_CASE("everything in a right file passes, results first, piece by piece") {
    const Everything file;
    Difference difference(file.problem, file.side());
    REQUIRE(difference.tensors().size() == 9 + trace::field_count - 1);
    CHECK(difference.tensors()[0].name == "o");
    CHECK(difference.cost().find("32 of 32 tensors") == 0);
    CHECK(difference.seconds_left() > 0);
    CHECK(difference.reference_name() == "the reference, in f64");
    int pieces = 1;
    double left = difference.seconds_left();
    while (difference.work()) {
        ++pieces;
        CHECK(difference.seconds_left() < left);
        left = difference.seconds_left();
    }
    CHECK(pieces == (2 + 9) + (3 + 23));
    CHECK(difference.complete());
    CHECK(difference.cost().empty());
    for (const ComparedTensor& tensor : difference.tensors()) {
        INFO(tensor.name << " " << tensor.why);
        CHECK(tensor.compared);
        CHECK(tensor.verdict == Verdict::pass);
        CHECK_FALSE(tensor.first_bad);
    }
    CHECK(difference.notes().empty());
    CHECK(difference.most_interesting()->name == "o");
}

TEST_CASE("a wrong number fails its tensor alone, and where it is is said") {
    Everything file;
    const Shape& T = file.fields.at(Field::T).shape();
    REQUIRE(T == Shape{7, 4, 16, 16});
    // Sequence 2 has its chunks 2 ... 6; row 5 of its second chunk is its token 21.
    file.fields.at(Field::T)[((3 * 4 + 1) * 16 + 5) * 16 + 2] += 1;
    file.claim.tensors.at("dq").values[(50 * 2 + 1) * 5 + 3] += 1;
    file.fields.at(Field::S)[((33 * 4 + 2) * 5 + 4) * 7 + 6] += 1;
    Difference difference(file.problem, file.side());
    finish(difference);
    CHECK(names_of(difference, Verdict::fail) == "dq S T ");
    const auto expect = [&](const char* name, const ElementPlace& place) {
        const ComparedTensor* tensor = difference.find(name);
        INFO(name);
        REQUIRE(tensor->first_bad);
        CHECK(*tensor->first_bad == place);
        CHECK(*tensor->worst == place);
        CHECK(tensor->comparison.max_abs == doctest::Approx(1));
        CHECK_FALSE(tensor->why.empty());
    };
    expect("T", {.sequence = 2, .head = 1, .token = 21, .row = 5, .col = 2});
    expect("dq", {.sequence = 2, .head = 2, .token = 30, .row = 30, .col = 3});
    expect("S", {.sequence = 2, .head = 2, .token = 13, .row = 4, .col = 6});
    CHECK(difference.most_interesting()->name == "dq");
}

TEST_CASE("a NaN is bad, and the first of them is the worst") {
    Everything file;
    file.fields.at(Field::u)[(40 * 4 + 3) * 7 + 1] = std::numeric_limits<double>::quiet_NaN();
    Difference difference(file.problem, file.side());
    {
        const AllowFpExceptions allowed;
        finish(difference);
    }
    CHECK(names_of(difference, Verdict::fail) == "u ");
    CHECK(difference.find("u")->why.find("nan") != std::string::npos);
    CHECK(*difference.find("u")->worst == ElementPlace{.sequence = 2, .head = 3, .token = 20, .row = 20, .col = 1});
    CHECK(*difference.find("u")->first_bad == *difference.find("u")->worst);
}

TEST_CASE("fields are held to who made them: rounded to bf16 they pass as a kernel's and fail as f64") {
    Everything file;
    for (auto& [field, tensor] : file.fields)
        for (double& x : tensor.values()) x = BFloat16::decode(BFloat16::encode(x));
    Difference as_kernel(file.problem, file.side("emulator", "bf16")), as_f64(file.problem, file.side());
    finish(as_kernel);
    finish(as_f64);
    CHECK(names_of(as_kernel, Verdict::fail) == "");
    CHECK(as_kernel.find("A")->precision == check::Precision::bf16);
    CHECK(as_kernel.find("A")->comparison.tolerance ==
          check::tolerance(check::Pair::bf16_device, check::Kind::output));
    CHECK(as_kernel.find("dS")->comparison.tolerance ==
          check::tolerance(check::Pair::bf16_device, check::Kind::gradient));
    CHECK(as_f64.find("A")->verdict == Verdict::fail);
    CHECK(as_f64.find("o")->verdict == Verdict::pass);
}

TEST_CASE("of a kernel's gamma only the last row of a chunk counts") {
    Everything file;
    Tensor<double>& gamma = file.fields.at(Field::gamma);
    const Shape& shape = gamma.shape();
    for (Index n = 0; n < shape[0]; ++n)
        for (Index head = 0; head < 4; ++head) {
            const Index rows = n == 1 ? 4 : n == 6 ? 6 : 16;  // 20 tokens are 16 and 4, 70 are 4 times 16 and 6
            for (Index i = 0; i < (rows - 1) * 5; ++i)
                gamma[(n * 4 + head) * 16 * 5 + i] = std::numeric_limits<double>::quiet_NaN();
        }
    Difference kernel(file.problem, file.side("emulator", "f32"));
    finish(kernel);
    CHECK(kernel.find("gamma")->verdict == Verdict::pass);
    gamma[(6 * 4 + 2) * 16 * 5 + 5 * 5 + 3] *= 2;
    Difference wrong(file.problem, file.side("emulator", "f32"));
    finish(wrong);
    CHECK(wrong.find("gamma")->verdict == Verdict::fail);
    CHECK(*wrong.find("gamma")->worst == ElementPlace{.sequence = 2, .head = 2, .token = 69, .row = 4, .col = 3});
    const AllowFpExceptions allowed;
    Difference cpu(file.problem, file.side("cpu", "f32"));
    finish(cpu);
    CHECK(cpu.find("gamma")->verdict == Verdict::fail);
}

TEST_CASE("file against file needs no run, and takes the coarser format") {
    Everything file, other;
    for (auto& [name, entry] : other.claim.tensors) {
        for (double& x : entry.values.values()) x = static_cast<float>(x);
        entry.dtype = io::DType::f32;
    }
    other.claim.tensors.erase("dw");
    other.fields.erase(Field::S);
    other.fields.at(Field::K_tail)[0] += 1;
    for (const bool swapped : {false, true}) {
        const Everything &a = swapped ? other : file, &b = swapped ? file : other;
        Difference difference(file.problem, a.side(), b.side());
        CHECK(difference.tensors().size() == 8 + trace::field_count - 2);
        finish(difference);
        CHECK(names_of(difference, Verdict::fail) == "K_tail ");
        CHECK(difference.find("o")->comparison.tolerance ==
              check::tolerance(check::Pair::f32_claim, check::Kind::output));
        CHECK(difference.find("o")->comparison.max_abs > 0);
        CHECK(difference.reference_of(*difference.find("o")) == &b.claim.tensors.at("o").values);
    }
}

TEST_CASE("what does not fit is refused by itself, and other inputs are noted") {
    Everything file;
    file.claim.tensors.at("o").values = Tensor<double>({1, 90, 4, 6});
    file.fields.at(Field::A) = Tensor<double>({7, 4, 8, 8});
    Problem<double> other = file.problem;
    other.k[7] += 0.5;
    other.w = Tensor<double>({1, 90, 4, 7}, 0.5);
    Side side = file.side();
    side.problem = &other;
    Difference difference(file.problem, side);
    finish(difference);
    for (const char* name : {"o", "A"}) {
        CHECK(difference.find(name)->refused);
        CHECK_FALSE(difference.find(name)->compared);
        CHECK(difference.find(name)->why.find("must be") != std::string::npos);
    }
    CHECK(difference.find("final_state")->verdict == Verdict::pass);
    REQUIRE(difference.notes().size() == 1);
    CHECK(difference.notes()[0].find("k w differ") != std::string::npos);
}

TEST_CASE("inputs of other shapes are said to be that") {
    Everything file;
    Problem<double> other = draw_problem({{1, 80, 2, 4, 5, 7, 1}});
    other.w = file.problem.w;
    Side side = file.side();
    side.problem = &other;
    Difference difference(file.problem, side);
    finish(difference);
    REQUIRE(difference.notes().size() == 1);
    CHECK(difference.notes()[0] == "this file was made from inputs of other shapes: q k v g b");
}

TEST_CASE("the note on other inputs says the largest of their differences") {
    Everything file;
    Problem<double> other = file.problem;
    other.k[7] += 0.5;
    other.w[7] += 1e-6;
    Side side = file.side();
    side.problem = &other;
    Difference difference(file.problem, side);
    finish(difference);
    const double of_k = check::compare(file.problem.k, other.k, {}).relative;
    REQUIRE(difference.notes().size() == 1);
    CHECK(difference.notes()[0].ends_with("k w differ, by up to " + io::number(of_k, 2) + " (relative)"));
}

TEST_CASE("where the problem has no loss the sum of o is assumed, and said") {
    Everything file;
    Problem<double> plain = file.problem;
    plain.d_o.reset();
    plain.d_final_state.reset();
    const Result<double> result = [&] {
        Problem<double> summed = plain;
        summed.d_o = Tensor<double>({1, 90, 4, 7}, 1.0);
        return gradient(summed);
    }();
    file.claim.tensors.at("db").values = result.db;
    Side side = file.side();
    side.problem = nullptr;
    Difference difference(plain, side);
    finish(difference);
    CHECK(difference.find("db")->verdict == Verdict::pass);
    CHECK(difference.find("dk")->verdict == Verdict::fail);
    CHECK(difference.find("dS")->verdict == Verdict::fail);
    CHECK(difference.notes().size() == 2);
}

}  // namespace
}  // namespace gdn2::test
