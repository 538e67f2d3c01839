// What the chunk path's kernels hold, recorded: beside the reference's own trace, field by field.
#include "cuda/api/trace.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "cuda/launch/launch_json.h"
#include "reference/check/tolerances.h"
#include "tests/support/device.h"

using namespace gdn2;
using trace::Field;
using trace::Recorder;

namespace {

/// Three sequences, one empty, one of several chunks, two value heads on each of two key heads, states and a scale.
Problem<double> packed_problem() {
    Random random(5);
    const Shape keys{1, 140, 2, 18}, values{1, 140, 4, 20};
    Problem<double> problem;
    problem.q = random_normal(keys, random);
    problem.k = unit_rows(random_normal(keys, random));
    problem.b = random_uniform(keys, random, 0, 1);
    problem.g = random_uniform(keys, random, -0.3, 0);
    problem.v = random_normal(values, random);
    problem.w = random_uniform(values, random, 0, 1);
    problem.scale = 0.25;
    problem.initial_state = random_normal({3, 4, 18, 20}, random);
    problem.cu_seqlens = std::vector<Index>{0, 7, 7, 140};
    return problem;
}

double distance(const Tensor<double>& claim, const Tensor<double>& reference) {
    double off = 0, size = 0;
    for (Index i = 0; i < claim.size(); ++i) {
        if (std::isnan(claim[i])) continue;
        off += (claim[i] - reference[i]) * (claim[i] - reference[i]);
        size += reference[i] * reference[i];
    }
    return std::sqrt(off / size);
}

}  // namespace

TEST_CASE("every field that kernels keep is recorded as the reference has it") {
    const Problem<float> problem = cast_problem<float>(packed_problem());
    const Problem<double> same = cast_problem<double>(problem);
    Recorder reference(cuda::recorded_fields(), recorder_sizes(same, 64));
    for (const Path path : {Path::chunk, Path::recurrent})
        (void)forward(same, {.path = path, .recorder = &reference});
    constexpr double tolerances[] = {check::tolerance(check::Pair::f32_device, check::Kind::output),
                                     check::tolerance(check::Pair::bf16_device, check::Kind::output)};
    for (const auto precision : {cuda::Precision::f32, cuda::Precision::bf16}) {
        Recorder kernels(cuda::recorded_fields(), recorder_sizes(problem, 64));
        (void)cuda::record_forward(problem, test::on_device(precision), kernels);
        for (const Field field : cuda::recorded_fields()) {
            CAPTURE(trace::info(field).id);
            CAPTURE(std::string(cuda::name_of(precision)));
            CHECK(kernels.complete(field));
            const double off = distance(kernels.tensor(field), reference.tensor(field));
            CHECK_FALSE(!(off <= tolerances[static_cast<int>(precision)]));
        }
        CHECK(distance(kernels.tensor(Field::gamma), reference.tensor(Field::gamma)) <= tolerances[0]);
    }
}

TEST_CASE("of gamma the kernels keep the last row of a chunk and no other") {
    const Problem<float> problem = cast_problem<float>(packed_problem());
    Recorder recorder({Field::gamma}, recorder_sizes(problem, 64));
    (void)cuda::record_forward(problem, test::on_device(cuda::Precision::f32), recorder);
    const Tensor<double>& gamma = recorder.tensor(Field::gamma);  // chunks of 7, 64, 64 and 5 tokens
    for (const auto& [chunk, rows] : {std::pair<Index, Index>{0, 7}, {1, 64}, {2, 64}, {3, 5}})
        for (Index row = 0; row < 64; ++row) {
            const double x = gamma[((chunk * 4 + 1) * 64 + row) * 18];
            CHECK(std::isnan(x) == (row < rows - 1));
            if (row >= rows) CHECK(x == 0);
        }
}

