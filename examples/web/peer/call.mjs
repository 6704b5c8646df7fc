// call.mjs - one call, from the first knock to the end (PROTOCOL.md, sections 7 and 9a; engine/call/call.h).
//
//   caller                                            callee
//   knocking --HELLO, OFFER out--> offered            helloed (unseen) --OFFER--> ringing --accept--> answered
//   offered --ANSWER in, CONFIRM out--> connecting    answered --CONFIRM in--> connecting
//   connecting --a pair--> securing --DTLS, certificate--> binding --BIND equal--> gated, open
//   gated <--the gate--> open                         gated, open <--path lost, found--> reconnecting
//
// The caller forks: one leg for each of the contact's devices until one of them answers. Everything here runs in the
// peer's one queue. Messages are in call_messages.mjs, certificate, gate and words in call_security.mjs.
import { CALL_ID_SIZE, CAPS, CELL, MEDIA, MESSAGE, REASON, SESSION_SIZE, VERSION } from './wire.mjs';
import { Channel } from './channel.mjs';
import { MediaPath } from './media_path.mjs';
import { VERDICT, compareHeads, findDevice, splitLinks } from './roster.mjs';
import { frameKeys } from './frame_seal.mjs';
import { askGate, checkDevices, checkDtls, tickWords } from './call_security.mjs';
import { describe, offerTo, readMessages, sendCandidates, tell, tellLeg } from './call_messages.mjs';

/** What the embedder sees (none: nothing), milliseconds until it ends by itself (none: never), and why. */
const STATES = {
  knocking: { seen: 'dialing', ms: 30_000, reason: 'unreachable' },
  offered: { seen: 'ringing', ms: 60_000, reason: 'no-answer' },
  helloed: { ms: 30_000, reason: 'unreachable' },
  ringing: { seen: 'ringing', ms: 65_000, reason: 'no-answer' },
  answered: { seen: 'connecting', ms: 20_000, reason: 'unreachable' },
  connecting: { seen: 'connecting', ms: 20_000, reason: 'unreachable' },
  securing: { seen: 'securing', ms: 10_000, reason: 'timeout' },
  binding: { seen: 'binding', ms: 10_000, reason: 'timeout' },
  gated: { seen: 'gated', ms: 120_000, reason: 'unverified' },
  open: { seen: 'open' },
  reconnecting: { seen: 'reconnecting', ms: 30_000, reason: 'lost' },
  ended: { seen: 'ended' },
};
const NEXT = {
  knocking: ['offered', 'helloed'],
  offered: ['connecting', 'helloed'],
  helloed: ['ringing'],
  ringing: ['answered'],
  answered: ['connecting'],
  connecting: ['securing', 'binding'],
  securing: ['binding'],
  binding: ['gated', 'open'],
  gated: ['open', 'reconnecting'],
  open: ['gated', 'reconnecting'],
  reconnecting: ['gated', 'open'],
  ended: [],
};
const ORDER = Object.keys(STATES);
const LEGS_MAX = 8;
const ALARMS_MAX = 4; /* of one kind in one call: a peer must not flood its user's screen */
const RELAY_PATIENCE = 5000;

/**
 * @typedef {keyof typeof STATES} CallState
 * @typedef {object} Leg one of their devices
 * @property {Channel} channel
 * @property {import('./message.mjs').Head} ours @property {import('./message.mjs').Head} theirs as both said
 * @property {import('./message.mjs').Head} known ours, as they know it
 * @property {boolean} offered @property {Uint8Array} offerHash @property {number} mediaTold
 * @property {number} caps bits of CAPS: what they can
 */

