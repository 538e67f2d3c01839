// See mixers.h.
#include "visualizer/model/mixers.h"

#include "reference/delta_rule/tied.h"
#include "reference/scenarios/rivals.h"

namespace gdn2::viewer {
namespace {

struct Line {
    const char *name, *id, *gates;
};

constexpr const char* mean_gate = "one gate per token: the mean of b and w";

/// In the order of Mixer.
constexpr Line lines[] = {
    {"GDN-2", "gdn2", "erase and write gates apart"},
    {"KDA", "kda", mean_gate},
    {"Gated DeltaNet", "gated_deltanet", "one gate and one decay per token: the means of b and w, and of g"},
    {"DeltaNet", "deltanet", "one gate per token: the mean of b and w; no decay"},
    {"gated linear attention", "gated_linear_attention", "never erases: b = 0, w = 1; decays"},
    {"linear attention", "linear_attention", "never erases and never forgets: b = 0, w = 1, g = 0"},
};

const Line& line_of(Mixer mixer) { return lines[static_cast<std::size_t>(mixer)]; }

/// One gate for all tokens, or each token's mean.
Tensor<double> beta_of(const Problem<double>& problem, std::optional<double> beta) {
    Tensor<double> means = mean_gates(problem);
    return beta ? Tensor<double>(means.shape(), *beta) : means;
}

Problem<double> tied_problem(const Problem<double>& problem, Mixer mixer, const Tensor<double>& beta) {
    switch (mixer) {
        case Mixer::gdn2: break;
        case Mixer::kda: return tie_kda(problem, beta);
        case Mixer::gated_deltanet: return tie_gated_deltanet(problem, beta);
        case Mixer::deltanet: return tie_deltanet(problem, beta);
        case Mixer::gated_linear_attention: return linear_attention(problem);
        case Mixer::linear_attention:
            Problem<double> additive = linear_attention(problem);
            additive.g = Tensor<double>(additive.g.shape());
            return additive;
    }
    return problem;
}

/// Gates that a search found for lesson 4, where there are any for this rule.
std::optional<Problem<double>> searched(Mixer mixer, const std::string& scenario) {
    if (scenario != "shared_context_keys") return std::nullopt;
    if (mixer == Mixer::kda) return shared_context_tied(searched_kda());
    if (mixer == Mixer::gated_deltanet) return shared_context_tied(searched_gated_deltanet());
    return std::nullopt;
}

}  // namespace

const char* name_of(Mixer mixer) { return line_of(mixer).name; }
const char* id_of(Mixer mixer) { return line_of(mixer).id; }

std::optional<Mixer> mixer_of(std::string_view id) {
    for (const Mixer mixer : all_mixers)
        if (id == id_of(mixer)) return mixer;
    return std::nullopt;
}

Tied tie(const Head& head, Mixer mixer, const std::string& scenario, std::optional<double> beta) {
    if (mixer == Mixer::gdn2 || head.length() == 0) return {head, line_of(mixer).gates};
    if (!beta)
        if (const auto found = searched(mixer, scenario))
            return {head_of(*found, 0, 0), "one gate per token, the best that a search found"};
    const Problem<double> problem = problem_of(head);
    const bool gated = mixer != Mixer::gated_linear_attention && mixer != Mixer::linear_attention;
    return {head_of(tied_problem(problem, mixer, beta_of(problem, beta)), 0, 0),
            beta && gated ? "one gate for all tokens: " + std::to_string(*beta).substr(0, 4) : line_of(mixer).gates};
}

}  // namespace gdn2::viewer
