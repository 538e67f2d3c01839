// Runs one planted kernel by itself, for tools that watch whole programs: run_planted KERNEL good|bad. Says what the
// emulator says and exits 1 when that is a fault.
//   tests  tests/cuda/simt/CMakeLists.txt
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "cuda/simt/emulator.h"
#include "tests/cuda/simt/device_array.h"
#include "tests/cuda/simt/planted_kernels.h"

int main(int argc, char** argv) {
    using namespace gdn2;
    const std::map<std::string, std::pair<test::PlantedKernel, unsigned>> kernels = {
        {"missing_syncthreads", {test::missing_syncthreads, 64}},
        {"missing_syncwarp", {test::missing_syncwarp, 32}},
        {"write_after_read", {test::write_after_read, 64}},
        {"ldmatrix_race", {test::ldmatrix_race, 32}},
        {"copy_seen_without_barrier", {test::copy_seen_without_barrier, 32}},
        {"static_missing_syncthreads", {test::static_missing_syncthreads, 64}},
        {"named_barrier_counts", {test::named_barrier_counts, 64}},
    };
    const std::string name = argc > 1 ? argv[1] : "", how = argc > 2 ? argv[2] : "";
    if (!kernels.contains(name) || (how != "good" && how != "bad")) {
        std::cerr << "usage: run_planted KERNEL good|bad\n";
        return 2;
    }
    const auto& [kernel, threads] = kernels.at(name);
    test::DeviceArray<float> in(std::vector<float>(256, 1.0f), "in"), out(256, "out");
    const test::PlantedArguments arguments{in.data(), out.data(), how == "good"};
    try {
        simt::run({name.c_str(), {1}, {threads}, 1024}, {}, [&, k = kernel] { k(arguments); });
    } catch (const Error& error) {
        std::cerr << error.what() << "\n";
        return 1;
    }
    return 0;
}
