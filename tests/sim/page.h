/* page.h - a page in a browser at one end of a simulated call (PROTOCOL.md section 9a).
 *
 * A core that says BROWSER, which no product does, has the roles, messages and words of a page. What only the
 * page's script does is here: when DTLS is connected, and before anything else counts, it looks at the serial
 * number of the peer's certificate.
 */
#ifndef SIM_PAGE_H
#define SIM_PAGE_H
#include "engine/path/dtls.h"
#include "sim.h"

void sim_become_page(struct sim *sim, int peer); /* its calls from now on */
void sim_forget_pages(const struct sim *sim);

/* For the stand-in of DTLS, whose client has been shown this: false when it is a page's, and not of its session. */
bool page_takes(const struct dtls *dtls, const uint8_t serial[DTLS_SERIAL_SIZE]);

#endif
