// In which pieces a Difference is computed: runs of the reference, each recording as many fields as memory allows, and
// one comparison for each tensor.
#include "reference/delta_rule/heads.h"
#include "reference/io/text.h"
#include "visualizer/model/difference.h"

namespace gdn2::viewer {
namespace {

using trace::Field;

/// The most that one run of the reference may record.
constexpr Index record_cap_bytes = Index{1} << 30;

constexpr double flops_per_second = 5e9, seconds_per_element = 3e-7;  ///< of one core, roughly: for estimates only

/// Of a forward pass.
double forward_seconds(const Sizes& sizes) {
    const double tokens = static_cast<double>(sizes.batch * sizes.length * sizes.value_heads);
    return 7 * tokens * static_cast<double>(sizes.key_dim * sizes.value_dim) / flops_per_second;
}
constexpr double gradient_factor = 4;  ///< a gradient takes so many times as long, about

double compare_seconds(const Tensor<double>& tensor) {
    return static_cast<double>(tensor.size()) * seconds_per_element;
}

}  // namespace

void Difference::plan() {
    if (reference_)
        for (ComparedTensor& tensor : tensors_) {
            if (tensor.refused) continue;
            pieces_.push_back({compare_seconds(candidate_of(tensor)),
                               [this, &tensor] { compare(tensor, *reference_of(tensor)); }});
        }
    else {
        plan_results();
        for (const trace::Kind kind : {trace::Kind::token, trace::Kind::token_gradient, trace::Kind::chunk})
            plan_fields(kind);
    }
    if (candidate_.problem && candidate_.problem != &problem_)
        pieces_.push_back({compare_seconds(problem_.q), [this] { compare_inputs(); }});
}

void Difference::plan_results() {
    bool gradients = false;
    for (const ComparedTensor& tensor : tensors_) {
        if (tensor.field || tensor.refused) continue;
        admitted_.tensors[tensor.name] = candidate_.claim->tensors.at(tensor.name);
        gradients = gradients || check::kind_of(tensor.name) != check::Kind::output;
    }
    if (admitted_.tensors.empty()) return;
    judge_ = std::make_unique<Judge>(problem_, admitted_, JudgeOptions{.chunk = chunk()});
    note(judge_->found().notes);
    const std::size_t runs = judge_->steps() - admitted_.tensors.size();
    for (std::size_t i = 0; i < judge_->steps(); ++i) {
        const double seconds = i < runs ? forward_seconds(sizes_) * (gradients ? gradient_factor : 1)
                                        : 2 * compare_seconds(admitted_.tensors.begin()->second.values);
        pieces_.push_back({seconds, [this] {
                               judge_->advance();
                               take_judged();
                           }});
    }
}

/// Groups that one run each may record.
void Difference::plan_fields(trace::Kind kind) {
    std::vector<std::size_t> group;
    Index bytes = 0;
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
        ComparedTensor& tensor = tensors_[i];
        if (!tensor.field || info(*tensor.field).kind != kind || tensor.refused) continue;
        const Index own = 8 * element_count(shape_of(tensor));
        if (own > record_cap_bytes) {
            tensor.why = "too large to compare as a whole: " + std::to_string(own >> 20) + " MiB, of at most " +
                         std::to_string(record_cap_bytes >> 20);
            continue;
        }
        if (bytes + own > record_cap_bytes) {
            plan_run(kind, group);
            group.clear();
            bytes = 0;
        }
        group.push_back(i);
        bytes += own;
    }
    if (!group.empty()) plan_run(kind, group);
}

void Difference::plan_run(trace::Kind kind, const std::vector<std::size_t>& group) {
    const auto recorder = std::make_shared<std::unique_ptr<trace::Recorder>>();
    std::vector<Field> fields;
    for (const std::size_t i : group) fields.push_back(*tensors_[i].field);
    const double factor = kind == trace::Kind::token_gradient ? gradient_factor : 1;
    pieces_.push_back({factor * forward_seconds(sizes_), [this, kind, recorder, fields] {
                           *recorder = std::make_unique<trace::Recorder>(fields, recorder_sizes(problem_, chunk()));
                           record(kind, **recorder);
                       }});
    for (const std::size_t i : group)
        pieces_.push_back({compare_seconds(candidate_of(tensors_[i])),
                           [this, i, recorder] { compare(tensors_[i], (*recorder)->tensor(*tensors_[i].field)); }});
}

void Difference::record(trace::Kind kind, trace::Recorder& recorder) {
    Options options{.path = kind == trace::Kind::chunk ? Path::chunk : Path::recurrent, .chunk = chunk()};
    options.recorder = &recorder;
    if (kind != trace::Kind::token_gradient) {
        (void)forward(problem_, options);
        return;
    }
    Problem<double> problem = problem_;
    std::vector<std::string> notes;
    assume_upstream(problem, notes);
    note(notes);
    (void)gradient(problem, options);
}

}  // namespace gdn2::viewer
