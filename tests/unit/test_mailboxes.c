#include "signaling/server/mailboxes.h"

#include "signaling/server/server.h"
#include "unit.h"

static struct mailboxes boxes;
static const uint8_t key[16] = {1};
static uint8_t cell[CELL_SIZE];

static void start(size_t max_boxes, size_t max_cells) {
  need(mailboxes_init(&boxes, key, max_boxes, max_cells));
}

static void end(void) {
  mailboxes_deinit(&boxes);
}

static struct box *open_box(uint8_t n) {
  uint8_t id[MAILBOX_SIZE] = {n};
  return mailboxes_open(&boxes, id);
}

/* Under an injected failure a pool may be empty: what is to be shown here is shown without. */
static bool failing(void) {
  if (!unit_alloc_failed())
    return false;
  end();
  return true;
}

static enum box_put put(usec now, struct box *box, int ttl, uint8_t mark) {
  cell[0] = mark;
  return mailboxes_put(&boxes, now, box, ttl, cell);
}

static void a_cell_waits_in_its_mailbox_in_order(void **state) {
  (void)state;
  start(10, 10);
  struct box *a = open_box(1), *b = open_box(2);
  if (failing())
    return;
  enum box_put result = put(0, a, 10, 1);
  if (failing())
    return;
  assert_int_equal(result, BOX_STORED);
  assert_int_equal(put(0, b, 10, 2), BOX_STORED);
  assert_int_equal(put(0, a, 10, 3), BOX_STORED);
  struct waiting *first = box_next(a, 0, 0);
  assert_int_equal(first->frame[0], FRAME_CELL);
  assert_int_equal(first->frame[1 + MAILBOX_SIZE], 1);
  struct waiting *second = box_next(a, 0, first->number);
  assert_int_equal(second->frame[1 + MAILBOX_SIZE], 3);
  assert_null(box_next(a, 0, second->number));
  assert_ptr_equal(open_box(1), a);
  end();
}

static void a_cell_is_gone_when_its_ttl_has_passed(void **state) {
  (void)state;
  start(10, 10);
  for (int ttl = 1; ttl <= CELL_TTL_MAX; ttl++)
    for (usec now = SEC(1000); now < SEC(1000) + MS(250); now += MS(83)) {
      mailboxes_expire(&boxes, now);
      struct box *box = open_box(1);
      if (failing())
        return;
      enum box_put result = put(now, box, ttl, 1);
      if (failing())
        return;
      assert_int_equal(result, BOX_STORED);
      usec end_of_life = now + SEC(ttl);
      mailboxes_expire(&boxes, end_of_life - 1);
      assert_non_null(box_next(box, end_of_life - 1, 0));
      assert_null(box_next(box, end_of_life, 0));
      usec deadline = mailboxes_deadline(&boxes);
      assert_true(deadline >= end_of_life && deadline <= end_of_life + MS(250));
      mailboxes_expire(&boxes, deadline);
      assert_int_equal(boxes.cells.used, 0);
      assert_int_equal(boxes.boxes.used, 0); /* empty and unread: forgotten */
      assert_true(mailboxes_deadline(&boxes) == USEC_NEVER);
      boxes.tick = 0;
    }
  end();
}

static void a_long_sleep_expires_everything(void **state) {
  (void)state;
  start(10, 10);
  for (uint8_t i = 1; i <= 5; i++) {
    struct box *box = open_box(i);
    if (failing())
      return;
    enum box_put result = put(0, box, i * 10, i);
    if (failing())
      return;
    assert_int_equal(result, BOX_STORED);
  }
  mailboxes_expire(&boxes, SEC(100000));
  assert_int_equal(boxes.cells.used, 0);
  assert_int_equal(boxes.boxes.used, 0);
  end();
}

static void the_same_cell_is_kept_once(void **state) {
  (void)state;
  start(10, 10);
  struct box *box = open_box(1);
  if (failing())
    return;
  put(0, box, 10, 1);
  if (failing())
    return;
  assert_int_equal(put(0, box, 10, 1), BOX_KNOWN);
  assert_int_equal(box->cells, 1);
  end();
}

static void a_full_mailbox_gives_up_what_was_read_and_nothing_else(void **state) {
  (void)state;
  start(10, 1000);
  struct box *box = open_box(1);
  if (failing())
    return;
  for (int i = 0; i < SERVER_CELLS_A_MAILBOX; i++) {
    enum box_put result = put(0, box, 10, (uint8_t)i);
    if (failing())
      return;
    assert_int_equal(result, BOX_STORED);
  }
  assert_int_equal(put(0, box, 10, 200), BOX_FULL);
  struct waiting *third = box_next(box, 0, box->first->next->number);
  third->read = true;
  assert_int_equal(put(0, box, 10, 200), BOX_STORED);
  assert_int_equal(put(0, box, 10, 201), BOX_FULL);
  assert_int_equal(box->cells, SERVER_CELLS_A_MAILBOX);
  assert_int_equal(box_next(box, 0, box->first->next->number)->frame[1 + MAILBOX_SIZE], 3);
  end();
}

static void cells_and_mailboxes_are_limited(void **state) {
  (void)state;
  start(2, 3);
  struct box *a = open_box(1), *b = open_box(2);
  if (failing())
    return;
  assert_null(open_box(3));
  assert_ptr_equal(open_box(1), a);
  enum box_put first = put(0, a, 10, 1);
  if (failing())
    return;
  assert_int_equal(first, BOX_STORED);
  assert_int_equal(put(0, a, 10, 2), BOX_STORED);
  assert_int_equal(put(0, b, 20, 3), BOX_STORED);
  assert_int_equal(put(0, b, 10, 4), BOX_FULL);
  mailboxes_expire(&boxes, SEC(11));
  assert_int_equal(boxes.boxes.used, 1);
  assert_non_null(open_box(3));
  end();
}

UNIT_TESTS(test(a_cell_waits_in_its_mailbox_in_order), test(a_cell_is_gone_when_its_ttl_has_passed),
           test(a_long_sleep_expires_everything), test(the_same_cell_is_kept_once),
           test(a_full_mailbox_gives_up_what_was_read_and_nothing_else), test(cells_and_mailboxes_are_limited))