TEST_CASE("the states between chunks lead to the final state bit for bit") {
    const Problem<float> problem = cast_problem<float>(packed_problem());
    const auto options = test::on_device(cuda::Precision::bf16);
    Problem<float> shorter = problem;  // the last sequence without its last chunk of 5 tokens
    for (Tensor<float>* tensor : {&shorter.q, &shorter.k, &shorter.v, &shorter.g, &shorter.b, &shorter.w}) {
        Shape shape = tensor->shape();
        shape[1] = 135;
        std::vector<float> values(tensor->values().begin(), tensor->values().begin() + element_count(shape));
        *tensor = Tensor<float>(shape, std::move(values));
    }
    shorter.cu_seqlens->back() = 135;
    Recorder recorder({Field::S_0}, recorder_sizes(problem, 64));
    (void)cuda::record_forward(problem, options, recorder);
    const Tensor<float> states = cuda::forward(shorter, options).final_state;
    const Index size = 4 * 18 * 20;
    for (Index i = 0; i < size; ++i)
        REQUIRE(recorder.tensor(Field::S_0)[3 * size + i] == static_cast<double>(states[2 * size + i]));
}

TEST_CASE("recorded launches say what the emulator counted and drew") {
    if (test::device() != cuda::Device::emulator) return;
    const Problem<float> problem = cast_problem<float>(packed_problem());
    Recorder recorder({}, recorder_sizes(problem, 64));
    const auto launches = nlohmann::json::parse(
        cuda::record_forward(problem, test::on_device(cuda::Precision::bf16), recorder));
    REQUIRE(launches.size() == 2);
    CHECK(launches[0]["kernel"] == "prepare_bf16");
    CHECK(launches[1]["grid"] == nlohmann::json({3, 4}));
    for (const auto& launch : launches) {
        CHECK(launch["counters"]["global"]["bytes_stored"] > 0);
        const auto& timeline = launch["timeline"];
        CHECK(timeline["whole"] == true);
        REQUIRE(!timeline["spans"].empty());
        for (const auto& span : timeline["spans"]) {
            CHECK(span[0] < launch["counters"]["blocks"]);
            CHECK(span[1] < launch["threads"].get<int>() / 32);
            CHECK(span[2] < timeline["phases"].size());
            CHECK(span[3] < span[4]);
        }
    }
}

TEST_CASE("a long timeline is cut after a whole block and says so") {
    cuda::LaunchRecord launch;
    launch.kernel = "planted";
    for (std::int64_t block = 0; block < 3; ++block)
        for (int warp = 0; warp < 2; ++warp) launch.timeline.push_back({block, warp, "work", 0, 1});
    for (const auto& [most, kept] :
         {std::pair<std::size_t, std::size_t>{6, 6}, {5, 4}, {4, 4}, {3, 2}, {1, 0}}) {
        const auto timeline = nlohmann::json::parse(cuda::json_of({launch}, most))[0]["timeline"];
        CHECK(timeline["spans"].size() == kept);
        CHECK(timeline["whole"] == (kept == 6));
    }
}

TEST_CASE("what cannot be recorded is refused") {
    Problem<float> problem = cast_problem<float>(packed_problem());
    auto options = test::on_device(cuda::Precision::f32);
    Recorder thirty_two({Field::A}, recorder_sizes(problem, 32)),
        recorder({Field::A}, recorder_sizes(problem, 64));
    CHECK_THROWS_WITH_AS(cuda::record_forward(problem, options, thirty_two), doctest::Contains("64 tokens"),
                         Error);
    options.path = cuda::ForwardPath::recurrent_2;
    CHECK_THROWS_WITH_AS(cuda::record_forward(problem, options, recorder), doctest::Contains("chunk path"),
                         Error);
    options.path = cuda::ForwardPath::chunk;
    problem.scale = 0;
    CHECK_THROWS_WITH_AS(cuda::record_forward(problem, options, recorder), doctest::Contains("`scale` is 0"),
                         Error);
}
