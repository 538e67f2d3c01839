// gdn2 train --device: the memories by the kernels, under the emulator; nothing to see where a build has none.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "reference/io/file.h"
#include "tests/tools/gdn2/run_command.h"

using namespace gdn2;
using nlohmann::json;
using test::Finished;
using test::is_one_line;
using test::Workplace;

namespace {

const std::string small = "train overwrite --d-model 16 --heads 1 --key-dim 16 --value-dim 16 --layers 2 --batch 4 "
                          "--eval-sequences 8 ";

bool has_emulator(const Workplace& here) {
    const json devices = json::parse(here.gdn2("info --json").out)["devices"];
    return std::find(devices.begin(), devices.end(), "emulator") != devices.end();
}

/// Norm-relative difference over all of a model.
double difference(const std::string& file, const std::string& other) {
    const io::Archive a = io::read_file(file), b = io::read_file(other);
    double off = 0, size = 0;
    for (const auto& [name, array] : a.entries()) {
        const Tensor<double> x = io::to_tensor<double>(array, name), y = io::to_tensor<double>(b.at(name), name);
        for (Index i = 0; i < x.size(); ++i) off += std::pow(x[i] - y[i], 2), size += x[i] * x[i];
    }
    return std::sqrt(off / size);
}

}  // namespace

TEST_CASE("fifty steps with the kernels' memories make the model that fifty steps without make") {
    const Workplace here;
    if (!has_emulator(here)) return;
    for (const std::string device : {"cpu", "emulator"}) {
        const Finished done = here.gdn2(small + "--steps 50 -o " + device + " --threads 2 --device " + device);
        REQUIRE_MESSAGE(done.code == 0, done.error);
    }
    const std::string file = "/gdn2-seed0.safetensors";
    const double found = difference(here / ("cpu" + file), here / ("emulator" + file));
    CHECK(found > 0);  // the kernels add in another order
    CHECK(found < 1e-3);
    REQUIRE(here.gdn2(small + "--steps 50 -o again --threads 1 --device emulator").code == 0);
    CHECK(difference(here / ("emulator" + file), here / ("again" + file)) == 0);
}

TEST_CASE("a run does not go on on another device unnoticed") {
    const Workplace here;
    if (!has_emulator(here)) return;
    REQUIRE(here.gdn2(small + "--steps 4 --checkpoint-every 2 -o runs --device emulator").code == 0);
    const Finished done = here.gdn2(small + "--steps 4 -o runs --resume");
    CHECK(done.code == 2);
    CHECK(is_one_line(done.error, "gdn2 ", ""));
}

TEST_CASE("training on a device that is not there is refused before anything is written") {
    const Workplace here;
    const Finished done = here.gdn2(small + "--steps 4 -o runs --device cuda");
    if (done.code == 0) return;  // there is one
    CHECK(done.code == 2);
    CHECK(is_one_line(done.error, "gdn2 ", "cuda"));
    CHECK_FALSE(here.has("runs"));
}
