// gdn2-bench as its users meet it: output, exit codes, and that nothing is timed when a check fails.
#ifdef GDN2_BENCH_BINARY
#include <doctest/doctest.h>
#include <sys/wait.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

namespace {

struct Finished {
    int code = -1;
    std::string out;  ///< stdout, or stderr where that was asked for
};

/// Runs gdn2-bench through the shell and keeps what `redirection` leaves on its stdout.
Finished bench(const std::string& arguments, const std::string& redirection = "2>/dev/null") {
    Finished finished;
    const std::string command = GDN2_BENCH_BINARY " " + arguments + " " + redirection;
    std::FILE* pipe = popen(command.c_str(), "r");
    REQUIRE(pipe);
    char buffer[4096];
    while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, pipe))
        finished.out.append(buffer, count);
    const int status = pclose(pipe);
    if (WIFEXITED(status)) finished.code = WEXITSTATUS(status);
    return finished;
}

constexpr const char* only_stderr = "2>&1 >/dev/null";

}  // namespace

TEST_CASE("the quick benchmark checks every path and gives every figure as JSON") {
    const Finished finished = bench("--quick --json");
    REQUIRE(finished.code == 0);
    const auto report = nlohmann::json::parse(finished.out);

    const int thread_counts = report["machine"]["threads"] > 1 ? 2 : 1;
    // 3 paths, 2 precisions; forward gives o, backward six gradients, run two tensors and grad nine.
    CHECK(report["checks"]["tensors"] == 3 * 2 * thread_counts * (1 + 6 + 2 + 9));
    CHECK(report["checks"]["worst_over_tolerance"] > 0);
    CHECK(report["checks"]["worst_over_tolerance"] <= 1);

    REQUIRE(report["peaks"].size() == 12);
    for (const auto& peak : report["peaks"]) CHECK(peak["gflops"]["median"] > 0);
    REQUIRE(report["rows"].size() == 3 * 4 * 2);
    for (const auto& row : report["rows"]) {
        CHECK(row["us_per_token_head"]["low"] > 0);
        CHECK(row["gflops"] > 0);
        CHECK(row["share_of_gemm"]["median"] > 0);
        CHECK(row.contains("speedup") == (thread_counts == 2));
        if (row["pass"] == "forward") CHECK(row["over_forward"]["median"] == 1);
    }
    REQUIRE(report["training"]["rows"].size() == thread_counts);
    for (const auto& row : report["training"]["rows"]) {
        CHECK(row["tokens_per_second"] > 0);
        CHECK(row["share_of_gemm"]["median"] > 0);
        CHECK(row["share_of_gemm"]["median"] < 1);
    }
    CHECK(report["training"]["parts"].size() == 4);
    CHECK(report["targets"].empty());
}

TEST_CASE("the measured memory of a gradient holds at least what is counted and not much more") {
    const auto report = nlohmann::json::parse(bench("--quick --json").out);
    for (const auto& row : report["memory"]) {
        const double counted = row["states"].get<double>() + row["one_head_results"].get<double>();
        CHECK(row["measured"].get<double>() >= counted);
        CHECK(row["measured"].get<double>() <= counted + 150);  // one chunk's matrices, in small states
    }
}

TEST_CASE("the table says what was built and what was checked before anything else") {
    const Finished finished = bench("--quick");
    CHECK(finished.code == 0);
    CHECK(finished.out.find("compiled for") < finished.out.find("GF/s"));
    CHECK(finished.out.find("checked first") < finished.out.find("GF/s"));
}

TEST_CASE("when a check fails nothing is timed and one line says which") {
    const Finished quiet = bench("--quick --tolerance-factor 0");
    CHECK(quiet.code == 1);
    CHECK(quiet.out.empty());
    const Finished loud = bench("--quick --tolerance-factor 0", only_stderr);
    CHECK(loud.out.find("tensors fail their check, so nothing was timed; first chunk f32 forward") !=
          std::string::npos);
    CHECK(loud.out.find('\n') == loud.out.size() - 1);
}

TEST_CASE("the benchmark refuses bad usage with exit code 2 and one line") {
    for (const char* arguments : {"--rounds 0", "--rounds many", "--nonsense", "--quick --strict",
                                  "--tolerance-factor -1", "--tolerance-factor nan"}) {
        CAPTURE(arguments);
        CHECK(bench(arguments).out.empty());
        const Finished finished = bench(arguments, only_stderr);
        CHECK(finished.code == 2);
        CHECK(finished.out.find('\n') == finished.out.size() - 1);
    }
    CHECK(bench("--quick --json", ">/dev/full 2>/dev/null").code == 2);
    CHECK(bench("--version", ">/dev/full 2>/dev/null").code == 2);
}
#endif
