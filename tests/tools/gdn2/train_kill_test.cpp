// gdn2 train stopped at random moments, by kill -9 and by the signals it listens to: what it goes on to is, bit for
// bit, the run that nobody stopped.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "reference/core/random.h"
#include "tests/support/folder.h"

using namespace gdn2;
using namespace gdn2::test;

namespace {

using std::chrono::milliseconds;

using Words = std::vector<std::string>;

const Words small_sizes{"--d-model", "16", "--key-dim", "8", "--value-dim", "8"};

Words arguments(const std::string& folder, bool resume, const Words& sizes) {
    Words all{GDN2_BINARY, "train", "overwrite:M=3,W=6,keys=6,values=4", "-o", folder};
    all.insert(all.end(), sizes.begin(), sizes.end());
    for (const char* each : {"--batch", "8", "--steps", "300", "--checkpoint-every", "7", "--log-every", "3",
                             "--eval-every", "50", "--eval-sequences", "50", "--threads", "1"})
        all.emplace_back(each);
    if (resume) all.emplace_back("--resume");
    return all;
}

/// gdn2 train in a process of its own, which prints into `folder` + ".said".
class Child {
public:
    Child(const std::string& folder, bool resume, const Words& sizes = small_sizes) {
        Words all = arguments(folder, resume, sizes);
        std::vector<char*> pointers;
        for (std::string& each : all) pointers.push_back(each.data());
        pointers.push_back(nullptr);
        const std::string said = folder + ".said";
        pid_ = fork();
        if (pid_ != 0) return;
        dup2(open(said.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666), STDERR_FILENO);
        dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
        execv(GDN2_BINARY, pointers.data());
        _exit(99);
    }

    void send(int signal) const { kill(pid_, signal); }
    /// As waitpid gives it.
    int wait() const {
        int status = 0;
        waitpid(pid_, &status, 0);
        return status;
    }

private:
    pid_t pid_;
};

bool ends_well(int status) { return WIFEXITED(status) && WEXITSTATUS(status) == 0; }

/// The log's lines without what a clock says.
std::vector<std::string> untimed_lines(const std::string& path) {
    std::vector<std::string> lines;
    std::istringstream text(contents(path));
    for (std::string line; std::getline(text, line);) {
        auto json = nlohmann::json::parse(line);
        json.erase("seconds");
        json.erase("tokens_per_second");
        lines.push_back(json.dump());
    }
    return lines;
}

void check_same_runs(const std::string& a, const std::string& b) {
    const std::string name = "/gdn2-seed0";
    CHECK(contents(a + name + ".safetensors").size() > 1000);
    for (const char* kind : {".safetensors", ".checkpoint.safetensors"})
        CHECK(contents(a + name + kind) == contents(b + name + kind));
    CHECK(untimed_lines(a + name + ".jsonl") == untimed_lines(b + name + ".jsonl"));
}

void wait_for_text(const std::string& path, const std::string& part) {
    for (int i = 0; i < 10'000 && contents(path).find(part) == std::string::npos; ++i)
        std::this_thread::sleep_for(milliseconds(1));
}

std::size_t files_in(const std::string& folder) {
    const std::filesystem::directory_iterator begin(folder), end;
    return static_cast<std::size_t>(std::distance(begin, end));
}

}  // namespace

TEST_CASE("a run killed at random moments and gone on with is the uninterrupted run") {
    const Folder here;
    const auto start = std::chrono::steady_clock::now();
    REQUIRE(ends_well(Child(here / "whole", false).wait()));
    const auto whole =
        std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start).count();

    Random random(static_cast<std::uint64_t>(whole));
    int killed = 0, status = -1;
    for (int attempt = 0; attempt < 12; ++attempt) {
        const Child child(here / "parts", true);
        std::this_thread::sleep_for(milliseconds(random.integer(1, 1 + whole / 4)));
        child.send(SIGKILL);
        status = child.wait();
        if (ends_well(status)) break;
        REQUIRE((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
        ++killed;
    }
    if (!ends_well(status)) CHECK(ends_well(Child(here / "parts", true).wait()));
    CHECK(killed >= 3);
    check_same_runs(here / "whole", here / "parts");
    CHECK(files_in(here / "parts") == 3);  // and nothing half written
}

TEST_CASE("SIGINT and SIGTERM leave a checkpoint and say how to go on") {
    const Folder here;
    REQUIRE(ends_well(Child(here / "whole", false).wait()));
    const std::string folder = here / "parts", log = folder + "/gdn2-seed0.jsonl";
    const auto stop = [&](int signal, bool resume, const std::string& after) {
        const Child child(folder, resume);
        wait_for_text(log, after);
        child.send(signal);
        const int status = child.wait();
        CHECK(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 128 + signal);
        const std::string said = contents(folder + ".said");
        CHECK(said.starts_with("gdn2 train: gdn2-seed0: stopped after step "));
        CHECK(said.ends_with(" of 300; the same command with --resume goes on\n"));
        CHECK(files_in(folder) == 2);  // the checkpoint and the log
    };
    stop(SIGINT, false, "\"step\":3,");
    stop(SIGTERM, true, "\"step\":60,");
    CHECK(ends_well(Child(folder, true).wait()));
    check_same_runs(here / "whole", folder);
}

TEST_CASE("a signal ends the drawing of a large model") {
    const Folder here;
    const std::string folder = here / "runs";
    const Child child(folder, false, {"--d-model", "256", "--key-dim", "512", "--value-dim", "512", "--layers", "100"});
    for (int i = 0; i < 10'000 && !std::filesystem::exists(folder); ++i) std::this_thread::sleep_for(milliseconds(1));
    std::this_thread::sleep_for(milliseconds(30));
    child.send(SIGTERM);
    const int status = child.wait();
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 128 + SIGTERM);
    CHECK(contents(folder + ".said") == "gdn2 train: gdn2-seed0: stopped before its first step\n");
    CHECK(files_in(folder) == 0);
}

TEST_CASE("a torn line at the end of the log is dropped when the run goes on") {
    const Folder here;
    REQUIRE(ends_well(Child(here / "runs", false).wait()));
    const std::string log = here / "runs/gdn2-seed0.jsonl";
    const std::vector<std::string> before = untimed_lines(log);
    std::ofstream(log, std::ios::app) << "{\"step\":30";
    CHECK(ends_well(Child(here / "runs", true).wait()));
    CHECK(untimed_lines(log) == before);
}
