// __shared__ variables: each block has its own, whichever host thread runs it. Mistakes with them: planted_test.cpp.
#include <doctest/doctest.h>

#include <numeric>
#include <vector>

#include "cuda/simt/emulator.h"
#include "cuda/simt/image.h"
#include "tests/cuda/simt/device_array.h"
#include "tests/cuda/simt/sanitized.h"
#include "tests/cuda/simt/static_shared_kernels.h"

namespace gdn2::test {
namespace {

constexpr std::size_t blocks = 24, threads = 64;
using Kernel = void (*)(const float*, float*);

std::vector<float> output_of(Kernel kernel, const simt::Options& options) {
    std::vector<float> numbers(blocks * threads);
    std::iota(numbers.begin(), numbers.end(), 0.0f);
    DeviceArray<float> in(numbers, "in"), out(numbers.size(), "out");
    simt::run({"kernel", {blocks}, {threads}}, options, [&] { kernel(in.data(), out.data()); });
    return out.values();
}

thread_local int any_variable = 0;

}  // namespace

TEST_CASE("kernels with static shared memory are right on any number of host threads in every lane order") {
    std::vector<float> reversed(blocks * threads), transposed(reversed), through_template(reversed);
    for (std::size_t i = 0; i < reversed.size(); ++i) {
        const std::size_t start = i / threads * threads, t = i % threads;
        reversed[i] = static_cast<float>(start + 63 - t + start);
        transposed[i] = static_cast<float>(start + t % 8 * 8 + t / 8);
        through_template[i] = static_cast<float>(start + 63 - t);
    }
    for (const int host_threads : {1, 2, 3, 4})
        for (const int lane_order : {0, 1, 2, 3}) {
            simt::Options options;
            options.threads = host_threads;
            options.lane_order = lane_order;
            CHECK(output_of(static_reverse, options) == reversed);
            CHECK(output_of(static_transpose, options) == transposed);
            CHECK(output_of(static_of_template, options) == through_template);
        }
}

TEST_CASE("asynchronous copies and ldmatrix work in static shared memory") {
    std::vector<float> numbers(128);
    std::iota(numbers.begin(), numbers.end(), 0.0f);
    DeviceArray<float> in(numbers, "in"), out(128, "out");
    simt::run({"static_matrix", {1}, {32}}, {}, [&] { static_matrix(in.data(), out.data()); });
    CHECK(out.values() == numbers);  // lane t of matrix m has words 4 * (t / 4) + t % 4 of rows 8 m and on
}

TEST_CASE("static shared memory is counted as dynamic shared memory is" * skip_there) {
    std::vector<float> numbers(threads, 1.0f);
    DeviceArray<float> in(numbers, "in"), out(threads, "out");
    const auto counters_of = [&](Kernel kernel) {
        return simt::run({"kernel", {1}, {threads}, 1024}, {}, [&] { kernel(in.data(), out.data()); });
    };
    const simt::Counters counters = counters_of(static_reverse);
    CHECK(counters.shared == simt::Traffic{2 * 64, 65, 2 * 64 * 4, 65 * 4});
    CHECK(counters == counters_of(dynamic_reverse));
}

TEST_CASE("the program's thread local memory holds its thread local variables") {
    const auto memory = simt::thread_local_memory();
    const auto* variable = reinterpret_cast<const std::byte*>(&any_variable);
    CHECK(variable >= memory.data());
    CHECK(variable + sizeof any_variable <= memory.data() + memory.size());
}

}  // namespace gdn2::test
