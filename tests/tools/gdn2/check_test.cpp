// gdn2 check: right claims pass, perturbed ones fail with the place named.
#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "reference/io/file.h"
#include "tests/tools/gdn2/check_report_reader.h"
#include "tests/tools/gdn2/run_command.h"

using namespace gdn2;
using namespace gdn2::test;
using nlohmann::json;

namespace {

// The golden answers to `name` with `change(tensor)` applied to the one called `which`, stored as `dtype`.
template <class Change>
void write_claim(const std::string& path, const std::string& name, const std::string& which, Change change,
                 io::DType dtype = io::DType::f64) {
    io::Archive claim;
    const io::Archive whole = io::read_file(golden(name + ".out.npz"));
    for (const auto& [tensor, array] : whole.entries()) {
        Tensor<double> values = io::to_tensor<double>(array, tensor);
        if (tensor == which) change(values);
        claim.add(tensor, io::from_tensor(values, dtype));
    }
    io::write_file(path, claim);
}

const auto as_it_is = [](Tensor<double>&) {};

}  // namespace

TEST_CASE("gdn2 check passes the golden answers") {
    const Workplace here;
    for (const std::string name : {"g01_tiny", "g02_killer", "g03_two_chunks", "g04_grouped", "g05_packed",
                                   "g06_strong", "g07_double_erase", "g08_kda"}) {
        const Finished finished =
            here.gdn2("check " + golden(name + ".in.npz") + " " + golden(name + ".out.npz"));
        CAPTURE(finished.out);
        CHECK(finished.code == 0);
        CHECK(has(finished.out, "PASS: all 9 tensors"));
    }
}

TEST_CASE("gdn2 check passes claims rounded to every format and says which") {
    const Workplace here;
    for (const auto& [dtype, name] :
         {std::pair{io::DType::f32, "f32"}, {io::DType::f16, "f16"}, {io::DType::bf16, "bf16"}}) {
        write_claim(here / "c.safetensors", "g02_killer", "", as_it_is, dtype);
        const Finished finished = here.gdn2("check " + golden("g02_killer.in.npz") + " c.safetensors --json");
        CAPTURE(name);
        CHECK(finished.code == 0);
        const json o = tensor_report(json::parse(finished.out), "o");
        CHECK(o["format"] == name);
        CHECK(o["ulp"]["max"] <= 0.51);
        CHECK(o["relative"] > 0);
        CHECK(o.contains("over_naive_f32") == (dtype == io::DType::f32));
    }
}

TEST_CASE("gdn2 check fails a claim and names the head and the chunks") {
    const Workplace here;
    write_claim(here / "c.npz", "g02_killer", "db", [](Tensor<double>& db) {  // [1, 150, 2, 13]
        for (Index t = 64; t < 150; ++t)
            for (Index c = 0; c < 13; ++c) db[(t * 2 + 1) * 13 + c] *= 1.01;
    });
    const std::string arguments = "check " + golden("g02_killer.in.npz") + " c.npz";
    const Finished text = here.gdn2(arguments);
    CHECK(text.code == 1);
    CHECK(text.error.empty());
    CHECK(has(text.out, "\nFAIL: db\n"));
    CHECK(has(text.out, "db fails: relative 0.00"));
    CHECK(has(text.out, "only head 1"));
    CHECK(has(text.out, "only chunks >= 1"));
    CHECK(has(text.out, "first bad [0, 64, 1, 0]"));
    const Finished other_chunk = here.gdn2(arguments + " --chunk 32");
    CHECK(has(other_chunk.out, "only chunks >= 2"));

    const Finished finished = here.gdn2(arguments + " --json");
    CHECK(finished.code == 1);
    const json document = json::parse(finished.out);
    CHECK(document["passed"] == false);
    CHECK(document["reference"]["agree"] == true);
    const json db = tensor_report(document, "db");
    CHECK(db["passed"] == false);
    CHECK(db["where"]["bad"] == 86 * 13);
    CHECK(db["where"]["first_bad"] == json({0, 64, 1, 0}));
    CHECK(db["worst"]["index"][2] == 1);
    CHECK(tensor_report(document, "dq")["passed"] == true);
}

