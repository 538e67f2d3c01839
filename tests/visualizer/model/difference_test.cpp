// The Diff tab: a right file passes, a wrong one fails where it is wrong, and what was assumed or refused is said.
#include "visualizer/model/difference.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "reference/core/small_float.h"
#include "tests/support/allow_fp_exceptions.h"
#include "tests/support/random_problem.h"
#include "visualizer/model/session.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;
using trace::Field;

Problem<double> packed() {
    return draw_problem({{1, 90, 2, 4, 5, 7, 3}, Decay::slow, 1, false, true, true, {0, 20, 20, 90}, 3});
}

std::map<Field, Tensor<double>> recorded(const Problem<double>& problem, Index chunk) {
    std::vector<Field> all;
    for (const trace::FieldInfo& line : trace::fields()) all.push_back(line.field);
    trace::Recorder recorder(all, recorder_sizes(problem, chunk));
    (void)gradient(problem, {.path = Path::recurrent, .recorder = &recorder});
    (void)forward(problem, {.path = Path::chunk, .chunk = chunk, .recorder = &recorder});
    std::map<Field, Tensor<double>> fields;
    for (const Field field : all) fields.emplace(field, recorder.tensor(field));
    return fields;
}

trace::TraceMeta meta(const char* device, const char* precision, Index chunk) {
    return {"a test", "", device, precision, chunk, {}};
}

/// Everything that a file can hold of a problem.
struct Everything {
    Problem<double> problem = packed();
    Claim claim;
    std::map<Field, Tensor<double>> fields;
    Index chunk;

    explicit Everything(Index chunk_length = 16) : fields(recorded(problem, chunk_length)), chunk(chunk_length) {
        const Result<double> result = gradient(problem, {.path = Path::chunk});
        for (const std::string& name : result_names())
            claim.tensors[name] = {tensor_named(result, name), io::DType::f64};
        fields.erase(Field::o);
    }
    Side side(const char* device = "cpu", const char* precision = "f64") const {
        return {"this file", &claim, &fields, &problem, meta(device, precision, chunk)};
    }
};

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

Document document_of(const Everything& file) {
    Document document;
    document.title = "ours.npz";
    document.layers.push_back({"", file.problem, validate_shapes(file.problem), file.claim, file.fields});
    document.labels.assign(90, "x");
    document.meta = meta("cpu", "f64", file.chunk);
    return document;
}

TEST_CASE("a session compares what its files hold, and forgets with them") {
    const Everything file;
    Session session;
    CHECK(session.comparisons().empty());
    CHECK(session.difference() == nullptr);
    CHECK(session.difference_map() == nullptr);
    session.open(document_of(file));
    CHECK(session.comparisons() == std::vector<Versus>{Versus::own_reference});
    REQUIRE(session.difference());
    CHECK(session.difference()->complete());
    CHECK(session.difference()->candidate_name() == "ours.npz");

    ClaimFile second;
    second.path = "/somewhere/theirs.npz";
    second.layers.push_back({"", file.claim, {}, file.problem});
    second.layers[0].claim.tensors.at("dv").values[0] += 1;
    session.open_claim(second);
    CHECK(session.comparisons().size() == 3);
    CHECK(session.ui.versus == Versus::second_reference);
    CHECK(session.difference()->candidate_name() == "theirs.npz");
    CHECK(session.difference()->find("dv")->verdict == Verdict::fail);
    CHECK(session.difference()->find("S") == nullptr);
    session.ui.versus = Versus::second_own;
    CHECK(session.difference()->reference_name() == "ours.npz");
    CHECK(session.difference()->find("dv")->verdict == Verdict::fail);
    session.ui.versus = Versus::own_reference;
    CHECK(session.difference()->find("dv")->verdict == Verdict::pass);
    session.close_claim();
    CHECK(session.comparisons().size() == 1);
    session.open("overwrite");
    CHECK(session.difference() == nullptr);
}

TEST_CASE("a session goes on comparing while the tab shows, a large file only when asked") {
    Document large;
    large.layers.push_back(
        {"", draw_problem({{1, 1000, 1, 2, 32, 32, 1}, Decay::slow, 1, false, true, false, {}, 2}), {}, {}, {}});
    Layer& layer = large.layers[0];
    layer.sizes = validate_shapes(layer.problem);
    layer.claim.tensors["o"] = {forward(layer.problem).o, io::DType::f64};
    large.labels.assign(1000, "x");
    Session session;
    session.open(std::move(large));
    REQUIRE(session.difference());
    CHECK_FALSE(session.tick(0));
    if (!session.difference()->complete()) {
        session.ui.tab = Tab::difference;
        int frames = 0;
        while (session.tick(0) && frames < 100) ++frames;
    }
    CHECK(session.difference()->complete());
    CHECK(session.difference()->find("o")->verdict == Verdict::pass);
}

}  // namespace
}  // namespace gdn2::test
