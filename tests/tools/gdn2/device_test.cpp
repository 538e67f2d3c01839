// gdn2 run, trace and info on devices, as a user sees them. Where this build has no emulator there is nothing to see.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "reference/core/small_float.h"
#include "reference/io/file.h"
#include "reference/trace/trace_file.h"
#include "tests/tools/gdn2/run_command.h"

using namespace gdn2;
using nlohmann::json;
using test::Finished;
using test::golden;
using test::is_one_line;
using test::Workplace;
using trace::Field;

namespace {

bool has_emulator(const Workplace& here) {
    const json devices = json::parse(here.gdn2("info --json").out)["devices"];
    return std::find(devices.begin(), devices.end(), "emulator") != devices.end();
}

std::string bytes_of(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    std::stringstream bytes;
    bytes << stream.rdbuf();
    return bytes.str();
}

/// A golden problem with one tensor multiplied.
void write_scaled(const std::string& file, const std::string& tensor, double factor) {
    io::Archive scaled;
    const io::Archive whole = io::read_file(golden("g01_tiny.in.npz"));
    for (const auto& [name, array] : whole.entries()) {
        Tensor<double> numbers = io::to_tensor<double>(array, name);
        if (name == tensor)
            for (double& x : numbers.values()) x *= factor;
        scaled.add(name, io::from_tensor(numbers));
    }
    io::write_file(file, scaled);
}

}  // namespace

TEST_CASE("the emulator agrees with the reference on every path and in every precision") {
    const Workplace here;
    if (!has_emulator(here)) return;
    for (const std::string name : {"g04_grouped", "g05_packed", "g06_strong"})
        for (const std::string path : {"chunk", "recurrent", "recurrent_1", "recurrent_2"}) {
            CAPTURE(name + " " + path);
            const std::string problem = golden(name + ".in.npz"),
                              start = "run " + problem + " -o r.npz --device emulator --path ";
            REQUIRE(here.gdn2(start + path).code == 0);
            CHECK(here.gdn2("check " + problem + " r.npz").code == 0);
            REQUIRE(here.gdn2(start + path + " --precision bf16").code == 0);
            CHECK(here.gdn2("check " + problem + " r.npz --tolerance 1e-2").code == 0);
            CHECK(here.gdn2("check " + problem + " r.npz").code == 1);  // it was rounded
        }
    REQUIRE(here.gdn2("run " + golden("g05_packed.in.npz") + " -o r.npz --device emulator --precision f16")
                .code == 0);
    CHECK(here.gdn2("check " + golden("g05_packed.in.npz") + " r.npz --tolerance 2e-3").code == 0);
}

TEST_CASE("gradients by the kernels pass gdn2 check on golden problems") {
    const Workplace here;
    if (!has_emulator(here)) return;
    for (const std::string name : {"g02_killer", "g04_grouped", "g05_packed"}) {
        INFO(name);
        const std::string problem = golden(name + ".in.npz");
        REQUIRE(here.gdn2("grad " + problem + " -o r.npz --device emulator").code == 0);
        const Finished checked = here.gdn2("check " + problem + " r.npz");
        CHECK(checked.code == 0);
        CHECK(checked.out.find("dg") != std::string::npos);
        REQUIRE(here.gdn2("grad " + problem + " -o r.npz --device emulator --precision bf16").code == 0);
        CHECK(here.gdn2("check " + problem + " r.npz --tolerance 3e-2").code == 0);
        CHECK(here.gdn2("check " + problem + " r.npz").code == 1);  // it was rounded
    }
}

TEST_CASE("the emulator gives the same bits on one thread and on two") {
    const Workplace here;
    if (!has_emulator(here)) return;
    for (const std::string threads : {"1", "2"})
        REQUIRE(here.gdn2("run " + golden("g03_two_chunks.in.npz") + " -o " + threads +
                          ".npz --device emulator --precision bf16 --threads " + threads)
                    .code == 0);
    CHECK(bytes_of(here / "1.npz") == bytes_of(here / "2.npz"));
}

TEST_CASE("a scan in segments agrees with the serial one and is another where a sequence is cut") {
    const Workplace here;
    if (!has_emulator(here)) return;
    const std::string problem = golden("g02_killer.in.npz");
    for (const std::string scan : {"auto", "serial", "segments", "1"}) {
        CAPTURE(scan);
        REQUIRE(here.gdn2("grad " + problem + " -o " + scan + ".npz --device emulator --scan " + scan).code == 0);
        CHECK(here.gdn2("check " + problem + " " + scan + ".npz").code == 0);
    }
    CHECK(bytes_of(here / "auto.npz") == bytes_of(here / "serial.npz"));      // 150 tokens are few
    CHECK(bytes_of(here / "segments.npz") == bytes_of(here / "serial.npz"));  // and less than a segment by shape
    CHECK(bytes_of(here / "1.npz") != bytes_of(here / "serial.npz"));
}

TEST_CASE("a run on a device says where and in what it was computed") {
    const Workplace here;
    if (!has_emulator(here)) return;
    const std::string start = "run " + golden("g01_tiny.in.npz") + " -o r.npz --device emulator ";
    CHECK(here.gdn2(start).out.find("(emulator, chunk, 64 tokens each, f32, ") != std::string::npos);
    const json document = json::parse(here.gdn2(start + "--json --path recurrent_1 --precision bf16").out);
    CHECK(document["device"] == "emulator");
    CHECK(document["precision"] == "bf16");
    CHECK(document["path"] == "recurrent_1");
    CHECK_FALSE(document.contains("chunk"));
    const io::Archive result = io::read_file(here / "r.npz");
    for (const auto& [name, array] : result.entries()) CHECK(array.dtype == io::DType::f32);
    const Tensor<double> o = io::to_tensor<double>(result.at("o"), "o");
    for (const double x : o.values()) CHECK(x == BFloat16::decode(BFloat16::encode(x)));
}