TEST_CASE("gdn2 check names rows channels states and NaN") {
    const Workplace here;
    const std::string start = "check " + golden("g03_two_chunks.in.npz") + " c.npz";
    write_claim(here / "c.npz", "g03_two_chunks", "o", [](Tensor<double>& o) {  // [2, 128, 2, 16]
        for (Index i = 0; i < o.size(); ++i)
            if (i / 32 % 64 == 63) o[i] += 1;
    });
    CHECK(has(here.gdn2(start).out, "all bad rows are t % 64 == 63"));
    write_claim(here / "c.npz", "g03_two_chunks", "dg", [](Tensor<double>& dg) {
        for (Index i = 5; i < dg.size(); i += 16) dg[i] = -dg[i];
    });
    CHECK(has(here.gdn2(start).out, "only channel 5"));
    write_claim(here / "c.npz", "g03_two_chunks", "final_state", [](Tensor<double>& state) {
        for (Index i = 0; i < 16; ++i) state[i] = 0;  // [2, 2, 16, 16]
    });
    const std::string state = here.gdn2(start).out;
    CHECK(has(state, "only key channel 0"));
    CHECK(has(state, "only sequence 0"));
    write_claim(here / "c.npz", "g03_two_chunks", "dw", [](Tensor<double>& dw) { dw[100] = std::nan(""); });
    const Finished nan = here.gdn2(start);
    CHECK(nan.code == 1);
    CHECK(has(nan.out, "dw fails: the claim is nan at [0, 3, 0, 4]"));
    CHECK(tensor_report(json::parse(here.gdn2(start + " --json").out), "dw")["relative"].is_null());
}

TEST_CASE("gdn2 check sees a missing scale as a best fit of its inverse") {
    const Workplace here;
    write_claim(here / "c.npz", "g08_kda", "dq", [](Tensor<double>& dq) {
        for (double& value : dq.values()) value *= 4;
    });
    const Finished finished = here.gdn2("check " + golden("g08_kda.in.npz") + " c.npz --json");
    CHECK(finished.code == 1);
    const json dq = tensor_report(json::parse(finished.out), "dq");
    CHECK(dq["best_scale"] == doctest::Approx(4));
    CHECK(dq["cosine"] == doctest::Approx(1));
    CHECK(dq["where"]["lines"] == json({"every element"}));
}

TEST_CASE("gdn2 check takes peers' names and any subset") {
    const Workplace here;
    io::Archive claim;
    const io::Archive answers = io::read_file(golden("g01_tiny.out.npz"));
    claim.add("ht", answers.at("final_state"));
    claim.add("dh0", answers.at("d_initial_state"));
    io::write_file(here / "c.npz", claim);
    const Finished finished = here.gdn2("check " + golden("g01_tiny.in.npz") + " c.npz");
    CHECK(finished.code == 0);
    CHECK(has(finished.out, "PASS: all 2 tensors"));
}

TEST_CASE("gdn2 check assumes an absent do and dht and says so") {
    const Workplace here;
    io::Archive problem, with_ones;
    const io::Archive whole = io::read_file(golden("g01_tiny.in.npz"));
    for (const auto& [name, array] : whole.entries()) {
        if (name == "do") with_ones.add(name, io::from_tensor(Tensor<double>(array.shape, 1.0)));
        if (name == "dht") with_ones.add(name, io::from_tensor(Tensor<double>(array.shape)));
        if (name == "do" || name == "dht") continue;
        problem.add(name, array);
        with_ones.add(name, array);
    }
    io::write_file(here / "p.npz", problem);
    io::write_file(here / "ones.npz", with_ones);
    REQUIRE(here.gdn2("grad ones.npz -o c.npz").code == 0);
    const Finished finished = here.gdn2("check p.npz c.npz");
    CHECK(finished.code == 0);
    CHECK(has(finished.error, "gdn2: note: no `do`"));
    CHECK(has(finished.error, "gdn2: note: no `dht`"));
    REQUIRE(here.gdn2("run p.npz -o forward.npz").code == 0);
    CHECK_FALSE(
        has(here.gdn2("check p.npz forward.npz").error, "`do`"));  // no gradient claimed, nothing assumed
}

