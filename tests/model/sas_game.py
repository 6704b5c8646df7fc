#!/usr/bin/env python3
"""sas_game.py - M2, the best that anybody in the middle can do against the comparison of words (protocol C.5).

An exact game, with fractions: the attacker speaks to Alice on one leg and to Bob on the other and chooses who is
the committing side on each, what to send and which leg moves next, knowing all that was said so far; nature draws
the honest shares. He wins when the two strings are equal. A string is the sum of both shares and of what differs
between the two legs (keys, handshake hashes), modulo SIZE. Abstracted: the hash is ideal, and so is the
commitment, which is to say that who has committed can't change his share and nobody sees it.

  with the commitment          1/SIZE, however the roles are given out
  without                      1: the last to choose chooses the result
  with a silent second try     1 - (1 - 1/SIZE)^(aborts + 1) where the attacker commits on a leg: he learns whether
                               he has won before he must open. So an aborted run is a visible failure, three a day.
"""
import sys
import time
from fractions import Fraction
from functools import lru_cache

COMMITS, REPLIES = "commits", "replies"  # what the honest end of a leg does
FRESH, SEEN, DONE = range(3)  # nothing fixed; both shares fixed, the attacker has yet to open; opened


def best(size, roles, commitment=True, aborts=0):
    """The attacker's chance under best play, and how many positions there were."""
    differs = (0, 1)

    @lru_cache(None)
    def chance(legs, left):
        if all(phase == DONE for phase, _, _ in legs):
            return Fraction((sum(legs[0][1:]) + differs[0] - sum(legs[1][1:]) - differs[1]) % size == 0)
        return max(move for leg in (0, 1) for move in moves(legs, left, leg))

    def moves(legs, left, leg):
        def then(*state, left=left):
            return chance(legs[:leg] + (state,) + legs[leg + 1:], left)

        phase = legs[leg][0]
        after = DONE if roles[leg] == COMMITS else SEEN
        shares = range(size)
        if phase == FRESH and commitment:  # his share is fixed, then nature's is seen
            for mine in shares:
                yield sum(then(after, honest, mine) for honest in shares) / Fraction(size)
        elif phase == FRESH:
            yield sum(max(then(after, honest, mine) for mine in shares) for honest in shares) / Fraction(size)
        elif phase == SEEN:
            yield then(DONE, *legs[leg][1:])
            if left:
                yield then(FRESH, 0, 0, left=left - 1)

    result = chance(((FRESH, 0, 0), (FRESH, 0, 0)), aborts)
    return result, chance.cache_info().currsize


def worst(size, **rules):
    """Over the four ways to give out the roles."""
    games = [best(size, (alice, bob), **rules) for alice in (COMMITS, REPLIES) for bob in (COMMITS, REPLIES)]
    return max(result for result, _ in games), sum(positions for _, positions in games)


def cases(quick):
    """(name, what the protocol says, size, rules) of every game."""
    for size in (2, 4) if quick else (2, 4, 8):
        once = Fraction(1, size)
        yield f"{size} strings", once, size, {}
        yield f"{size} strings, no commitment", Fraction(1), size, {"commitment": False}
        for aborts in (1, 3):
            yield f"{size} strings, {aborts} silent aborts", 1 - (1 - once) ** (aborts + 1), size, {"aborts": aborts}


def play(quick):
    """Rows of model.py's table: name, expected, result, positions, seconds, right."""
    for name, expected, size, rules in cases(quick):
        begun = time.monotonic()
        result, positions = worst(size, **rules)
        yield name, str(expected), str(result), positions, time.monotonic() - begun, result == expected


if __name__ == "__main__":
    rows = list(play("--quick" in sys.argv[1:]))
    for name, expected, result, _, _, right in rows:
        print(f"{'ok    ' if right else 'FAILED'} {name}: {result}" + ("" if right else f", not {expected}"))
    sys.exit(0 if all(row[-1] for row in rows) else 1)
