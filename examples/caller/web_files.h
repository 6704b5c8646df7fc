/* web_files.h - the page's files (examples/web), which the build puts into the program (cmake/embed.cmake). */
#ifndef WEB_FILES_H
#define WEB_FILES_H
#include <stddef.h>

struct web_file {
  const char *path; /* as it is asked for: "/sotto-peer.mjs" */
  const char *type; /* its media type */
  const unsigned char *data;
  size_t size;
};

extern const struct web_file web_files[];
extern const size_t web_files_count;

#endif
