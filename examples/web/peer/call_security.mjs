// call_security.mjs - from a finished DTLS handshake to an open gate: certificate, BIND, policy, words
// (PROTOCOL.md, sections 9a and 10). A page can't export keys of its DTLS: the certificate's serial number, made of
// the handshake's hash, ties it to this call instead.
import { MESSAGE, RESULT, SETUP, VERSION } from './wire.mjs';
import { SAS_MODE, Sas, renderWords } from './sas.mjs';
import { callSerial, hasSerial } from './certificate.mjs';
import { equal } from './bytes.mjs';
import { evaluateGate } from './gate.mjs';
import { VERDICT, compareHeads, findDevice } from './roster.mjs';
import { tell } from './call_messages.mjs';

/** @typedef {import('./call.mjs').Call} Call */

const WORDS_TIMEOUT = 30_000; /* from COMMIT to the words */
const CONSENT = 120_000;
const AEAD = /AEAD.*GCM|GCM/i;

/* ---- the certificate ---- */

/** @param {Call} call @returns {[import('./certificate.mjs').Party, import('./certificate.mjs').Party]} */
function parties(call) {
  const { us, them } = call.channel;
  const party = ({ id, device }) => ({ ik: id, device });
  return call.outgoing ? [party(us), party(them)] : [party(them), party(us)];
}

/** @returns {Promise<string|null>} the alarm that it deserves; null: it is the peer's, of this call */
async function judgeCertificate(call) {
  const certificates = call.path.remoteCertificates();
  if (call.path.dtlsCount !== 1 || certificates.length !== 1) return 'auth-fail';
  const [der] = certificates;
  if (!equal(await call.env.primitives.sha256(der), call.theirs.fingerprint)) return 'fp-mismatch';
  const serial = await callSerial(call.env.primitives, call.channel.h, call.callId, ...parties(call));
  return hasSerial(der, serial) ? null : 'bind-mismatch';
}

/** What the browser tells of SRTP in its statistics, if it does: only AEAD will do. */
async function profileIsSafe(call) {
  for (const report of (await call.path.statistics()).values())
    if (report.type === 'transport' && report.srtpCipher && !AEAD.test(report.srtpCipher)) return false;
  return true;
}

async function refuse(call, alarm) {
  call.alarm(alarm);
  if (alarm === 'bind-mismatch' && call.contact.becameChanged()) await call.env.trustChanged(call.contact);
  await call.end('security');
}

async function dtlsConnected(call) {
  if (call.bindOurs || !['connecting', 'securing'].includes(call.state)) return;
  const alarm = await judgeCertificate(call);
  if (alarm) return refuse(call, alarm);
  if (!(await profileIsSafe(call))) return refuse(call, 'profile-downgrade');
  call.enter('binding');
  call.bindOurs = {
    type: MESSAGE.BIND,
    fpSelf: call.ours.fingerprint,
    fpPeer: call.theirs.fingerprint,
    dtlsRole: SETUP.ACTIVE,
  };
  await tell(call, call.bindOurs);
  await compareBinding(call);
}

/** Firefox says so as well when no path was found, of which nobody needs to be in between. */
function dtlsFailed(call) {
  if (call.bound) return call.end('lost');
  if (call.state === 'connecting' && !call.iceConnected) return call.end('unreachable');
  return refuse(call, 'fp-mismatch');
}

/** @param {Call} call */
export async function checkDtls(call) {
  if (call.dtls === 'connected') return dtlsConnected(call);
  if (call.dtls === 'closed') return call.finish('hangup');
  if (call.dtls === 'failed') return dtlsFailed(call);
  return undefined;
}

/* ---- BIND ---- */

/** @param {Call} call @param {import('./message.mjs').Message} bind */
export async function bindReceived(call, bind) {
  if (call.bindTheirs || !call.atLeast('connecting')) return;
  call.bindTheirs = bind;
  await compareBinding(call);
}

async function compareBinding(call) {
  const { bindOurs: ours, bindTheirs: theirs } = call;
  if (!ours || !theirs || call.bound) return;
  const mirrored =
    equal(ours.fpSelf, theirs.fpPeer) &&
    equal(ours.fpPeer, theirs.fpSelf) &&
    theirs.dtlsRole === SETUP.PASSIVE &&
    theirs.ekm === undefined; /* mode EKM is for natives alone */
  if (mirrored) await becomeBound(call);
  else await refuse(call, 'bind-mismatch');
}

