// sotto-peer.mjs - a sotto peer for whoever has a WebSocket, WebCrypto and an RTCPeerConnection.
//
// No DOM and no globals of a page: what it needs is handed in, so it runs in a page, in Node with a WebRTC binding,
// and in tests. It speaks signaling/PROTOCOL.md with a server that it does not trust, and calls natives (mode CERT,
// section 9a). Everything that happens, happens in one queue: each input is worked off before the next.
import { CELL, MEDIA, MESSAGE, POLICY } from './peer/wire.mjs';
import { Call } from './peer/call.mjs';
import { putMessage } from './peer/channel.mjs';
import { Contacts } from './peer/contacts.mjs';
import { FirstContact } from './peer/first_contact.mjs';
import { INVITE_ROLE, deriveInviteMailbox, deriveMailbox, epochsChange, epochsOf } from './peer/mailbox.mjs';
import { FrameTransforms } from './peer/frame_transforms.mjs';
import { MediaPath } from './peer/media_path.mjs';
import { Primitives } from './peer/primitives.mjs';
import { ServerLink, isSafeServer } from './peer/server_link.mjs';
import { Store, formatId, parseId } from './peer/identity.mjs';
import { VERDICT, findRevoked, joinLinks, parseRoster, splitLinks } from './peer/roster.mjs';
import { acknowledgeDevice, compareWords, confirmWords, consent } from './peer/call_security.mjs';
import { compare, equal, toHex } from './peer/bytes.mjs';
import { encodeMessage, parseMessage } from './peer/message.mjs';
import { formatInvite, inviteExpired, inviteIsTooNew, makeInvite, parseInvite } from './peer/invite.mjs';
import { numberEndsWith, numbersAgree, safetyNumber } from './peer/safety_number.mjs';
import { openCell } from './peer/cell.mjs';
import { parseStatement } from './peer/statement.mjs';

export { MEDIA } from './peer/wire.mjs';

const TICK = 250;
const CALLS_MAX = 16;
const UNANSWERED_MAX = 5;
const KNOCKS_REMEMBERED = 256;
const KNOCK_BURST = 15; /* a server shows those of a minute at once */
const KNOCK_SPAN = 15_000;
const JOINERS_MAX = 4;
const ALARM_INTERVAL = 10_000;

/**
 * What the embedder is told. `call` is the one that it has from call() or an 'incoming' event.
 * @typedef {object} PeerEvent
 * @property {'online'|'offline'|'contact'|'alarm'|'failure'|'incoming'|'call-state'|'gate'|'secure'|'consent'|
 *   'new-device'|'unverified'|'words'|'words-result'|'peer-media'} type
 * @property {PeerCall} [call] @property {import('./peer/contacts.mjs').Contact} [contact]
 * @property {string} [alarm] @property {string} [state] @property {string} [reason] @property {string} [gate]
 * @property {number} [media] @property {import('./peer/sas.mjs').Words} [words] @property {Error} [error]
 */

/**
 * @typedef {import('./peer/cell.mjs').Cell} Cell
 * @typedef {object} PendingInvite
 * @property {import('./peer/invite.mjs').Invite} invite @property {string} name what the joiner will be called
 * @property {boolean} used @property {Set<string>} sessions that tried it
 * @property {import('./peer/mailbox.mjs').Mailbox} inbox
 *
 * @typedef {object} Clock in milliseconds and in Unix seconds
 * @property {typeof globalThis.setTimeout} setTimeout @property {() => number} now @property {() => number} unix
 */

/** A call as the embedder holds it: every act waits for its turn in the peer's queue. */
export class PeerCall {
  #call;
  #enqueue;

  /** @param {Call} call @param {(run: () => void|Promise<void>) => Promise<void>} enqueue */
  constructor(call, enqueue) {
    this.#call = call;
    this.#enqueue = enqueue;
  }

  get contact() {
    return this.#call.contact;
  }

  get outgoing() {
    return this.#call.outgoing;
  }

  get state() {
    return this.#call.state;
  }

