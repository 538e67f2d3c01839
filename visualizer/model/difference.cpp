// See difference.h.
#include "visualizer/model/difference.h"

#include <algorithm>
#include <cmath>

#include "reference/check/tolerances.h"
#include "reference/io/text.h"

namespace gdn2::viewer {
namespace {

using check::Pair;
using check::Precision;
using trace::Field;

Precision precision_named(const std::string& name) {
    for (const Precision precision : {Precision::f32, Precision::f16, Precision::bf16})
        if (name == check::name_of(precision)) return precision;
    return Precision::f64;
}

/// Who made a trace, as the table of tolerances asks it.
Pair pair_of(const trace::TraceMeta& meta, trace::Kind kind) {
    const Precision precision = precision_named(meta.precision);
    const bool on_device = meta.device != "cpu" && !meta.device.empty();
    if (precision == Precision::f16) return Pair::f16_device;
    if (precision == Precision::bf16) return Pair::bf16_device;
    if (precision == Precision::f64) return Pair::f64_claim;
    if (on_device) return Pair::f32_device;
    return kind == trace::Kind::chunk ? Pair::f32_chunk : Pair::f32_recurrent;
}

check::Kind kind_of(const ComparedTensor& tensor) {
    if (!tensor.field) return check::kind_of(tensor.name);
    return info(*tensor.field).kind == trace::Kind::token_gradient ? check::Kind::gradient : check::Kind::output;
}

bool has(const Side& side, const ComparedTensor& tensor) {
    if (tensor.field) return side.recorded && side.recorded->count(*tensor.field) > 0;
    return side.claim && side.claim->tensors.count(tensor.name) > 0;
}

const Tensor<double>& tensor_of(const Side& side, const ComparedTensor& tensor) {
    return tensor.field ? side.recorded->at(*tensor.field) : side.claim->tensors.at(tensor.name).values;
}

}  // namespace

Difference::Difference(const Problem<double>& problem, Side candidate, std::optional<Side> reference)
    : problem_(problem),
      sizes_(validate_shapes(problem)),
      candidate_(std::move(candidate)),
      reference_(std::move(reference)) {
    for (const std::string& name : result_names()) tensors_.push_back({.name = name});
    for (const trace::FieldInfo& line : trace::fields())
        tensors_.push_back({.name = std::string(line.id), .field = line.field});
    std::erase_if(tensors_, [this](const ComparedTensor& tensor) {
        return !has(candidate_, tensor) || (reference_ && !has(*reference_, tensor));
    });
    for (ComparedTensor& tensor : tensors_) admit(tensor);
    plan();
}

std::string Difference::reference_name() const { return reference_ ? reference_->name : "the reference, in f64"; }

Index Difference::chunk() const { return candidate_.meta ? candidate_.meta->chunk : 64; }

/// Refuses a tensor whose shape is not the problem's.
void Difference::admit(ComparedTensor& tensor) {
    tensor.precision = standard_of(tensor).precision;
    const auto refuse_unless = [&](const Shape& given, const std::string& whose) {
        if (given == shape_of(tensor)) return;
        tensor.why = "in " + whose + " it must be " + to_string(shape_of(tensor)) + ", got " + to_string(given);
        tensor.refused = true;
    };
    refuse_unless(candidate_of(tensor).shape(), candidate_.name);
    if (reference_) refuse_unless(tensor_of(*reference_, tensor).shape(), reference_->name);
}

Shape Difference::shape_of(const ComparedTensor& tensor) const {
    if (!tensor.field) return result_shape(tensor.name, sizes_);
    return trace::Recorder({}, recorder_sizes(problem_, chunk())).shape_of(*tensor.field);
}

/// The coarser of both sides' where there are two files.
Difference::Standard Difference::standard_of(const ComparedTensor& tensor) const {
    const auto of_side = [&](const Side& side) -> Standard {
        if (!tensor.field) {
            const Precision precision = check::precision_of(side.claim->tensors.at(tensor.name).dtype);
            return {precision, check::claim_pair(precision)};
        }
        const trace::TraceMeta meta = side.meta.value_or(trace::TraceMeta{});
        return {precision_named(meta.precision), pair_of(meta, info(*tensor.field).kind)};
    };
    const Standard own = of_side(candidate_);
    if (!reference_) return own;
    const Standard other = of_side(*reference_);
    const check::Kind kind = kind_of(tensor);
    return check::tolerance(other.pair, kind) > check::tolerance(own.pair, kind) ? other : own;
}

double Difference::tolerance_of(const ComparedTensor& tensor) const {
    return check::tolerance(standard_of(tensor).pair, kind_of(tensor));
}

bool Difference::only_last_rows(const ComparedTensor& tensor) const {
    const auto from_kernels = [](const Side& side) { return side.meta && side.meta->device != "cpu"; };
    return tensor.field == Field::gamma && (from_kernels(candidate_) || (reference_ && from_kernels(*reference_)));
}

TensorPlace Difference::place_of(const ComparedTensor& tensor) const {
    if (!tensor.field) return {problem_, tensor.name};
    return {problem_, *tensor.field, chunk(), only_last_rows(tensor)};
}

const Tensor<double>& Difference::candidate_of(const ComparedTensor& tensor) const {
    return tensor_of(candidate_, tensor);
}

const Tensor<double>* Difference::reference_of(const ComparedTensor& tensor) const {
    if (reference_) return &tensor_of(*reference_, tensor);
    return tensor.field || !tensor.compared ? nullptr : &tensor_named(judge_->found().reference, tensor.name);
}

/// Once each.
void Difference::note(const std::vector<std::string>& notes) {
    for (const std::string& line : notes)
        if (std::find(notes_.begin(), notes_.end(), line) == notes_.end()) notes_.push_back(line);
}

/// What the last step has judged.
void Difference::take_judged() {
    const Judgement& found = judge_->found();
    if (found.tensors.empty()) return;
    const std::size_t last = found.tensors.size() - 1;
    const auto at = std::find_if(tensors_.begin(), tensors_.end(), [&](const ComparedTensor& tensor) {
        return !tensor.field && tensor.name == found.tensors[last].name;
    });
    conclude(*at, found.tensors[last].comparison, found.verdict(last));
    if (at->verdict == Verdict::undecided) at->why = why_undecided(found.witness[last].comparison);
}

void Difference::compare(ComparedTensor& tensor, const Tensor<double>& reference) {
    const TensorPlace place = place_of(tensor);
    check::Comparison found =
        check::compare(place.laid_out(reference), place.laid_out(candidate_of(tensor)),
                       {.tolerance = tolerance_of(tensor), .precision = tensor.precision, .layout = place.layout()});
    const Verdict verdict = found.passed ? Verdict::pass : Verdict::fail;
    conclude(tensor, std::move(found), verdict);
}

void Difference::conclude(ComparedTensor& tensor, check::Comparison comparison, Verdict verdict) {
    const TensorPlace place = place_of(tensor);
    tensor.compared = true;
    tensor.verdict = verdict;
    tensor.why = comparison.why;
    tensor.worst = place.place_of(comparison.non_finite ? comparison.non_finite->index : comparison.worst.index);
    if (comparison.where.first_bad) tensor.first_bad = place.place_of(*comparison.where.first_bad);
    tensor.comparison = std::move(comparison);
}

void Difference::compare_inputs() {
    const Problem<double>&own = problem_, &theirs = *candidate_.problem;
    std::string names, shapes;
    double largest = 0;
    for (const auto& [name, a, b] : {std::tuple{"q", &own.q, &theirs.q}, {"k", &own.k, &theirs.k},
                                     {"v", &own.v, &theirs.v}, {"g", &own.g, &theirs.g},
                                     {"b", &own.b, &theirs.b}, {"w", &own.w, &theirs.w}}) {
        if (a->shape() == b->shape() && a->values() == b->values()) continue;
        std::string& which = a->shape() == b->shape() ? names : shapes;
        which += std::string(which.empty() ? "" : " ") + name;
        if (a->shape() == b->shape()) largest = std::max(largest, check::compare(*a, *b, {}).relative);
    }
    if (!shapes.empty()) notes_.push_back(candidate_.name + " was made from inputs of other shapes: " + shapes);
    if (!names.empty())
        notes_.push_back(candidate_.name + " was made from other inputs: " + names + " differ, by up to " +
                         io::number(largest, 2) + " (relative)");
}

bool Difference::work() {
    if (pieces_.empty()) return false;
    const Piece piece = std::move(pieces_.front());
    pieces_.pop_front();
    piece.run();
    return !pieces_.empty();
}

double Difference::seconds_left() const {
    double seconds = 0;
    for (const Piece& piece : pieces_) seconds += piece.seconds;
    return seconds;
}

std::string Difference::cost() const {
    if (pieces_.empty()) return "";
    const auto open = std::count_if(tensors_.begin(), tensors_.end(), [](const ComparedTensor& tensor) {
        return !tensor.compared && tensor.why.empty();
    });
    return std::to_string(open) + " of " + std::to_string(tensors_.size()) + " tensors to compare, about " +
           io::number(std::ceil(seconds_left()), 2) + " s";
}

const ComparedTensor* Difference::find(const std::string& name) const {
    const auto at = std::find_if(tensors_.begin(), tensors_.end(), [&](const auto& x) { return x.name == name; });
    return at == tensors_.end() ? nullptr : &*at;
}

const ComparedTensor* Difference::most_interesting() const {
    const auto at = std::find_if(tensors_.begin(), tensors_.end(), [](const ComparedTensor& tensor) {
        return tensor.verdict == Verdict::fail;
    });
    if (at != tensors_.end()) return &*at;
    return tensors_.empty() ? nullptr : &tensors_.front();
}

}  // namespace gdn2::viewer
