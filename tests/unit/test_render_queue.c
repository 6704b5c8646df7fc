#include "engine/render_queue.h"

#include "unit.h"

enum { WIDTH = 32, HEIGHT = 16 };

static struct render_queue queue;
static uint8_t plane[64 * 64];

static struct picture picture_of(int mark, int width, int height) {
  memset(plane, mark, sizeof plane);
  return (struct picture){
      .width = width, .height = height, .stride = {64, 64, 64}, .plane = {plane, plane, plane}, .captured = mark};
}

static void add(int mark, usec render) {
  struct picture picture = picture_of(mark, WIDTH, HEIGHT);
  render_queue_add(&queue, &picture, render);
}

static bool begin(void) {
  memset(&queue, 0, sizeof queue);
  bool ok = render_queue_init(&queue);
  render_queue_set_open(&queue, true);
  return ok;
}

/* The mark of the picture shown now, -1: none. */
static int show(usec now) {
  struct rendered *shown = render_queue_take(&queue, now);
  if (!shown)
    return -1;
  int mark = shown->buffer.memory[0];
  assert_int_equal(shown->buffer.picture.captured, mark);
  render_queue_give_back(shown);
  return mark;
}

static void a_picture_is_shown_when_its_time_has_come_and_once(void **state) {
  (void)state;
  need(begin());
  add(1, SEC(1));
  if (!unit_alloc_failed()) {
    assert_int_equal(show(SEC(1) - 1), -1);
    assert_int_equal(show(SEC(1)), 1);
    assert_int_equal(show(SEC(2)), -1);
  }
  render_queue_deinit(&queue);
}

static void the_newest_that_is_due_overtakes_the_others(void **state) {
  (void)state;
  struct render_stats stats;
  need(begin());
  for (int i = 1; i <= 5; i++)
    add(i, i * MS(33));
  if (!unit_alloc_failed()) {
    assert_int_equal(show(3 * MS(33)), 3);
    assert_int_equal(show(5 * MS(33)), 5);
    render_queue_stats(&queue, &stats);
    assert_int_equal(stats.frames_rendered, 2);
    assert_int_equal(stats.frames_dropped, 3);
  }
  render_queue_deinit(&queue);
}

static void when_nobody_reads_the_oldest_goes(void **state) {
  (void)state;
  struct render_stats stats;
  need(begin());
  for (int i = 1; i <= RENDER_WAITING + 4; i++)
    add(i, SEC(100) + i);
  if (!unit_alloc_failed()) {
    render_queue_stats(&queue, &stats);
    assert_int_equal(stats.frames_dropped, 4);
    assert_int_equal(show(SEC(100) + 5), 5);
  }
  render_queue_deinit(&queue);
}

static void an_embedder_that_keeps_every_picture_gets_no_more_and_nothing_breaks(void **state) {
  (void)state;
  struct rendered *kept[RENDER_PICTURES];
  int count = 0;
  need(begin());
  for (int i = 0; i < 2 * RENDER_PICTURES; i++) {
    add(i, i);
    struct rendered *shown = render_queue_take(&queue, i);
    if (shown)
      kept[count++] = shown;
  }
  if (!unit_alloc_failed())
    assert_int_equal(count, RENDER_PICTURES);
  for (int i = 0; i < count; i++)
    assert_int_equal(kept[i]->buffer.memory[0], kept[i]->buffer.picture.captured); /* none was written over */
  while (count)
    render_queue_give_back(kept[--count]);
  add(77, SEC(1));
  if (!unit_alloc_failed())
    assert_int_equal(show(SEC(1)), 77);
  render_queue_deinit(&queue);
}

static void while_the_gate_is_shut_nothing_is_taken_or_given(void **state) {
  (void)state;
  need(begin());
  add(1, 0);
  render_queue_set_open(&queue, false);
  assert_int_equal(show(SEC(1)), -1);
  add(2, 0);
  assert_int_equal(show(SEC(1)), -1);
  render_queue_set_open(&queue, true);
  assert_int_equal(show(SEC(1)), -1); /* what came before is gone */
  add(3, 0);
  if (!unit_alloc_failed())
    assert_int_equal(show(SEC(1)), 3);
  render_queue_deinit(&queue);
}

static usec run_of(int count, usec from, usec step) {
  for (int i = 0; i < count; i++, from += step) {
    add(1, from);
    show(from);
  }
  return from;
}

static void a_gap_is_a_freeze_from_the_larger_of_three_means_and_a_mean_and_150_ms(void **state) {
  (void)state;
  struct render_stats stats;
  need(begin());
  usec last = run_of(31, SEC(1), MS(20)) - MS(20); /* mean 20 ms: the limit is 170 */
  add(1, 0);
  if (unit_alloc_failed())
    goto done;
  assert_int_equal(show(last += MS(169)), 1);
  render_queue_stats(&queue, &stats);
  assert_int_equal(stats.freeze_count, 0);
  last = run_of(31, last + MS(20), MS(20)) - MS(20);
  add(1, 0);
  assert_int_equal(show(last += MS(170)), 1);
  render_queue_stats(&queue, &stats);
  assert_int_equal(stats.freeze_count, 1);
  assert_int_equal(stats.freezes_duration, MS(170));
  last = run_of(31, last + MS(100), MS(100)) - MS(100); /* mean 100 ms: the limit is 300 */
  add(1, 0);
  assert_int_equal(show(last + MS(299)), 1);
  render_queue_stats(&queue, &stats);
  assert_int_equal(stats.freeze_count, 1);
done:
  render_queue_deinit(&queue);
}

static void a_pause_of_the_sender_is_no_freeze(void **state) {
  (void)state;
  struct render_stats stats;
  need(begin());
  usec last = run_of(40, SEC(1), MS(33));
  render_queue_paused(&queue);
  run_of(3, last + SEC(20), MS(33));
  render_queue_stats(&queue, &stats);
  assert_int_equal(stats.freeze_count, 0);
  render_queue_deinit(&queue);
}

static void memory_is_kept_and_grows_only_for_a_larger_picture(void **state) {
  (void)state;
  struct picture_buffer buffer = {0};
  struct picture small = picture_of(7, 16, 16), large = picture_of(7, 33, 31);
  need(picture_buffer_copy(&buffer, &large));
  uint8_t *memory = buffer.memory;
  assert_int_equal(buffer.picture.width, 32);
  assert_int_equal(buffer.picture.height, 30);
  assert_int_equal(buffer.room, 32 * 30 * 3 / 2);
  assert_true(picture_buffer_copy(&buffer, &small));
  assert_ptr_equal(buffer.memory, memory);
  assert_int_equal(buffer.picture.plane[2][63], 7);
  picture_buffer_deinit(&buffer);
  picture_buffer_deinit(&buffer);
}

UNIT_TESTS(test(a_picture_is_shown_when_its_time_has_come_and_once),
           test(the_newest_that_is_due_overtakes_the_others), test(when_nobody_reads_the_oldest_goes),
           test(an_embedder_that_keeps_every_picture_gets_no_more_and_nothing_breaks),
           test(while_the_gate_is_shut_nothing_is_taken_or_given),
           test(a_gap_is_a_freeze_from_the_larger_of_three_means_and_a_mean_and_150_ms),
           test(a_pause_of_the_sender_is_no_freeze), test(memory_is_kept_and_grows_only_for_a_larger_picture))
