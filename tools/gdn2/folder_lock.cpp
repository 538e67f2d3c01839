// See folder_lock.h.
#include "tools/gdn2/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "reference/core/error.h"
#include "reference/io/text.h"

namespace gdn2::tools {

FolderLock::FolderLock(const std::string& folder) {
    if (folder.empty()) return;
    descriptor_ = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor_ == -1 || flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
    close(descriptor_);
    throw Error(io::quote_file(folder) + ": another gdn2 train is at work in it; use another -o");
}

FolderLock::~FolderLock() {
    if (descriptor_ != -1) close(descriptor_);
}

}  // namespace gdn2::tools
