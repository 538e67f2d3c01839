// gdn2 run and gdn2 grad: golden problems through every path, precision and chunk length.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "reference/check/compare.h"
#include "reference/check/tolerances.h"
#include "reference/io/file.h"
#include "tests/tools/gdn2/run_command.h"

using namespace gdn2;
using namespace gdn2::test;
using check::Pair;
using nlohmann::json;

namespace {

const char* const golden_names[] = {"g01_tiny",   "g02_killer", "g03_two_chunks",   "g04_grouped",
                                    "g05_packed", "g06_strong", "g07_double_erase", "g08_kda"};

Pair pair_for(const std::string& path, const std::string& precision) {
    if (precision == "f32") return path == "recurrent" ? Pair::f32_recurrent : Pair::f32_chunk;
    return path == "recurrent" ? Pair::recurrent_golden : Pair::chunk_golden;
}

// Every tensor of the golden answer against the file `gdn2 grad` wrote.
void check_against_golden(const std::string& name, const std::string& result_file, Pair pair) {
    const io::Archive expected = io::read_file(golden(name + ".out.npz")),
                      result = io::read_file(result_file);
    CHECK(result.size() == expected.size());
    for (const auto& [tensor, array] : expected.entries()) {
        CAPTURE(tensor);
        const check::CompareOptions options{.tolerance = tolerance(pair, check::kind_of(tensor))};
        const check::Comparison comparison = check::compare(
            io::to_tensor<double>(array), io::to_tensor<double>(result.at(tensor), tensor), options);
        CHECK_MESSAGE(comparison.passed, comparison.why);
    }
}

}  // namespace

TEST_CASE("gdn2 grad reproduces the golden files on every path and precision") {
    const Workplace here;
    for (const std::string name : golden_names)
        for (const std::string path : {"recurrent", "chunk", "residual"})
            for (const std::string precision : {"f64", "f32"}) {
                CAPTURE(name);
                CAPTURE(path);
                CAPTURE(precision);
                const Finished finished = here.gdn2("grad " + golden(name + ".in.npz") + " -o r.npz --path " +
                                                    path + " --precision " + precision);
                REQUIRE(finished.code == 0);
                CHECK(finished.error.empty());
                check_against_golden(name, here / "r.npz", pair_for(path, precision));
            }
}

TEST_CASE("gdn2 grad is right for any chunk length") {
    const Workplace here;
    for (const std::string path : {"chunk", "residual"})
        for (const std::string chunk : {"1", "2", "7", "16", "63", "65", "100", "150", "1000000000"}) {
            CAPTURE(path);
            CAPTURE(chunk);
            const Finished finished = here.gdn2("grad " + golden("g02_killer.in.npz") +
                                                " -o r.safetensors --path " + path + " --chunk " + chunk);
            REQUIRE(finished.code == 0);
            check_against_golden("g02_killer", here / "r.safetensors", Pair::chunk_golden);
        }
}

TEST_CASE("gdn2 run writes the outputs and nothing else") {
    const Workplace here;
    write_without(here / "forward.npz", "g02_killer", {"do", "dht"});
    const Finished finished = here.gdn2("run forward.npz -o r.npz --precision f32 --threads 1 --json");
    REQUIRE(finished.code == 0);
    const io::Archive result = io::read_file(here / "r.npz");
    CHECK(result.size() == 2);
    CHECK(result.at("o").dtype == io::DType::f32);
    CHECK(result.at("o").shape == Shape{1, 150, 2, 29});
    CHECK(result.at("final_state").shape == Shape{1, 2, 13, 29});
    const json document = json::parse(finished.out);
    CHECK(document["command"] == "run");
    CHECK(document["path"] == "chunk");
    CHECK(document["precision"] == "f32");
    CHECK(document["tensors"]["final_state"] == json({1, 2, 13, 29}));
}

TEST_CASE("the number of threads changes no bit") {
    const Workplace here;
    REQUIRE(here.gdn2("grad " + golden("g05_packed.in.npz") + " -o one.npz --threads 1").code == 0);
    REQUIRE(here.gdn2("grad " + golden("g05_packed.in.npz") + " -o all.npz --threads 0").code == 0);
    const io::Archive one = io::read_file(here / "one.npz"), all = io::read_file(here / "all.npz");
    for (const auto& [name, array] : one.entries()) CHECK(array == all.at(name));
}
