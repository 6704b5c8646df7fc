#include "server.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "unit/unit.h"

static int read_port(const char *path) {
  int port = 0;
  FILE *file = fopen(path, "r");
  if (!file)
    return 0;
  if (fscanf(file, "%d", &port) != 1)
    port = 0;
  fclose(file);
  return port;
}

void server_start(struct server *server, const char *directory, int port) {
  const char *bin = getenv("SOTTO_BIN");
  char program[512], file[512], listen[64];
  assert_non_null(bin);
  snprintf(program, sizeof program, "%s/sotto-signald", bin);
  snprintf(file, sizeof file, "%s/port", directory);
  snprintf(listen, sizeof listen, "127.0.0.1:%d", port);
  unlink(file);
  server->pid = fork();
  assert_true(server->pid >= 0);
  if (server->pid == 0) {
    execl(program, program, "--listen", listen, "--port-file", file, (char *)NULL);
    _exit(127);
  }
  for (int i = 0; i < 1000 && !(server->port = read_port(file)); i++)
    nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
  if (!server->port)
    fail_msg("%s does not listen", program);
  snprintf(server->url, sizeof server->url, "ws://127.0.0.1:%d", server->port);
}

void server_stop(struct server *server, int signal_number) {
  if (!server->pid)
    return;
  kill(server->pid, signal_number);
  waitpid(server->pid, NULL, 0);
  server->pid = 0;
}