function transcriptOf(call) {
  const [leg] = call.legs;
  const party = ({ id, device, dx }, head, fp) => ({ ik: id, device, dx, head, fp });
  const us = party(leg.channel.us, leg.ours, call.bindOurs.fpSelf);
  const them = party(leg.channel.them, leg.theirs, call.bindOurs.fpPeer);
  return {
    version: VERSION,
    mode: SAS_MODE.CERT,
    callId: call.callId,
    initiator: call.outgoing ? us : them,
    responder: call.outgoing ? them : us,
    h: leg.channel.h,
    offer: leg.offerHash,
    answer: call.answerHash,
    dtlsClientIsInitiator: call.outgoing /* the page is the client */,
    profile: 0,
    cipher: 0,
    ekm: new Uint8Array(0),
  };
}

async function becomeBound(call) {
  call.bound = true;
  call.sas = new Sas(call.env.primitives, call.outgoing, transcriptOf(call));
  call.emit({ type: 'secure', verified: call.contact.state === 'verified', binding: 'cert', sealed: call.sealed });
  await askGate(call);
  if (call.iceLost) await call.pathLost();
  if (!call.ended && call.outgoing && call.contact.state !== 'verified') await startWords(call);
}

/* ---- the gate ---- */

async function setGate(call, gate) {
  if (gate === call.gate) return;
  call.gate = gate;
  await call.applyMedia();
  call.emit({ type: 'gate', gate });
}

/** Two minutes from when it was first reached, or from the consent; a lost path does not add to it. */
function enterGated(call) {
  if (call.state === 'gated') return;
  call.enter('gated');
  call.gatedUntil ||= call.deadline;
  call.deadline = call.gatedUntil;
}

/** @param {Call} call */
export async function askGate(call) {
  const { contact, env } = call;
  const verdict = evaluateGate({
    bound: call.bound,
    dtlsTransports: call.path?.dtlsCount ?? 0,
    ended: call.ended,
    trust: contact.state,
    requireVerified: contact.requireVerified,
    policy: env.policy,
    deviceAcknowledged: env.newDevice === 'show' || contact.deviceAcknowledged(call.channel.them.device),
    userConsented: call.userConsented,
  });
  const before = call.want;
  call.want = verdict.want;
  if (verdict.want === 'bind') return; /* still on the way there */
  await setGate(call, verdict.gate);
  if (verdict.want === 'refuses') return call.end('security');
  const lost = call.state === 'reconnecting' && call.iceLost; /* the gate opens no path */
  if (verdict.gate === 'open') {
    if (call.state !== 'open' && !lost) call.enter('open');
    if (verdict.warn && !call.warned) call.emit({ type: 'unverified' });
    call.warned = verdict.warn;
    return;
  }
  if (!lost) enterGated(call);
  if (verdict.want === 'consent' && before !== 'consent') call.emit({ type: 'consent' });
  if (verdict.want === 'device-ack' && before !== 'device-ack') call.emit({ type: 'new-device' });
}

/** Devices that their roster no longer has: a call with one of them is over, and one of several stops ringing. */
export async function checkDevices(call) {
  for (const leg of [...call.legs]) {
    if (call.ended || findDevice(call.contact.roster, leg.channel.them.device)) continue;
    call.alarm('device-revoked');
    if (call.legs.length === 1) await call.end('security');
    else call.dropLeg(leg, 'security');
  }
}

/** The user talks to somebody unverified for a short while. */
export async function consent(call) {
  if (call.state !== 'gated' || call.want !== 'consent') return;
  call.userConsented = true;
  call.deadline = call.gatedUntil = call.env.now() + CONSENT;
  await askGate(call);
}

export async function acknowledgeDevice(call) {
  if (call.state !== 'gated' || call.want !== 'device-ack') return;
  call.contact.acknowledge();
  await call.env.save();
  await askGate(call);
}

/* ---- words ---- */

async function startWords(call) {
  const { contact, env } = call;
  if (call.sas.underWay || contact.sasRunsLeft(env.unix()) === 0) return;
  const commitment = await call.sas.start();
  if (!commitment) return;
  await beginRun(call);
  await tell(call, { type: MESSAGE.SAS_COMMIT, run: call.sas.run, commitment });
}