TEST_CASE("gdn2 check notes keys that are not unit vectors") {
    const Workplace here;
    io::Archive problem;
    const io::Archive whole = io::read_file(golden("g01_tiny.in.npz"));
    for (const auto& [name, array] : whole.entries()) {
        Tensor<double> tensor = io::to_tensor<double>(array, name);
        if (name == "k")
            for (double& value : tensor.values()) value *= 0.5;
        problem.add(name, io::from_tensor(tensor));
    }
    io::write_file(here / "p.npz", problem);
    REQUIRE(here.gdn2("run p.npz -o c.npz").code == 0);
    CHECK(has(here.gdn2("check p.npz c.npz").error,
              "gdn2: note: the keys are not unit vectors (norms 0.5 to 0.5)"));
    CHECK_FALSE(has(here.gdn2("check " + golden("g01_tiny.in.npz") + " " + golden("g01_tiny.out.npz")).error,
                    "note"));
}

TEST_CASE("gdn2 check holds every tensor to a tolerance that is given") {
    const Workplace here;
    write_claim(here / "c.npz", "g01_tiny", "o", [](Tensor<double>& o) {
        for (double& value : o.values()) value *= 1.001;
    });
    const std::string start = "check " + golden("g01_tiny.in.npz") + " c.npz ";
    CHECK(here.gdn2(start).code == 1);
    CHECK(here.gdn2(start + "--tolerance 0.002").code == 0);
    CHECK(here.gdn2(start + "--tolerance 0.0009").code == 1);
    for (const std::string bad : {"nan", "inf", "-1", "x"})
        CHECK(here.gdn2(start + "--tolerance " + bad).code == 2);
}

TEST_CASE("gdn2 check refuses claims that cannot be compared") {
    const Workplace here;
    const std::string start = "check " + golden("g01_tiny.in.npz") + " ";
    const Finished problem = here.gdn2(start + golden("g01_tiny.in.npz"));
    CHECK(problem.code == 2);
    CHECK(has(problem.error, "holds none of o final_state"));
    io::Archive claim;
    claim.add("o", io::from_tensor(Tensor<double>({1, 4, 1, 3})));
    io::write_file(here / "c.npz", claim);
    const Finished shape = here.gdn2(start + "c.npz");
    CHECK(shape.code == 2);
    CHECK(is_one_line(shape.error, "gdn2 check: `c.npz`: ",
                      "`o` must be [batch, length, value_heads, value_dim] = [1, 4, 1, 2], got [1, 4, 1, 3]"));
    CHECK(shape.out.empty());
}

TEST_CASE("gdn2 check names the file of the claim for every tensor that does not fit") {
    const Workplace here;
    for (const std::string name : {"o", "final_state", "dq", "dk", "dv", "dg", "db", "dw", "d_initial_state"}) {
        io::Archive claim;
        claim.add(name, io::from_tensor(Tensor<double>({1, 1, 1, 1})));
        io::write_file(here / "c.npz", claim);
        const Finished shape = here.gdn2("check " + golden("g01_tiny.in.npz") + " c.npz");
        CHECK(shape.code == 2);
        CHECK_MESSAGE(is_one_line(shape.error, "gdn2 check: `c.npz`: `" + name + "` must be [", "got [1, 1, 1, 1]"),
                      shape.error);
    }
}

TEST_CASE("gdn2 check prints a NaN without a sign and counts in the singular") {
    const Workplace here;
    io::Archive claim;
    const io::Archive right = io::read_file(golden("g01_tiny.out.npz"));
    claim.add("o", right.at("o"));
    io::write_file(here / "c.npz", claim);
    const std::string start = "check " + golden("g01_tiny.in.npz") + " c.npz";
    CHECK(has(here.gdn2(start).out, "\nPASS: 1 tensor\n"));
    write_claim(here / "c.npz", "g01_tiny", "o",
                [](Tensor<double>& o) { o[1] = std::copysign(std::nan(""), -1); });
    const std::string text = here.gdn2(start).out;
    CHECK(has(text, "the claim is nan at [0, 0, 0, 1]"));
    CHECK(has(text, "claim nan\n"));
    CHECK_FALSE(has(text, "-nan"));
}

TEST_CASE("gdn2 check explains its columns") {
    const std::string help = Workplace().gdn2("check --help").out;
    for (const char* column : {"\n  ratio, relative ", "\n  a* ", "\n  p99 ulp ", "\n  worst row ", "undecided"})
        CHECK_MESSAGE(has(help, column), column);
}
