#include "engine/trust/statement.h"
#include "unit.h"

static struct identity old, next, other;
static struct roster first;
static struct statement rotation, tombstone;
static struct statement_view view;

static void make(void) {
  identity_make(&old);
  identity_make(&next);
  identity_make(&other);
  roster_first(&first, &next, 1000);
  statement_rotate(&rotation, &old, &next, &first);
  statement_tombstone(&tombstone, &old);
}

static bool good(const struct statement *statement) {
  return statement_parse(statement->bytes, statement->size, &view);
}

static void each_says_whose_it_is_and_fits_where_it_is_kept(void **state) {
  (void)state;
  make();
  assert_true(good(&rotation));
  assert_int_equal(view.kind, STATEMENT_ROTATE);
  assert_memory_equal(view.ik, old.ik, KEY_SIZE);
  assert_memory_equal(view.next, next.ik, KEY_SIZE);
  assert_ptr_equal(view.ik, rotation.bytes + STATEMENT_IK);
  assert_ptr_equal(view.next, rotation.bytes + STATEMENT_NEXT);
  assert_ptr_equal(view.roster.data, rotation.bytes + STATEMENT_ROSTER);
  assert_memory_equal(view.roster.data, first.encoded, first.size);
  assert_memory_equal(rotation.device, old.device.id, DEVICE_ID_SIZE);
  assert_true(good(&tombstone));
  assert_int_equal(view.kind, STATEMENT_TOMBSTONE);
  assert_memory_equal(view.ik, old.ik, KEY_SIZE);
  assert_null(view.next);
}

static void no_byte_may_be_changed_missing_or_added(void **state) {
  (void)state;
  make();
  struct statement *const all[] = {&rotation, &tombstone};
  for (size_t s = 0; s < 2; s++) {
    struct statement *statement = all[s];
    for (size_t i = 0; i < statement->size; i++) {
      statement->bytes[i] ^= 1;
      assert_false(good(statement));
      statement->bytes[i] ^= 1;
      assert_false(statement_parse(statement->bytes, i, &view));
    }
    statement->size++;
    assert_false(good(statement));
    statement->size--;
    assert_true(good(statement));
  }
}

/* What a thief of one key can make: the other signature is another key's, or of another pair. */
static void a_rotation_needs_both_keys(void **state) {
  (void)state;
  make();
  struct identity fake = old;
  memcpy(fake.ik_secret, other.ik_secret, sizeof fake.ik_secret);
  statement_rotate(&rotation, &fake, &next, &first); /* the successor alone */
  assert_false(good(&rotation));
  fake = next;
  memcpy(fake.ik_secret, other.ik_secret, sizeof fake.ik_secret);
  statement_rotate(&rotation, &old, &fake, &first); /* the old key alone */
  assert_false(good(&rotation));
  statement_rotate(&rotation, &old, &next, &first);
  struct statement backwards;
  struct roster theirs;
  roster_first(&theirs, &old, 1000);
  statement_rotate(&backwards, &next, &old, &theirs);
  memcpy(rotation.bytes + STATEMENT_NEXT + KEY_SIZE, backwards.bytes + STATEMENT_NEXT + KEY_SIZE, SIGNATURE_SIZE);
  assert_false(good(&rotation)); /* both signed something, and not this */
}

static void a_tombstone_needs_its_own_key(void **state) {
  (void)state;
  make();
  struct identity fake = old;
  memcpy(fake.ik_secret, next.ik_secret, sizeof fake.ik_secret);
  statement_tombstone(&tombstone, &fake);
  assert_false(good(&tombstone));
}

static void nobody_follows_themselves_or_with_the_roster_of_another(void **state) {
  (void)state;
  make();
  struct roster second, theirs;
  roster_first(&theirs, &old, 1000);
  statement_rotate(&rotation, &old, &old, &theirs);
  assert_false(good(&rotation));
  roster_first(&theirs, &other, 1000);
  statement_rotate(&rotation, &old, &next, &theirs);
  assert_false(good(&rotation));
  roster_next(&second, &first, 1001);
  assert_true(roster_sign(&second, next.ik_secret));
  statement_rotate(&rotation, &old, &next, &second); /* not its first */
  assert_false(good(&rotation));
}

static void who_heard_signs_for_it(void **state) {
  (void)state;
  make();
  uint8_t sig[SIGNATURE_SIZE];
  const struct bytes_view whole = {rotation.bytes, rotation.size}, dead = {tombstone.bytes, tombstone.size};
  const struct roster_device *device = roster_find(&first, next.device.id);
  statement_acknowledge(sig, &next.device, &whole);
  assert_true(statement_acknowledged(sig, device, &whole));
  assert_false(statement_acknowledged(sig, device, &dead));
  statement_acknowledge(sig, &other.device, &whole);
  assert_false(statement_acknowledged(sig, device, &whole));
}

UNIT_TESTS(test(each_says_whose_it_is_and_fits_where_it_is_kept), test(no_byte_may_be_changed_missing_or_added),
           test(a_rotation_needs_both_keys), test(a_tombstone_needs_its_own_key),
           test(nobody_follows_themselves_or_with_the_roster_of_another), test(who_heard_signs_for_it))
