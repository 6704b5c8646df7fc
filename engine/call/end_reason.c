#include "end_reason.h"

/* The first row that fits, either way. */
static const struct {
  sotto_end_reason end;
  enum wire_reason wire;
} reasons[] = {
    {SOTTO_END_HANGUP, REASON_HANGUP},
    {SOTTO_END_DECLINED, REASON_DECLINED},
    {SOTTO_END_BUSY, REASON_BUSY},
    {SOTTO_END_CANCELED, REASON_CANCELED},
    {SOTTO_END_ELSEWHERE, REASON_CANCELED}, /* where, is none of the caller's business */
    {SOTTO_END_ELSEWHERE, REASON_ANSWERED_ELSEWHERE},
    {SOTTO_END_NO_ANSWER, REASON_NO_ANSWER},
    {SOTTO_END_UNREACHABLE, REASON_UNREACHABLE},
    {SOTTO_END_LOST, REASON_LOST},
    {SOTTO_END_TIMEOUT, REASON_TIMEOUT},
    {SOTTO_END_UNVERIFIED, REASON_UNVERIFIED},
    {SOTTO_END_SECURITY, REASON_SECURITY},
    {SOTTO_END_INTERNAL, REASON_INTERNAL},
};
enum { REASONS = sizeof reasons / sizeof reasons[0] };

enum wire_reason end_reason_to_wire(sotto_end_reason reason) {
  for (int i = 0; i < REASONS; i++)
    if (reasons[i].end == reason)
      return reasons[i].wire;
  return REASON_HANGUP;
}

sotto_end_reason end_reason_from_wire(uint8_t reason) {
  for (int i = 0; i < REASONS; i++)
    if (reasons[i].wire == reason)
      return reasons[i].end;
  return SOTTO_END_HANGUP;
}
