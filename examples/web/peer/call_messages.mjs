// call_messages.mjs - what the two ends of a call tell each other, and in which state each message counts
// (PROTOCOL.md, sections 6, 7 and 9a). A message out of its state is dropped: the server may replay and reorder.
import { CAPS, FORMAT, MESSAGE, POLICY, REASON, SETUP, SRTP_PROFILES } from './wire.mjs';
import { acceptedFormats } from './sdp.mjs';
import { bindReceived, wordsMessage } from './call_security.mjs';
import { compare, equal } from './bytes.mjs';
import { isAllowed, isRelayed } from './candidate.mjs';

/** @typedef {import('./call.mjs').Call} Call @typedef {import('./call.mjs').Leg} Leg */

/** @param {Call} call @param {Leg} leg @param {import('./message.mjs').Message} message */
export function tellLeg(call, leg, message) {
  return leg.channel.send(message);
}

/** @param {Call} call @param {import('./message.mjs').Message} message */
export function tell(call, message) {
  return tellLeg(call, call.legs[0], message);
}

/** Why the peer says that it ends. @param {number} reason @returns {keyof typeof REASON} */
function reasonOf(reason) {
  return /** @type {keyof typeof REASON} */ (Object.keys(REASON).find((name) => REASON[name] === reason));
}

/* ---- descriptions ---- */

/** With a relay there may be candidates in it; without, all wait for the answer: who rings learns no address. */
async function sendDescription(call, leg, type) {
  const { ours, local } = call;
  const candidates = call.hidden ? local.candidates.filter(isRelayed) : [];
  leg.mediaTold = call.media;
  local.told = candidates.length;
  return tellLeg(call, leg, {
    type,
    callId: call.callId,
    offerHash: leg.offerHash,
    ...ours,
    setup: SETUP.ACTIVE /* a page is the DTLS client always */,
    profiles: [...SRTP_PROFILES],
    media: call.media,
    policy: POLICY[call.env.policy],
    handshake: leg.channel.h,
    candidates,
  });
}

/** @param {Call} call @param {Leg} leg */
export async function offerTo(call, leg) {
  const dialing = call.state === 'knocking' || call.state === 'offered';
  if (!dialing || leg.offered || !leg.channel.open || !call.ours) return;
  leg.offered = true;
  leg.offerHash = await sendDescription(call, leg, MESSAGE.OFFER);
  if (call.state === 'knocking') call.enter('offered');
}

/** The ANSWER. @param {Call} call */
export async function describe(call) {
  call.answerHash = await sendDescription(call, call.legs[0], MESSAGE.ANSWER);
}

/** Of this call and this handshake, from a native that is the DTLS server, in formats that we do. */
function descriptionFits(call, leg, { callId, handshake, setup, formats, ssrcs, repairSsrc }) {
  const speaks = (...wanted) => formats?.some(({ format }) => wanted.includes(format));
  return (
    equal(callId, call.callId) &&
    equal(handshake, leg.channel.h) &&
    setup === SETUP.PASSIVE &&
    speaks(FORMAT.OPUS) &&
    speaks(FORMAT.VP8, FORMAT.VP9) &&
    repairSsrc !== ssrcs.audio &&
    repairSsrc !== ssrcs.video
  );
}

/** A profile that both may use. */
function profileFits({ profiles }) {
  return profiles.some((profile) => SRTP_PROFILES.includes(profile));
}

function saveDescription(call, { fingerprint, ufrag, pwd, ssrcs, cname, formats, transportCc, repairSsrc, media }) {
  call.theirs = { fingerprint, ufrag, pwd, ssrcs, cname, formats, transportCc, repairSsrc };
  call.peerMedia = media;
}

async function refuse(call, alarm) {
  call.alarm(alarm);
  await call.end('security');
}

/** A second description is nothing, but one with another certificate or role is an attack. */
async function lateDescription(call, { setup, fingerprint }) {
  if (call.theirs && (setup !== SETUP.PASSIVE || !equal(fingerprint, call.theirs.fingerprint)))
    await refuse(call, 'fp-changed');
}

/** @param {Call} call */
async function onOffer(call, offer, hash) {
  const [leg] = call.legs;
  if (call.state !== 'helloed') return lateDescription(call, offer);
  if (leg.caps & CAPS.BROWSER) return call.end('unreachable'); /* two pages can't bind a call */
  const givesWay = compare(call.env.identity.ik, call.contact.id) > 0;
  const dialing = givesWay ? call.env.dialing(call.contact) : undefined;
  if (dialing) {
    /* only now: an old KNOCK that a server shows again must not end a call of ours */
    await dialing.yieldTo(call);
    return onOffer(dialing, offer, hash);
  }
  call.checkOurs(leg);
  if (!(await call.checkTheirs(leg)) || call.ended) return call.finish('security');
  if (!descriptionFits(call, leg, offer)) return refuse(call, 'auth-fail');
  if (!profileFits(offer)) return refuse(call, 'profile-downgrade');
  saveDescription(call, offer);
  leg.offerHash = hash;
  call.remote.candidates = offer.candidates;
  const automatic = call.autoAccept;
  call.enter('ringing');
  if (!automatic) call.emit({ type: 'incoming', media: offer.media });
  await tell(call, { type: MESSAGE.RINGING });
  if (automatic) await call.accept(call.media, call.tracks);
}

