// One training at a time in a folder: two would tear each other's logs and overwrite each other's checkpoints.
//   tests  tests/tools/gdn2/train_test.cpp
#pragma once

#include <string>

namespace gdn2::tools {

/// Holds the folder until it is destroyed, or the program ends in whatever way. Leaves no file. An empty name locks
/// nothing, nor does a file system that knows no locks.
class FolderLock {
public:
    /// Throws Error when another program holds it.
    explicit FolderLock(const std::string& folder);
    ~FolderLock();
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

private:
    int descriptor_ = -1;
};

}  // namespace gdn2::tools
