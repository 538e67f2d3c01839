// A training that takes part of a second.
#pragma once

#include <string>

namespace gdn2::test {

inline const std::string small =
    "train overwrite:M=3,W=6,keys=6,values=4 --d-model 16 --key-dim 8 --value-dim 8 --batch 8 --steps 30 "
    "--eval-sequences 20 ";

}  // namespace gdn2::test
