// gdn2 layer as a user meets it: a layer of the peers' names, its output and gradients, a claim, messages.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "reference/io/file.h"
#include "tests/tools/gdn2/run_command.h"

using namespace gdn2;
using namespace gdn2::test;
using nlohmann::json;

namespace {

const std::string fla = GDN2_SOURCE_DIR "/tests/golden/fla/";

}  // namespace

TEST_CASE("a layer of a file gives y, and with dy every gradient, under the names of its parameters") {
    const Workplace here;
    const Finished finished = here.gdn2("layer " + fla + "gdn2.safetensors " + fla + "gdn2.npz -o out.npz");
    CHECK(finished.code == 0);
    CHECK(finished.error.empty());
    const io::Archive result = io::read_file(here / "out.npz");
    CHECK(result.at("y").shape == Shape{2, 7, 5});
    CHECK(result.at("dx").shape == Shape{2, 7, 5});
    CHECK(result.at("d_q_conv1d.weight").shape == Shape{6, 1, 4});
    CHECK(result.at("d_A_log").shape == Shape{2});
}

TEST_CASE("a right claim passes and a wrong one fails with its name") {
    const Workplace here;
    const std::string run = "layer " + fla + "gdn2_safe_grouped.safetensors " + fla + "gdn2_safe_grouped.npz " +
                            "--check " + fla + "gdn2_safe_grouped.npz ";
    CHECK(here.gdn2(run + "--lower-bound -5 --negative-eigenvalues").code == 0);
    const Finished wrong = here.gdn2(run + "--lower-bound -5");
    CHECK(wrong.code == 1);
    CHECK(wrong.out.find("FAIL  y ") != std::string::npos);
}

TEST_CASE("gdn2 layer tells a program what it tells a person") {
    const Workplace here;
    const std::string run = "layer " + fla + "kda.safetensors " + fla + "kda.npz --json ";
    const json plain = json::parse(here.gdn2(run + "-o out.npz").out);
    CHECK(plain["command"] == "layer");
    CHECK(plain["rule"] == "kda");
    CHECK(plain["precision"] == "f64");
    CHECK(plain["result"] == "out.npz");
    CHECK_FALSE(plain.contains("compared"));
    const io::Archive result = io::read_file(here / "out.npz");
    CHECK(plain["tensors"].size() == result.size());
    for (const auto& [name, array] : result.entries()) CHECK(plain["tensors"][name] == array.shape);

    const json right = json::parse(here.gdn2(run + "--check " + fla + "kda.npz").out);
    CHECK(right["passed"] == true);
    CHECK(right["compared"].size() == result.size());
    const Finished wrong = here.gdn2(run + "--output-gate silu --check " + fla + "kda.npz");
    CHECK(wrong.code == 1);
    const json found = json::parse(wrong.out);
    CHECK(found["passed"] == false);
    for (const json& each : found["compared"]) {
        CHECK(each["passed"].get<bool>() == (each["relative"] < each["tolerance"]));
        CHECK(each.contains("why") != each["passed"].get<bool>());
    }
}

TEST_CASE("a claim whose A_log has the axes of older files is held like any other") {
    const Workplace here;
    const std::string data = fla + "kda.npz";
    const Finished finished = here.gdn2("layer " + fla + "kda.safetensors " + data + " --check " + data);
    CHECK(finished.code == 0);
    CHECK(finished.out.find("ok    d_A_log ") != std::string::npos);
}

TEST_CASE("bad layers and inputs are refused in one line that names the file") {
    const Workplace here;
    const auto refused = [&](const std::string& arguments, const std::string& part) {
        check_refused(here, "layer " + arguments, part);
    };
    refused(fla + "kda.npz " + fla + "kda.npz -o out.npz", "has no layer");
    refused(fla + "kda.safetensors " + fla + "kda.safetensors -o out.npz", "missing tensor `x`");
    refused(fla + "kda.safetensors " + fla + "kda.npz", "-o");
    refused(fla + "kda.safetensors " + fla + "kda.npz -o out.npz --rule mamba2", "mamba2");
    refused(fla + "kda.safetensors " + fla + "kda.npz -o out.npz --prefix layers.3.", "has no layer under `layers.3.`");
    for (const char* wrong : {"--norm-epsilon nan", "--norm-epsilon 0", "--norm-epsilon inf", "--lower-bound nan",
                              "--lower-bound 0", "--lower-bound=-inf"})
        refused(fla + "kda.safetensors " + fla + "kda.npz -o out.npz " + wrong, "must be a number");
    CHECK_FALSE(here.has("out.npz"));
    refused(fla + "kda.safetensors " + fla + "kda.npz --check " + fla + "gdn2.npz", "gdn2.npz");
    refused("none.safetensors " + fla + "kda.npz -o out.npz", "none.safetensors");
}
