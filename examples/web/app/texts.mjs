// texts.mjs - what a person reads of states, ends and alarms.

export const STATES = {
  dialing: 'Looking for them …',
  ringing: 'Ringing …',
  connecting: 'Looking for a path …',
  securing: 'Securing the connection …',
  binding: 'Checking that nobody is in between …',
  gated: 'Secured. Nothing is sent yet.',
  open: 'Talking.',
  reconnecting: 'The path was lost. Looking for another …',
  ended: 'The call is over.',
};

/** Of a gated call, by its gate. */
export const GATES = {
  shut: 'Nothing is heard or seen.',
  'audio-unverified': 'Sound alone, for two minutes. Compare the pictures.',
};

export const ENDS = {
  hangup: 'They hung up.',
  canceled: 'The call was canceled.',
  elsewhere: 'Answered on another device.',
  declined: 'They declined.',
  busy: 'They are busy.',
  'no-answer': 'Nobody answered.',
  unreachable: 'They could not be reached. (Two browsers can not call each other.)',
  lost: 'The connection was lost.',
  timeout: 'The connection could not be secured in time.',
  unverified: 'Nobody compared the pictures in time.',
  security: 'Ended for safety: see the warning.',
  internal: 'Something failed in this browser.',
};

/** For safety, and nothing was amiss at this end. */
export const ENDED_BY_THEM = 'Their side ended the call for safety: something was not right there. Ask them what it says.';

export const ALARMS = {
  'auth-fail': 'Somebody sent what does not authenticate. It was dropped.',
  'bind-mismatch': 'The connection did not end at their device, or not in this call. Calls with them are shut.',
  'device-revoked': 'Somebody called from a device that they had given up.',
  'fp-changed': 'In the middle of a call another certificate was named. The call was ended.',
  'fp-mismatch': 'Somebody was in between: the other end showed another certificate than they named.',
  'identity-changed': 'They say that their key is no longer good. Calls with them are shut.',
  'invite-reused': 'Somebody else tried your invite after it was used: it was seen by others.',
  'profile-downgrade': 'The connection would have been weaker than both can do. It was refused.',
  replay: 'The server repeated old messages. They were dropped.',
  'roster-changed': 'Their list of devices changed.',
  'roster-fork': 'Two lists of devices contradict each other. Calls with them are shut.',
  'roster-stale': 'Somebody showed an old list of their devices. It was ignored.',
  'sas-aborted': 'The comparison was broken off before its pictures were there.',
  'sas-commit-bad': 'The comparison was tampered with.',
  'sas-mismatch': 'The pictures differ: somebody is in between. Calls with them are shut.',
  'self-roster-fork': 'Somebody else signs with your key. Make a new identity.',
  'self-roster-rollback': 'Somebody else signs with your key, or this browser went back in time.',
  'signaling-gap': 'The server holds messages back.',
};

export const TRUST = {
  tofu: 'not compared yet',
  verified: 'compared: it is them',
  changed: 'changed: calls are shut',
  revoked: 'blocked',
};

/** Of 0 to 5, from what WebRTC counts. @param {{ loss: number, roundTrip: number }} seen */
export function qualityOf({ loss, roundTrip }) {
  const lossCost = Math.min(4, loss * 40);
  const delayCost = Math.min(2, Math.max(0, roundTrip - 0.15) * 6);
  return Math.max(1, 5 - lossCost - delayCost);
}
