// See options.h.
#include "visualizer/options.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>

#include "reference/core/error.h"
#include "reference/io/text.h"

namespace gdn2::viewer {
namespace {

constexpr int smallest_width = 320, smallest_height = 240, largest_side = 8192, most_tokens = 1'000'000'000;

/// "1600x1000".
void parse_size(const std::string& text, Options& options) {
    int width = 0, height = 0, end = 0;
    const bool read = std::sscanf(text.c_str(), "%5dx%5d%n", &width, &height, &end) == 2;
    require(read && static_cast<std::size_t>(end) == text.size() && width >= smallest_width &&
                height >= smallest_height && width <= largest_side && height <= largest_side,
            "--size: expected WIDTHxHEIGHT from 320x240 to 8192x8192, got " + io::quote(text));
    options.width = width;
    options.height = height;
}

/// False for NaN too, which CLI::Range lets through.
bool is_scale(double scale) { return scale >= 0.5 && scale <= 4; }

/// What GDN2_UI_SCALE says, for those who always want it larger. Throws Error on what is no scale.
double scale_of_environment() {
    const char* text = std::getenv("GDN2_UI_SCALE");
    if (!text || *text == 0) return 1;
    char* end = nullptr;
    const double scale = std::strtod(text, &end);
    require(*end == 0 && is_scale(scale), "GDN2_UI_SCALE: expected a number from 0.5 to 4, got " + io::quote(text));
    return scale;
}

ThemeName theme_named(const std::string& name) {
    const std::map<std::string, ThemeName> themes{
        {"dark", ThemeName::dark}, {"light", ThemeName::light}, {"print", ThemeName::print}};
    const auto found = themes.find(name);
    require(found != themes.end(), "--theme: expected dark, light or print, got " + io::quote(name));
    return found->second;
}

void add_options(CLI::App& program, Options& options, std::string& size) {
    program.set_version_flag("--version", "gdn2-viewer " GDN2_VERSION);
    program.add_option("FILE", options.open,
                       "a problem, trace or result (.npz, .safetensors), or the name of a lesson (default: lesson 1)");
    program.add_option("CLAIM", options.claim, "a second file, whose results the Diff tab holds against the first");
    program.add_option("--state", options.state, "go where this line says (Ctrl+C in the viewer copies it)");
    program.add_option_function<std::string>(
        "--theme", [&options](const std::string& name) { options.theme = theme_named(name); }, "dark, light or print");
    program.add_option("--scale", options.scale, "size of texts and everything else, 0.5 to 4 (or GDN2_UI_SCALE)")
        ->check(CLI::Range(0.5, 4.0));
    program.add_option("--size", size, "WIDTHxHEIGHT of window, picture or film (1600x1000)");
    program.add_option("--screenshot", options.screenshot, "write a PNG and end; needs no display");
    program.add_option("--export", options.film, "write a film, .gif or .mp4 (this one by ffmpeg), and end");
    program.add_option("--from", options.range.first, "first token of the film, from 0")
        ->check(CLI::Range(0, most_tokens));
    program.add_option("--to", options.range.last, "last token of the film (default: the last)")
        ->check(CLI::Range(0, most_tokens));
    program.add_option("--fps", options.range.frames_per_second, "pictures a second, 1 to 50 (12)")
        ->check(CLI::Range(1, 50));
    program.add_flag("--transcript", options.transcript, "print the run as text and end; with --state, that step");
    program.add_flag("--print-state", options.print_state,
                     "at the end, when the window was closed, print the line that leads back there");
    program.footer("Example: gdn2-viewer trace.npz --state 'gdn2:t=8;ph=4' --screenshot step.png\n"
                   "--screenshot, --export and --transcript need neither a display nor GL.");
}

}  // namespace

std::optional<Options> parse_options(int argc, char** argv) {
    Options options;
    options.scale = scale_of_environment();
    std::string size;
    CLI::App program("See the memory of Gated DeltaNet-2 being edited, token by token.", "gdn2-viewer");
    add_options(program, options, size);
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        require(error.get_exit_code() == 0, std::string(error.what()) + " (see gdn2-viewer --help)");
        program.exit(error);  // --help, --version
        require(std::cout.flush().good(), "cannot write to standard output");
        return std::nullopt;
    }
    require(is_scale(options.scale), "--scale: expected a number from 0.5 to 4");
    if (options.screenshot)
        require(options.screenshot->ends_with(".png"),
                "--screenshot: the picture must end in .png, got " + io::quote_file(*options.screenshot));
    for (const char* only : {"--from", "--to", "--fps"})
        require(options.film || program.count(only) == 0, std::string(only) + ": expected only with --export");
    if (program.count("--size") > 0) parse_size(size, options);
    return options;
}

}  // namespace gdn2::viewer
