/* page.h - what is different in a call with a page in a browser (PROTOCOL.md section 9a, protocol C.7).
 *
 * A page can't export keying material, but it sees our certificate: so that one is made for the session and has a
 * serial number that says which. And a browser's RTP comes in numbers of its own: we offer a list, or take of
 * theirs.
 */
#ifndef PAGE_H
#define PAGE_H
#include "../../media/session.h"
#include "../path/dtls.h"
#include "channel.h"

enum { PAGE_TRANSPORT_CC = 3 }; /* the header extension's number in our OFFER; in an ANSWER theirs comes back */

/* A calls B. For dtls_certificate_new(): a positive number of at most 19 bytes. */
void page_serial(uint8_t serial[DTLS_SERIAL_SIZE], const uint8_t h[HASH_SIZE], const uint8_t call_id[CALL_ID_SIZE],
                 const struct channel_party *a, const struct channel_party *b);

/* All that we speak, the format first that we would rather have. */
void page_offer(struct format_list *formats, enum session_video_codec preferred);
/* What we take of an offer; false: sound and pictures can't both be had. */
bool page_answer(struct format_list *formats, const struct format_list *offer, enum session_video_codec preferred);
/* `formats` is our offer, and then what they took of it; false: they took something else. */
bool page_answered(struct format_list *formats, const struct format_list *answer);
/* What the media session makes of the answer: the numbers, the codec of pictures, 20 ms of sound, and whose
 * feedback it is to follow. Its sources and transport_cc are set. */
void page_session(struct session_config *session, const struct format_list *formats);

#endif
