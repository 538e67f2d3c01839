// See run_command.h. The helper is tested here too: a runner that always said 0 would make every other test pass.
#include "tests/tools/gdn2/run_command.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "reference/io/file.h"

namespace gdn2::test {
namespace {

namespace fs = std::filesystem;

std::string contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string unique_directory() {
    static std::atomic<int> count = 0;
    const std::string name = "gdn2-test-" + std::to_string(getpid()) + "-" + std::to_string(count++);
    const fs::path path = fs::temp_directory_path() / name;
    fs::create_directory(path);
    return path.string();
}

}  // namespace

Workplace::Workplace() : path_(unique_directory()) {}

Workplace::~Workplace() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

Finished Workplace::gdn2(const std::string& arguments) const {
    const std::string command =
        "cd '" + path_ + "' && '" GDN2_BINARY "' " + arguments + " >.out 2>.error </dev/null";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, contents(*this / ".out"),
            contents(*this / ".error")};
}

bool Workplace::has(const std::string& name) const { return fs::exists(*this / name); }

bool Workplace::empty() const {
    for (const auto& entry : fs::directory_iterator(path_))
        if (entry.path().filename() != ".out" && entry.path().filename() != ".error") return false;
    return true;
}

std::string golden(const std::string& name) { return GDN2_SOURCE_DIR "/tests/golden/" + name; }

void write_without(const std::string& path, const std::string& name,
                   const std::vector<std::string>& left_out) {
    io::Archive kept;
    const io::Archive whole = io::read_file(golden(name + ".in.npz"));
    for (const auto& [tensor, array] : whole.entries())
        if (std::find(left_out.begin(), left_out.end(), tensor) == left_out.end()) kept.add(tensor, array);
    io::write_file(path, kept);
}

bool is_one_line(const std::string& text, const std::string& start, const std::string& part) {
    return text.starts_with(start) && text.find(part) != std::string::npos &&
           text.find('\n') == text.size() - 1;
}

void check_refused(const Workplace& here, const std::string& arguments, const std::string& part) {
    CAPTURE(arguments);
    const Finished finished = here.gdn2(arguments);
    CAPTURE(finished.error);
    CHECK(finished.code == 2);
    CHECK(finished.out.empty());
    CHECK(is_one_line(finished.error, "gdn2", part));
    CHECK_FALSE(here.has("r.npz"));
}

}  // namespace gdn2::test

using namespace gdn2::test;

TEST_CASE("the test runner sees exit codes and both streams") {
    const Workplace here;
    const Finished good = here.gdn2("--version");
    CHECK(good.code == 0);
    CHECK(good.out.starts_with("gdn2 "));
    CHECK(good.error.empty());
    const Finished bad = here.gdn2("no_such_command");
    CHECK(bad.code == 2);
    CHECK(bad.out.empty());
    CHECK(is_one_line(bad.error, "gdn2: ", "no_such_command"));
    CHECK(here.empty());
    CHECK_FALSE(is_one_line("a\nb\n", "a", "b"));
    CHECK_FALSE(is_one_line("a", "a", "a"));
}
