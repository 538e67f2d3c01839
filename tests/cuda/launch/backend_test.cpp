// The back ends: memory that gives itself back, outputs that nobody wrote, errors that name the kernel.
//   sources  device_buffer.h emulator_backend.cpp no_cuda.cpp cuda_backend.cu
#include <doctest/doctest.h>

#include <set>

#include "cuda/api/cuda_error.h"
#include "cuda/launch/host_call.h"
#include "cuda/launch/block_needs.h"
#include "cuda/simt/fault.h"
#include "tests/support/device.h"

namespace gdn2::test {
namespace {

/// Counts what is allocated and freed.
class CountingBackend : public cuda::Backend {
public:
    void* allocate(std::size_t, const char*) override {
        void* memory = &numbers_[count_++];
        alive.insert(memory);
        return memory;
    }
    void free(void* memory) noexcept override {
        freed_wrongly |= !alive.contains(memory);
        alive.erase(memory);
    }
    void upload(void*, const void*, std::size_t) override {}
    void download(void*, const void*, std::size_t) override {}
    void launch(const cuda::KernelCall&) override {}

    std::set<void*> alive;
    bool freed_wrongly = false;

private:
    int numbers_[16];
    std::size_t count_ = 0;
};

TEST_CASE("a device buffer frees its memory once however it is moved") {
    CountingBackend backend;
    {
        cuda::DeviceBuffer a(backend, 8, "a"), b(backend, 16, "b"), empty;
        void* const first = a.data();
        cuda::DeviceBuffer moved(std::move(a));
        CHECK(moved.data() == first);
        CHECK(moved.bytes() == 8);
        b = std::move(moved);
        CHECK(b.data() == first);
        empty = std::move(b);
        CHECK(empty.data() == first);
        CHECK(backend.alive.contains(first));
        std::vector<cuda::DeviceBuffer> many;
        for (int i = 0; i < 5; ++i) many.emplace_back(backend, 4, "many");
        CHECK(backend.alive.size() == 7);
    }
    CHECK(backend.alive.empty());
    CHECK_FALSE(backend.freed_wrongly);
}

TEST_CASE("an output that no kernel wrote is an error under the emulator") {
    cuda::EmulatorBackend backend;
    const cuda::DeviceBuffer output(backend, 64, "o");
    std::vector<unsigned char> bytes(64);
    CHECK_THROWS_WITH_AS(backend.download(bytes.data(), output.data(), 64),
                         doctest::Contains("no kernel wrote byte 0"), Error);
    backend.upload(output.data(), bytes.data(), 40);
    CHECK_THROWS_WITH_AS(backend.download(bytes.data(), output.data(), 64),
                         doctest::Contains("no kernel wrote byte 40"), Error);
    CHECK_NOTHROW(backend.download(bytes.data(), output.data(), 40));
    CHECK_NOTHROW(backend.download(bytes.data(), output.data(), 0));
    backend.upload(output.data(), bytes.data(), 64);
    CHECK_NOTHROW(backend.download(bytes.data(), output.data(), 64));
}

Problem<float> small_problem() {
    return cast_problem<float>(
        draw_problem({{1, 70, 1, 1, 16, 16, 1}, Decay::slow, 1, false, true, true, {}, 3}));
}

TEST_CASE("the emulator records every launch in order with its shape and counts") {
    std::vector<cuda::LaunchRecord> launches;
    const Problem<float> p = small_problem();
    cuda::Options options;
    options.precision = cuda::Precision::bf16;
    cuda::Execution execution(options, &launches);
    cuda::Uploads uploads(execution.backend(), options.precision);
    const cuda::ForwardArguments arguments = cuda::upload_forward(uploads, p, validate_shapes(p), options);
    execution.run(cuda::make_forward_plan(
        arguments, uploads.empty(cuda::forward_workspace_bytes(arguments), "workspace")));
    REQUIRE(launches.size() == 2);
    CHECK(launches[0].kernel == "prepare_bf16");
    CHECK(launches[1].kernel == "scan_bf16_64");
    CHECK(launches[0].grid.x == 2);
    CHECK(launches[0].threads == 256);
    CHECK(launches[1].shared_bytes == cuda::scan_needs(cuda::Precision::bf16, 1).shared_bytes);
}

TEST_CASE("a workspace that is too small is a fault that names the kernel") {
    const Problem<float> p = small_problem();
    cuda::Options options;
    cuda::Execution execution(options);
    cuda::Uploads uploads(execution.backend(), options.precision);
    const cuda::ForwardArguments arguments = cuda::upload_forward(uploads, p, validate_shapes(p), options);
    void* workspace = uploads.empty(cuda::forward_workspace_bytes(arguments) / 2, "workspace");
    CHECK_THROWS_WITH_AS(execution.run(cuda::make_forward_plan(arguments, workspace)),
                         doctest::Contains("prepare_f32"), simt::Fault);
}

TEST_CASE("blocks fit into the shared memory that cards have") {
    using enum cuda::Precision;
    constexpr std::size_t per_processor = 228 * 1024, reserved = 1024;  // of an H100 or H200
    constexpr std::size_t desk = 99 * 1024;                             // of a block on a card of a desk
    const auto prepare_bytes = [](auto precision) { return cuda::prepare_needs(precision).shared_bytes; };
    const auto scan_bytes = [](auto precision, int slabs) { return cuda::scan_needs(precision, slabs).shared_bytes; };
    for (const auto precision : all_precisions) {
        CHECK(prepare_bytes(precision) % 16 == 0);
        CHECK(2 * (prepare_bytes(precision) + reserved) <= per_processor);
        CHECK(prepare_bytes(precision) <= desk);
        for (const int slabs : {1, 2, 4}) {
            CHECK(scan_bytes(precision, slabs) % 16 == 0);
            CHECK(2 * (scan_bytes(precision, slabs) + reserved) <= per_processor);
            CHECK(scan_bytes(precision, slabs) <= desk);
            CHECK(cuda::scan_needs(bf16, slabs) == cuda::scan_needs(f16, slabs));
        }
    }
    CHECK(cuda::prepare_needs(bf16) == cuda::prepare_needs(f16));
    CHECK(4 * (prepare_bytes(bf16) + reserved) <= per_processor);
}

TEST_CASE("where there is no card its back end says so and where there is one errors name the kernel") {
    std::string reason;
    if (!cuda::device_available(cuda::Device::cuda, &reason)) {
        CHECK_FALSE(reason.empty());
        CHECK_THROWS_AS(cuda::cuda_backend(), Error);
        cuda::Options options;
        options.device = cuda::Device::cuda;
        CHECK_THROWS_AS(cuda::forward(small_problem(), options), Error);
        return;
    }
    const cuda::KernelCall call{
        cuda::KernelId::scan_f32_64, {1, 1}, 128, std::size_t{1} << 20, cuda::ScanParams{}};
    CHECK_THROWS_WITH_AS(cuda::cuda_backend().launch(call),
                         doctest::Contains("kernel scan_f32_64 with grid [1, 1]"), cuda::CudaError);
}

}  // namespace
}  // namespace gdn2::test