  get gate() {
    return this.#call.gate;
  }

  /** Why it ended. */
  get reason() {
    return this.#call.reason;
  }

  /** Whether frames are sealed end to end inside SRTP, known when it connects; and those of the peer's that did not open. */
  get sealed() {
    return this.#call.sealed;
  }

  get framesUnopened() {
    return this.#call.path?.frames?.unopened ?? 0;
  }

  /** What we send (bits of MEDIA), and what the peer says that it does. */
  get media() {
    return this.#call.media;
  }

  get peerMedia() {
    return this.#call.peerMedia;
  }

  /** @param {number} media @param {{ audio?: MediaStreamTrack|null, video?: MediaStreamTrack|null }} tracks */
  accept(media, { audio = null, video = null } = {}) {
    return this.#enqueue(() => this.#call.accept(media, { audio, video }));
  }

  decline() {
    return this.#enqueue(() => this.#call.end('declined'));
  }

  hangUp() {
    return this.#enqueue(() => this.#call.end('hangup'));
  }

  /** Talk to somebody unverified, sound alone, for two minutes: what policy sas-first asks for. */
  consent() {
    return this.#enqueue(() => consent(this.#call));
  }

  /** A new device of a verified contact is all right. */
  acknowledgeDevice() {
    return this.#enqueue(() => acknowledgeDevice(this.#call));
  }

  /** Words, again. */
  compare() {
    return this.#enqueue(() => compareWords(this.#call));
  }

  /** Our user compared the words with the other person. @param {boolean} match */
  confirm(match) {
    return this.#enqueue(() => confirmWords(this.#call, match));
  }

  /** @param {number} media bits of MEDIA; 0: neither sound nor pictures leave */
  setMedia(media) {
    return this.#enqueue(() => this.#call.setMedia(media));
  }

  /** @param {{ audio?: MediaStreamTrack|null, video?: MediaStreamTrack|null }} tracks attached when the gate is open */
  setTracks(tracks) {
    return this.#enqueue(() => this.#call.setTracks(tracks));
  }

  /** Another path, keys as before. */
  restart() {
    return this.#enqueue(() => (this.#call.atLeast('gated') ? this.#call.restart() : undefined));
  }

  /** Theirs, once the gate is open; null before. @param {'audio'|'video'} kind */
  receivedTrack(kind) {
    return this.#call.receivedTrack(kind);
  }

  /** RTCStatsReport; empty without a path. */
  async statistics() {
    return this.#call.path?.statistics() ?? new Map();
  }
}

export class Peer {
  /** @type {import('./peer/peer_env.mjs').PeerEnv} */
  #env;
  #store;
  #server;
  #link;
  /**
   * By address.
   * @type {Map<string, { mailbox: import('./peer/mailbox.mjs').Mailbox, take: (cell: Cell) => Promise<void> }>}
   */
  #listening = new Map();
  /** @type {Call[]} */
  #calls = [];
  /** @type {Map<Call, PeerCall>} */
  #handles = new Map();
  /** @type {PendingInvite[]} */
  #invites = [];
  /** @type {{ contact: FirstContact, pending: PendingInvite|null, settle: (() => void)|null }[]} */
  #firstContacts = [];
  /** @type {{ ephemeral: Uint8Array, contact: object, at: number }[]} */
  #knocks = [];
  #listener;
  #queue = Promise.resolve();
  #relistenAt = 0;
  #nextAlarm = 0;
  #closed = false;
  #timers;

  /**
   * @typedef {object} PeerOptions
   * @property {Crypto} crypto @property {typeof WebSocket} WebSocket
   * @property {typeof RTCPeerConnection} RTCPeerConnection
   * @property {import('./peer/identity.mjs').Storage} storage @property {string} passphrase
   * @property {string} server wss://, or ws:// on this machine
   * @property {(event: PeerEvent) => void} onEvent
   * @property {{ RTCRtpScriptTransform: typeof RTCRtpScriptTransform, worker: Worker }} [frameSeal] with a worker of
   *   frame-seal-worker.mjs of this peer's own: frames are sealed inside SRTP, too
   * @property {RTCIceServer[]} [iceServers] @property {boolean} [relayOnly] @property {boolean} [lan]
   * @property {'sas-first'|'require-verified'|'warn'} [policy] sas-first is the default
   * @property {'ask'|'show'} [newDevice]
   * @property {Clock} [clock]
   */

