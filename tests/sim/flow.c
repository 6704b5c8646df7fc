#include "flow.h"

#include <string.h>

enum { ONE = 1000, START = 10 * ONE, LEAST = 2 * ONE, REORDERED = 3 };
static const usec timeout = SEC(1);

void flow_init(struct flow *flow, usec now, usec way_back) {
  *flow = (struct flow){
      .way_back = way_back, .window = START, .threshold = INT64_C(1000000) * ONE, .heard = now, .highest = -1};
}

static void shrink(struct flow *flow) {
  flow->threshold = flow->window / 2 > LEAST ? flow->window / 2 : LEAST;
  flow->window = flow->threshold;
  flow->recover = flow->next;
}

static void grow(struct flow *flow) {
  flow->window += flow->window < flow->threshold ? ONE : (int64_t)ONE * ONE / flow->window;
  if (flow->window > (int64_t)(FLOW_WINDOW - 1) * ONE)
    flow->window = (int64_t)(FLOW_WINDOW - 1) * ONE;
}

/* Everything up to `number` minus what may be reordered is settled: it arrived, or it is lost. */
static void settle(struct flow *flow, int64_t number) {
  if (number > flow->highest)
    flow->highest = number;
  flow->arrived[number % FLOW_WINDOW] = true;
  while (flow->acknowledged <= flow->highest) {
    bool *arrived = &flow->arrived[flow->acknowledged % FLOW_WINDOW];
    if (!*arrived && flow->highest - flow->acknowledged < REORDERED)
      break;
    if (*arrived)
      grow(flow);
    else if (flow->acknowledged >= flow->recover)
      shrink(flow);
    *arrived = false;
    flow->acknowledged++;
  }
}

static void take_acks(struct flow *flow, usec now) {
  while (flow->acks && flow->ack_at[flow->ack_head] <= now) {
    int64_t number = flow->ack[flow->ack_head];
    flow->ack_head = (flow->ack_head + 1) % FLOW_WINDOW;
    flow->acks--;
    flow->heard = now;
    if (number >= flow->acknowledged)
      settle(flow, number);
  }
  if (now - flow->heard < timeout)
    return;
  shrink(flow);
  flow->window = ONE;
  flow->acknowledged = flow->next;
  memset(flow->arrived, 0, sizeof flow->arrived);
  flow->heard = now;
}

bool flow_poll(struct flow *flow, usec now, uint32_t *number) {
  take_acks(flow, now);
  if ((flow->next - flow->acknowledged) * ONE >= flow->window)
    return false;
  *number = (uint32_t)flow->next++;
  return true;
}

void flow_arrived(struct flow *flow, usec now, uint32_t number) {
  if (number < flow->acknowledged || flow->acks == FLOW_WINDOW)
    return;
  int i = (flow->ack_head + flow->acks++) % FLOW_WINDOW;
  flow->ack_at[i] = now + flow->way_back;
  flow->ack[i] = number;
}

usec flow_deadline(const struct flow *flow) {
  if ((flow->next - flow->acknowledged) * ONE < flow->window)
    return 0;
  return earlier(flow->acks ? flow->ack_at[flow->ack_head] : USEC_NEVER, flow->heard + timeout);
}
