/* replay.c - runs a fuzz target's corpus as an ordinary test: each file, and each with every byte changed. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replay(const char *path) {
  static uint8_t bytes[1 << 16];
  FILE *file = fopen(path, "rb");
  if (!file)
    return;
  size_t size = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  uint8_t *exact = malloc(size ? size : 1); /* its own block, so that a read past the end is seen */
  if (!exact)
    abort();
  memcpy(exact, bytes, size);
  LLVMFuzzerTestOneInput(exact, size);
  size_t step = size / 512 + 1;
  for (size_t i = 0; i < size; i += step) {
    exact[i] ^= 0x55;
    LLVMFuzzerTestOneInput(exact, size);
    exact[i] ^= 0x55;
  }
  free(exact);
}

int main(int argc, char **argv) {
  int files = 0;
  for (int i = 1; i < argc; i++) {
    DIR *dir = opendir(argv[i]);
    if (!dir)
      return fprintf(stderr, "%s: no such corpus\n", argv[i]), 1;
    for (struct dirent *entry; (entry = readdir(dir));) {
      char path[4096];
      snprintf(path, sizeof path, "%s/%s", argv[i], entry->d_name);
      if (entry->d_name[0] != '.')
        replay(path), files++;
    }
    closedir(dir);
  }
  printf("%d inputs replayed\n", files);
  return files ? 0 : 1; /* an empty corpus tests nothing */
}