TEST_CASE("what a device does not do is refused in one line before anything is computed") {
    const Workplace here;
    if (!has_emulator(here)) return;
    const std::string problem = golden("g01_tiny.in.npz") + " -o r.npz ";
    write_scaled(here / "large.npz", "v", 1e6);
    std::filesystem::rename(here / "large.npz", here / "kept.txt");
    const struct {
        std::string arguments, says;
    } cases[] = {
        {"run " + problem + "--device emulator --precision f64",
         "--device emulator does not compute in --precision f64"},
        {"run " + problem + "--device emulator --path residual", "--device emulator has no --path residual"},
        {"run " + problem + "--path recurrent_2", "--device cpu has no --path recurrent_2"},
        {"run " + problem + "--device emulator --chunk 32", "--chunk 32: on a device chunks have 64 tokens"},
        {"run " + problem + "--device emulator --path recurrent_2 --scan segments",
         "--scan segments: for --path chunk on a device"},
        {"run " + problem + "--scan 4", "--scan 4: for --path chunk on a device, not for --device cpu --path chunk"},
        {"run " + problem + "--precision f16", "--device cpu does not compute in --precision f16"},
        {"grad " + problem + "--device emulator --path recurrent_2",
         "on a device gradients are computed by --path chunk"},
        {"run kept.txt -o r.npz --device emulator --precision f16",
         "inf is not a finite number once it is rounded to f16"},
        {"trace overwrite -o r.npz --device emulator --fields T",
         "field `T` is not kept by the kernels; they keep o S_0 "},
        {"trace overwrite -o r.npz --device emulator --path recurrent", "only the chunk path's are recorded"},
        {"trace overwrite -o r.npz --device emulator --chunk 16", "--chunk 16"},
    };
    for (const auto& [arguments, says] : cases) {
        CAPTURE(arguments);
        const Finished done = here.gdn2(arguments);
        CHECK(done.code == 2);
        CHECK(done.out.empty());
        CHECK_MESSAGE(is_one_line(done.error, "gdn2 ", says), done.error);
        CHECK_FALSE(here.has("r.npz"));
    }
    CHECK(here.gdn2("run kept.txt -o r.npz --device emulator --precision bf16").code ==
          0);  // bf16 reaches further
}

TEST_CASE("kernels are traced under the reference's names with what they launched") {
    const Workplace here;
    if (!has_emulator(here)) return;
    const Finished done =
        here.gdn2("trace '" + golden("g05_packed.in.npz") + "' -o t.npz --device emulator --precision bf16");
    CHECK(done.error == "");
    REQUIRE(done.code == 0);
    const io::Archive archive = io::read_file(here / "t.npz");
    const trace::Trace found = trace::trace_of(archive);
    CHECK(found.fields.size() == 8);
    for (const Field field :
         {Field::o, Field::S_0, Field::gamma, Field::E, Field::A, Field::Qg, Field::A_qk, Field::K_tail})
        CHECK(found.fields.count(field) == 1);
    CHECK(found.meta.device == "emulator");
    CHECK(found.meta.precision == "bf16");
    const json launches = json::parse(found.meta.launches);
    REQUIRE(launches.size() == 2);
    CHECK(launches[0]["kernel"] == "prepare_bf16");
    CHECK(launches[1]["timeline"]["spans"].size() > 0);
    const Tensor<double> q = io::to_tensor<double>(archive.at("q"), "q");
    for (const double x : q.values()) REQUIRE(x == BFloat16::decode(BFloat16::encode(x)));

    REQUIRE(here.gdn2("run '" + golden("g05_packed.in.npz") + "' -o r.npz --device emulator --precision bf16")
                .code == 0);
    const Tensor<double> o = io::to_tensor<double>(io::read_file(here / "r.npz").at("o"), "o");
    CHECK(o.values() == found.fields.at(Field::o).values());
}

TEST_CASE("fields of kernels can be asked for by name") {
    const Workplace here;
    if (!has_emulator(here)) return;
    REQUIRE(here.gdn2("trace overwrite -o t.npz --device emulator --fields A_qk,S_0").code == 0);
    const trace::Trace found = trace::trace_of(io::read_file(here / "t.npz"));
    CHECK(found.fields.size() == 2);
    CHECK(found.meta.scenario == "overwrite");
    CHECK(found.meta.precision == "f32");
}

TEST_CASE("gdn2 info tells the toolkit and the card or why there is none") {
    const Workplace here;
    const json cuda = json::parse(here.gdn2("info --json").out)["cuda"];
    const bool built = !cuda["toolkit"].is_null();
    CHECK(cuda.contains("architectures") == built);
    CHECK((cuda.contains("card") != cuda.contains("no_card")) == built);
    const Finished asked = here.gdn2("run " + golden("g01_tiny.in.npz") + " -o r.npz --device cuda");
    CHECK((asked.code == 0) == cuda.contains("card"));
    if (asked.code) CHECK(is_one_line(asked.error, "gdn2 run: --device cuda: ", "; there is cpu"));
}
