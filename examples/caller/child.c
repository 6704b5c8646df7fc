#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "stop.h"

enum { END_US = 5000000, POLL_US = 10000 };

static void close_two(int fds[2]) {
  close(fds[0]);
  close(fds[1]);
}

/* A pipe that holds the secret and its end of line; returns the end to read. */
static int secret_pipe(const char *secret) {
  int fds[2];
  size_t size = strlen(secret);
  if (pipe2(fds, O_CLOEXEC) != 0)
    return -1;
  bool ok = write(fds[1], secret, size) == (ssize_t)size && write(fds[1], "\n", 1) == 1;
  close(fds[1]);
  if (ok)
    return fds[0];
  close(fds[0]);
  return -1;
}

static void run_child(char *const argv[], int in, int out, int secret, const char *log) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  int errors = log ? open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : STDERR_FILENO;
  if (secret == STDOUT_FILENO || dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
    _exit(127);
  if (errors < 0 || dup2(errors, STDERR_FILENO) < 0)
    _exit(127);
  if (secret == CHILD_SECRET_FD)
    fcntl(secret, F_SETFD, 0);
  else if (secret >= 0 && dup2(secret, CHILD_SECRET_FD) < 0)
    _exit(127);
  execvp(argv[0], argv);
  _exit(127);
}

bool child_start(struct child *child, char *const argv[], const char *secret, const char *log) {
  int in[2], out[2];
  child->pid = 0;
  child->status = child->in = child->out = -1;
  child->seen = json_array();
  if (pipe2(in, O_CLOEXEC) != 0)
    return false;
  if (pipe2(out, O_CLOEXEC) != 0) {
    close_two(in);
    return false;
  }
  int secret_fd = secret ? secret_pipe(secret) : -1;
  child->pid = secret && secret_fd < 0 ? -1 : fork();
  if (child->pid == 0)
    run_child(argv, in[0], out[1], secret_fd, log);
  close(in[0]);
  close(out[1]);
  if (secret_fd >= 0)
    close(secret_fd);
  child->in = in[1];
  child->out = out[0];
  lines_init(&child->lines, child->out);
  if (child->pid < 0) /* child_end() closes the rest */
    child->pid = 0;
  return child->pid;
}

bool child_send(struct child *child, const char *line) {
  size_t size = strlen(line);
  return write(child->in, line, size) == (ssize_t)size && write(child->in, "\n", 1) == 1;
}

/* What is no JSON object is kept as {"event": "text", "text": line}. */
static void keep(struct child *child, const char *line) {
  json_t *value = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
  if (!json_is_object(value)) {
    json_decref(value);
    value = json_pack("{s:s, s:s}", "event", "text", "text", line);
  }
  json_array_append_new(child->seen, value);
}

static bool keep_lines(struct child *child) {
  bool any = false;
  for (const char *line; (line = lines_next(&child->lines)); any = true)
    keep(child, line);
  return any;
}

bool child_read(struct child *child, int64_t deadline) {
  while (!keep_lines(child)) {
    int64_t left = deadline - clock_now();
    if (left <= 0 || child->lines.ended || stop_signal())
      return false;
    struct pollfd fds[] = {{child->out, POLLIN, 0}, {stop_fd(), POLLIN, 0}};
    if (poll(fds, 2, left > 1000000 ? 1000 : (int)(left / 1000 + 1)) > 0 && fds[0].revents)
      lines_read(&child->lines);
  }
  return true;
}

static bool has(const json_t *line, const char *key, const char *value) {
  const char *text = json_string_value(json_object_get(line, key));
  return text && strcmp(text, value) == 0;
}

json_t *child_await(struct child *child, size_t *from, const char *event, const char *key, const char *value,
                    int64_t deadline) {
  size_t at = from ? *from : 0;
  do {
    for (; at < json_array_size(child->seen); at++) {
      json_t *line = json_array_get(child->seen, at);
      if (!has(line, "event", event) || (key && !has(line, key, value)))
        continue;
      if (from)
        *from = at + 1;
      return line;
    }
  } while (child_read(child, deadline));
  return NULL;
}

json_t *child_last(const struct child *child, const char *event) {
  for (size_t at = json_array_size(child->seen); at-- > 0;)
    if (has(json_array_get(child->seen, at), "event", event))
      return json_array_get(child->seen, at);
  return NULL;
}

static bool reap(struct child *child) {
  int status;
  if (waitpid(child->pid, &status, WNOHANG) != child->pid)
    return false;
  child->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  child->pid = 0;
  return true;
}

int child_wait(struct child *child, int64_t deadline) {
  if (!child->pid)
    return child->status;
  while (!reap(child)) {
    if (clock_now() >= deadline || stop_signal())
      return -1;
    if (!child_read(child, clock_now() + POLL_US) && child->lines.ended)
      clock_sleep_until(clock_now() + POLL_US);
  }
  while (child_read(child, clock_now() + POLL_US)) { /* its last words */
  }
  return child->status;
}

static bool wait_quietly(struct child *child, int64_t deadline) {
  while (!reap(child)) {
    if (clock_now() >= deadline)
      return false;
    clock_sleep_until(clock_now() + POLL_US);
  }
  return true;
}

void child_end(struct child *child) {
  if (!child->seen)
    return; /* never started */
  if (child->pid) {
    kill(child->pid, SIGTERM);
    if (!wait_quietly(child, clock_now() + END_US)) {
      kill(child->pid, SIGKILL);
      wait_quietly(child, clock_now() + END_US);
    }
  }
  if (child->in >= 0)
    close(child->in);
  if (child->out >= 0)
    close(child->out);
  child->in = child->out = -1;
  json_decref(child->seen);
  child->seen = NULL;
}
