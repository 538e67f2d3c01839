// Any bytes as a state string: refused by an Error that is one line and changes nothing, or a session whose own line
// leads to the same place.
#include "visualizer/model/state_string.h"

#include "tests/fuzz/fuzz_target.h"

namespace {

using namespace gdn2;

/// Files are for document_fuzz: here a name that the fuzzer thinks up must not be opened.
bool names_a_file(std::string_view text) {
    try {
        const viewer::StateLine line = viewer::parse_state(text);
        return line.is_file || !line.claim.empty();
    } catch (const Error&) {
        return false;
    }
}

void require_same_place(viewer::Session& session) {
    const std::string line = viewer::state_string(session);
    viewer::Session other;
    other.ui = session.ui;  // the window's settings stay where a line does not name them
    viewer::restore(other, line);
    test::require_always(other.ui == session.ui, "the same choices");
    test::require_always(other.edits().edits() == session.edits().edits(), "the same edits");
    test::require_always(viewer::state_string(other) == line, "the same line");
    other.clamp();
    test::require_always(other.ui == session.ui, "inside what there is");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(data, data + size);
    if (names_a_file(text)) return 0;
    static viewer::Session session;
    const std::string before = viewer::state_string(session);
    try {
        viewer::restore(session, text);
        require_same_place(session);
    } catch (const Error& error) {
        test::require_always(std::string(error.what()).find('\n') == std::string::npos, "one line");
        test::require_always(viewer::state_string(session) == before, "nothing changed");
    }
    return 0;
}

std::vector<std::vector<std::byte>> gdn2::test::seeds() {
    const std::string lines[] = {
        "gdn2:",
        "gdn2:task=shared_context_keys;t=4;ph=4;rule=kda;edit=b[4][*]=1;edit=w[6][3]=0.05",
        "gdn2:task=killer;head=1;t=149;ph=2;fr=0.25;tab=chunk;scale=manual;manual=1e-3;pin=12,28;speed=4",
        "gdn2:task=overwrite;step=5;answer=2;compare=on;guide=on;symlog=on;theme=light;ui=1.25",
        " gdn2:task=decay;tie=on;wide_b=on;edit=g[0][1]=-inf;reduce_motion=on;focus=on;help=on;lessons=on\n",
        "gdn2:file=\"a \\\"b\\\\ \\x0a.npz\";claim=\"c.npz\"",
    };
    std::vector<std::vector<std::byte>> seeds;
    for (const std::string& line : lines) {
        const auto bytes = std::as_bytes(std::span(line));
        seeds.emplace_back(bytes.begin(), bytes.end());
    }
    return seeds;
}
