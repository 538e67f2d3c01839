// What becomes of the command when its streams are closed or full.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "reference/io/file.h"
#include "tests/tools/gdn2/run_command.h"

using namespace gdn2;
using namespace gdn2::test;

namespace {

std::string text_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

int number_in(const std::string& path) {
    int value = -1;
    std::ifstream(path) >> value;
    return value;
}

// With its standard output lost, the command ends with code 2 and one line that says why.
void check_unprinted(const Workplace& here, const std::string& arguments, const std::string& lost) {
    if (lost == ">/dev/full" && !std::filesystem::exists("/dev/full")) return;
    CAPTURE(arguments);
    CAPTURE(lost);
    const Finished finished = here.gdn2(arguments + " " + lost + " 2>message; echo $? >code; true");
    CHECK(number_in(here / "code") == 2);
    const std::string line = text_of(here / "message");
    CHECK_MESSAGE(is_one_line(line, "gdn2", ": cannot write to standard output"), line);
}

}  // namespace

TEST_CASE("closed and full standard streams harm no file") {
    const Workplace here;
    CHECK(here.gdn2("run " + golden("g01_tiny.in.npz") + " -o r.npz >&- 2>&- <&-; true").code == 0);
    CHECK(io::read_file(here / "r.npz").size() == 2);
}

TEST_CASE("an answer that cannot be printed is no success") {
    const Workplace here;
    const std::string problem = golden("g02_killer.in.npz"), claim = golden("g02_killer.out.npz");
    for (const std::string command : {"--version", "--help", "run --help", "info", "demo", "demo --json",
                                      "gradcheck tied",
                                      "trace overwrite -o t.npz", "train --list", "expressivity", "info --json"})
        for (const std::string lost : {">/dev/full", ">&-"}) check_unprinted(here, command, lost);
    for (const std::string& command : {"check " + problem + " " + claim, "check " + problem + " " + claim + " --json",
                                      "run " + problem + " -o r.npz"})
        for (const std::string lost : {">/dev/full", ">&-"}) check_unprinted(here, command, lost);
    CHECK(io::read_file(here / "r.npz").size() == 2);  // written whole before its summary was printed
    CHECK(here.gdn2("run nothing.npz -o r.npz >&- 2>message; echo $? >code; true").code == 0);
    CHECK(number_in(here / "code") == 2);
    CHECK(is_one_line(text_of(here / "message"), "gdn2 run: `nothing.npz`: ", "cannot be opened"));
}

TEST_CASE("a message that cannot be printed changes nothing") {
    const Workplace here;
    write_without(here / "p.npz", "g01_tiny", {"do", "dht"});
    const std::string check = "check p.npz " + golden("g01_tiny.out.npz") + " >said";  // notes that do is assumed
    for (const std::string lost : {"2>/dev/full", "2>&-"}) {
        (void)here.gdn2(check + " " + lost + "; echo $? >code; true");
        CHECK(number_in(here / "code") == 1);
        CHECK(text_of(here / "said").find("FAIL") != std::string::npos);
    }
}