  /** Why no safe call can be made with what is here; null: one can. @param {typeof RTCPeerConnection} Connection */
  static whyUnsafe(Connection) {
    return MediaPath.whyUnsafe(Connection);
  }

  /** A new identity. @param {PeerOptions} options @returns {Promise<Peer>} */
  static async create(options) {
    const peer = new Peer(options);
    await peer.#refuseUnsafe(options);
    peer.#store = await Store.make(peer.#env.primitives, options.storage, options.passphrase, peer.#env.unix());
    await peer.#begin(new Contacts());
    return peer;
  }

  /** The identity in `storage`. @param {PeerOptions} options @returns {Promise<Peer|null>} null: not this passphrase */
  static async open(options) {
    const peer = new Peer(options);
    await peer.#refuseUnsafe(options);
    const opened = await Store.open(peer.#env.primitives, options.storage, options.passphrase);
    if (!opened) return null;
    peer.#store = opened.store;
    await peer.#begin(await Contacts.decode(peer.#env.primitives, opened.contacts));
    return peer;
  }

  /** @param {PeerOptions} options */
  constructor(options) {
    const policy = options.policy ?? 'sas-first';
    if (!(policy in POLICY)) throw new RangeError(`no such policy: ${policy}`);
    if (!isSafeServer(options.server)) throw new RangeError('the server must be wss://, or ws:// on this machine');
    const iceServers = options.iceServers ?? [];
    const urls = iceServers.flatMap((server) => server.urls);
    this.#timers = options.clock ?? globalThis;
    const { clock, frameSeal } = options;
    this.#listener = options.onEvent;
    this.#server = options.server;
    this.#env = {
      primitives: new Primitives(options.crypto),
      identity: undefined,
      contacts: undefined,
      RTCPeerConnection: options.RTCPeerConnection,
      frameTransforms: frameSeal ? new FrameTransforms(frameSeal.RTCRtpScriptTransform, frameSeal.worker) : null,
      iceServers,
      policy,
      newDevice: options.newDevice ?? 'ask',
      lan: options.lan ?? false,
      relay: urls.some((url) => /^turns?:/i.test(url)),
      relayOnly: options.relayOnly ?? false,
      now: clock ? clock.now : () => performance.now(),
      unix: clock ? clock.unix : () => Math.floor(Date.now() / 1000),
      after: (ms, run) => this.#timers.setTimeout(() => this.#enqueue(run), ms),
      enqueue: (run) => this.#enqueue(run),
      put: (address, cell, ttl) => this.#link.put(address, cell, ttl),
      save: () => this.#store.save(this.#env.contacts.encode()),
      emit: (event) => this.#emit(event),
      takeLinks: (contact, links) => this.#takeLinks(contact, links),
      trustChanged: (contact) => this.#trustChanged(contact),
      callEnded: (call) => this.#callEnded(call),
      dialing: (contact) => this.#dialing(contact),
    };
    this.#link = new ServerLink({
      url: options.server,
      WebSocket: options.WebSocket,
      primitives: this.#env.primitives,
      now: this.#env.now,
      after: (ms, run) => this.#timers.setTimeout(run, ms),
      onCell: (address, cell) => this.#enqueue(() => this.#takeCell(address, cell)),
      onState: (up) => this.#emit({ type: up ? 'online' : 'offline' }),
    });
  }

  async #refuseUnsafe({ RTCPeerConnection }) {
    const why = await MediaPath.whyUnsafe(RTCPeerConnection);
    if (why) throw new Error(why);
  }

  async #begin(contacts) {
    this.#env.identity = this.#store.identity;
    this.#env.contacts = contacts;
    await this.#relisten();
    this.#link.connect();
    this.#tickLater();
  }

  /** What is thrown in there is our own bug, or the browser's: told, never swallowed. */
  #enqueue(run) {
    const turn = this.#queue.then(() => (this.#closed ? undefined : run()));
    this.#queue = turn.catch((error) => this.#emit({ type: 'failure', error }));
    return this.#queue;
  }

  #emit(event) {
    this.#listener({ ...event, call: event.call && this.#handleOf(event.call) });
  }

  /** @param {Call} call */
  #handleOf(call) {
    if (!this.#handles.has(call)) this.#handles.set(call, new PeerCall(call, (run) => this.#enqueue(run)));
    return this.#handles.get(call);
  }

  #tickLater() {
    this.#timers.setTimeout(() => {
      if (this.#closed) return;
      this.#enqueue(() => this.#tick());
      this.#tickLater();
    }, TICK);
  }

  async #tick() {
    for (const call of [...this.#calls]) await call.tick();
    for (const { contact } of this.#firstContacts) contact.tick();
    this.#settleFirstContacts();
    if (this.#env.unix() >= this.#relistenAt) await this.#relisten();
  }

  /** Hangs up, and is no more. */
  async close() {
    await this.#enqueue(async () => {
      for (const call of [...this.#calls]) await call.end('hangup');
    });
    this.#closed = true;
    this.#link.close();
  }

  /* ---- who we are, and whom we know ---- */

  /** Our ID as text. */
  get id() {
    return formatId(this.#env.identity.ik);
  }

  get contacts() {
    return this.#env.contacts.list;
  }

  get server() {
    return this.#server;
  }

  /** A one-time invite for somebody who will be `name` to us; it can be used while this peer is there. */
  async invite(name, { inPerson = false } = {}) {
    const { primitives, identity, contacts } = this.#env;
    if (contacts.named(name)) throw new RangeError('there is a contact of this name');
    const invite = makeInvite(primitives, identity, { inPerson, hint: this.#server, unix: this.#env.unix() });
    const inbox = await deriveInviteMailbox(primitives, invite.secret, INVITE_ROLE.INVITER);
    await this.#enqueue(() => {
      this.#invites.push({ invite, name, used: false, sessions: new Set(), inbox });
      return this.#relisten();
    });
    return formatInvite(invite);
  }

  /** Meets whoever made the invite. @returns {Promise<import('./peer/contacts.mjs').Contact>} */
  async join(name, text) {
    const { contacts, identity } = this.#env;
    const invite = parseInvite(text.trim());
    const unix = this.#env.unix();
    if (!invite) throw new RangeError('this is no invite, or a character of it is wrong');
    if (inviteExpired(invite, unix)) throw new RangeError('this invite has expired');
    if (inviteIsTooNew(invite, unix)) throw new RangeError('this invite was not made just now, as it says');
    if (equal(invite.ik, identity.ik)) throw new RangeError('this invite is your own');
    if (invite.hint && invite.hint !== this.#server)
      throw new RangeError(`this invite is for another server: ${invite.hint}`);
    if (contacts.named(name) && !equal(contacts.named(name).id, invite.ik))
      throw new RangeError('there is a contact of this name');
    return new Promise((resolve, reject) => {
      this.#enqueue(async () => {
        const contact = await FirstContact.join(this.#env, invite, name);
        const settle = () => {
          if (contact.failure)
            reject(new Error(contact.failure === 'timeout' ? 'nobody answered' : 'they are not who the invite says'));
          else resolve(contact.contact);
        };
        this.#firstContacts.push({ contact, pending: null, settle });
        await this.#relisten();
      });
    });
  }

  /** The same 60 digits that they see. @param {import('./peer/contacts.mjs').Contact} contact */
  safetyNumber(contact) {
    return safetyNumber(this.#env.primitives, this.#env.identity.ik, contact.id);
  }

  /** Our user read the number, or an ID or contact URI, from them. @returns {Promise<boolean>} */
  async verify(contact, typed) {
    const id = parseId(typed.trim());
    const agrees = id ? equal(id, contact.id) : numbersAgree(await this.safetyNumber(contact), typed);
    if (agrees) await this.#act(contact, () => (id ? contact.verifyScanned() : contact.verifyNumber()));
    return agrees;
  }

  /** @param {boolean} blocked */
  block(contact, blocked) {
    return this.#act(contact, () => contact.block(blocked));
  }

  /** Trusts a contact that had changed, when their number ends so. @returns {Promise<boolean>} */
  async reset(contact, lastDigits) {
    const agrees = contact.state === 'changed' && numberEndsWith(await this.safetyNumber(contact), lastDigits);
    if (agrees)
      await this.#act(contact, () => {
        contact.state = 'tofu';
      });
    return agrees;
  }

  #act(contact, run) {
    return this.#enqueue(() => {
      run();
      return this.#trustChanged(contact);
    });
  }

  async #trustChanged(contact) {
    await this.#env.save();
    this.#emit({ type: 'contact', contact });
    for (const call of [...this.#calls]) if (call.contact === contact) await call.trustChanged();
    await this.#relisten();
  }

  /** The accept rule, and who is told of it. @returns {Promise<string>} */
  async #takeLinks(contact, links) {
    const verdict = await contact.takeLinks(this.#env.primitives, links);
    if (verdict === VERDICT.ACCEPTED) this.#emit({ type: 'alarm', alarm: 'roster-changed', contact });
    if (verdict === VERDICT.FORK) this.#emit({ type: 'alarm', alarm: 'roster-fork', contact });
    if (verdict === VERDICT.STALE) this.#emit({ type: 'alarm', alarm: 'roster-stale', contact });
    if (verdict === VERDICT.ACCEPTED || verdict === VERDICT.FORK) await this.#trustChanged(contact);
    return verdict;
  }

  /* ---- mailboxes ---- */

  async #relisten() {
    const { primitives, identity, contacts } = this.#env;
    const unix = this.#env.unix();
    const listening = new Map();
    const add = (mailbox, take) => listening.set(toHex(mailbox.address), { mailbox, take });
    for (const contact of contacts.list)
      for (const epoch of contact.blocked || contact.tombstoned ? [] : epochsOf(unix)) {
        const mailbox = await deriveMailbox(primitives, contact.ps, contact.id, identity.ik, identity.device.id, epoch);
        add(mailbox, (cell) => this.#takeContactCell(contact, cell));
      }
    this.#invites = this.#invites.filter(({ invite }) => !inviteExpired(invite, unix));
    for (const pending of this.#invites) add(pending.inbox, (cell) => this.#takeInviteCell(pending, cell));
    for (const { contact, pending } of this.#firstContacts)
      if (!pending) add(contact.inbox, (cell) => this.#takeJoinerCell(contact, cell));
    this.#listening = listening;
    this.#relistenAt = epochsChange(unix);
    await this.#link.listen([...listening.values()].map(({ mailbox }) => mailbox));
  }

  /** Told rarely: whoever knows a mailbox can write rubbish to it. */
  #alarmRarely(alarm, contact) {
    if (this.#env.now() < this.#nextAlarm) return;
    this.#nextAlarm = this.#env.now() + ALARM_INTERVAL;
    this.#emit({ type: 'alarm', alarm, contact });
  }

  async #takeCell(address, sealed) {
    const listening = this.#listening.get(address);
    if (!listening) return; /* we have just stopped to listen to it */
    const cell = await openCell(this.#env.primitives, listening.mailbox.key, sealed);
    if (cell) await listening.take(cell);
    else this.#alarmRarely('auth-fail');
  }

  async #takeContactCell(contact, cell) {
    if (cell.type === CELL.ROSTER) return this.#takeSigned(contact, cell);
    if (!contact.callable) return undefined;
    for (const call of this.#calls) {
      const leg = call.contact === contact && call.legs.find(({ channel }) => equal(channel.session, cell.session));
      if (leg) return call.input(cell, leg);
    }
    return cell.type === CELL.KNOCK ? this.#takeKnock(contact, cell) : undefined; /* cover, or of a call that is over */
  }

  /** What signs for itself. */
  async #takeSigned(contact, cell) {
    const message = cell.fragments === 1 ? parseMessage(cell.body) : null;
    if (message?.type === MESSAGE.STATEMENT) return this.#takeStatement(contact, cell, message.statement);
    if (message?.type !== MESSAGE.ROSTER || !contact.callable) return undefined;
    const links = splitLinks(message.roster);
    const newest = links.length ? await parseRoster(this.#env.primitives, links.at(-1)) : null;
    if (!newest) return this.#alarmRarely('auth-fail', contact);
    if (equal(newest.id, this.#env.identity.ik)) return this.#hearOfUs(contact, newest);
    const verdict = await this.#takeLinks(contact, links);
    if (verdict === VERDICT.BAD) this.#alarmRarely('auth-fail', contact);
    if (verdict === VERDICT.STALE) await this.#sendRoster(contact, cell.device);
    return undefined;
  }

  /** Our own chain is one link long: whoever shows more has it from somebody who signs with our key. */
  #hearOfUs(contact, roster) {
    const { head } = this.#env.identity.roster;
    if (roster.seq > head.seq) this.#alarmRarely('self-roster-rollback', contact);
    else if (!equal(roster.head.hash, head.hash)) this.#alarmRarely('self-roster-fork', contact);
  }

  /** A device of theirs that knows less than we do is told what we know. */
  #sendRoster(contact, device) {
    const body = encodeMessage({ type: MESSAGE.ROSTER, roster: joinLinks([contact.roster.encoded]) });
    return this.#putRosterCell(contact, device, body);
  }

  #putRosterCell(contact, device, body) {
    const { identity, primitives } = this.#env;
    const header = { type: CELL.ROSTER, device: identity.device.id, session: primitives.random(8), n: 0 };
    return putMessage(this.#env, contact.ps, identity.ik, { id: contact.id, device }, header, body);
  }

  /** Their key is dead, or another one follows: calls are shut, and nothing that was verified is inherited. */
  async #takeStatement(contact, cell, bytes) {
    const { primitives, identity } = this.#env;
    const statement = await parseStatement(primitives, bytes);
    if (!statement || !equal(statement.ik, contact.id)) return this.#alarmRarely('auth-fail', contact);
    const news = statement.kind === 'tombstone' ? !contact.tombstoned : contact.state !== 'changed';
    if (news) {
      if (statement.kind === 'tombstone') contact.tombstone();
      else contact.becameChanged();
      this.#emit({ type: 'alarm', alarm: 'identity-changed', contact });
      await this.#trustChanged(contact);
    }
    const signature = await primitives.sign(identity.device.dk.secret, 'heard', bytes);
    return this.#putRosterCell(contact, cell.device, encodeMessage({ type: MESSAGE.HEARD, signature }));
  }

  /* ---- first contacts ---- */

  async #takeInviteCell(pending, cell) {
    const known = this.#firstContacts.find((entry) => entry.pending === pending && entry.contact.is(cell.session));
    if (known) {
      await known.contact.input(cell);
      pending.used ||= known.contact.contact !== null;
      this.#settleFirstContacts();
    } else if (cell.type === CELL.INVITE_1) {
      await this.#asked(pending, cell);
    }
  }

  async #asked(pending, cell) {
    const session = toHex(cell.session);
    if (pending.sessions.has(session)) return; /* of one that is over */
    if (pending.used) {
      pending.sessions.add(session);
      this.#emit({ type: 'alarm', alarm: 'invite-reused' });
      return;
    }
    if (this.#firstContacts.filter((entry) => entry.pending === pending).length >= JOINERS_MAX) return;
    const contact = await FirstContact.asked(this.#env, pending.invite, pending.name, cell);
    if (!contact) return;
    pending.sessions.add(session);
    this.#firstContacts.push({ contact, pending, settle: null });
  }

  async #takeJoinerCell(contact, cell) {
    if (contact.is(cell.session)) await contact.input(cell);
    this.#settleFirstContacts();
  }

  #settleFirstContacts() {
    const over = this.#firstContacts.filter(({ contact }) => contact.over);
    if (!over.length) return;
    this.#firstContacts = this.#firstContacts.filter(({ contact }) => !contact.over);
    for (const { settle } of over) settle?.();
    this.#relistenAt = 0;
  }

  /* ---- calls ---- */

  /** @returns {boolean} false: seen before, or too many of them */
  #rememberKnock(contact, ephemeral) {
    const now = this.#env.now();
    if (this.#knocks.some((knock) => equal(knock.ephemeral, ephemeral))) {
      this.#alarmRarely('replay', contact);
      return false;
    }
    if (this.#knocks.filter((knock) => knock.contact === contact && now - knock.at < KNOCK_SPAN).length >= KNOCK_BURST)
      return false;
    this.#knocks = [...this.#knocks.slice(1 - KNOCKS_REMEMBERED), { ephemeral, contact, at: now }];
    return true;
  }

  /** Our own call to them that has not been answered. */
  #dialing(contact) {
    return this.#calls.find((call) => call.contact === contact && ['knocking', 'offered'].includes(call.state));
  }

  /** The newest knock counts for more than the oldest that no OFFER has followed. @returns {Promise<boolean>} */
  async #makeRoom(contact) {
    const isOpen = ({ state }) => state === 'helloed' || state === 'ringing';
    const theirs = this.#calls.filter((call) => call.contact === contact && isOpen(call));
    if (theirs.length >= UNANSWERED_MAX) await theirs.find(({ state }) => state === 'helloed')?.end('unreachable');
    return (
      theirs.filter(isOpen).length < UNANSWERED_MAX &&
      this.#calls.filter(isOpen).length < CALLS_MAX / 2 &&
      this.#calls.length < CALLS_MAX
    );
  }

  /** Answered by the device and shown to nobody before an OFFER proves that the caller is there. */
  async #takeKnock(contact, cell) {
    if (cell.body.length < 32 || cell.fragments !== 1 || !this.#rememberKnock(contact, cell.body.slice(0, 32))) return;
    if (findRevoked(contact.roster, cell.device)) {
      this.#emit({ type: 'alarm', alarm: 'device-revoked', contact });
      return;
    }
    if (this.#dialing(contact) && compare(this.#env.identity.ik, contact.id) < 0) return; /* glare: ours survives */
    if (!(await this.#makeRoom(contact))) return;
    const call = await Call.knocked(this.#env, contact, cell);
    if (call) this.#calls.push(call);
    else this.#alarmRarely('auth-fail', contact);
  }

  /**
   * @param {import('./peer/contacts.mjs').Contact} contact
   * @param {{ media?: number, audio?: MediaStreamTrack|null, video?: MediaStreamTrack|null }} [options]
   * @returns {Promise<PeerCall>}
   */
  async call(contact, { media = MEDIA.AUDIO | MEDIA.VIDEO, audio = null, video = null } = {}) {
    if (!contact.callable) throw new RangeError('calls with this contact are shut');
    if (!(media & (MEDIA.AUDIO | MEDIA.VIDEO))) throw new RangeError('a call is of sound or pictures');
    /** @type {PeerCall|undefined} */
    let handle;
    await this.#enqueue(async () => {
      const ringing = this.#calls.some((call) => call.contact === contact && call.state === 'ringing');
      if (ringing || this.#calls.length >= CALLS_MAX) return;
      const call = await Call.dial(this.#env, contact, media, { audio, video });
      if (!call.ended) this.#calls.push(call);
      handle = this.#handleOf(call);
    });
    if (!handle) throw new Error('they are calling already, or there are too many calls');
    return handle;
  }

  #callEnded(call) {
    this.#calls = this.#calls.filter((other) => other !== call);
  }
}
