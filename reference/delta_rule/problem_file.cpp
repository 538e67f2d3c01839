// See problem_file.h.
#include "reference/delta_rule/problem_file.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "reference/io/file.h"
#include "reference/io/text.h"

namespace gdn2 {
namespace {

using io::quote;

/// Our name of a tensor and the one peers use.
struct Name {
    const char* ours;
    const char* peers;
};

constexpr std::array<Name, 11> problem_names{{{"q", ""},
                                              {"k", ""},
                                              {"v", ""},
                                              {"g", ""},
                                              {"b", ""},
                                              {"w", ""},
                                              {"scale", ""},
                                              {"initial_state", "h0"},
                                              {"cu_seqlens", ""},
                                              {"do", ""},
                                              {"dht", "d_final_state"}}};
constexpr std::array<Name, 9> result_names{{{"o", ""},
                                            {"final_state", "ht"},
                                            {"dq", ""},
                                            {"dk", ""},
                                            {"dv", ""},
                                            {"dg", ""},
                                            {"db", ""},
                                            {"dw", ""},
                                            {"d_initial_state", "dh0"}}};

/// An array as its file named it.
struct Given {
    std::string name;
    const io::Array* array = nullptr;
};

/// Texts for the tokens: no part of a problem.
constexpr const char* labels = "labels";

/// The one of these names; the end where there is none.
template <std::size_t count>
auto find_name(const std::array<Name, count>& names, std::string_view name) {
    return std::find_if(names.begin(), names.end(),
                        [name](const Name& n) { return name == n.ours || (!name.empty() && name == n.peers); });
}
template <std::size_t count>
bool is_one_of(const std::array<Name, count>& names, std::string_view name) {
    return find_name(names, name) != names.end();
}

/// The arrays known by `names`, by our name; the others are noted, but for those that may be there.
template <std::size_t count>
std::map<std::string, Given> pick(const io::Archive& archive, const std::array<Name, count>& names,
                                  std::vector<std::string>& notes, bool (*is_expected)(std::string_view)) {
    std::map<std::string, Given> given;
    for (const auto& [name, array] : archive.entries()) {
        const auto* known = find_name(names, name);
        if (known == names.end()) {
            if (name != labels && !is_expected(name)) notes.push_back("ignored: " + quote(name));
            continue;
        }
        const bool first = given.emplace(known->ours, Given{name, &array}).second;
        require(first, quote(known->ours) + " and " + quote(known->peers) + " are the same tensor; give one");
    }
    return given;
}

void require_present(const std::map<std::string, Given>& given) {
    std::string missing;
    int count = 0;
    for (const char* name : {"q", "k", "v", "g", "b", "w"}) {
        if (given.contains(name)) continue;
        missing += (count++ ? ", " : "") + quote(name);
    }
    require(count == 0, std::string("missing tensor") + (count > 1 ? "s " : " ") + missing);
}

Tensor<double> tensor_of(const Given& given) {
    const io::Array& array = *given.array;
    const bool perhaps_bf16 = array.dtype == io::DType::u16;
    require(io::is_floating_point(array.dtype),
            quote(given.name) + " must be floating point, got " + std::string(name_of(array.dtype)) +
                (perhaps_bf16 ? "; bfloat16 travels in .safetensors" : ""));
    return io::to_tensor<double>(array, given.name);
}

double scalar_of(const Given& given) {
    const io::Array& array = *given.array;
    require(array.shape.empty() || array.shape == Shape{1},
            quote(given.name) + " must be a single number, got shape " + to_string(array.shape));
    if (io::is_floating_point(array.dtype)) return tensor_of(given)[0];
    return static_cast<double>(io::to_integers(array, given.name)[0]);
}

std::vector<Index> offsets_of(const Given& given) {
    const io::Array& array = *given.array;
    require(!io::is_floating_point(array.dtype),
            quote(given.name) + " must hold integers, got " + std::string(name_of(array.dtype)));
    require(array.shape.size() == 1,
            quote(given.name) + " must be [sequences + 1], got " + to_string(array.shape));
    const std::vector<std::int64_t> offsets = io::to_integers(array, given.name);
    return {offsets.begin(), offsets.end()};
}

Problem<double> assembled(const std::map<std::string, Given>& given) {
    const auto maybe = [&](const char* name) {
        const auto found = given.find(name);
        return found == given.end() ? std::nullopt : std::optional(tensor_of(found->second));
    };
    Problem<double> problem;
    problem.q = tensor_of(given.at("q"));
    problem.k = tensor_of(given.at("k"));
    problem.v = tensor_of(given.at("v"));
    problem.g = tensor_of(given.at("g"));
    problem.b = tensor_of(given.at("b"));
    problem.w = tensor_of(given.at("w"));
    if (given.contains("scale")) problem.scale = scalar_of(given.at("scale"));
    if (given.contains("cu_seqlens")) problem.cu_seqlens = offsets_of(given.at("cu_seqlens"));
    problem.initial_state = maybe("initial_state");
    problem.d_o = maybe("do");
    problem.d_final_state = maybe("dht");
    return problem;
}

/// What probably happened to a shape that is not the expected one; empty when nothing comes to mind.
std::string likely_cause(const std::string& name, const Shape& given, const Shape& expected, bool state) {
    if (given == expected || expected.size() != 4) return "";
    const Shape swapped_middle{expected[0], expected[2], expected[1], expected[3]};
    const Shape swapped_last{expected[0], expected[1], expected[3], expected[2]};
    const Shape scalar{expected[0], expected[1], expected[2]};
    const Shape scalar_kept{expected[0], expected[1], expected[2], 1};
    if (!state && given == swapped_middle)
        return "; " + quote(name) + " looks like [batch, heads, length, dim]";
    if (state && given == swapped_last) return "; " + quote(name) + " looks like [..., value_dim, key_dim]";
    const bool gate = name == "b" || name == "w" || name == "g";
    if (gate && (given == scalar || given == scalar_kept))
        return "; one gate per head? repeat it along the last axis";
    return "";
}

/// A hint to follow an error about shapes.
std::string hint(const Problem<double>& problem) {
    const Shape &keys = problem.q.shape(), &values = problem.v.shape();
    if (keys.size() == 3) return "; a batch axis of 1 in front is missing?";
    if (keys.size() != 4 || values.size() != 4) return "";
    if (keys != values && problem.b.shape() == values && problem.w.shape() == keys)
        return "; `b` and `w` look swapped: b erases along the key axis, w writes along the value axis";
    const Index sequences = problem.cu_seqlens ? static_cast<Index>(problem.cu_seqlens->size()) - 1 : keys[0];
    const Shape states{sequences, values[2], keys[3], values[3]};
    std::string text = likely_cause("k", problem.k.shape(), keys, false);
    if (text.empty()) text = likely_cause("g", problem.g.shape(), keys, false);
    if (text.empty()) text = likely_cause("b", problem.b.shape(), keys, false);
    if (text.empty()) text = likely_cause("w", problem.w.shape(), values, false);
    if (text.empty() && problem.initial_state)
        text = likely_cause("initial_state", problem.initial_state->shape(), states, true);
    if (text.empty() && problem.d_o) text = likely_cause("do", problem.d_o->shape(), values, false);
    if (text.empty() && problem.d_final_state)
        text = likely_cause("dht", problem.d_final_state->shape(), states, true);
    return text;
}

Sizes validated_shapes(const Problem<double>& problem) {
    try {
        return validate_shapes(problem);
    } catch (const Error& error) {
        throw Error(error.what() + hint(problem));
    }
}

void require_no_wiped_channel(const Tensor<double>& g) {
    for (Index i = 0; i < g.size(); ++i)
        if (std::isinf(g[i]) && g[i] < 0)
            throw Error("`g`" + to_string(unravel(i, g.shape())) + " = -inf is not a finite number");
}

void note_unusual(const Problem<double>& problem, const Sizes& sizes, std::vector<std::string>& notes) {
    for (std::string& line : warnings(problem)) notes.push_back(std::move(line));
    constexpr Index many_heads = 64;
    if (sizes.key_heads > std::max(sizes.length, many_heads))
        notes.push_back("length " + std::to_string(sizes.length) + " is less than the number of heads " +
                        std::to_string(sizes.key_heads) + ": are the tensors [batch, heads, length, dim]?" +
                        " They are read as [batch, length, heads, dim]");
}

/// Runs `parse` on the file's archive; what it throws and notes says which file it is about.
template <class Parse>
auto read_as(const std::string& path, const io::Archive& archive, std::vector<std::string>& notes,
             const Parse& parse) {
    const std::string prefix = io::quote_file(path) + ": ";
    std::vector<std::string> lines;
    try {
        auto parsed = parse(archive, lines);
        for (const std::string& line : lines) notes.push_back(prefix + line);
        return parsed;
    } catch (const Error& error) {
        throw Error(prefix + error.what());
    }
}

}  // namespace

Problem<double> problem_of(const io::Archive& archive, std::vector<std::string>& notes) {
    const auto given = pick(archive, problem_names, notes, [](std::string_view) { return false; });
    require_present(given);
    Problem<double> problem = assembled(given);
    const Sizes sizes = validated_shapes(problem);
    require_no_wiped_channel(problem.g);
    validate_values(problem);
    note_unusual(problem, sizes, notes);
    return problem;
}

bool is_result_name(std::string_view name) { return is_one_of(result_names, name); }

Problem<double> problem_of_file(const std::string& path, const io::Archive& archive, std::vector<std::string>& notes) {
    return read_as(path, archive, notes, problem_of);
}

Problem<double> read_problem(const std::string& path, std::vector<std::string>& notes) {
    return problem_of_file(path, io::read_file(path), notes);
}

io::Archive archive_of(const Problem<double>& problem) {
    validate_shapes(problem);
    io::Archive archive;
    archive.add("q", io::from_tensor(problem.q));
    archive.add("k", io::from_tensor(problem.k));
    archive.add("v", io::from_tensor(problem.v));
    archive.add("g", io::from_tensor(problem.g));
    archive.add("b", io::from_tensor(problem.b));
    archive.add("w", io::from_tensor(problem.w));
    if (problem.scale) archive.add("scale", io::from_tensor(Tensor<double>(Shape{}, *problem.scale)));
    if (problem.initial_state) archive.add("initial_state", io::from_tensor(*problem.initial_state));
    if (problem.cu_seqlens) {
        const std::vector<std::int64_t> offsets(problem.cu_seqlens->begin(), problem.cu_seqlens->end());
        archive.add("cu_seqlens", io::from_integers({static_cast<Index>(offsets.size())}, offsets));
    }
    if (problem.d_o) archive.add("do", io::from_tensor(*problem.d_o));
    if (problem.d_final_state) archive.add("dht", io::from_tensor(*problem.d_final_state));
    return archive;
}

template <class Scalar>
io::Archive archive_of(const Result<Scalar>& result) {
    io::Archive archive;
    const auto add = [&](const char* name, const Tensor<Scalar>& tensor) {
        if (tensor.shape() != Shape{0}) archive.add(name, io::from_tensor(tensor));
    };
    add("o", result.o);
    add("final_state", result.final_state);
    add("dq", result.dq);
    add("dk", result.dk);
    add("dv", result.dv);
    add("dg", result.dg);
    add("db", result.db);
    add("dw", result.dw);
    add("d_initial_state", result.d_initial_state);
    return archive;
}

template io::Archive archive_of(const Result<float>&);
template io::Archive archive_of(const Result<double>&);

Claim claim_of(const io::Archive& archive, std::vector<std::string>& notes) {
    Claim claim;
    const auto of_problem = [](std::string_view name) { return is_one_of(problem_names, name); };
    for (const auto& [name, given] : pick(archive, result_names, notes, of_problem))
        claim.tensors.emplace(name, Claim::Entry{tensor_of(given), given.array->dtype});
    require(!claim.tensors.empty(), "holds none of o final_state dq dk dv dg db dw d_initial_state");
    return claim;
}

Claim read_claim(const std::string& path, std::vector<std::string>& notes) {
    return read_as(path, io::read_file(path), notes, claim_of);
}

}  // namespace gdn2
