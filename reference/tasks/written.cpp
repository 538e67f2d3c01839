// See written.h.
#include "reference/tasks/written.h"

#include <algorithm>

namespace gdn2 {

Question Written::question(Index slot, Index answer, Index choices) const {
    const std::vector<TokenId>& past = values_.at(static_cast<std::size_t>(slot));
    Question question;
    question.answer = answer;
    question.writes = static_cast<Index>(past.size());
    question.choices = choices;
    for (const TokenId value : past) {
        const bool seen = std::count(question.older.begin(), question.older.end(), value) > 0;
        if (!seen && value != past.back()) question.older.push_back(value);
    }
    return question;
}

}  // namespace gdn2
