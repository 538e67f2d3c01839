// Which tensor of a comparison the Diff tab shows, where it goes on a click, and what a cell of its map is called.
//   tests  tests/visualizer/model/difference_shown_test.cpp
#pragma once

#include "visualizer/model/number.h"

namespace gdn2::viewer {

/// Verdicts of a comparison, counted.
struct DifferenceCount {
    Index passed = 0, failed = 0, undecided = 0, refused = 0, open = 0;  ///< open: not compared yet
};
DifferenceCount count_of(const Difference& difference);

/// The tensor of ui.difference_tensor, else the most interesting one; null where there is nothing to compare.
const ComparedTensor* shown_tensor(const Session& session);

/// Shows a tensor, and where it is wrong goes to its first wrong element.
void show_tensor(Session& session, const std::string& name);

/// Shows the one `by` further in the list, around its ends.
void move_tensors(Session& session, Index by);
/// What is held against what: the next of session.comparisons().
void next_versus(Session& session);

/// Shows a tab. On the Diff tab, once all is compared, a tensor that is wrong, but right in the sequence and head in
/// view, is shown where it is first wrong, unless one has moved on by then.
void show_tab(Session& session, Tab tab);
/// Goes to the first wrong element of the tensor that is shown, where the place in view shows nothing wrong.
void seek_wrong(Session& session);

/// Goes to the first wrong element of the tensor that is shown, to the one with the largest difference.
void go_to_first_wrong(Session& session);
void go_to_worst(Session& session);

/// Stands at an element: its sequence, head and token.
void go_to(Session& session, const ElementPlace& place);

/// "70", "70 in head 2", "70 in sequence 1, head 2": a token, as far as there is more than one. A final state: "end".
std::string text_of(const ElementPlace& place, const Sizes& sizes);

/// Tokens [first, first + count) that fit: the cursor's in the middle where there are more.
TokenWindow token_window(Index length, Index cursor, Index fits);

/// What the cell of a map is called in the run in view, where that is the reference's own: its rule, its gates, one
/// head. None elsewhere.
std::optional<Number> number_at(const Session& session, const ComparedTensor& tensor, Index row, Index col);

}  // namespace gdn2::viewer
