#include "engine/trust/roster_links.h"
#include "unit.h"

enum { CHAIN = 60 };

static struct identity owner;
static struct roster roster[CHAIN];

static void make_chain(int count, struct roster_links *links) {
  identity_make(&owner);
  links->size = 0;
  for (int i = 0; i < count; i++) {
    if (i == 0) {
      roster_first(&roster[0], &owner, 1000);
    } else {
      roster_next(&roster[i], &roster[i - 1], 1000 + (uint64_t)i);
      assert_true(roster_sign(&roster[i], owner.ik_secret));
    }
    roster_links_add(links, &roster[i]);
  }
}

static void links_bring_an_old_head_up_to_date(void **state) {
  (void)state;
  static struct roster_links links;
  struct bytes_view link[ROSTER_LINKS_MAX];
  make_chain(5, &links);
  for (uint32_t from = 0; from < 5; from++) {
    struct bytes_view view = roster_links_from(&links, 4, from);
    struct roster current = roster[from];
    size_t count = roster_links_split(view.data, view.size, link);
    assert_int_equal(count, 5 - from);
    assert_int_equal(roster_accept(&current, link, count, NULL), from == 4 ? ROSTER_SAME : ROSTER_ACCEPTED);
    assert_memory_equal(&current.head, &roster[4].head, sizeof current.head);
  }
  assert_int_equal(roster_links_from(&links, 4, 5).size, 0);
}

static void when_full_the_oldest_go_and_the_rest_is_whole(void **state) {
  (void)state;
  static struct roster_links links;
  struct bytes_view link[ROSTER_LINKS_MAX];
  make_chain(CHAIN, &links);
  size_t count = roster_links_split(links.bytes, links.size, link);
  assert_true(count > 10 && count < ROSTER_LINKS_MAX);
  for (size_t i = 0; i < count; i++)
    assert_memory_equal(link[i].data, roster[CHAIN - count + i].encoded, link[i].size);
  assert_int_equal(roster_links_from(&links, CHAIN - 1, (uint32_t)(CHAIN - count - 1)).size, 0);
  assert_int_equal(roster_links_from(&links, CHAIN - 1, (uint32_t)(CHAIN - count)).size, links.size);
}

static void parts_are_whole_links_that_fit(void **state) {
  (void)state;
  static struct roster_links links;
  struct bytes_view part, link[ROSTER_LINKS_MAX];
  make_chain(9, &links);
  struct bytes_view rest = roster_links_from(&links, 8, 0);
  size_t seen = 0;
  while (roster_links_next(&rest, 1000, &part)) {
    assert_true(part.size <= 1000);
    size_t count = roster_links_split(part.data, part.size, link);
    assert_true(count > 0);
    seen += count;
  }
  assert_int_equal(seen, 9);
  rest = roster_links_from(&links, 8, 0);
  assert_false(roster_links_next(&rest, 100, &part)); /* not one fits */
}

static void cut_links_are_none(void **state) {
  (void)state;
  static struct roster_links links;
  struct bytes_view link[ROSTER_LINKS_MAX];
  make_chain(2, &links);
  for (size_t size = 0; size < links.size; size++)
    assert_true(roster_links_split(links.bytes, size, link) == (size == roster[0].size + 2));
  static const uint8_t many[2 * (ROSTER_LINKS_MAX + 1)]; /* empty ones */
  assert_int_equal(roster_links_split(many, sizeof many, link), 0);
}

static void an_older_head_of_another_history_is_a_fork(void **state) {
  (void)state;
  static struct roster_links links;
  make_chain(4, &links);
  struct roster_head other = roster[2].head;
  assert_int_equal(roster_links_compare(&links, &roster[3].head, &other), ROSTER_STALE);
  other.hash[0] ^= 1;
  assert_int_equal(roster_links_compare(&links, &roster[3].head, &other), ROSTER_FORK);
  other.seq = 4;
  assert_int_equal(roster_links_compare(&links, &roster[3].head, &other), ROSTER_ACCEPTED);
  assert_int_equal(roster_links_compare(&links, &roster[3].head, &roster[3].head), ROSTER_SAME);
}

UNIT_TESTS(test(links_bring_an_old_head_up_to_date), test(when_full_the_oldest_go_and_the_rest_is_whole),
           test(parts_are_whole_links_that_fit), test(cut_links_are_none),
           test(an_older_head_of_another_history_is_a_fork))
