// Section 3 of gdn2 demo: every path against results made elsewhere.
#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

#include "reference/delta_rule/problem_file.h"
#include "reference/io/text.h"
#include "tools/gdn2/common.h"
#include "tools/gdn2/demo_difference.h"

namespace gdn2::tools {
namespace {

namespace fs = std::filesystem;
using check::Pair;

constexpr std::string_view input_end = ".in.npz", output_end = ".out.npz";

struct Way {
    const char* name;
    Path path;
    Pair pair;
};
constexpr Way ways[] = {{"recurrent", Path::recurrent, Pair::recurrent_golden},
                        {"chunk", Path::chunk, Pair::chunk_golden},
                        {"residual", Path::residual, Pair::chunk_golden}};

/// Where golden data may lie: beside the installed program, where it was installed, where it was built from.
std::vector<fs::path> usual_folders() {
    std::error_code ignored;
    const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
    return {program.parent_path().parent_path() / "share/gdn2/golden", fs::path(GDN2_DATA_DIR) / "golden",
            fs::path(GDN2_SOURCE_DIR) / "tests/golden"};
}

/// The names in a folder that have a problem and a result.
std::vector<std::string> names_in(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
        std::string file = entry.path().filename().string();
        if (!file.ends_with(input_end)) continue;
        file.resize(file.size() - input_end.size());
        if (fs::exists(folder / (file + std::string(output_end)), ignored)) names.push_back(file);
    }
    std::sort(names.begin(), names.end());
    return names;
}

/// From here, when the folder lies below here.
std::string short_path(const fs::path& folder) {
    std::error_code ignored;
    const fs::path near = folder.lexically_proximate(fs::current_path(ignored));
    return near.string().starts_with("..") ? folder.lexically_normal().string() : near.string();
}

std::string sizes_text(const Problem<double>& problem) {
    const Sizes x = validate_shapes(problem);
    const std::string heads = x.key_heads == x.value_heads
                                  ? counted(x.key_heads, "head")
                                  : fmt::format("{}/{} heads", x.key_heads, x.value_heads);
    const std::string tokens = problem.cu_seqlens
                                   ? fmt::format("{} tokens in {} parts", x.length, x.sequences)
                                   : fmt::format("{} x {} tokens", x.batch, x.length);
    return fmt::format("{}, {}, {}x{}", tokens, heads, x.key_dim, x.value_dim);
}

/// A path's tensors against a file's.
std::vector<Difference> differences(const Claim& golden, const NamedTensors& ours, Pair pair) {
    std::vector<Difference> all;
    for (const auto& [name, values] : ours) {
        const auto found = golden.tensors.find(name);
        if (found != golden.tensors.end())
            all.push_back(difference(name, found->second.values, values, pair));
    }
    require(!all.empty(), "a golden result holds no tensor to compare");
    return all;
}

void check_one(const Page& page, const fs::path& folder, const std::string& name, Outcome& outcome) {
    std::vector<std::string> notes;
    const Problem<double> problem = read_problem((folder / (name + std::string(input_end))).string(), notes);
    const Claim golden = read_claim((folder / (name + std::string(output_end))).string(), notes);
    std::string row = fmt::format("   {:<18}{:<40}", name, sizes_text(problem));
    for (const Way& way : ways) {
        const auto all = differences(golden, run_gradient(problem, way.path, 64), way.pair);
        row += figure(page, worst(all)) + "   ";
        for (const Difference& each : all) {
            outcome.count(each.passed);
            outcome.json.push_back(to_json(name + " " + way.name, each));
        }
    }
    page.line(row.substr(0, row.find_last_not_of(' ') + 1));
}

}  // namespace

Outcome demo_golden(const Page& page, const std::optional<std::string>& folder) {
    page.line(page.style.heading("3  Against results made elsewhere"));
    fs::path where;
    std::vector<std::string> names;
    for (const fs::path& each : folder ? std::vector<fs::path>{*folder} : usual_folders())
        if (names.empty()) names = names_in(where = each);

    Outcome outcome{0, 0, nlohmann::json::array()};
    if (names.empty()) {
        require(!folder, io::quote_file(folder.value_or("")) + ": holds no NAME.in.npz with a NAME.out.npz beside it");
        page.line("   SKIPPED: no golden data found. Name its folder with --golden.");
        return outcome;
    }
    page.line("   Outputs by PyTorch in float64, gradients by its autograd, read from");
    page.line("   " + io::escaped(short_path(where)));
    page.line("   Look at: the tensor that comes closest to what is allowed, of nine in each problem.");
    page.line();
    page.line(
        page.style.quiet(fmt::format("   {:<58}{:>8}{:>13}{:>16}", "", "recurrent", "chunk", "second form")));
    for (const std::string& name : names) check_one(page, where, name, outcome);
    return outcome;
}

}  // namespace gdn2::tools
