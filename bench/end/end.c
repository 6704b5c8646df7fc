/* end.c - sotto-end: one end of a call that is measured, with a source and a sink that cost next to nothing.
 *
 *   sotto-end STORE URL ADDRESS WIDTHxHEIGHT|audio TICK_MS
 *
 * Told by lines on standard input ("invite", "accept TEXT", "call", "measure", "report", and anything else to
 * stop), tells by JSON lines; times are microseconds of the monotonic clock, which all ends on a machine share.
 * Sees sotto.h alone of the engine, as any embedder. The processor's time is the process's, less what the main
 * thread spent outside the library, drawing and listening; the heap allocations are the whole process's.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "../measure.h"
#include "sotto.h"

enum { RATE = 48000, TICK_MAX = 20, FPS = 30, BITS = 8, MARKS = 4096, PICTURES = 1 << BITS };
enum { LOOKS = 50 }; /* ticks between two looks at the statistics */
enum { MARK_EVERY = RATE / 4, MARK_LENGTH = RATE / 100, LOUD = 9000, QUIET = 300 };

struct marks {
  int count;
  int64_t at[MARKS];
};

struct pictures { /* numbers, and when */
  int count;
  int number[MARKS];
  int64_t at[MARKS];
};

struct end {
  sotto_engine *engine;
  sotto_call *call;
  sotto_id peer;
  bool video, open, stopped;
  int width, height, tick_ms;
  int64_t samples_written, samples_read, last_mark, next_picture;
  int frames;
  int64_t accepted, heard; /* 0: not yet */
  struct marks said, caught;
  struct pictures drawn, shown;
  long opening_kilobytes; /* the peak while the store opened */
  /* of the span that is measured */
  int64_t playout_sum, playout_samples;
  int64_t since, inside, process_before, thread_before;
  int64_t allocations_before, allocations_seen; /* the latter: until the last tick */
  int ticks, allocating_ticks;                  /* the latter: in which anything was allocated */
  long waits_before; /* times that a thread of ours waited and was woken, the main one's left out */
  sotto_stats before;
};

