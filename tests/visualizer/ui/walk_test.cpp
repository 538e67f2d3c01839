// Thousands of keys and mouse events, the same ones every time: nothing that a person can do leads out of what there
// is, or draws what cannot be seen.
#include <doctest/doctest.h>

#include <cmath>

#include "reference/core/random.h"
#include "tests/support/allow_fp_exceptions.h"
#include "tests/visualizer/ui/documents.h"
#include "tests/visualizer/ui/drawn.h"
#include "tests/visualizer/ui/screen.h"
#include "visualizer/viewer.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

class Walk {
public:
    explicit Walk(std::uint64_t seed) : random_(seed), documents_(all_documents()) {}

    void step() {
        switch (random_.integer(0, 11)) {
            case 0: case 1: case 2: case 3: return key();
            case 4: case 5: case 6: case 7: return screen_.move(anywhere());
            case 8: return button();
            case 9: return screen_.headless.wheel(static_cast<float>(random_.integer(-3, 3)));
            case 10: return screen_.hold(random_.integer(0, 3) == 0, random_.integer(0, 3) == 0);
            case 11: return seldom();
        }
    }

    /// What may never be: said in one line.
    std::string fault() {
        mark_missing_characters();
        screen_.headless.frame(random_.integer(0, 2) == 0 ? 0 : random_.uniform(0.001, 0.2));
        screen_.viewer().take_requests();
        const std::vector<std::string> faults = faults_of(screen_.headless.draw_data());
        if (!faults.empty()) return faults.front();
        const UiState before = screen_.ui();
        screen_.session.clamp();
        return before == screen_.ui() ? "" : "the state is outside what there is: " + state_string(screen_.session);
    }

    std::string last;  ///< what was done

private:
    Place anywhere() {
        last = "move";
        return {static_cast<float>(random_.uniform(-20, screen_.width + 20)),
                static_cast<float>(random_.uniform(-20, screen_.height + 20))};
    }
    void key() {
        const auto all = bindings();
        const Binding& binding = all[static_cast<std::size_t>(random_.integer(0, std::ssize(all) - 1))];
        last = text_of(binding.chord);
        screen_.press(binding.chord);
    }
    void button() {
        last = "button";
        is_down_ = !is_down_;
        screen_.headless.button(is_down_);
    }
    void seldom() {
        const std::string lines[] = {"gdn2:task=overwrite;t=2", "gdn2:lessons=on;theme=light", "nonsense",
                                     "gdn2:task=expansive_pair;t=9;tab=spectrum;compare=on"};
        last = "seldom";
        switch (random_.integer(0, 5)) {
            case 0: return screen_.viewer().paste(lines[static_cast<std::size_t>(random_.integer(0, 3))]);
            case 1: return screen_.viewer().drop("/no/such/file.npz");
            case 2: return screen_.type("overwrite");
            case 3:
                screen_.session.open(documents_[static_cast<std::size_t>(
                    random_.integer(0, std::ssize(documents_) - 1))]);
                return screen_.session.clamp();
            default: return screen_.viewer().drop(GDN2_SOURCE_DIR "/tests/visualizer/fixtures/layers.safetensors");
        }
    }

    Random random_;
    std::vector<Document> documents_;
    Screen screen_{"gdn2:", 1100, 700};
    bool is_down_ = false;
};

void walk(std::uint64_t seed) {
    const AllowFpExceptions some_documents_hold_nan;
    Walk walk(seed);
    for (int i = 0; i < 2500; ++i) {
        INFO("event " << i << " of seed " << seed);
        walk.step();
        const std::string fault = walk.fault();
        INFO(walk.last);
        REQUIRE(fault == "");
    }
}

TEST_CASE("a walk of 2500 random keys and clicks stays inside what there is, first") { walk(1); }
TEST_CASE("a walk of 2500 random keys and clicks stays inside what there is, second") { walk(2); }

}  // namespace
}  // namespace gdn2::test
