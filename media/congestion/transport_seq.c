#include "transport_seq.h"

#include <stddef.h>

#include "../seq.h"

void transport_seq_init(struct transport_seq *numbers) {
  numbers->next = 1;
  for (int i = 0; i < FEEDBACK_SENT; i++)
    numbers->packet[i].number = -1;
}

uint16_t transport_seq_next(struct transport_seq *numbers, int stream, int64_t seq) {
  int64_t number = numbers->next++;
  numbers->packet[number % FEEDBACK_SENT] =
      (struct transport_packet){.number = number, .seq = seq, .stream = stream};
  return (uint16_t)number;
}

int64_t transport_seq_unwrap(const struct transport_seq *numbers, uint16_t number) {
  return seq_unwrap(numbers->next - 1, number);
}

const struct transport_packet *transport_seq_find(const struct transport_seq *numbers, int64_t number) {
  if (number < 0)
    return NULL;
  const struct transport_packet *packet = &numbers->packet[number % FEEDBACK_SENT];
  return packet->number == number ? packet : NULL;
}
