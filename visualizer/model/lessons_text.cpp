// What the six lessons say. Two or three short sentences a step; a word is explained where it first comes up. Every
// number is held to the reference by lessons_text_test.cpp, in the order in which the numbers stand.
#include "visualizer/model/lessons_guide.h"

namespace gdn2::viewer {
namespace {

/// Once a phase of a token is done.
Cursor after(Index token, Phase phase) { return {token, phase, 1}; }

constexpr Index all = Edit::all_channels;

std::vector<LessonStep> a_memory_is_a_matrix_steps() {
    return {
        {first_cursor(),
         "This square is the memory: a matrix S, all zeros. It will hold values that can be found again by their keys. "
         "Both are vectors: a key has a number for each row, a value one for each column. The tokens A=3 and B=5 "
         "store, ?A and ?B ask."},
        {after(0, Phase::residual),
         "A=3 brings a key k, beside the rows: here 1 in the first channel (a channel is one place of a vector) and 0 "
         "in the others. It also brings a value v, above the columns: the pattern of signs that stands for 3. What it "
         "will write is u; in this lesson that is v itself (b, w, z and r are for the next one)."},
        {after(0, Phase::write),
         "Storing is adding k u^T: each row gets u, times the key's number for that row. So the pattern of 3 now "
         "lies in A's row, and in no other."},
        {after(1, Phase::write),
         "B's key is another channel, so B=5 goes to another row and leaves A's alone. Keys that do not overlap "
         "do not disturb each other."},
        {after(2, Phase::read_out),
         "?A asks with a query q that is 1 on A's channel. Reading, o = S^T q, gives back that row. The table of "
         "answers compares it with every value: A answers 3, with cosine 1, the same direction, and strength 1, as "
         "stored."},
    };
}

LessonQuestion a_memory_is_a_matrix_question() {
    return {{.where = after(2, Phase::read_out),
             .text = "?B is next; its query is 1 on B's channel. What will come out?",
             .hides_answers = true},
            {"3", "5", "a mix of both"},
            1,
            {after(3, Phase::read_out),
             "5. The query multiplies A's row by 0, so nothing of A gets in. Keys choose rows, values lie in them: a "
             "memory is a matrix."}};
}

std::vector<LessonStep> overwrite_steps() {
    return {
        {first_cursor(),
         "A=3, B=5, and then A=7: the same key again. First under linear attention, the rule that can only add: "
         "S = S + k v^T. Watch A's row.",
         Mixer::linear_attention},
        {after(2, Phase::write),
         "A=7 was added on top of the 3. A's row is now the sum of both patterns and A answers 3+7, which is "
         "wrong. Adding never takes anything away.",
         Mixer::linear_attention},
        {after(2, Phase::erase_read),
         "The delta rule looks before it writes. It reads with e = b * k, where b is the erase gate: 1 is open. "
         "What it finds is r: the old 3, of length |r| = 2.83."},
        {after(2, Phase::residual),
         "It wants to store z = w * v, where w is the write gate, also 1: the pattern of 7. It will write only "
         "the difference u = z - r: the 7 it wants without the 3 it found."},
        {after(2, Phase::write),
         "Added along k, u removes the 3 and puts the 7 in its place, in one step. A answers 7, and B's row has "
         "not moved."},
    };
}

LessonQuestion overwrite_question() {
    return {{after(2, Phase::write),
             "Two gates took part: b decides what is read and so removed, w what is written. Suppose b had been 0 at "
             "A=7, with w still 1. What would A answer?"},
            {"7", "3", "3+7", "none"},
            2,
            {.where = after(3, Phase::read_out),
             .text = "3+7. With b = 0 the token reads nothing, so r = 0, nothing is taken away and u = z. That is "
                     "linear attention again: the delta rule with its erase gate shut.",
             .edits = {{Gate::b, 2, all, 0}}}};
}

std::vector<LessonStep> erase_and_write_alone_steps() {
    return {
        {first_cursor(),
         "Two wishes that one gate for both jobs cannot grant. The token del A should erase and write nothing; B+=2 "
         "should write and erase nothing. Watch b and w at each."},
        {after(2, Phase::erase_read),
         "del A has b = 1 on every channel. So it reads along A's key and finds the 3, |r| = 2.83. What it "
         "reads, it will remove."},
        {after(2, Phase::residual),
         "It also carries a value, the pattern of 6. But its write gate w is 0 on all channels, so z = w * v is "
         "zero, and u = -r: pure erasing."},
        {after(2, Phase::write), "A's row is empty: A answers none, as it should. B still answers 5."},
        {after(3, Phase::residual),
         "B+=2 is the mirror image. Its b is 0, so it finds nothing and will remove nothing. Its w is 1, so u is "
         "the whole pattern of 2."},
        {after(3, Phase::write), "The 2 went on top of the 5: B answers 5+2, which is what += asked for."},
        {after(3, Phase::write),
         "KDA has one gate for both jobs, beta: b = w = beta. Here we make it the mean of b and w, 0.5. So half of "
         "the 3 is still at A, half of the unwanted 6 came in, and B keeps half of its 5 beside half of the 2: "
         "strength 0.71 where GDN-2 has 1.41.",
         Mixer::kda},
    };
}

LessonQuestion erase_and_write_alone_question() {
    return {{after(3, Phase::write),
             "As long as b and w must be the same number, and nothing decays: could another beta at del A leave A "
             "empty?",
             Mixer::kda},
            {"yes, beta = 1", "yes, beta = 0", "no"},
            2,
            {.where = after(2, Phase::write),
             .text = "No. Here del A has beta = 1 wherever there is a beta, and in GDN-2 too: the 3 goes, but the "
                     "6 comes in. With beta = 0 the 3 stays; in between A holds both, never below 0.71 of a value's "
                     "strength. To erase and to write are two decisions: that is why b and w are two gates.",
             .mixer = Mixer::kda,
             .edits = {{Gate::b, 2, all, 1}, {Gate::w, 2, all, 1}}}};
}

std::vector<LessonStep> shared_context_keys_steps() {
    return {
        {first_cursor(),
         "Real keys overlap: part of a key says what many tokens have in common. Here a key has 8 channels, 4 of "
         "its own slot and 4 that are the same for every key. Half of each key lies in that shared part. Queries "
         "look at slots alone."},
        {after(1, Phase::erase_read),
         "DeltaNet erases along the whole key, by one gate. B is new, nothing is stored for it. Yet through the "
         "shared channels B=1 finds half of A's 0: |r| = 1.41.",
         Mixer::deltanet},
        {after(1, Phase::write),
         "It takes that half away from what it writes. So B answers 1 with a cosine of 0.89 only, because of a "
         "key that it merely resembles.",
         Mixer::deltanet},
        {after(1, Phase::erase_read),
         "GDN-2 has an erase gate for each channel, and may let b reach 2. Here it is 2 on the slot channels and 0 on "
         "the shared ones: e = b * k looks at slots only, and slots do not overlap. B finds nothing, |r| = 0."},
        {after(4, Phase::erase_read),
         "A=4 must overwrite, and finds exactly the old 0: |r| = 2.83, a whole value. The slot half of a key "
         "alone would find half of it. That is why b is 2 there and not 1."},
        {after(4, Phase::write),
         "So the 0 goes, the 4 comes, and nobody else notices: B, C and D still answer with cosine 1."},
        {after(6, Phase::read_out),
         "Measured: after every token each key seen so far is asked, 22 readings in all. GDN-2 gets 22 right, "
         "without error. The best rule with one gate, KDA, by gates and decays that a search fitted to these "
         "very tokens, gets 21, with a mean squared error of 0.047.",
         Mixer::gdn2, Tab::state, true},
        {after(6, Phase::read_out),
         "Two things to be fair about. With b at most 1 GDN-2 too gets 21, and an error of 0.068: the win needs "
         "b up to 2. And asked only at the end, one gate can be perfect by never storing what will be "
         "overwritten; asked after every token, that trick gets 10 of 22.",
         Mixer::gdn2, Tab::state, true},
    };
}

LessonQuestion shared_context_keys_question() {
    return {{after(3, Phase::read_out),
             "Once more A=4, but with b = 1 on all 8 channels, the shared ones too. Whose answer will suffer?"},
            {"A's own", "those of B, C and D", "nobody's"},
            0,
            {.where = after(4, Phase::write),
             .text = "A's own: GDN-2 answers 4 with a cosine of 0.76. Through the shared channels the token found half "
                     "of B, C and D as well, and takes it out of what it writes to A. Their own slots stay as they "
                     "are. The erase gate decides which channels are consulted.",
             .edits = {{Gate::b, 4, all, 1}}}};
}

std::vector<LessonStep> decay_steps() {
    return {
        {first_cursor(),
         "Erasing is a decision about one key. Decay is the other way to forget: at each token, first of all, "
         "every row of S is multiplied by its alpha. Here A's channel has alpha 0.5 and B's 0.99. Drawn is how long "
         "half of a row lasts, its half-life: 1 token, an empty bar, and 69."},
        {after(1, Phase::decay),
         "B=5 has only begun, and A's row is down to half. Nobody touched A: time passed."},
        {after(2, Phase::read_out),
         "A token later A has 0.25 of its strength left. Weaker than 0.3 counts as no answer, so A is forgotten. "
         "B has 0.99."},
        {after(7, Phase::read_out),
         "At the end A has 0.008 left and B 0.94. One matrix holds a quick memory and a slow one, row by row."},
        {after(7, Phase::read_out),
         "Gated DeltaNet has one alpha for all channels, here 0.70. It cannot drop A and keep B: B is down to "
         "0.12 and has no answer either.",
         Mixer::gated_deltanet},
    };
}

LessonQuestion decay_question() {
    return {{after(7, Phase::read_out),
             "Back to an alpha for each channel. If the waiting went on, about how many tokens after B=5 would B, "
             "too, fall below 0.3?"},
            {"12", "120", "1200"},
            1,
            {after(7, Phase::read_out),
             "About 120: 0.99 multiplied 120 times is 0.299. Alpha is drawn as a half-life because 0.98 and 0.999 "
             "would be nearly the same length, but they halve a row in 34 and in 693 tokens."}};
}

std::vector<LessonStep> chunk_equals_recurrent_steps() {
    const Cursor inside = after(80, Phase::read_out);
    return {
        {first_cursor(),
         "So far every token waited for the one before it: 160 tokens, 160 steps. Large matrix products suit a "
         "machine better. So the same rule is also computed 64 tokens at a time, a chunk, with the same result."},
        {inside,
         "T says who meets whom: row r, column s is what the erase-read of token r finds of token s's key, after "
         "the decay in between. A token meets only earlier ones, so T is zero on its diagonal and above.",
         Mixer::gdn2, Tab::chunk, false, {}, {"T"}},
        {inside,
         "Each token removes what earlier tokens wrote, and they had removed something themselves. The inverse "
         "A of I + T settles all of this at once: one triangular system for a whole chunk.",
         Mixer::gdn2, Tab::chunk, false, {}, {"A"}},
        {inside,
         "A makes Y out of the erase keys and U out of the gated values: what would be written after an empty "
         "memory. R = U - Y S_0 is for any state S_0 that the chunk starts from; its row r is u of token r.",
         Mixer::gdn2, Tab::chunk, false, {}, {"Y", "U", "R"}},
        {inside,
         "Beside the cursor's row stands the recurrent token that it belongs to. All writes, outputs and states "
         "of this chunk differ by less than 1e-13: rounding, nothing else.",
         Mixer::gdn2, Tab::chunk},
        {after(159, Phase::read_out),
         "Last, S_0 decays to the chunk's end and K_tail^T R adds what its tokens wrote: the next S_0. Only this "
         "must wait its turn, and 160 tokens are 3 such steps: 64, 64 and 32 tokens.",
         Mixer::gdn2, Tab::chunk, false, {}, {"K_tail", "S_0"}},
    };
}

LessonQuestion chunk_equals_recurrent_question() {
    return {{after(64, Phase::read_out), "Token 64 is the first of the second chunk. What stands in its row of T?",
             Mixer::gdn2, Tab::chunk, false, {}, {"T"}},
            {"a number for each earlier token", "a 1 on the diagonal", "only zeros"},
            2,
            {after(64, Phase::read_out),
             "Only zeros: no earlier token is in its chunk. What came before reaches it through S_0 alone. So T, A, Y "
             "and U of all chunks can be computed side by side.",
             Mixer::gdn2, Tab::chunk}};
}

}  // namespace

const std::vector<LessonGuide>& lesson_guides() {
    static const std::vector<LessonGuide> guides{
        {"a_memory_is_a_matrix", a_memory_is_a_matrix_steps(), a_memory_is_a_matrix_question()},
        {"overwrite", overwrite_steps(), overwrite_question()},
        {"erase_and_write_alone", erase_and_write_alone_steps(), erase_and_write_alone_question()},
        {"shared_context_keys", shared_context_keys_steps(), shared_context_keys_question()},
        {"decay", decay_steps(), decay_question()},
        {"chunk_equals_recurrent", chunk_equals_recurrent_steps(), chunk_equals_recurrent_question()},
    };
    return guides;
}

}  // namespace gdn2::viewer
