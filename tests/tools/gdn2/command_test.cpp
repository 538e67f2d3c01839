// The command as a user meets it: exit codes, one-line errors, no output on failure, help.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "reference/io/file.h"
#include "tests/tools/gdn2/run_command.h"

using namespace gdn2;
using namespace gdn2::test;
using nlohmann::json;

namespace {

void write_text(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

bool computes_on(const Workplace& here, const std::string& device) {
    const json devices = json::parse(here.gdn2("info --json").out)["devices"];
    return std::find(devices.begin(), devices.end(), device) != devices.end();
}

}  // namespace

TEST_CASE("bad usage is refused in one line with exit code 2") {
    const Workplace here;
    const std::string problem = golden("g01_tiny.in.npz");
    check_refused(here, "", "subcommand");
    check_refused(here, "frobnicate", "frobnicate");
    check_refused(here, "run", "required");
    check_refused(here, "run " + problem, "output");
    check_refused(here, "run " + problem + " -o r.npz --path sideways", "sideways");
    check_refused(here, "run " + problem + " -o r.npz --precision f16", "f16");
    check_refused(here, "run " + problem + " -o r.npz --frob", "--frob");
    check_refused(here, "run " + problem + " extra -o r.npz", "extra");
    for (const std::string chunk : {"0", "-1", "1.5", "abc", "''", "99999999999999999999", "0x10", "' 7'"})
        check_refused(here, "run " + problem + " -o r.npz --chunk " + chunk, "chunk");
    for (const std::string scan : {"0", "parallel", "1.5"})
        check_refused(here, "run " + problem + " -o r.npz --scan " + scan, "scan");
    check_refused(here, "run " + problem + " -o r.npz --threads -1", "threads");
    check_refused(here, "gradcheck no_such_operator", "recurrent");
    check_refused(here, "gradcheck --directions 0", "directions");
    check_refused(here, "check " + problem, "CLAIM");
    check_refused(here, "info nothing.npz", "nothing.npz");
}

TEST_CASE("a device that is not there and a precision that a device has not are refused not faked") {
    const Workplace here;
    const std::string start = "run " + golden("g01_tiny.in.npz") + " -o r.npz ";
    for (const std::string device : {"cuda", "emulator"})
        if (!computes_on(here, device)) check_refused(here, start + "--device " + device, "--device " + device);
    check_refused(here, start + "--device cpu --precision bf16", "--precision bf16");
    check_refused(here, start + "--precision bf16", "--precision bf16");
}

TEST_CASE("an output that cannot be written is refused before computing") {
    const Workplace here;
    const std::string start = "run " + golden("g01_tiny.in.npz") + " -o ";
    check_refused(here, start + "r.txt", ".npz or .safetensors");
    check_refused(here, start + "r", ".npz or .safetensors");
    check_refused(here, start + "nowhere/r.npz", "nowhere");
    std::filesystem::create_directory(here / "folder.npz");
    check_refused(here, start + "folder.npz", "directory");
    std::filesystem::copy_file(golden("g01_tiny.in.npz"), here / "p.npz");
    std::filesystem::create_hard_link(here / "p.npz", here / "same.npz");
    const auto size = std::filesystem::file_size(here / "p.npz");
    check_refused(here, "run p.npz -o ./p.npz", "overwrite");
    check_refused(here, "run p.npz -o same.npz", "overwrite");
    CHECK(std::filesystem::file_size(here / "p.npz") == size);
}

TEST_CASE("bad problems are refused by name with no output") {
    const Workplace here;
    for (const std::string tensor : {"q", "k", "v", "g", "b", "w"}) {
        write_without(here / "p.npz", "g01_tiny", {tensor});
        check_refused(here, "run p.npz -o r.npz", "`" + tensor + "`");
    }
    for (const std::string tensor : {"do", "dht"}) {
        write_without(here / "p.npz", "g01_tiny", {tensor});
        check_refused(here, "grad p.npz -o r.npz", "`" + tensor + "`");
        CHECK(here.gdn2("run p.npz -o fine.npz").code == 0);
    }
    write_text(here / "empty.npz", "");
    write_text(here / "text.npz", "this is no archive");
    write_text(here / "torn.npz", "PK\x03\x04 torn");
    for (const std::string file : {"empty.npz", "text.npz", "torn.npz", "missing.npz", "."})
        check_refused(here, "run " + file + " -o r.npz", file);
}

TEST_CASE("a failure leaves an older result as it was") {
    const Workplace here;
    write_text(here / "old.npz", "older result");
    write_without(here / "p.npz", "g01_tiny", {"g"});
    CHECK(here.gdn2("run p.npz -o old.npz").code == 2);
    CHECK(std::filesystem::file_size(here / "old.npz") == 12);
}

TEST_CASE("what is unusual is a warning on stderr and not an error") {
    const Workplace here;
    io::Archive odd;
    const io::Archive whole = io::read_file(golden("g01_tiny.in.npz"));
    for (const auto& [name, array] : whole.entries()) {
        Tensor<double> tensor = io::to_tensor<double>(array, name);
        if (name == "w") tensor[1] = 1.5;
        odd.add(name, io::from_tensor(tensor));
    }
    io::write_file(here / "p.npz", odd);
    const Finished finished = here.gdn2("run p.npz -o r.npz");
    CHECK(finished.code == 0);
    CHECK(is_one_line(finished.error, "gdn2: warning: ", "`w`"));
    CHECK(finished.error.find('\r') == std::string::npos);  // no progress bar where there is no terminal
}

TEST_CASE("numbers that outgrow f32 are said") {
    const Workplace here;
    io::Archive large;
    const io::Archive whole = io::read_file(golden("g01_tiny.in.npz"));
    for (const auto& [name, array] : whole.entries()) {
        Tensor<double> tensor = io::to_tensor<double>(array, name);
        if (name == "q")
            for (double& value : tensor.values()) value *= 1e38;
        if (name == "v")
            for (double& value : tensor.values()) value *= 1e10;
        large.add(name, io::from_tensor(tensor));
    }
    io::write_file(here / "p.npz", large);
    CHECK(here.gdn2("run p.npz -o r.npz").error.empty());
    const Finished f32 = here.gdn2("run p.npz -o r.npz --precision f32");
    CHECK(f32.code == 0);
    CHECK(is_one_line(f32.error, "gdn2: warning: ", "outgrew f32"));
}

TEST_CASE("names in messages are quoted with control characters spelled out") {
    const Workplace here;
    check_refused(here, "run " + golden("g01_tiny.in.npz") + " -o 'a\nb.txt'", "`a\\x0ab.txt`: the output must end");
    check_refused(here, "run 'two\nlines.npz' -o r.npz", "`two\\x0alines.npz`: cannot be opened");
    check_refused(here, "run " + golden("g01_tiny.in.npz") + " -o no/r.npz", "`no/r.npz`: there is no directory `no`");
    write_without(here / "p.npz", "g01_tiny", {"do"});
    check_refused(here, "grad p.npz -o r.npz", "`p.npz`: gradients need `do`");
    const Finished written = here.gdn2("run p.npz -o out.npz --chunk 1");
    CHECK(written.out.starts_with("`out.npz`: o final_state (chunk, 1 token each, f64, "));
    CHECK(here.gdn2("info out.npz").out.starts_with("`out.npz`: a result\n"));
}

TEST_CASE("a problem beyond f32 is refused with its file and the reason") {
    const Workplace here;
    io::Archive beyond;
    const io::Archive whole = io::read_file(golden("g01_tiny.in.npz"));
    for (const auto& [name, array] : whole.entries())
        beyond.add(name, name == "q" ? io::from_tensor(Tensor<double>(array.shape, 1e39)) : array);
    io::write_file(here / "p.npz", beyond);
    const std::string says = "`p.npz`: `q`[0, 0, 0, 0] = inf is not a finite number once it is rounded to f32";
    check_refused(here, "run p.npz -o r.npz --precision f32", says);
    check_refused(here, "trace p.npz -o r.npz --precision f32", says);
}

TEST_CASE("help says which devices are not in this build") {
    const Workplace here;
    CHECK(computes_on(here, "cpu"));
    for (const std::string command : {"run", "grad", "trace"}) {
        const std::string help = here.gdn2(command + " --help").out;
        for (const std::string device : {"cpu", "emulator", "cuda"}) {
            CAPTURE(device);
            const bool absent = help.find(device + " (not in this build)") != std::string::npos;
            CHECK_FALSE((absent && computes_on(here, device)));
            if (absent)
                check_refused(here, "run " + golden("g01_tiny.in.npz") + " -o r.npz --device " + device, device);
        }
        const bool emulator_absent = help.find("emulator (not in this build)") != std::string::npos;
        CHECK(emulator_absent != computes_on(here, "emulator"));  // it needs no card: what is built is there
    }
}

TEST_CASE("every subcommand explains itself with an example") {
    const Workplace here;
    for (const std::string command : {"", " demo", " run", " grad", " check", " gradcheck", " trace", " train", " eval",
                                      " layer", " expressivity", " info"}) {
        const Finished help = here.gdn2(command + " --help");
        CAPTURE(command);
        CHECK(help.code == 0);
        CHECK(help.error.empty());
        CHECK(help.out.find("Example: gdn2" + command) != std::string::npos);
    }
}

TEST_CASE("gdn2 gradcheck passes and says every figure") {
    const Workplace here;
    const Finished text = here.gdn2("gradcheck recurrent chunk mamba3_mimo_chunk");
    CHECK(text.code == 0);
    CHECK(text.out.find("3 of 3 operators passed") != std::string::npos);
    CHECK(text.out.find("FAIL") == std::string::npos);
    const json document = json::parse(here.gdn2("gradcheck --json").out);
    CHECK(document["passed"] == true);
    CHECK(document["operators"].size() >= 8 + 16);
    for (const json& op : document["operators"])
        for (const json& input : op["inputs"]) CHECK(input["dual_error"] <= document["dual_tolerance"]);
}

TEST_CASE("gdn2 info names the build and lists files") {
    const Workplace here;
    const Finished program = here.gdn2("info");
    CHECK(program.code == 0);
    CHECK(program.out.find("vector units") != std::string::npos);
    const json document = json::parse(here.gdn2("info --json").out);
    CHECK(document["devices"][0] == "cpu");
    CHECK(document["threads"] >= 1);
    const json problem = json::parse(here.gdn2("info --json " + golden("g05_packed.in.npz")).out);
    CHECK(problem["kind"] == "problem");
    CHECK(problem["sizes"]["sequences"] == 4);
    CHECK(problem["arrays"].size() == 11);
    CHECK(json::parse(here.gdn2("info --json " + golden("g01_tiny.out.npz")).out)["kind"] == "result");
    const Finished text = here.gdn2("info " + golden("g01_tiny.in.npz"));
    CHECK(text.out.find("valid as a problem: batch 1, length 4") != std::string::npos);
    write_without(here / "p.npz", "g01_tiny", {"g"});
    const Finished refused = here.gdn2("info p.npz");
    CHECK(refused.code == 0);
    CHECK(refused.out.find("refused as a problem: missing tensor `g`") != std::string::npos);
}