static int64_t clock_of(clockid_t id) {
  struct timespec t;
  clock_gettime(id, &t);
  return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static int64_t now(void) {
  return clock_of(CLOCK_MONOTONIC) / 1000;
}

/* A call into the library, whose time is not the source's or the sink's. */
#define inside(end, call)                                                                                          \
  ({                                                                                                               \
    int64_t inside_from = clock_of(CLOCK_THREAD_CPUTIME_ID);                                                       \
    __auto_type inside_result = (call);                                                                            \
    (end)->inside += clock_of(CLOCK_THREAD_CPUTIME_ID) - inside_from;                                              \
    inside_result;                                                                                                 \
  })

static void fail(const char *what, sotto_status status) {
  fprintf(stderr, "sotto-end: %s: %s\n", what, sotto_status_text(status));
  exit(1);
}

/* ---- sound: a buzz, and a loud mark in it four times a second ---- */

static void speak(struct end *end) {
  int16_t pcm[RATE / 1000 * TICK_MAX];
  int samples = RATE / 1000 * end->tick_ms;
  int64_t from = now() - end->tick_ms * 1000; /* when the first of them was before the microphone */
  for (int i = 0; i < samples; i++) {
    int64_t place = (end->samples_written + i) % MARK_EVERY;
    int phase = (int)((end->samples_written + i) % 320) - 160, level = place < MARK_LENGTH ? 120 : 12;
    pcm[i] = (int16_t)(level * phase);
    if (place == 0 && end->said.count < MARKS)
      end->said.at[end->said.count++] = from + (int64_t)i * 1000000 / RATE;
  }
  end->samples_written += samples;
  inside(end, sotto_audio_write(end->call, pcm, samples));
}

static void hear(struct end *end) {
  int16_t pcm[RATE / 1000 * TICK_MAX];
  int samples = RATE / 1000 * end->tick_ms;
  int64_t from = now();
  inside(end, sotto_audio_read(end->call, pcm, samples));
  for (int i = 0; i < samples; i++, end->samples_read++) {
    if (!end->heard && abs(pcm[i]) > QUIET)
      end->heard = from + (int64_t)i * 1000000 / RATE;
    if (abs(pcm[i]) < LOUD || end->samples_read - end->last_mark < MARK_EVERY / 2)
      continue;
    end->last_mark = end->samples_read;
    if (end->caught.count < MARKS)
      end->caught.at[end->caught.count++] = from + (int64_t)i * 1000000 / RATE;
  }
}

/* ---- pictures: a number in blocks along the top, texture that moves below ---- */

static void note(struct pictures *pictures, int number) {
  if (pictures->count == MARKS)
    return;
  pictures->number[pictures->count] = number;
  pictures->at[pictures->count++] = now();
}

static void show(struct end *end) {
  int number = end->frames++ % PICTURES, cell = end->width / BITS;
  sotto_frame frame = {.size = sizeof frame, .width = end->width, .height = end->height};
  sotto_status status = inside(end, sotto_video_lend(end->call, &frame));
  if (status)
    fail("lend", status);
  for (int y = 0; y < end->height; y++)
    for (int x = 0; x < end->width; x++) {
      int moving = (x / 3 + y / 2 + 2 * number) % 128, still = (x * 7 + y * 13) % 32;
      int digit = number >> (x / cell) & 1 ? 220 : 30;
      frame.plane[0][y * frame.stride[0] + x] =
          (uint8_t)(y < cell ? digit : 60 + (x < end->width / 2 ? moving : still));
    }
  for (int i = 1; i < 3; i++)
    memset(frame.plane[i], 128, (size_t)frame.stride[i] * (size_t)(end->height / 2));
  note(&end->drawn, number);
  inside(end, sotto_video_write(end->call, &frame));
}

static int number_of(const sotto_frame *frame) {
  int number = 0, cell = frame->width / BITS;
  for (int bit = 0; bit < BITS; bit++)
    number |= (frame->plane[0][cell / 2 * frame->stride[0] + bit * cell + cell / 2] > 125) << bit;
  return number;
}

static void look(struct end *end) {
  sotto_frame frame = SOTTO_FRAME_INIT;
  if (!inside(end, sotto_video_read(end->call, &frame)))
    return;
  note(&end->shown, number_of(&frame));
  sotto_frame_release(&frame);
}

/* ---- what happens ---- */

static unsigned media(const struct end *end) {
  return SOTTO_AUDIO | (end->video ? SOTTO_VIDEO : 0);
}

static void answer(struct end *end, const sotto_event *event) {
  end->call = event->call;
  end->accepted = now();
  sotto_call_accept(end->call, media(end));
}

/* What is measured is a call of two people who have verified each other, and not the first one, with its words. */
static void meet(struct end *end, const sotto_event *event) {
  char digits[SOTTO_SAFETY_NUMBER_SIZE];
  end->peer = event->peer;
  if (event->trust == SOTTO_TRUST_VERIFIED)
    puts("{\"event\":\"contact\"}");
  else if (sotto_safety_number(end->engine, &end->peer, digits, sizeof digits) == SOTTO_OK)
    sotto_contact_verify_number(end->engine, &end->peer, digits);
}

static void learn(struct end *end, const sotto_event *event) {
  if (event->type == SOTTO_EVENT_ONLINE)
    puts("{\"event\":\"online\"}");
  else if (event->type == SOTTO_EVENT_CONTACT)
    meet(end, event);
  else if (event->type == SOTTO_EVENT_INCOMING)
    answer(end, event);
  else if (event->type == SOTTO_EVENT_GATE && event->gate == SOTTO_GATE_OPEN)
    end->open = true, puts("{\"event\":\"open\"}");
  else if (event->type == SOTTO_EVENT_CALL_STATE && event->state == SOTTO_CALL_ENDED)
    end->open = false, printf("{\"event\":\"ended\",\"reason\":%d}\n", (int)event->reason);
  else if (event->type == SOTTO_EVENT_ALARM || event->type == SOTTO_EVENT_INVITE_FAILED)
    printf("{\"event\":\"trouble\",\"alarm\":%d,\"status\":%d}\n", (int)event->alarm, (int)event->status);
}

static int64_t process_time(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * INT64_C(1000000000) +
         (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * INT64_C(1000);
}

static long waits(void) {
  struct rusage process, thread;
  getrusage(RUSAGE_SELF, &process);
  getrusage(RUSAGE_THREAD, &thread);
  return process.ru_nvcsw - thread.ru_nvcsw;
}

static void begin_span(struct end *end) {
  end->before = (sotto_stats)SOTTO_STATS_INIT;
  if (sotto_call_stats(end->call, &end->before))
    end->before = (sotto_stats){0};
  end->waits_before = waits();
  end->allocations_before = end->allocations_seen = measure_allocations_now();
  end->ticks = end->allocating_ticks = 0;
  end->playout_sum = end->playout_samples = 0;
  end->since = now();
  end->inside = 0;
  end->process_before = process_time();
  end->thread_before = clock_of(CLOCK_THREAD_CPUTIME_ID);
  end->said.count = end->caught.count = end->drawn.count = end->shown.count = 0;
}

/* Of a line of /proc/PID/status: "VmHWM", the most that was ever resident; "RssAnon", what is and comes of no file.
 */
static long kilobytes(const char *name) {
  char line[128];
  long found = -1;
  size_t length = strlen(name);
  FILE *status = fopen("/proc/self/status", "re");
  while (status && found < 0 && fgets(line, sizeof line, status))
    if (strncmp(line, name, length) == 0 && line[length] == ':')
      found = strtol(line + length + 1, NULL, 10);
  if (status)
    fclose(status);
  return found;
}

/* The key is stretched in a quarter of a gigabyte, which is gone when the store is open: not a call's. */
static void forget_peak(void) {
  FILE *clear = fopen("/proc/self/clear_refs", "we");
  if (clear) {
    fputs("5", clear);
    fclose(clear);
  }
}

static void print_marks(const char *name, const struct marks *marks) {
  printf(",\"%s\":[", name);
  for (int i = 0; i < marks->count; i++)
    printf("%s%lld", i ? "," : "", (long long)marks->at[i]);
  putchar(']');
}

static void print_pictures(const char *name, const struct pictures *pictures) {
  printf(",\"%s\":[", name);
  for (int i = 0; i < pictures->count; i++)
    printf("%s[%d,%lld]", i ? "," : "", pictures->number[i], (long long)pictures->at[i]);
  putchar(']');
}

static int64_t packets(const sotto_stats *s) {
  return s->audio.packets_sent + s->video.packets_sent + s->audio.packets_received + s->video.packets_received;
}

/* Of both directions; a packet of sound is a frame. */
static int64_t frames(const sotto_stats *s) {
  return s->audio.packets_sent + s->audio.packets_received + s->frames_encoded + s->frames_decoded;
}

static int64_t bytes_sent(const sotto_stats *s) {
  return s->audio.bytes_sent + s->video.bytes_sent;
}

static void print_number(const char *name, int64_t value) {
  printf(",\"%s\":%lld", name, (long long)value);
}

static void print_setup(const sotto_stats *s) {
  printf(",\"setup\":{\"signaling\":%lld", (long long)s->setup_signaling_us);
  print_number("ice", s->setup_ice_us);
  print_number("dtls", s->setup_dtls_us);
  print_number("bind", s->setup_bind_us);
  print_number("open", s->setup_open_us);
  print_number("first_audio", s->setup_first_audio_us);
  print_number("heard", s->setup_heard_us);
  putchar('}');
}

/* Counters are the span's. */
static void print_stats(const struct end *end) {
  const sotto_stats *was = &end->before;
  sotto_stats s = SOTTO_STATS_INIT;
  if (sotto_call_stats(end->call, &s) != SOTTO_OK)
    return;
  print_setup(&s);
  print_number("playout_us", end->playout_samples ? end->playout_sum / end->playout_samples : 0);
  print_number("encoded", s.frames_encoded - was->frames_encoded);
  print_number("encode_us", s.total_encode_time_us - was->total_encode_time_us);
  print_number("decoded", s.frames_decoded - was->frames_decoded);
  print_number("decode_us", s.total_decode_time_us - was->total_decode_time_us);
  print_number("concealed", s.concealed_samples - was->concealed_samples);
  print_number("samples", s.total_samples_received - was->total_samples_received);
  print_number("sound_frames", s.audio.packets_sent - was->audio.packets_sent);
  print_number("packets", packets(&s) - packets(was));
  print_number("frames", frames(&s) - frames(was));
  print_number("bytes_sent", bytes_sent(&s) - bytes_sent(was));
  print_number("frame_width", s.frame_width);
  printf(",\"srtp\":\"%s\",\"send\":\"%s\",\"receive\":\"%s\",\"limited\":\"%s\"", s.srtp_engine, s.send_path,
         s.receive_path, s.quality_limitation_reason);
}

static void report(struct end *end) {
  int64_t process = process_time() - end->process_before;
  int64_t outside = clock_of(CLOCK_THREAD_CPUTIME_ID) - end->thread_before - end->inside;
  int64_t allocations = measure_allocations_now() - end->allocations_before;
  printf("{\"event\":\"report\",\"seconds\":%.6f,\"processor\":%.6f,\"source_and_sink\":%.6f",
         (double)(now() - end->since) / 1e6, (double)(process - outside) / 1e9, (double)outside / 1e9);
  print_number("allocations", measure_counts_allocations() ? allocations : -1);
  print_number("ticks", end->ticks);
  print_number("allocating_ticks", end->allocating_ticks);
  print_number("peak_kb", kilobytes("VmHWM"));
  print_number("own_kb", kilobytes("RssAnon"));
  print_number("opening_kb", end->opening_kilobytes);
  print_number("wakeups", waits() - end->waits_before);
  print_number("accepted", end->accepted);
  print_number("heard", end->heard);
  print_stats(end);
  print_marks("said", &end->said);
  print_marks("caught", &end->caught);
  print_pictures("drawn", &end->drawn);
  print_pictures("shown", &end->shown);
  puts("}");
}

static void invite(struct end *end) {
  char text[SOTTO_INVITE_TEXT_SIZE];
  sotto_status status = sotto_invite_create(end->engine, "peer", 0, text, sizeof text);
  if (status)
    fail("invite", status);
  printf("{\"event\":\"invite\",\"text\":\"%s\"}\n", text);
}

static void obey(struct end *end, char *line) {
  line[strcspn(line, "\n")] = 0;
  sotto_status status = SOTTO_OK;
  if (strcmp(line, "invite") == 0)
    invite(end);
  else if (strncmp(line, "accept ", 7) == 0)
    status = sotto_invite_accept(end->engine, "peer", line + 7);
  else if (strcmp(line, "call") == 0)
    status = sotto_call_start(end->engine, &end->peer, media(end), &end->call);
  else if (strcmp(line, "measure") == 0)
    begin_span(end);
  else if (strcmp(line, "report") == 0)
    report(end);
  else
    end->stopped = true;
  if (status)
    fail(line, status);
}

static void listen_to_input(struct end *end) {
  struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
  char line[512];
  while (!end->stopped && poll(&in, 1, 0) > 0) {
    if (!fgets(line, sizeof line, stdin)) {
      end->stopped = true;
      return;
    }
    obey(end, line);
  }
}

static void look_at_playout(struct end *end) {
  sotto_stats s = SOTTO_STATS_INIT;
  if (end->samples_written / (RATE / 1000 * end->tick_ms) % LOOKS || inside(end, sotto_call_stats(end->call, &s)))
    return;
  end->playout_sum += s.jitter_buffer_delay_us;
  end->playout_samples++;
}

static void look_at_allocations(struct end *end) {
  int64_t allocations = measure_allocations_now();
  end->ticks++;
  end->allocating_ticks += allocations > end->allocations_seen;
  end->allocations_seen = allocations;
}

static void tick(struct end *end) {
  sotto_event event = SOTTO_EVENT_INIT;
  while (inside(end, sotto_engine_next_event(end->engine, &event)))
    learn(end, &event);
  if (!end->open)
    return;
  look_at_allocations(end);
  speak(end);
  hear(end);
  look_at_playout(end);
  if (end->video && now() >= end->next_picture) {
    end->next_picture = now() / (1000000 / FPS) * (1000000 / FPS) + 1000000 / FPS;
    show(end);
  }
  if (end->video)
    look(end);
}

static void run(struct end *end) {
  struct timespec next;
  clock_gettime(CLOCK_MONOTONIC, &next);
  while (!end->stopped) {
    next.tv_nsec += end->tick_ms * 1000000;
    next.tv_sec += next.tv_nsec / 1000000000;
    next.tv_nsec %= 1000000000;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
    tick(end);
    listen_to_input(end);
  }
}

static bool parse(struct end *end, char **argv) {
  end->video = sscanf(argv[4], "%dx%d", &end->width, &end->height) == 2;
  end->tick_ms = atoi(argv[5]);
  return end->tick_ms > 0 && end->tick_ms <= TICK_MAX && (end->video || strcmp(argv[4], "audio") == 0);
}

int main(int argc, char **argv) {
  static struct end end;
  if (argc != 6 || !parse(&end, argv)) {
    fputs("usage: sotto-end STORE URL ADDRESS WIDTHxHEIGHT|audio TICK_MS\n", stderr);
    return 2;
  }
  setvbuf(stdin, NULL, _IONBF, 0); /* or poll() would not know of a line that has been read already */
  setvbuf(stdout, NULL, _IOLBF, 1 << 16);
  sotto_config config = SOTTO_CONFIG_INIT;
  config.store_path = argv[1];
  config.store_passphrase = "correct horse";
  config.signaling_url = argv[2];
  config.local_address = argv[3];
  config.lan = true;
  sotto_status status = sotto_engine_new(&config, &end.engine);
  if (status)
    fail("engine", status);
  end.opening_kilobytes = kilobytes("VmHWM");
  forget_peak();
  run(&end);
  sotto_call_free(end.call);
  sotto_engine_free(end.engine);
  return 0;
}
