// The kernels' part of gdn2-bench, as its users meet it.
#ifdef GDN2_BENCH_BINARY
#include <doctest/doctest.h>
#include <sys/wait.h>

#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace {

using nlohmann::json;

struct Finished {
    int code = -1;
    std::string out;  ///< stdout and stderr
};

Finished bench(const std::string& arguments) {
    Finished finished;
    std::FILE* pipe = popen((GDN2_BENCH_BINARY " " + arguments + " 2>&1").c_str(), "r");
    REQUIRE(pipe);
    char buffer[4096];
    while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, pipe))
        finished.out.append(buffer, count);
    const int status = pclose(pipe);
    if (WIFEXITED(status)) finished.code = WEXITSTATUS(status);
    return finished;
}

bool has_kernels() { return bench("--counters --shape 1 1 1 1 1").code == 0; }

}  // namespace

TEST_CASE("every kernel is counted beside its model") {
    if (!has_kernels()) return;
    const Finished finished = bench("--counters --json");
    REQUIRE(finished.code == 0);
    std::map<std::string, json> kernels;
    const json document = json::parse(finished.out);
    for (const json& each : document["kernels"]) kernels[each["kernel"]] = each;
    REQUIRE(kernels.size() == 11);

    // One head of 128 tokens, 128 channels: q k b in bf16 and g in float; two records of 9 tiles and a row of gamma.
    const json &prepare = kernels["prepare"], &scan = kernels["scan"];
    const int inputs = 128 * 128 * (3 * 2 + 4), records = 2 * (9 * 64 * 64 * 2 + 128 * 4);
    CHECK(prepare["model"]["bytes_loaded"] == inputs);
    CHECK(prepare["model"]["bytes_stored"] == records);
    CHECK(prepare["model"]["mma"] == 2 * 320);
    CHECK(prepare["bytes_stored"] == records);
    CHECK(prepare["bytes_loaded"] >= inputs);
    CHECK(scan["model"]["bytes_loaded"] == records + 2 * 128 * 128 * 2);
    CHECK(scan["model"]["bytes_stored"] == 128 * 128 * 2 + 128 * 128 * 4);
    CHECK(scan["bytes_stored"] == scan["model"]["bytes_stored"]);
    CHECK(scan["model"]["mma"] == 2 * 2 * 9 * 128);
    CHECK(scan["mma"] <= scan["model"]["mma"]);
    // Three segments of a chunk: N of two, a state of which is carried on, and M of one.
    const int state = 128 * 128 * 4;
    CHECK(kernels["scan_maps"]["bytes_stored"] == 3 * state);
    CHECK(kernels["carry"]["model"]["bytes_loaded"] == 3 * state);
    CHECK(kernels["carry"]["bytes_stored"] == state);
    CHECK(kernels["scan_cut"]["bytes_stored"] == 3 * 64 * 128 * 2 + state);
    for (const char* name : {"scan_saves", "reverse_scan", "chunk_grad", "scan_maps"})
        for (const char* bytes : {"bytes_loaded", "bytes_stored"}) {
            CAPTURE(name);
            CAPTURE(bytes);
            const double share = kernels[name]["model"][bytes].get<double>() / kernels[name][bytes].get<double>();
            CHECK(share > 0.9);
            CHECK(share < 1.1);
        }
    for (const auto& [name, kernel] : kernels) {
        CAPTURE(name);
        CHECK(kernel["bytes_loaded"] > 0);
        CHECK(kernel["blocks"] > 0);
        CHECK(kernel["error"] > 0);
        CHECK(kernel["error"] <= kernel["tolerance"]);
        CHECK((kernel["mma"] > 0) == (name != "decode" && name != "carry" && !name.starts_with("recurrent")));
        CHECK(kernel["shared_wavefronts"] >= kernel["shared_wavefronts_ideal"]);
    }
}

TEST_CASE("counters are of the shape and precision asked for") {
    if (!has_kernels()) return;
    const Finished finished = bench("--counters --json --shape 2 64 1 64 32 --precision f32");
    REQUIRE(finished.code == 0);
    const json document = json::parse(finished.out);
    CHECK(document["precision"] == "f32");
    CHECK(document["shape"]["batch"] == 2);
    CHECK(document["shape"]["value_dim"] == 32);
    CHECK(document["kernels"][0]["model"]["bytes_loaded"] == 2 * 64 * (64 * 16 + 2 * 32 * 4));
    for (const json& kernel : document["kernels"]) CHECK(kernel["error"] < 1e-5);
    CHECK(bench("--counters --shape 1 1 1 1 1").out.starts_with("emulator, 1 x 1 x 1 x 1 x 1 "));
}

TEST_CASE("shapes that kernels do not take are refused before anything runs") {
    if (!has_kernels()) return;
    for (const std::string arguments :
         {"--counters --shape 1 2 3", "--counters --shape 1 128 1 300 128", "--counters --shape 0 1 1 1 1",
          "--counters --shape 1000000 1000000 1000 8 8", "--shape 1 1 1 1 1", "--precision f32",
          "--counters --precision f64"}) {
        CAPTURE(arguments);
        const Finished finished = bench(arguments);
        CHECK(finished.code == 2);
        CHECK(finished.out.starts_with("gdn2-bench: "));
    }
}

TEST_CASE("times on a card alone are refused with a reason where there is none") {
    if (!has_kernels()) return;
    const Finished finished = bench("--card --quick --json");
    if (finished.code != 2) {
        REQUIRE(finished.code == 0);
        CHECK(json::parse(finished.out)["kernels"].size() > 0);
        return;
    }
    CHECK(finished.out.starts_with("gdn2-bench: --card: "));
    CHECK(bench("--card --counters").code == 2);
}

TEST_CASE("the benchmark goes through every device and says which it skips") {
    if (!has_kernels()) return;
    const json devices = json::parse(bench("--quick --json").out)["devices"];
    REQUIRE(devices.size() == 2);
    CHECK(devices[0]["device"] == "emulator");
    CHECK(devices[0]["kernels"].size() == 11);
    CHECK(devices[1]["device"] == "cuda");
    const bool skipped = devices[1].contains("skipped");
    if (skipped) CHECK(devices[1]["skipped"].get<std::string>().size() > 10);
    if (skipped) return;
    CHECK(devices[1]["failures"].empty());
    CHECK(devices[1]["copy_gb_per_s"]["median"] > 0);
    for (const json& kernel : devices[1]["kernels"]) {
        CHECK(kernel["microseconds"]["median"] > 0);
        CHECK(kernel["share_of_copy"]["median"] < 1.5);
    }
}
#endif
