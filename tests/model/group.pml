/* group.pml - M3, a group's epochs (protocol E.2, E.3) with a malicious chair, the server on her side.
 *
 * Members 0, 1, 2 are honest; the chair Eve tells each of them, and each something else if she likes, who is in
 * epoch 1 and then in epoch 2. A member opens an epoch's gate with the signatures of all over the same history;
 * its sender key goes to those in the roster that it was shown and is mixed with the hash of that history.
 *
 *   one_history  who has opened epoch 2 shares the whole history with every honest member
 *   keys_kept    nobody's key goes to a ghost outside its roster, or to Eve once she was removed
 *   heard_right  who decrypts a member's media has that member's view of the group
 *
 * Abstracted: signatures and keys are what they should be; joining, leaving and succession are the three rosters.
 * Weak: NO_SIGNATURES (the gate waits for nobody), NO_HISTORY (an epoch's hash leaves out the one before),
 * NO_HASH_IN_KEYS (looked at with NO_SIGNATURES), KEYS_TO_ANYBODY (the server names a ghost, and is believed). OPENS:
 * both epochs can open for all.
 */
#define EVERYBODY 1  /* 0, 1, 2 and Eve */
#define WITH_GHOST 2 /* and a ghost besides */
#define EVE_OUT 3

byte first[3], second[3]; /* the roster each signed for epochs 1 and 2; 0: none yet */
bool open1[3], open2[3];
bool eve_has[3], ghost_has[3]; /* a member's key of epoch 2 */
bool heard[9];                 /* [3 * i + j]: i decrypted j's media of epoch 2 */
bool one_history = true, keys_kept = true, heard_right = true;

#ifdef NO_HISTORY
#define same_hash(i, j) (second[i] == second[j])
#else
#define same_hash(i, j) (first[i] == first[j] && second[i] == second[j])
#endif
#ifdef NO_SIGNATURES
#define signed1(i) true
#define signed2(i) true
#else
#define signed1(i) (second[i] == 0 && first[0] == first[i] && first[1] == first[i] && first[2] == first[i])
#define signed2(i) (second[0] && second[1] && second[2] && same_hash(i, 0) && same_hash(i, 1) && same_hash(i, 2))
#endif
#ifdef NO_HASH_IN_KEYS
#define same_key(i, j) true
#else
#define same_key(i, j) same_hash(i, j)
#endif
#ifdef KEYS_TO_ANYBODY
#define gives_ghost(r) true
#else
#define gives_ghost(r) ((r) == WITH_GHOST)
#endif

#define shares(i, j) (first[i] == first[j] && second[i] == second[j])
#define united(i) (!open2[i] || (shares(i, 0) && shares(i, 1) && shares(i, 2)))
#define kept(i) ((!ghost_has[i] || second[i] == WITH_GHOST) && (!eve_has[i] || second[i] != EVE_OUT))
#define right(i, j) (!heard[3 * i + j] || shares(i, j))

inline check() {
  one_history = united(0) && united(1) && united(2);
  keys_kept = kept(0) && kept(1) && kept(2);
  heard_right = right(0, 1) && right(0, 2) && right(1, 0) && right(1, 2) && right(2, 0) && right(2, 1);
#ifndef NO_HASH_IN_KEYS
  assert(one_history);
#endif
  assert(keys_kept);
  assert(heard_right);
}

#define FIRST(i, r) :: atomic { first[i] == 0 -> first[i] = r; check() }
#define SECOND(i, r) :: atomic { first[i] && second[i] == 0 -> second[i] = r; eve_has[i] = (r != EVE_OUT); ghost_has[i] = gives_ghost(r); check() }
#define OPEN1(i) :: atomic { first[i] && !open1[i] && signed1(i) -> open1[i] = true; check() }
#define OPEN2(i) :: atomic { second[i] && !open2[i] && signed2(i) -> open2[i] = true; check() }
#define HEAR(i, j) :: atomic { open2[i] && second[j] && same_key(i, j) && !heard[3 * i + j] -> heard[3 * i + j] = true; check() }
#define EACH(F) F(0) F(1) F(2)
#define TOLD(F, r) F(0, r) F(1, r) F(2, r)

active proctype world() {
end:
  do
  TOLD(FIRST, EVERYBODY) TOLD(FIRST, WITH_GHOST)
  TOLD(SECOND, EVERYBODY) TOLD(SECOND, WITH_GHOST) TOLD(SECOND, EVE_OUT)
  EACH(OPEN1) EACH(OPEN2)
  HEAR(0, 1) HEAR(0, 2) HEAR(1, 0) HEAR(1, 2) HEAR(2, 0) HEAR(2, 1)
#ifdef OPENS
  :: atomic { open1[0] && open1[1] && open1[2] && open2[0] && open2[1] && open2[2] -> bool group_opens = false; assert(group_opens) }
#endif
  od
}