/** The first answer counts: the other devices stop ringing. */
async function onAnswer(call, leg, answer, hash) {
  if (call.state !== 'offered' || !leg.offered) return;
  const fits =
    equal(answer.offerHash, leg.offerHash) &&
    descriptionFits(call, leg, answer) &&
    acceptedFormats(call.ours.formats, answer.formats) &&
    [undefined, call.ours.transportCc].includes(answer.transportCc);
  if (!fits) return refuse(call, 'auth-fail');
  if (!profileFits(answer)) return refuse(call, 'profile-downgrade');
  saveDescription(call, answer);
  await call.keepLeg(leg, 'elsewhere');
  call.answerHash = hash;
  await tell(call, { type: MESSAGE.CONFIRM, offerHash: leg.offerHash, answerHash: hash });
  await call.path.accept(call.theirs);
  await addCandidates(call, answer.candidates);
  call.emit({ type: 'peer-media', media: call.peerMedia });
  await call.connect();
}

async function onConfirm(call, { offerHash, answerHash }) {
  if (call.state !== 'answered') return;
  if (!equal(offerHash, call.legs[0].offerHash) || !equal(answerHash, call.answerHash))
    return refuse(call, 'auth-fail');
  await addCandidates(call, call.remote.candidates.splice(0)); /* those that came with the OFFER */
  call.emit({ type: 'peer-media', media: call.peerMedia });
  await call.connect();
}

/* ---- candidates, restarts, media ---- */

/** @param {Call} call */
export async function sendCandidates(call) {
  const { local } = call;
  if (!call.atLeast('connecting') || local.told === local.candidates.length) return;
  const candidates = local.candidates.slice(local.told);
  local.told = local.candidates.length;
  await tell(call, { type: MESSAGE.CAND, candidates, generation: local.generation });
}

async function addCandidates(call, candidates) {
  for (const candidate of candidates) {
    if (call.remote.candidates.length >= 16 || !isAllowed(candidate, call.env.lan)) continue;
    call.remote.candidates.push(candidate);
    await call.path.addCandidate(candidate);
  }
}

async function onCandidates(call, { candidates, generation }) {
  if (call.atLeast('connecting') && generation === call.remote.generation) await addCandidates(call, candidates);
}

/** The generation goes up by one; everything that authenticates the media stays as it was. */
async function onRestart(call, { ufrag, pwd, candidates, generation }) {
  if (!call.atLeast('connecting') || generation !== ((call.remote.generation + 1) & 255)) return;
  const theirsFirst = call.local.generation === call.remote.generation;
  call.remote = { generation, candidates: [] };
  if (theirsFirst) await call.answerRestart({ ufrag, pwd });
  else await call.path.finishRestart({ ufrag, pwd });
  await addCandidates(call, candidates);
  await sendCandidates(call);
}

function onMedia(call, { media, generation }) {
  if (!call.atLeast('connecting') || generation !== ((call.peerMediaGeneration + 1) & 255)) return;
  call.peerMediaGeneration = generation;
  call.peerMedia = media;
  call.emit({ type: 'peer-media', media });
}

/* ---- which counts when ---- */

/** While several devices ring. A person who declines does so for all; a device that is busy or fails is out. */
async function readFromLeg(call, leg, message, hash) {
  switch (message.type) {
    case MESSAGE.ANSWER:
      return onAnswer(call, leg, message, hash);
    case MESSAGE.DECLINE:
      if (message.reason === REASON.declined) await call.keepLeg(leg, 'elsewhere');
      return call.dropLeg(leg, reasonOf(message.reason));
    case MESSAGE.HANGUP:
      return call.dropLeg(leg, reasonOf(message.reason));
    case MESSAGE.RINGING /* the caller's state says as much */:
      return undefined;
    default:
      leg.channel.rejected++;
      return undefined;
  }
}

async function onRoster(call, { roster }) {
  if (await call.takeRoster(roster)) return;
  if (call.seen) await call.end('security');
  else call.finish('security');
}

async function readMessage(call, message, hash) {
  const givesUp = message.type === MESSAGE.CANCEL || message.type === MESSAGE.HANGUP;
  if (givesUp && call.state === 'helloed') call.checkOurs(call.legs[0]); /* perhaps for what it knows of us */
  switch (message.type) {
    case MESSAGE.OFFER:
      return onOffer(call, message, hash);
    case MESSAGE.ANSWER:
      return lateDescription(call, message);
    case MESSAGE.ROSTER:
      return onRoster(call, message);
    case MESSAGE.CONFIRM:
      return onConfirm(call, message);
    case MESSAGE.BIND:
      return bindReceived(call, message);
    case MESSAGE.CAND:
      return onCandidates(call, message);
    case MESSAGE.RESTART:
      return onRestart(call, message);
    case MESSAGE.MEDIA:
      return onMedia(call, message);
    case MESSAGE.SAS_COMMIT:
    case MESSAGE.SAS_REPLY:
    case MESSAGE.SAS_OPEN:
    case MESSAGE.SAS_RESULT:
    case MESSAGE.SAS_REQUEST:
      return wordsMessage(call, message);
    case MESSAGE.CANCEL:
      return ['helloed', 'ringing', 'answered'].includes(call.state)
        ? call.finish(reasonOf(message.reason))
        : undefined;
    case MESSAGE.HANGUP:
      return call.finish(reasonOf(message.reason));
    default: /* of a handshake or a first contact: not in a call */
      call.channel.rejected++;
      return undefined;
  }
}

/** Whatever is next in order. @param {Call} call @param {Leg} leg */
export async function readMessages(call, leg) {
  while (!call.ended && call.legs.includes(leg)) {
    const next = await leg.channel.next();
    if (!next) return;
    const dialing = call.outgoing && !call.atLeast('connecting');
    if (dialing) await readFromLeg(call, leg, next.message, next.hash);
    else await readMessage(call, next.message, next.hash);
  }
}
