// See difference_map.h.
#include "visualizer/model/difference_map.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "reference/check/compare.h"

namespace gdn2::viewer {
namespace {

using trace::Field;

Tensor<double> tensor_of(const Matrix<double>& x) {
    return {{x.rows(), x.cols()}, {x.data(), x.data() + x.size()}};
}

/// The size that relative errors are held against: the whole tensor's once it is compared, else the slice's.
double size_of(const ComparedTensor& tensor, const DifferenceMap& map) {
    if (tensor.compared) return tensor.comparison.size;
    return check::compare(tensor_of(map.reference), tensor_of(map.candidate), {.precision = tensor.precision}).size;
}

void fill_cells(DifferenceMap& map, check::Precision precision, double size) {
    map.absolute = map.relative = map.ulp = Matrix<double>::Constant(map.reference.rows(), map.reference.cols(),
                                                                     std::numeric_limits<double>::quiet_NaN());
    const double over = std::isfinite(size) ? size : 1;
    map.size = over;
    map.precision = precision;
    for (Index i = 0; i < map.reference.size(); ++i) {
        const double reference = map.reference.data()[i], candidate = map.candidate.data()[i];
        if (!std::isfinite(reference) || !std::isfinite(candidate)) continue;
        map.absolute.data()[i] = std::abs(candidate - reference);
        map.relative.data()[i] = map.absolute.data()[i] / over;
        map.ulp.data()[i] = check::ulp_distance(reference, candidate, precision);
    }
}

/// The largest of each row, and of all; NaN is larger than any number.
void fill_worst(DifferenceMap& map) {
    const auto is_worse = [](double x, double than) { return !std::isnan(than) && !(x <= than); };
    map.worst_by_row = Vector<double>::Zero(map.relative.rows());
    double worst = 0;
    for (Index row = 0; row < map.relative.rows(); ++row)
        for (Index col = 0; col < map.relative.cols(); ++col) {
            const double cell = map.relative(row, col);
            if (is_worse(cell, map.worst_by_row[row])) map.worst_by_row[row] = cell;
            if (!is_worse(cell, worst)) continue;
            worst = cell;
            map.row = row;
            map.col = col;
        }
}

}  // namespace

const char* name_of(DifferenceUnit unit) {
    constexpr const char* names[] = {"absolute", "relative", "ulp"};
    return names[static_cast<int>(unit)];
}

const Matrix<double>& DifferenceMap::cells(DifferenceUnit unit) const {
    if (unit == DifferenceUnit::absolute) return absolute;
    return unit == DifferenceUnit::relative ? relative : ulp;
}

double DifferenceMap::allowed(DifferenceUnit unit) const {
    if (unit == DifferenceUnit::relative) return tolerance;
    if (unit == DifferenceUnit::absolute) return tolerance * size;
    return check::ulp_distance(size, size * (1 + tolerance), precision);
}

std::optional<Index> DifferenceMap::first_wrong_row() const {
    for (Index row = 0; row < worst_by_row.size(); ++row)
        if (std::isnan(worst_by_row[row]) || worst_by_row[row] > tolerance) return row;
    return std::nullopt;
}

const DifferenceMap& DifferenceMaps::at(const std::string& name, Index sequence, Index head, Index token) const {
    const ComparedTensor* tensor = difference_.find(name);
    require(tensor, "there is no tensor " + name + " to compare");
    const Index chosen = difference_.place_of(*tensor).by_token() ? token : 0;
    const Key key{name, sequence, head, chosen, tensor->compared};
    const auto found = std::find_if(made_.begin(), made_.end(), [&key](const auto& each) { return each.first == key; });
    if (found != made_.end()) made_.splice(made_.begin(), made_, found);
    else made_.emplace_front(key, make(*tensor, key));
    if (made_.size() > kept) made_.pop_back();
    return made_.front().second;
}

DifferenceMap DifferenceMaps::make(const ComparedTensor& tensor, const Key& key) const {
    DifferenceMap map;
    const TensorPlace place = difference_.place_of(tensor);
    map.row_axis = place.row_axis();
    map.col_axis = place.col_axis();
    if (tensor.refused) {
        map.why = tensor.why;
        return map;
    }
    map.candidate = place.slice(difference_.candidate_of(tensor), key.sequence, key.head, key.token);
    const Tensor<double>* reference = difference_.reference_of(tensor);
    if (!reference && !tensor.field) {
        map.why = "not compared yet";
        return map;
    }
    map.reference = reference ? place.slice(*reference, key.sequence, key.head, key.token) : recomputed(tensor, key);
    if (map.reference.size() == 0) return map;
    map.tolerance = difference_.tolerance_of(tensor);
    fill_cells(map, tensor.precision, size_of(tensor, map));
    fill_worst(map);
    return map;
}

DifferenceMaps::Run& DifferenceMaps::run_of(Index sequence, Index head) const {
    if (!run_ || run_->sequence != sequence || run_->head != head)
        run_.reset(new Run{sequence, head, Track(head_of(difference_.problem(), sequence, head))});
    return *run_;
}

const GradientView& DifferenceMaps::gradients_of(Run& run) const {
    if (!run.gradients) run.gradients = std::make_unique<const GradientView>(run.track);
    return *run.gradients;
}

const ChunkViews& DifferenceMaps::chunks_of(Run& run) const {
    if (!run.chunks)
        run.chunks = std::make_unique<const ChunkViews>(run.track, ChunkViews::default_cap_bytes, difference_.chunk());
    return *run.chunks;
}

/// A field of one head, as TensorPlace::slice cuts it, from the head's own run.
Matrix<double> DifferenceMaps::recomputed(const ComparedTensor& tensor, const Key& key) const {
    Run& run = run_of(key.sequence, key.head);
    const Track& track = run.track;
    switch (*tensor.field) {
        case Field::alpha: return track.alpha();
        case Field::e: return track.e();
        case Field::z: return track.z();
        case Field::r: return track.r();
        case Field::u: return track.u();
        case Field::o: return track.o();
        case Field::S: return track.S(key.token);
        case Field::S_decayed: return track.frame(key.token).S_decayed;
        case Field::dS: return gradients_of(run).dS(key.token);
        case Field::du: return gradients_of(run).du();
        case Field::de: return gradients_of(run).de();
        default: break;
    }
    const ChunkViews& chunks = chunks_of(run);
    if (difference_.place_of(tensor).by_token()) return chunks.at(key.token / difference_.chunk()).field(*tensor.field);
    Matrix<double> last_rows(chunks.count(), track.key_dim());
    for (Index n = 0; n < chunks.count(); ++n) last_rows.row(n) = chunks.at(n).field(*tensor.field).bottomRows(1);
    return last_rows;
}

}  // namespace gdn2::viewer
