// gdn2, the command: parses, runs one subcommand, and turns what it throws into one line and an exit code.
//   exit  0 good, 1 a check failed, 2 bad usage or bad input, 130 or 143 stopped by SIGINT or SIGTERM
//   tests tests/tools/gdn2/command_test.cpp
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <string>

#include "reference/io/text.h"
#include "tools/gdn2/commands.h"
#include "tools/gdn2/common.h"
#include "tools/gdn2/interrupt.h"

namespace {

using namespace gdn2::tools;

/// A closed standard stream would lend its number to the next file opened, and messages would go into that file.
/// What is printed to a closed stdout must still fail, so that is opened for reading.
void open_standard_streams() {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (fcntl(stream, F_GETFD) != -1) continue;
        if (open("/dev/null", stream == STDOUT_FILENO ? O_RDONLY : O_RDWR) == -1) std::_Exit(exit_bad_input);
    }
}

/// Writes out what is still held back. False when anything printed to stdout was lost, now or before.
bool stdout_is_whole() { return std::fflush(stdout) == 0 && !std::ferror(stdout); }

void add_commands(CLI::App& program) {
    program.set_version_flag("--version", "gdn2 " GDN2_VERSION);
    program.require_subcommand(1);
    program.get_formatter()->column_width(30);
    add_demo(program);
    add_run(program);
    add_grad(program);
    add_check(program);
    add_gradcheck(program);
    add_trace(program);
    add_train(program);
    add_eval(program);
    add_layer(program);
    add_expressivity(program);
    add_info(program);
    program.footer(
        "Files are .npz or .safetensors. Exit codes: 0 good, 1 a check failed, 2 bad usage or bad input;\n"
        "130 or 143: train was stopped by Ctrl-C or SIGTERM, after a checkpoint.\n"
        "Example: gdn2 grad problem.npz -o result.npz && gdn2 check problem.npz kernel.safetensors");
}

/// "gdn2 run", or "gdn2" before a subcommand is known.
std::string name_of_command(const CLI::App& program) {
    const auto commands = program.get_subcommands();
    return commands.empty() ? "gdn2" : "gdn2 " + commands.front()->get_name();
}

int refuse(const std::string& who, const std::string& what) {
    say(who + ": " + what);
    return exit_bad_input;
}

int parse_and_run(CLI::App& program, int argc, char** argv) {
    try {
        program.parse(argc, argv);
        return exit_good;
    } catch (const CheckFailed&) {
        return exit_check_failed;
    } catch (const Interrupted& interrupted) {
        return exit_by_signal + interrupted.signal;
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return program.exit(error);  // --help, --version
        const std::string who = name_of_command(program);
        const auto unknown = program.remaining();
        if (program.get_subcommands().empty() && !unknown.empty())
            return refuse(who, "there is no " + gdn2::io::quote(unknown.front()) + " (see gdn2 --help)");
        return refuse(who, std::string(error.what()) + " (see " + who + " --help)");
    } catch (const std::bad_alloc&) {
        return refuse(name_of_command(program), "not enough memory");
    } catch (const std::exception& error) {
        if (std::ferror(stdout)) return exit_bad_input;  // main says so
        return refuse(name_of_command(program), error.what());
    }
}

int whole_run(int argc, char** argv) {
    CLI::App program("Gated DeltaNet-2 memory: run it, differentiate it, check somebody's kernel against it.",
                     "gdn2");
    add_commands(program);
    const int code = parse_and_run(program, argc, argv);
    if (!stdout_is_whole()) return refuse(name_of_command(program), "cannot write to standard output");
    return code;
}

}  // namespace

int main(int argc, char** argv) {
    open_standard_streams();
    std::signal(SIGXFSZ, SIG_IGN);  // a file-size limit is then a failed write like any other
    try {
        return whole_run(argc, argv);
    } catch (const std::exception& error) {  // before there was a command line to speak of
        std::fprintf(stderr, "gdn2: %s\n", error.what());
        return exit_bad_input;
    }
}
