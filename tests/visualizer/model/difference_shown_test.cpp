// The Diff tab's choices: which tensor, where a click goes, what a cell is called.
#include "visualizer/model/difference_shown.h"

#include <doctest/doctest.h>

#include "tests/support/random_problem.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

/// A file with results of its problem, of which one number of dv is wrong: sequence 1, token 50, head 3, channel 2.
Session wrong_file(Index key_heads = 2) {
    const Problem<double> problem = draw_problem({{2, 70, key_heads, 4, 5, 6, 2}, Decay::slow, 1, false, true, true,
                                                  {}, 3});
    Document document;
    document.layers.push_back({"", problem, validate_shapes(problem), {}, {}});
    document.labels.assign(70, "x");
    const Result<double> result = gradient(problem, {.path = Path::chunk});
    for (const std::string& name : result_names())
        document.layers[0].claim.tensors[name] = {tensor_named(result, name), io::DType::f64};
    document.layers[0].claim.tensors["dv"].values[((1 * 70 + 50) * 4 + 3) * 6 + 2] += 1;
    Session session;
    session.open(std::move(document));
    session.ui.tab = Tab::difference;
    while (!session.difference()->complete()) session.tick(0);
    return session;
}

TEST_CASE("what failed is counted and shown first, and choosing it goes to its first wrong element") {
    Session session = wrong_file();
    const DifferenceCount count = count_of(*session.difference());
    CHECK(count.failed == 1);
    CHECK(count.passed == 8);
    CHECK(count.open + count.refused + count.undecided == 0);
    REQUIRE(shown_tensor(session));
    CHECK(shown_tensor(session)->name == "dv");
    show_tensor(session, "o");
    CHECK(shown_tensor(session)->name == "o");
    CHECK(session.ui.sequence == 0);
    show_tensor(session, "dv");
    CHECK(session.ui.sequence == 1);
    CHECK(session.ui.head == 3);
    CHECK(session.ui.cursor.token == 50);
    CHECK(session.difference_map()->first_wrong_row() == 50);
    show_tensor(session, "o");
    CHECK_FALSE(session.difference_map()->first_wrong_row());
    CHECK_FALSE(shown_tensor(Session()));
}

TEST_CASE("what is allowed has a size in every unit") {
    Session session = wrong_file();
    const DifferenceMap& map = *session.difference_map();
    const double size = shown_tensor(session)->comparison.size;
    CHECK(map.allowed(DifferenceUnit::relative) == map.tolerance);
    CHECK(map.allowed(DifferenceUnit::absolute) == map.tolerance * size);
    CHECK(map.allowed(DifferenceUnit::ulp) > map.tolerance / 2.3e-16);
    CHECK(map.allowed(DifferenceUnit::ulp) < map.tolerance / 1.1e-16);
}

TEST_CASE("a place says its token, and of heads and sequences those there are several of") {
    const ElementPlace place{.sequence = 1, .head = 2, .token = 70, .row = 70, .col = 3};
    Sizes sizes{.batch = 1, .length = 80, .key_heads = 1, .value_heads = 1, .key_dim = 4, .value_dim = 4,
                .sequences = 1};
    CHECK(text_of(place, sizes) == "70");
    sizes.value_heads = 4;
    CHECK(text_of(place, sizes) == "70 in head 2");
    sizes.sequences = 2;
    CHECK(text_of(place, sizes) == "70 in sequence 1, head 2");
    sizes.value_heads = 1;
    CHECK(text_of({.sequence = 1}, sizes) == "end in sequence 1");
}

TEST_CASE("the list of tensors goes round, and to where each is wrong") {
    Session session = wrong_file();
    const std::string first = session.difference()->tensors().front().name;
    const std::string last = session.difference()->tensors().back().name;
    show_tensor(session, first);
    move_tensors(session, -1);
    CHECK(session.ui.difference_tensor == last);
    move_tensors(session, 1);
    CHECK(session.ui.difference_tensor == first);
    CHECK(session.ui.head == 0);
    while (session.ui.difference_tensor != "dv") move_tensors(session, 1);
    CHECK(session.ui.head == 3);
    Session empty;
    move_tensors(empty, 1);
    next_versus(empty);
    go_to_worst(empty);
    CHECK(empty.ui == UiState());
}

TEST_CASE("opening the tab goes to where it is wrong, unless something wrong is in view already") {
    Session session = wrong_file();
    session.ui.tab = Tab::state;
    show_tab(session, Tab::difference);
    CHECK(session.ui.tab == Tab::difference);
    CHECK(session.ui.sequence == 1);
    CHECK(session.ui.head == 3);
    CHECK(session.ui.cursor.token == 50);
    session.stand(at_token(7, 70));
    show_tab(session, Tab::difference);
    CHECK(session.ui.cursor.token == 7);
    session.ui.head = 1;
    show_tab(session, Tab::chunk);
    CHECK(session.ui.head == 1);
    session.ui.difference_tensor = "o";
    show_tab(session, Tab::difference);
    CHECK(session.ui.head == 1);
}

TEST_CASE("the first wrong element and the worst one are gone to, the worst also of what is right") {
    Session session = wrong_file();
    go_to_first_wrong(session);
    CHECK(session.ui.head == 3);
    CHECK(session.ui.cursor.token == 50);
    session.ui.difference_tensor = "o";
    session.stand(first_cursor());
    go_to_first_wrong(session);
    CHECK(session.ui.cursor == first_cursor());
    const ElementPlace worst = *session.difference()->find("o")->worst;
    go_to_worst(session);
    CHECK(session.ui.cursor.token == worst.token);
    CHECK(session.ui.head == worst.head);
}

TEST_CASE("a place without a token is the end of its sequence") {
    Session session = wrong_file();
    go_to(session, {.sequence = 1, .head = 2});
    CHECK(session.ui.sequence == 1);
    CHECK(session.ui.cursor == last_cursor(70));
}

TEST_CASE("the window of tokens holds the cursor and stays inside the run") {
    const auto window = [](Index length, Index cursor, Index fits) {
        const TokenWindow w = token_window(length, cursor, fits);
        return std::pair(w.first, w.count);
    };
    CHECK(window(10, 5, 20) == std::pair<Index, Index>(0, 10));
    CHECK(window(100, 50, 20) == std::pair<Index, Index>(40, 20));
    CHECK(window(100, 3, 20) == std::pair<Index, Index>(0, 20));
    CHECK(window(100, 99, 20) == std::pair<Index, Index>(80, 20));
    CHECK(window(0, 0, 20) == std::pair<Index, Index>(0, 0));
}

TEST_CASE("a cell is a number of the run where that is the reference's own") {
    Session session = wrong_file(4);
    const auto number = [&session](const char* tensor) {
        return number_at(session, *session.difference()->find(tensor), 7, 2);
    };
    CHECK(number("dv") == Number{"dv", {7, 2}});
    CHECK(number("dq") == Number{"dq", {7, 2}});
    CHECK(number("final_state") == Number{"S", {69, 7, 2}});
    CHECK(number("d_initial_state") == Number{"d_initial_state", {7, 2}});
    session.ui.mixer = Mixer::kda;
    CHECK_FALSE(number("dv"));
    session = wrong_file(2);  // key gradients are sums over two heads
    CHECK_FALSE(number("dq"));
    CHECK(number("dv"));
    session.edits().make({Gate::b, 3, 0, 0.5});
    CHECK_FALSE(number("dv"));
}

}  // namespace
}  // namespace gdn2::test
