/* roster_news.h - links of a contact's roster came in: the accept rule, and what the user hears of it (protocol
 * A.5).
 */
#ifndef ROSTER_NEWS_H
#define ROSTER_NEWS_H
#include "call.h"

/* ACCEPTED: ROSTER_CHANGED is told, the contact is to be saved, and every call that is under way looks again
 * whether its device still stands. FORK: told, CHANGED. STALE: told. SAME and BAD: nothing. */
enum roster_verdict roster_news_take(struct call_env *env, struct contact *contact, int64_t now_unix,
                                     const uint8_t *links, size_t size);

#endif