export class Call {
  /** @type {CallState} */ state;
  /** @type {'shut'|'audio-unverified'|'open'} */ gate = 'shut';
  /** @type {import('./gate.mjs').GateVerdict['want']} */ want = 'bind';
  /** @type {Leg[]} */ legs = [];
  /** @type {MediaPath|null} */ path = null;
  /** @type {import('./sdp.mjs').Description|null} */ ours = null;
  /** @type {import('./sdp.mjs').Description|null} */ theirs = null;
  local = { generation: 0, ufrag: '', candidates: [], told: 0, flushing: false };
  remote = { generation: 0, candidates: [] };
  hidden = false; /* only relayed addresses are used */
  iceConnected = false;
  iceLost = false;
  /** @type {'connected'|'closed'|'failed'|null} */ dtls = null;
  bindOurs = null;
  bindTheirs = null;
  answerHash = null;
  bound = false;
  sealed = false; /* frames, end to end inside SRTP */
  userConsented = false;
  warned = false;
  gatedUntil = 0;
  deadline = Infinity;
  /** @type {import('./sas.mjs').Sas|null} */ sas = null;
  sasDeadline = Infinity;
  mediaGeneration = 0;
  peerMedia = 0;
  peerMediaGeneration = 0;
  autoAccept = false;
  /** @type {keyof typeof REASON|null} */ reason = null;
  /** @type {{ audio: MediaStreamTrack|null, video: MediaStreamTrack|null }} */ tracks = { audio: null, video: null };
  #alarms = new Map();

  /** @param {import('./peer_env.mjs').PeerEnv} env @param {import('./contacts.mjs').Contact} contact */
  constructor(env, contact, outgoing, media) {
    this.env = env;
    this.contact = contact;
    this.outgoing = outgoing;
    this.media = media;
    this.callId = env.primitives.random(CALL_ID_SIZE);
  }

  /** @returns {Promise<Call>} */
  static async dial(env, contact, media, tracks) {
    const call = new Call(env, contact, true, media);
    call.tracks = tracks;
    call.#start('knocking');
    call.emit({ type: 'call-state' });
    if (env.relay) await call.openPath(); /* what it allocates can stand in the OFFER */
    await call.dialDevices();
    return call;
  }

  /** The callee's side of a knock; null: it does not authenticate. @returns {Promise<Call|null>} */
  static async knocked(env, contact, cell) {
    const call = new Call(env, contact, false, MEDIA.AUDIO);
    call.#start('helloed');
    return (await call.#takeKnock(cell)) ? call : null;
  }

  /**
   * Glare: the session that the lower ID began survives, once its OFFER proves that it is alive. Ours gives way to
   * it, which was wanted anyhow, and the embedder keeps the call that it has.
   * @param {Call} theirs
   */
  async yieldTo(theirs) {
    await this.keepLeg(null, 'canceled');
    this.path?.close();
    this.path = this.ours = null;
    this.outgoing = false;
    this.autoAccept = true;
    this.legs = theirs.legs;
    this.callId = theirs.callId;
    theirs.state = 'ended'; /* its leg is this call's now; nobody ever saw it */
    this.env.callEnded(theirs);
    this.enter('helloed');
  }

  #start(state) {
    this.state = state;
    this.deadline = this.env.now() + STATES[state].ms;
  }

  get ended() {
    return this.state === 'ended';
  }

  /** A knock is nothing to the embedder until it rings. */
  get seen() {
    return this.state !== 'helloed' || this.autoAccept;
  }

  /** @param {CallState} state */
  atLeast(state) {
    return ORDER.indexOf(this.state) >= ORDER.indexOf(state) && !this.ended;
  }

  get channel() {
    return this.legs[0].channel;
  }

  /** @param {object} event */
  emit(event) {
    this.env.emit({ call: this, contact: this.contact, state: STATES[this.state].seen, ...event });
  }

