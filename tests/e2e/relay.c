#include "relay.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit/unit.h"

bool relay_installed(void) {
  return access("/usr/bin/turnserver", X_OK) == 0;
}

pid_t relay_start(uint16_t port) {
  char listening[16];
  snprintf(listening, sizeof listening, "%u", port);
  pid_t pid = fork();
  if (pid == 0) {
    if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
      _exit(126);
    execl("/usr/bin/turnserver", "turnserver", "-n", "--no-tls", "--no-dtls", "--no-cli", "--listening-ip",
          "127.0.0.1", "--relay-ip", "127.0.0.1", "--listening-port", listening, "--allow-loopback-peers",
          "--lt-cred-mech", "-u", "someone:secret", "-r", "realm", "--log-file", "stdout", "--pidfile", "/dev/null",
          "--userdb", "/nonexistent/turndb", (char *)NULL);
    _exit(127);
  }
  return pid;
}

uint16_t relay_free_port(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
  assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
  close(fd);
  return ntohs(address.sin_port);
}

/* A STUN binding request (RFC 8489) that it answers. */
bool relay_answers(uint16_t port) {
  static const uint8_t request[20] = {0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 't', 'e', 's', 't', 't', 'e', 's', 't'};
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct timeval patience = {.tv_usec = 100000};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  bool answered = false;
  for (int i = 0; i < 50 && !answered; i++) {
    uint8_t answer[256];
    sendto(fd, request, sizeof request, 0, (struct sockaddr *)&address, sizeof address);
    answered = recv(fd, answer, sizeof answer, 0) > 0;
    if (!answered)
      usleep(50000);
  }
  close(fd);
  return answered;
}

void relay_stop(pid_t pid) {
  kill(pid, SIGTERM);
  waitpid(pid, NULL, 0);
}
