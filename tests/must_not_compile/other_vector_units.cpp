// A program compiled for other vector units than the library's would disagree with it about aligned memory.
// expect: compile with the flags that gdn2 was built with
#ifdef GDN2_MISTAKE
#undef GDN2_ALIGNMENT
#define GDN2_ALIGNMENT 8
#endif
#include "reference/core/matrix.h"

int main() { return 0; }