  /** @param {string} alarm */
  alarm(alarm) {
    const told = (this.#alarms.get(alarm) ?? 0) + 1;
    this.#alarms.set(alarm, told);
    if (told <= ALARMS_MAX)
      this.env.emit({ type: 'alarm', alarm, contact: this.contact, call: this.seen ? this : undefined });
  }

  /** @param {CallState} state */
  enter(state) {
    const before = STATES[this.state].seen;
    if (state !== 'ended' && !NEXT[this.state].includes(state)) {
      this.reason = 'internal'; /* our own bug: the safe side is the end */
      state = 'ended';
    }
    this.state = state;
    this.deadline = STATES[state].ms ? this.env.now() + STATES[state].ms : Infinity;
    if (STATES[state].seen && STATES[state].seen !== before) this.emit({ type: 'call-state', reason: this.reason });
  }

  /* ---- devices ---- */

  async #addLeg(initiator, device, session) {
    const { identity } = this.env;
    const us = { id: identity.ik, device: identity.device.id, dx: identity.device.dx.public };
    const them = { id: this.contact.id, device: device.id, dx: device.dx };
    const s = identity.device.dx;
    const channel = await Channel.begin(this.env, { initiator, ps: this.contact.ps, s, us, them, session });
    const none = { seq: 0, hash: new Uint8Array(32) };
    const leg = {
      channel,
      ours: identity.roster.head,
      theirs: none,
      known: none,
      offered: false,
      offerHash: null,
      mediaTold: 0,
      caps: 0,
    };
    this.legs.push(leg);
    return leg;
  }

