// gdn2 check where float64 or float32 cannot judge: it says so, and fails what it can.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "reference/io/file.h"
#include "tests/tools/gdn2/check_report_reader.h"
#include "tests/tools/gdn2/run_command.h"

using namespace gdn2;
using namespace gdn2::test;
using nlohmann::json;

namespace {

// One channel, and every token erases all that is there before it writes a 1: how large the state was at the start
// must not matter, yet what rounding leaves of a large one does, and differently token by token and in chunks.
void write_erasing_problem(const std::string& path, double initial_state, double query = 1) {
    const std::vector<double> keys{0.9, 1.1, 0.85, 1.15, 0.95, 1.05, 0.8, 1.2};
    const Tensor<double> k({1, 8, 1, 1}, keys), ones(k.shape(), 1.0);
    Tensor<double> b(k.shape());
    for (Index t = 0; t < 8; ++t) b[t] = 1 / (k[t] * k[t]);
    io::Archive problem;
    problem.add("q", io::from_tensor(Tensor<double>(k.shape(), query)));
    problem.add("k", io::from_tensor(k));
    problem.add("g", io::from_tensor(Tensor<double>(k.shape())));
    problem.add("b", io::from_tensor(b));
    problem.add("initial_state", io::from_tensor(Tensor<double>({1, 1, 1, 1}, initial_state)));
    for (const char* name : {"v", "w", "do"}) problem.add(name, io::from_tensor(ones));
    problem.add("dht", io::from_tensor(Tensor<double>({1, 1, 1, 1}, 1.0)));
    io::write_file(path, problem);
}

}  // namespace

TEST_CASE("gdn2 check is undecided where the two paths of the reference disagree") {
    const Workplace here;
    write_erasing_problem(here / "p.npz", 1e10);
    REQUIRE(here.gdn2("grad p.npz -o c.npz --path recurrent").code == 0);
    const Finished forward = here.gdn2("check p.npz c.npz");
    CHECK(forward.code == 2);
    CHECK(has(forward.error, "gdn2 check: `p.npz`: float64 cannot judge o final_state: "));
    CHECK(has(forward.out, "o is undecided: the reference's two paths, token by token and in chunks, disagree: "));
    CHECK(has(forward.out, "\nUNDECIDED: o final_state\n"));
    CHECK_FALSE(has(forward.out, "FAIL"));

    const Finished finished = here.gdn2("check p.npz c.npz --json");
    CHECK(finished.code == 2);
    const json document = json::parse(finished.out);
    CHECK(document["verdict"] == "undecided");
    CHECK(document["passed"] == false);
    CHECK(document["reference"]["agree"] == false);
    CHECK(tensor_report(document, "o")["verdict"] == "undecided");
    CHECK(tensor_report(document, "o")["passed"] == false);
    CHECK(has(tensor_report(document, "o")["why"], "disagree"));
    CHECK_FALSE(tensor_report(document, "o").contains("where"));
    CHECK(tensor_report(document, "dw")["verdict"] == "pass");

    write_erasing_problem(here / "p.npz", 1);
    REQUIRE(here.gdn2("run p.npz -o c.npz --path recurrent").code == 0);
    CHECK(here.gdn2("check p.npz c.npz").code == 0);
}

TEST_CASE("gdn2 check fails what it can judge beside what it cannot") {
    const Workplace here;
    write_erasing_problem(here / "p.npz", 1e10);
    REQUIRE(here.gdn2("grad p.npz -o right.npz --path recurrent").code == 0);
    io::Archive claim;
    const io::Archive right = io::read_file(here / "right.npz");
    claim.add("o", right.at("o"));
    claim.add("dw", io::from_tensor(Tensor<double>(right.at("dw").shape, 7.0)));
    io::write_file(here / "c.npz", claim);
    const Finished text = here.gdn2("check p.npz c.npz");
    CHECK(text.code == 1);
    CHECK(has(text.out, "\nFAIL: dw   undecided: o\n"));
    CHECK(json::parse(here.gdn2("check p.npz c.npz --json").out)["verdict"] == "fail");
}

TEST_CASE("gdn2 check says plainly that the numbers outgrew f64") {
    const Workplace here;
    write_erasing_problem(here / "p.npz", 1.7e308);
    const Finished run = here.gdn2("run p.npz -o c.npz --path recurrent");
    CHECK(run.code == 0);
    CHECK(has(run.error, ": the numbers outgrew f64\n"));
    const Finished check = here.gdn2("check p.npz c.npz");
    CHECK(check.code == 2);
    CHECK(has(check.out, "o is undecided: the numbers outgrew f64: at [0, 0, 0, 0] the reference is "));
    for (const std::string& text : {run.error, run.out, check.out, check.error}) CHECK_FALSE(has(text, "-nan"));
}

TEST_CASE("gdn2 check judges an f32 claim on a problem that f32 cannot hold") {
    const Workplace here;
    write_erasing_problem(here / "p.npz", 1, 1e39);
    REQUIRE(here.gdn2("grad p.npz -o right.npz --path recurrent").code == 0);
    const io::Archive right = io::read_file(here / "right.npz");
    io::Archive claim;
    claim.add("final_state", io::from_tensor(io::to_tensor<double>(right.at("final_state")), io::DType::f32));
    io::write_file(here / "c.npz", claim);
    const Finished finished = here.gdn2("check p.npz c.npz --json");
    CHECK(finished.code == 0);
    CHECK_FALSE(tensor_report(json::parse(finished.out), "final_state").contains("over_naive_f32"));
}
