#include "passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "complain.h"
#include "exit.h"
#include "stop.h"

void secret_wipe(struct secret *secret) {
  explicit_bzero(secret, sizeof *secret);
}

/* Up to the end of the line or of the file. One byte at a time: what follows on the descriptor is not ours. */
static int read_line(int fd, struct secret *secret) {
  size_t used = 0;
  for (;;) {
    char byte;
    ssize_t n = read(fd, &byte, 1);
    if (n < 0 && errno == EINTR && !stop_signal())
      continue;
    if (n < 0)
      return errno ? errno : EIO;
    if (n == 0 || byte == '\n')
      break;
    if (used == SECRET_SIZE - 1 || byte == 0)
      return EMSGSIZE;
    secret->text[used++] = byte;
  }
  if (used && secret->text[used - 1] == '\r')
    used--;
  secret->text[used] = 0;
  return 0;
}

static int check(struct secret *secret, int error, const char *what) {
  if (error)
    return complain(EXIT_PASSPHRASE, "the %s cannot be read: %s", what, strerror(error));
  if (!secret->text[0])
    return complain(EXIT_PASSPHRASE, "the %s is empty", what);
  return EXIT_OK;
}

static int read_file(struct secret *secret, const char *path, const char *what) {
  struct stat info;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0)
    return complain(EXIT_PASSPHRASE, "the %s cannot be read: %s: %s", what, path, strerror(errno));
  if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && (info.st_mode & 077)) {
    close(fd);
    return complain(EXIT_PASSPHRASE, "the %s in %s can be read by others: chmod 600 it", what, path);
  }
  int error = read_line(fd, secret);
  close(fd);
  return check(secret, error, what);
}

int secret_read(struct secret *secret, const struct secret_place *place, const char *what) {
  if (place->file)
    return read_file(secret, place->file, what);
  return check(secret, read_line(place->fd, secret), what);
}

static int ask(int terminal, struct secret *secret, const char *question) {
  struct termios before, quiet;
  if (tcgetattr(terminal, &before) != 0)
    return errno;
  quiet = before;
  quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK);
  if (write(terminal, question, strlen(question)) < 0)
    return errno;
  tcsetattr(terminal, TCSAFLUSH, &quiet);
  int error = read_line(terminal, secret);
  tcsetattr(terminal, TCSAFLUSH, &before); /* also after ^C: the signal only ended the read */
  if (write(terminal, "\n", 1) < 0)
    return errno;
  return error;
}

int secret_prompt(struct secret *secret, const char *question, bool new_one) {
  struct secret again = {.text = ""};
  int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
  if (terminal < 0)
    return complain(EXIT_PASSPHRASE,
                    "no terminal to ask for the passphrase: give --passphrase-fd or --passphrase-file");
  int code = check(secret, ask(terminal, secret, question), "passphrase");
  if (!code && new_one) {
    code = check(&again, ask(terminal, &again, "Once more: "), "passphrase");
    if (!code && strcmp(again.text, secret->text) != 0)
      code = complain(EXIT_PASSPHRASE, "these were not the same");
    secret_wipe(&again);
  }
  close(terminal);
  return stop_signal() ? EXIT_SIGNAL + stop_signal() : code;
}