  /** What both handshake messages carry: who we are, what we can, and what we know of each other. */
  #greeting(leg) {
    const caps = CAPS.BROWSER | (this.env.frameTransforms ? CAPS.SFRAME : 0);
    return { version: VERSION, caps, myHead: leg.ours, yourHead: this.contact.roster.head };
  }

  /** Those that have no leg yet. */
  async dialDevices() {
    for (const device of this.contact.roster.devices) {
      if (
        this.legs.length >= LEGS_MAX ||
        this.legs.some(({ channel }) => findDevice({ devices: [device] }, channel.them.device))
      )
        continue;
      const leg = await this.#addLeg(true, device, this.env.primitives.random(SESSION_SIZE));
      const knock = { type: MESSAGE.KNOCK, callId: this.callId, ...this.#greeting(leg), time: this.env.unix() };
      await leg.channel.sendHandshake(knock);
    }
  }

  async #takeKnock(cell) {
    const device = findDevice(this.contact.roster, cell.device);
    const leg = device && (await this.#addLeg(false, device, cell.session));
    const knock = leg && (await leg.channel.readHandshake(cell));
    if (!knock) return false;
    Object.assign(leg, { theirs: knock.myHead, known: knock.yourHead, caps: knock.caps });
    this.callId = knock.callId;
    const wait = 50 + this.env.primitives.random(1)[0] * 0.78; /* tells less about who is at home */
    this.env.after(wait, () => this.#sendHello(leg));
    return true;
  }

  async #sendHello(leg) {
    if (this.state === 'helloed' && !leg.channel.open)
      await leg.channel.sendHandshake({ type: MESSAGE.HELLO, ...this.#greeting(leg) });
  }

  /** This device is out; with the last one the call ends, for this reason. */
  dropLeg(leg, reason) {
    if (this.legs.length === 1) this.finish(reason);
    else this.legs = this.legs.filter((other) => other !== leg);
  }

  /** The others stop ringing. @param {Leg|null} kept */
  async keepLeg(kept, reason) {
    for (const leg of this.legs)
      if (leg !== kept && leg.channel.open) await tellLeg(this, leg, { type: MESSAGE.CANCEL, reason: REASON[reason] });
    if (kept) this.legs = [kept];
  }

  /** @param {import('./cell.mjs').Cell} cell of one of our sessions */
  async input(cell, leg) {
    if (this.ended) return;
    const dialing = this.state === 'knocking' || this.state === 'offered';
    if (cell.type === CELL.HELLO && dialing && !leg.channel.open) {
      await this.#greeted(cell, leg);
    } else if (cell.type === CELL.DATA) {
      const rejected = !(await leg.channel.input(cell));
      /* what answers a HELLO that is not ours: the KNOCK is an old one, which a restart has made us forget */
      if (rejected && this.state === 'helloed') this.finish('canceled');
      else await readMessages(this, leg);
    }
  }

  /** One of their devices is there. */
  async #greeted(cell, leg) {
    const hello = await leg.channel.readHandshake(cell);
    if (!hello) return;
    Object.assign(leg, { theirs: hello.myHead, known: hello.yourHead, caps: hello.caps });
    if (leg.caps & CAPS.BROWSER) {
      this.dropLeg(leg, 'unreachable'); /* two pages can't bind a call to its certificates */
      return;
    }
    this.checkOurs(leg);
    const good =
      hello.version === VERSION &&
      (!hello.roster || (await this.takeRoster(hello.roster))) &&
      (await this.checkTheirs(leg));
    if (this.ended) return;
    if (!good) {
      if (this.contact.callable) this.dropLeg(leg, 'security');
      else await this.end('security');
      return;
    }
    if (!this.path) await this.openPath();
    await offerTo(this, leg);
    await this.dialDevices(); /* those that the HELLO told us of */
  }

  /* ---- rosters (section 7a) ---- */

  /** Somebody who knows more of us than we do, or something else, has it from whoever signs with our key. */
  checkOurs(leg) {
    const verdict = compareHeads(this.env.identity.roster.head, leg.known);
    if (verdict === VERDICT.FORK) this.alarm('self-roster-fork');
    if (verdict === VERDICT.ACCEPTED) this.alarm('self-roster-rollback');
  }

  /** @returns {boolean} false: no call with this device */
  #deviceStands(leg) {
    if (findDevice(this.contact.roster, leg.channel.them.device)) return true;
    this.alarm('device-revoked');
    return false;
  }

  /** Their head against what we know by now. @returns {Promise<boolean>} false: no call with this device */
  async checkTheirs(leg) {
    switch (compareHeads(this.contact.roster.head, leg.theirs)) {
      case VERDICT.SAME:
        return this.#deviceStands(leg);
      case VERDICT.STALE /* this device has yet to hear of a roster that we have */:
        this.alarm('roster-stale');
        return this.#deviceStands(leg);
      case VERDICT.FORK:
        if (this.contact.becameChanged()) await this.env.trustChanged(this.contact);
        this.alarm('roster-fork');
        return false;
      default: /* devices that we have no signed statement of */
        this.alarm('roster-changed');
        return false;
    }
  }

  /** Links that came in HELLO or in the channel. @returns {Promise<boolean>} false: no call with this device */
  async takeRoster(bytes) {
    const verdict = await this.env.takeLinks(this.contact, splitLinks(bytes));
    if (verdict === VERDICT.BAD) this.alarm('auth-fail');
    return verdict !== VERDICT.BAD && verdict !== VERDICT.FORK;
  }

  /* ---- the path ---- */

  /** Who they are is certain, and so is the device: they may know where we are. */
  get #mayKnowAddresses() {
    const { env, contact } = this;
    if (env.relayOnly) return false;
    const device = env.newDevice === 'show' || contact.deviceAcknowledged(this.channel.them.device);
    return !env.relay || (contact.state === 'verified' && device);
  }

  #newPath() {
    const { env } = this;
    const here = (run) => env.enqueue(() => (this.path === path && !this.ended ? run() : undefined));
    this.hidden = env.relay || env.relayOnly;
    const path = new MediaPath(
      env.RTCPeerConnection,
      env.iceServers,
      this.hidden,
      {
        onCandidate: (candidate, ufrag) => here(() => this.#gathered(candidate, ufrag)),
        onIce: (state) => here(() => this.#iceChanged(state)),
        onDtls: (state) =>
          here(() => {
            this.dtls = state;
            return checkDtls(this);
          }),
      },
      env.frameTransforms?.begin(),
    );
    this.path = path;
  }

  /** A name in RTCP that says nothing (RFC 7022). */
  get #cname() {
    return String.fromCharCode(...this.env.primitives.random(16).map((byte) => 97 + (byte % 26)));
  }

  /** Ours as a caller, or in answer to theirs. */
  async openPath() {
    this.#newPath();
    try {
      this.ours = this.theirs ? await this.path.answer(this.theirs, this.#cname) : await this.path.offer(this.#cname);
      this.local.ufrag = this.ours.ufrag;
    } catch (error) {
      this.env.emit({ type: 'failure', error });
      await this.end('internal');
    }
  }

  async #gathered(candidate, ufrag) {
    if (ufrag !== this.local.ufrag || this.local.candidates.length >= 16) return;
    this.local.candidates.push(candidate);
    if (this.local.flushing) return;
    this.local.flushing = true;
    this.env.after(20, () => {
      /* a cell for each would be many */
      this.local.flushing = false;
      return sendCandidates(this);
    });
  }

  async #iceChanged(state) {
    this.iceConnected = state === 'connected';
    this.iceLost = !this.iceConnected;
    if (this.iceLost) await this.pathLost();
    else if (this.state === 'connecting') await this.secure();
    else if (this.state === 'reconnecting') await askGate(this);
  }

  /** Where both ends can, frames are sealed for each other, whoever has the keys of SRTP (section 9b). */
  async #startFrames() {
    const { path, channel } = this;
    this.sealed = path.frames !== null && (this.legs[0].caps & CAPS.SFRAME) !== 0;
    path.frames?.start(this.sealed ? await frameKeys(this.env.primitives, channel.chainingKey, this.outgoing) : null);
    channel.chainingKey = null;
  }

  /** Both descriptions are authenticated. */
  async connect() {
    this.enter('connecting');
    await this.#startFrames();
    await this.tellMedia();
    await sendCandidates(this);
    if (this.iceConnected) await this.secure();
  }

  async secure() {
    this.enter('securing');
    await checkDtls(this);
  }

  /** Once bound: look for another; time that the gate has left is not prolonged. */
  async pathLost() {
    if (this.state !== 'gated' && this.state !== 'open') return;
    this.enter('reconnecting');
    if (this.gate !== 'open' && this.gatedUntil) this.deadline = Math.min(this.deadline, this.gatedUntil);
    await this.restart();
  }

  /** New ICE credentials, unless a restart is under way; what authenticates the media stays. */
  async restart() {
    if (this.local.generation !== this.remote.generation) return;
    this.hidden = !this.#mayKnowAddresses;
    const credentials = await this.path.beginRestart(this.hidden);
    await this.tellRestart(credentials);
  }

  async tellRestart(credentials) {
    this.local = {
      ...this.local,
      generation: (this.local.generation + 1) & 255,
      ufrag: credentials.ufrag,
      candidates: [],
      told: 0,
    };
    await tell(this, { type: MESSAGE.RESTART, ...credentials, candidates: [], generation: this.local.generation });
  }

  async answerRestart(credentials) {
    this.hidden = !this.#mayKnowAddresses;
    await this.tellRestart(await this.path.answerRestart(credentials, this.hidden));
  }

  async #leaveRelay() {
    if (!this.hidden || !this.path || this.local.generation !== this.remote.generation) return;
    const late = this.state === 'connecting' && this.env.now() > this.deadline - STATES.connecting.ms + RELAY_PATIENCE;
    if (((this.state === 'open' && this.iceConnected) || late) && this.#mayKnowAddresses) await this.restart();
  }

  /* ---- the embedder ---- */

  async accept(media, tracks) {
    if (this.state !== 'ringing') return;
    this.media = media;
    this.tracks = tracks;
    this.enter('answered');
    await this.openPath();
    if (!this.ended) await describe(this);
  }

  async setMedia(media) {
    if (this.ended) return;
    this.media = media;
    await this.tellMedia();
    await this.applyMedia();
  }

  /** When the peer does not know it yet; before CONNECTING the OFFER or ANSWER says it. */
  async tellMedia() {
    if (!this.atLeast('connecting') || this.media === this.legs[0].mediaTold) return;
    this.legs[0].mediaTold = this.media;
    this.mediaGeneration = (this.mediaGeneration + 1) & 255;
    await tell(this, { type: MESSAGE.MEDIA, media: this.media, generation: this.mediaGeneration });
  }

  /** Other sources of ours, such as another camera. */
  async setTracks(tracks) {
    this.tracks = { ...this.tracks, ...tracks };
    await this.applyMedia();
  }

  /** What the gate lets through, and no more: this is the only place where tracks meet the path. */
  async applyMedia() {
    for (const kind of /** @type {const} */ (['audio', 'video'])) {
      const through = this.gate === 'open' || (this.gate === 'audio-unverified' && kind === 'audio');
      const wanted = (this.media & (kind === 'audio' ? MEDIA.AUDIO : MEDIA.VIDEO)) !== 0;
      if (!this.path) return;
      this.path.listen(kind, through);
      await this.path.send(kind, through && wanted ? this.tracks[kind] : null);
    }
  }

  /** Theirs, when the gate lets them through. @param {'audio'|'video'} kind @returns {MediaStreamTrack|null} */
  receivedTrack(kind) {
    const through = this.gate === 'open' || (this.gate === 'audio-unverified' && kind === 'audio');
    return through && this.path ? this.path.received(kind) : null;
  }

  /** The end, without telling the peer. @param {keyof typeof REASON} reason */
  finish(reason) {
    if (this.ended) return;
    const { seen, gate } = this;
    if (this.sas?.abort()) this.alarm('sas-aborted');
    this.path?.close();
    this.path = null;
    this.gate = 'shut';
    if (gate !== 'shut') this.emit({ type: 'gate', gate: 'shut' });
    this.reason = reason;
    if (seen) this.enter('ended');
    else this.state = 'ended';
    this.env.callEnded(this);
  }

  /** @param {keyof typeof REASON} reason */
  async end(reason) {
    if (this.ended) return;
    const dialing = this.state === 'knocking' || this.state === 'offered';
    const ringing = this.state === 'ringing' || this.state === 'helloed';
    if (reason === 'hangup' && dialing) reason = 'canceled';
    if (reason === 'hangup' && ringing) reason = 'declined';
    if (dialing) {
      await this.keepLeg(null, 'canceled');
    } else if (this.state === 'ringing') {
      await tell(this, { type: MESSAGE.DECLINE, reason: reason === 'busy' ? REASON.busy : REASON.declined });
    } else if (this.channel.open) {
      await tell(this, {
        type: MESSAGE.HANGUP,
        reason: ['declined', 'busy'].includes(reason) ? REASON.hangup : REASON[reason],
      });
    }
    this.finish(reason);
  }

  /** The contact's trust or roster changed. */
  async trustChanged() {
    if (this.ended) return;
    await checkDevices(this);
    if (this.ended) return;
    if (!this.contact.callable) await this.end('security');
    else if (this.bound) await askGate(this);
  }

  /** Time has passed. */
  async tick() {
    if (this.ended) return;
    if (this.env.now() >= this.deadline) {
      const unverified = this.gate !== 'open' && this.deadline === this.gatedUntil;
      await this.end(unverified ? 'unverified' : STATES[this.state].reason);
      return;
    }
    await this.#checkGaps();
    if (this.ended) return;
    tickWords(this);
    await this.#leaveRelay();
  }

  async #checkGaps() {
    const forked = this.state === 'offered';
    for (const leg of [...this.legs]) {
      if (this.ended || !leg.channel.hasGap()) continue;
      this.alarm('signaling-gap');
      if (forked) this.dropLeg(leg, 'security');
      else if (this.state !== 'open') await this.end('security');
    }
  }
}
