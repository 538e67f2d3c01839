// See edits.h.
#include "visualizer/model/edits.h"

#include <algorithm>
#include <utility>

#include "reference/delta_rule/tied.h"

namespace gdn2::viewer {
namespace {

Matrix<double>& gate_of(Head& head, Gate gate) {
    return gate == Gate::b ? head.b : gate == Gate::w ? head.w : head.g;
}

void make_edit(Head& head, const Edit& edit, const GateOptions& options) {
    Matrix<double>& gate = gate_of(head, edit.gate);
    const bool inside = 0 <= edit.token && edit.token < gate.rows() && Edit::all_channels <= edit.channel &&
                        edit.channel < gate.cols();
    if (!inside) return;
    const double top = largest(edit.gate, options);
    const double value = edit.gate == Gate::g ? std::min(edit.value, top) : std::clamp(edit.value, 0.0, top);
    if (edit.channel == Edit::all_channels) gate.row(edit.token).setConstant(value);
    else gate(edit.token, edit.channel) = value;
}

/// b = w = beta: KDA's gates.
Head tied(const Head& head) {
    const Problem<double> problem = problem_of(head);
    return head_of(tie_kda(problem, mean_gates(problem)), 0, 0);
}

bool same_place(const Edit& a, const Edit& b) {
    return a.gate == b.gate && a.token == b.token && a.channel == b.channel;
}

}  // namespace

const char* name_of(Gate gate) { return gate == Gate::b ? "b" : gate == Gate::w ? "w" : "g"; }

double largest(Gate gate, const GateOptions& options) {
    if (gate == Gate::g) return 0;
    return gate == Gate::b && options.wide_b ? 2 : 1;
}

Head edited(Head head, const std::vector<Edit>& edits, const GateOptions& options) {
    for (const Edit& edit : edits) make_edit(head, edit, options);
    return options.tie && head.length() > 0 ? tied(head) : head;
}

void EditHistory::make(const Edit& edit, bool dragging) { make(std::vector<Edit>{edit}, dragging); }

void EditHistory::make(const std::vector<Edit>& together, bool dragging) {
    future_.clear();
    const auto count = std::min(std::ssize(together), std::ssize(edits_));
    const bool again = dragging && std::equal(edits_.end() - count, edits_.end(), together.begin(), together.end(),
                                              same_place);
    if (!again) past_.push_back(edits_);
    if (again) edits_.resize(edits_.size() - together.size());
    edits_.insert(edits_.end(), together.begin(), together.end());
}

bool EditHistory::undo() {
    if (past_.empty()) return false;
    future_.push_back(std::exchange(edits_, past_.back()));
    past_.pop_back();
    return true;
}

bool EditHistory::redo() {
    if (future_.empty()) return false;
    past_.push_back(std::exchange(edits_, future_.back()));
    future_.pop_back();
    return true;
}

void EditHistory::reset() {
    if (edits_.empty()) return;
    future_.clear();
    past_.push_back(std::exchange(edits_, {}));
}

void EditHistory::replace(std::vector<Edit> all) {
    edits_ = std::move(all);
    past_.clear();
    future_.clear();
}

}  // namespace gdn2::viewer
