// One tensor of a Difference, of one head and sequence, cell by cell.
//   tests  tests/visualizer/model/difference_map_test.cpp
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <string>

#include "visualizer/model/chunk_view.h"
#include "visualizer/model/difference.h"
#include "visualizer/model/gradient_view.h"

namespace gdn2::viewer {

/// How a cell's difference is counted.
enum class DifferenceUnit {
    absolute,  ///< |candidate - reference|
    relative,  ///< over what the comparison holds errors small against: the reference's root mean square
    ulp,       ///< in units in the last place of the candidate's format
};
const char* name_of(DifferenceUnit unit);  ///< "absolute", ...

/// Both sides and their difference, of the same shape. A cell is NaN where either side is not finite: a bad one.
struct DifferenceMap {
    std::string why;  ///< why there is nothing to see; empty otherwise
    const char *row_axis = "", *col_axis = "";
    Matrix<double> reference, candidate;
    Matrix<double> absolute, relative, ulp;
    Vector<double> worst_by_row;  ///< largest relative of each row; NaN where a cell of it is
    double tolerance = 0;         ///< of relative; see check::compare
    double size = 1;              ///< what relative is over
    check::Precision precision = check::Precision::f64;  ///< of the candidate
    Index row = 0, col = 0;       ///< of the largest difference, or of the first NaN

    const Matrix<double>& cells(DifferenceUnit unit) const;
    /// What a cell may be off by; in ulp that of an element of usual size.
    double allowed(DifferenceUnit unit) const;
    /// The first row with a cell that is off by more; none where all are allowed.
    std::optional<Index> first_wrong_row() const;
};

/// Makes maps; keeps those it made last, and the reference run of the head they are of. What is given must outlive it.
class DifferenceMaps {
public:
    static constexpr std::size_t kept = 8;

    explicit DifferenceMaps(const Difference& difference) : difference_(difference) {}

    /// Of a tensor of the difference, for a sequence and value head; `token` chooses among several states or chunks.
    /// It stays until `kept` others are asked for. Throws Error for a tensor or place that is not there.
    const DifferenceMap& at(const std::string& name, Index sequence, Index head, Index token) const;

private:
    struct Key {
        std::string name;
        Index sequence, head, token;
        bool compared;
        bool operator==(const Key&) const = default;
    };
    /// The reference's run of one head.
    struct Run {
        Index sequence, head;
        Track track;
        std::unique_ptr<const GradientView> gradients{};
        std::unique_ptr<const ChunkViews> chunks{};
    };

    DifferenceMap make(const ComparedTensor& tensor, const Key& key) const;
    Matrix<double> recomputed(const ComparedTensor& tensor, const Key& key) const;
    Run& run_of(Index sequence, Index head) const;
    const GradientView& gradients_of(Run& run) const;
    const ChunkViews& chunks_of(Run& run) const;

    const Difference& difference_;
    mutable std::list<std::pair<Key, DifferenceMap>> made_;  ///< the one asked for last in front
    mutable std::unique_ptr<Run> run_;
};

}  // namespace gdn2::viewer