async function beginRun(call) {
  call.contact.sasBegin(call.env.unix());
  call.sasDeadline = call.env.now() + WORDS_TIMEOUT;
  await call.env.save();
}

/** Again, or for the first time with somebody verified. */
export async function compareWords(call) {
  if (!call.sas || call.ended) return;
  if (call.outgoing) await startWords(call);
  else await tell(call, { type: MESSAGE.SAS_REQUEST });
}

async function showWords(call) {
  call.sasDeadline = Infinity;
  call.contact.sasShown();
  await call.env.save();
  call.emit({ type: 'words', words: renderWords(call.sas.value), run: call.sas.run });
}

function wordsFailed(call, alarm) {
  call.sasDeadline = Infinity;
  call.alarm(alarm);
}

/** @param {Call} call @param {import('./message.mjs').Message} message */
async function onCommit(call, { run, commitment }) {
  if (call.contact.sasRunsLeft(call.env.unix()) === 0)
    return tell(call, { type: MESSAGE.SAS_RESULT, run, result: RESULT.CANCEL });
  const random = call.sas.commit(run, commitment);
  if (!random) return wordsFailed(call, 'sas-commit-bad');
  await beginRun(call);
  return tell(call, { type: MESSAGE.SAS_REPLY, run, random });
}

/** @param {Call} call @param {import('./message.mjs').Message} message */
async function onReply(call, { run, random }) {
  const open = await call.sas.reply(run, random);
  if (!open) return wordsFailed(call, 'sas-commit-bad');
  await tell(call, { type: MESSAGE.SAS_OPEN, run, random: open });
  return showWords(call);
}

/** @param {Call} call @param {import('./message.mjs').Message} message */
async function onOpen(call, { run, random }) {
  if (await call.sas.open(run, random)) await showWords(call);
  else wordsFailed(call, 'sas-commit-bad');
}

/**
 * A mismatch of any run shuts our gate too; what we think of them is our user's.
 * @param {Call} call @param {import('./message.mjs').Message} message
 */
async function onResult(call, { run, result }) {
  if (result === RESULT.MISMATCH) {
    call.emit({ type: 'words-result', remote: 'mismatch' });
    call.alarm('sas-mismatch');
    return call.end('security');
  }
  if (call.sas.underWay && run === call.sas.run) {
    /* given up before the words were there */
    call.sas.abort();
    return wordsFailed(call, 'sas-aborted');
  }
  const remote = result === RESULT.MATCH ? 'match' : 'cancel';
  if (call.sas.result(run, remote)) call.emit({ type: 'words-result', local: call.sas.local, remote });
  return undefined;
}

/** @param {Call} call @param {import('./message.mjs').Message} message */
export async function wordsMessage(call, message) {
  if (!call.sas) return undefined; /* BIND comes first */
  switch (message.type) {
    case MESSAGE.SAS_REQUEST:
      return call.outgoing ? startWords(call) : undefined;
    case MESSAGE.SAS_COMMIT:
      return onCommit(call, message);
    case MESSAGE.SAS_REPLY:
      return onReply(call, message);
    case MESSAGE.SAS_OPEN:
      return onOpen(call, message);
    default:
      return onResult(call, message);
  }
}

/** A run that was begun and not finished in time is a failure that the user sees, never repeated by itself. */
export function tickWords(call) {
  if (call.env.now() < call.sasDeadline) return;
  call.sasDeadline = Infinity;
  if (call.sas.abort()) call.alarm('sas-aborted');
}

/** Our user compared the words of `run`. @param {Call} call @param {boolean} match */
export async function confirmWords(call, match) {
  if (call.ended || !call.sas?.confirm(match ? 'match' : 'mismatch')) return;
  await tell(call, { type: MESSAGE.SAS_RESULT, run: call.sas.run, result: match ? RESULT.MATCH : RESULT.MISMATCH });
  if (match) {
    call.contact.verifyWords();
    const [leg] = call.legs;
    if (compareHeads(call.contact.roster.head, leg.theirs) === VERDICT.SAME)
      call.contact.acknowledge(); /* they cover it */
  } else {
    call.contact.becameChanged();
    call.alarm('sas-mismatch');
  }
  await call.env.trustChanged(call.contact);
  if (match && !call.ended) call.emit({ type: 'words-result', local: 'match', remote: call.sas.remote });
}
