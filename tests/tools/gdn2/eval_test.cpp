// What gdn2 eval and gdn2 info say of a trained model, whole or damaged.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "reference/io/file.h"
#include "tests/support/folder.h"
#include "tests/tools/gdn2/run_command.h"
#include "tests/tools/gdn2/small_training.h"

using namespace gdn2;
using namespace gdn2::test;
using nlohmann::json;

TEST_CASE("gdn2 eval asks a model what it was trained on or another task of the same tokens") {
    const Workplace here;
    const json trained = json::parse(here.gdn2(small + "-o runs --json").out)["runs"][0]["evaluation"];
    const std::string eval = "eval runs/gdn2-seed0.safetensors ";
    CHECK(json::parse(here.gdn2(eval + "--sequences 20 --json").out)["evaluation"] == trained);
    const Finished other = here.gdn2(eval + "overwrite:M=3,W=9,keys=6,values=4 --sequences 20");
    CHECK(other.code == 0);
    CHECK(other.out.find("\nW=18") != std::string::npos);
    for (const std::string kind : {"model", "checkpoint"}) {
        const std::string file = kind == "model" ? "gdn2-seed0.safetensors" : "gdn2-seed0.checkpoint.safetensors";
        CHECK(json::parse(here.gdn2("info --json runs/" + file).out)["kind"] == kind);
    }
    check_refused(here, eval + "mqar", "a model of 10 tokens cannot answer mqar");
    check_refused(here, "eval runs/gdn2-seed0.checkpoint.safetensors",
                  "is a `gdn2 checkpoint`, not a `gdn2 model`");
    check_refused(here, "eval nothing.safetensors", "`nothing.safetensors`: ");
    io::Archive damaged = io::read_file(here / "runs/gdn2-seed0.safetensors");
    damaged.metadata["task"] = "[[";
    io::write_file(here / "damaged.safetensors", damaged);
    check_refused(here, "eval damaged.safetensors", "`damaged.safetensors`: ");
}

TEST_CASE("gdn2 info lists a model's parameters in columns") {
    const Workplace here;
    REQUIRE(here.gdn2(small + "-o runs").code == 0);
    std::istringstream text(here.gdn2("info runs/gdn2-seed0.safetensors").out);
    std::set<std::size_t> columns;
    for (std::string line; std::getline(text, line);)
        if (const std::size_t at = line.find(" f32 "); at != std::string::npos) columns.insert(at);
    CHECK(columns.size() == 1);
}

TEST_CASE("a table says nothing where there was nothing to count") {
    const Workplace here;
    REQUIRE(here.gdn2(small + "-o runs").code == 0);
    // One key, written once in the first size and twice in the second.
    std::istringstream table(
        here.gdn2("eval runs/gdn2-seed0.safetensors overwrite:M=1,W=1,keys=6,values=4 --sequences 7").out);
    std::string once, twice;
    for (std::string line; std::getline(table, line);) {
        if (line.starts_with("size")) CHECK(line.find("accuracy 1 write  accuracy 2 writes") != std::string::npos);
        if (line.starts_with("W=1 ")) once = line;
        if (line.starts_with("W=2 ")) twice = line;
    }
    const auto cells = [](const std::string& line) {
        std::istringstream words(line);
        return std::vector<std::string>{std::istream_iterator<std::string>(words), {}};
    };
    REQUIRE(cells(once).size() > 3);
    REQUIRE(cells(twice).size() == cells(once).size());
    CHECK(cells(once)[2] == cells(once)[1]);
    CHECK(cells(once)[3] == "-");
    CHECK(cells(twice)[2] == "-");
    CHECK(cells(twice)[3] == cells(twice)[1]);
}

TEST_CASE("a flipped byte of a model or a checkpoint is refused in one line") {
    const Workplace here;
    REQUIRE(here.gdn2(small + "-o runs").code == 0);
    const auto flip = [&](const std::string& file, Index from_end) {
        std::string bytes = contents(here / file);
        bytes[bytes.size() - static_cast<std::size_t>(from_end)] ^= 1;  // the last bit of a number, still finite
        std::ofstream(here / file, std::ios::binary) << bytes;
    };
    const std::string model = "runs/gdn2-seed0.safetensors", checkpoint = "runs/gdn2-seed0.checkpoint.safetensors";
    flip(model, 4);
    check_refused(here, "eval " + model, "`" + model + "`: `lm_head.weight` is not what its checksum says");
    check_refused(here, "info " + model, "`lm_head.weight` is not what its checksum says");
    flip(checkpoint, 4);
    check_refused(here, small + "-o runs --resume",
                  "`" + checkpoint + "`: `adamw.v.lm_head.weight` is not what its checksum says");
    flip(model, 4);
    flip(checkpoint, 4);
    CHECK(here.gdn2(small + "-o runs --resume").code == 0);
}
