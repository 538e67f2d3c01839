// See program.h.
#include "visualizer/film/program.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

#include "reference/io/text.h"

extern char** environ;

namespace gdn2::viewer {
namespace {

bool is_executable(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

/// Opens a file without a name. Of it a program's standard error is made.
std::unique_ptr<std::FILE, int (*)(std::FILE*)> nameless_file() {
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), std::fclose);
    require(file != nullptr, std::string("no temporary file: ") + std::strerror(errno));
    return file;
}

/// The last line that says anything.
std::string last_line(std::FILE* file) {
    std::rewind(file);
    std::string line, last;
    for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) {
        if (c != '\n') line += static_cast<char>(c);
        else if (!line.empty()) last = std::exchange(line, {});
    }
    return line.empty() ? last : line;
}

}  // namespace

std::string find_program(const std::string& name) {
    const char* path = std::getenv("PATH");
    for (std::string_view rest = path == nullptr ? "" : path; !rest.empty();) {
        const std::string_view folder = rest.substr(0, rest.find(':'));
        rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
        std::string candidate = std::string(folder) + "/" + name;
        if (!folder.empty() && is_executable(candidate)) return candidate;
    }
    return "";
}

Program::Program(const std::string& path, const std::vector<std::string>& arguments)
    : name_(path.substr(path.rfind('/') + 1)), complaints_(nameless_file()) {
    // Not a pipe: a socket can be told to raise no signal when nobody reads any more.
    int ends[2];
    require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0,
            name_ + " cannot be started: " + std::strerror(errno));
    input_.number = ends[0];
    const Descriptor its_end{ends[1]};
    start(path, arguments, its_end.number);
}

Program::~Program() {
    if (process_ < 0) return;
    ::kill(process_, SIGKILL);
    wait();
}

void Program::Descriptor::close() {
    if (number >= 0) ::close(std::exchange(number, -1));
}

void Program::start(const std::string& path, const std::vector<std::string>& arguments, int input) {
    std::vector<char*> words{const_cast<char*>(path.c_str())};
    for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, ::fileno(complaints_.get()), STDERR_FILENO);
    const int why = ::posix_spawn(&process_, path.c_str(), &actions, nullptr, words.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (why != 0) process_ = -1;
    require(why == 0, name_ + " cannot be started: " + std::strerror(why));
}

bool Program::wait() {
    int status = 0;
    pid_t ended = -1;
    do ended = ::waitpid(process_, &status, 0);
    while (ended < 0 && errno == EINTR);
    process_ = -1;
    return ended >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void Program::fail(const std::string& what) {
    const std::string complaint = last_line(complaints_.get());
    throw Error(name_ + " " + what + (complaint.empty() ? "" : ": " + io::escaped(complaint)));
}

void Program::write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(input_.number, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) {
            input_.close();
            wait();
            fail("stopped");
        }
        bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
}

void Program::finish() {
    input_.close();
    if (!wait()) fail("failed");
}

}  // namespace gdn2::viewer
