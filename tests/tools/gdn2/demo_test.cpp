// gdn2 demo, as a user sees it.
#include <doctest/doctest.h>

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "reference/io/file.h"
#include "tests/tools/gdn2/run_command.h"

using namespace gdn2;
using test::Finished;
using test::Workplace;

namespace {

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// Columns of a line of UTF-8: bytes that do not continue a character.
int columns(const std::string& line) {
    int count = 0;
    for (const char c : line) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    return count;
}

/// Copies a golden problem and its result, the result with `o` scaled, into the workplace as the only golden data.
void plant_golden(const Workplace& here, double scale) {
    const auto copy = [&](const std::string& name) {
        std::ifstream from(test::golden(name), std::ios::binary);
        std::ofstream(here / name, std::ios::binary) << from.rdbuf();
    };
    copy("g01_tiny.in.npz");
    const io::Archive golden = io::read_file(test::golden("g01_tiny.out.npz"));
    io::Archive changed;
    for (const auto& [name, array] : golden.entries()) {
        Tensor<double> values = io::to_tensor<double>(array, name);
        if (name == "o")
            for (double& x : values.values()) x *= scale;
        changed.add(name, io::from_tensor(values));
    }
    io::write_file(here / "g01_tiny.out.npz", changed);
}

}  // namespace

TEST_CASE("the demo passes every check and shows its three sections in plain text of 100 columns") {
    const Workplace here;
    const Finished demo = here.gdn2("demo");
    CHECK(demo.code == 0);
    CHECK(demo.error.empty());
    CHECK(here.empty());
    for (const char* part :
         {"1  A memory, token by token", "2  One rule, three ways", "3  Against results made elsewhere",
          "22 of 22", "16 of 22", "g02_killer", "d_initial_state", "checks passed in"})
        CHECK_MESSAGE(holds(demo.out, part), part);
    CHECK(!holds(demo.out, "\x1b["));
    CHECK(!holds(demo.out, "FAILED"));
    std::istringstream lines(demo.out);
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        CHECK(columns(line) <= 100);
        CHECK(!line.ends_with(' '));
    }
}

TEST_CASE("the demo for programs is one JSON document") {
    const Finished demo = Workplace().gdn2("demo --json");
    CHECK(demo.code == 0);
    const auto json = nlohmann::json::parse(demo.out, nullptr, false);
    REQUIRE(json.is_object());
    CHECK(json["failed"] == 0);
    CHECK(json["passed"] > 100);
    CHECK(json["recall"][0]["rule"] == "GDN-2");
    CHECK(json["recall"][0]["right"] == 22);
    CHECK(json["paths"].size() == 18);
    CHECK(json["golden"].size() >= 9 * 3);
}

TEST_CASE("the demo accepts golden data that is right and fails on data that is not") {
    const Workplace right, wrong;
    plant_golden(right, 1.0);
    const Finished good = right.gdn2("demo --golden .");
    CHECK(good.code == 0);
    CHECK(holds(good.out, "g01_tiny"));
    CHECK(!holds(good.out, "g02_killer"));

    plant_golden(wrong, 1.0 + 1e-9);
    const Finished bad = wrong.gdn2("demo --golden .");
    CHECK(bad.code == 1);
    CHECK(holds(bad.out, "\xe2\x9c\x97"));
    CHECK(holds(bad.out, "3 of "));
    CHECK(holds(bad.out, "FAILED"));
}

TEST_CASE("the demo refuses a golden folder that holds nothing") {
    const Workplace here;
    const Finished demo = here.gdn2("demo --golden .");
    CHECK(demo.code == 2);
    CHECK(test::is_one_line(demo.error, "gdn2 demo: ", "holds no NAME.in.npz"));
    CHECK(here.gdn2("demo --golden /nowhere").code == 2);
}

TEST_CASE("the demo takes less than five seconds") {
    const auto start = std::chrono::steady_clock::now();
    CHECK(Workplace().gdn2("demo").code == 0);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    WARN(taken.count() < 5);  // a figure of the machine: said, not failed, on a loaded one
    CHECK(taken.count() < 60);
}
