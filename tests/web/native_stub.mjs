// native_stub.mjs - the other end of a page's call as far as messages go: the DTLS server's side of mode CERT, without
// ICE, DTLS or media. What it says can be changed by the test, as a hostile contact would.
import { CALL_ID_SIZE, CAPS, CELL, FORMAT, MESSAGE, SETUP, VERSION } from '../../examples/web/peer/wire.mjs';
import { Channel } from '../../examples/web/peer/channel.mjs';
import { Contacts } from '../../examples/web/peer/contacts.mjs';
import { FirstContact } from '../../examples/web/peer/first_contact.mjs';
import { SAS_MODE, Sas } from '../../examples/web/peer/sas.mjs';
import { ServerLink } from '../../examples/web/peer/server_link.mjs';
import { Store } from '../../examples/web/peer/identity.mjs';
import { callSerial } from '../../examples/web/peer/certificate.mjs';
import { concat, equal, toHex } from '../../examples/web/peer/bytes.mjs';
import { deriveMailbox, epochOf } from '../../examples/web/peer/mailbox.mjs';
import { openCell } from '../../examples/web/peer/cell.mjs';
import { parseInvite } from '../../examples/web/peer/invite.mjs';

const der = (tag, ...contents) => {
  const body = concat(...contents);
  const long = body.length < 256 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 255];
  const size = body.length < 128 ? [body.length] : long;
  return concat(Uint8Array.of(tag, ...size), body);
};

/** As much of a certificate as has a serial number. @param {Uint8Array} serial */
export function certificateOf(serial) {
  const version = der(0xa0, der(2, Uint8Array.of(2)));
  return der(0x30, der(0x30, version, der(2, Uint8Array.of(0), serial), der(0x30, new Uint8Array(200))), der(0x30));
}

export const FORMATS = [
  { payloadType: 111, format: FORMAT.OPUS, of: 0 },
  { payloadType: 63, format: FORMAT.RED_AUDIO, of: 111 },
  { payloadType: 96, format: FORMAT.VP8, of: 0 },
];

export class NativeStub {
  contacts = new Contacts();
  /** Messages that came, oldest first. */
  heard = [];
  /** @type {Channel|null} */ channel = null;
  /** Its own call goes on, whoever knocks. */ deaf = false;
  /** What is said otherwise than an honest end would. @type {(message: object) => object} */
  twist = (message) => message;
  #work = Promise.resolve();

  static async make(primitives, server, url) {
    const native = new NativeStub();
    const storage = { load: async () => null, save: async () => {} };
    native.primitives = primitives;
    native.store = await Store.make(primitives, storage, 'native', 1_700_000_000, 600_000);
    native.identity = native.store.identity;
    const now = () => performance.now();
    const onCell = (address, cell) => native.#enqueue(() => native.#takeCell(address, cell));
    const after = (ms, run) => setTimeout(run, ms);
    native.link = new ServerLink({ url, WebSocket: server.WebSocket, primitives, now, after, onCell, onState() {} });
    native.env = {
      primitives,
      identity: native.identity,
      contacts: native.contacts,
      now,
      unix: () => Math.floor(Date.now() / 1000),
      put: (address, cell, ttl) => native.link.put(address, cell, ttl),
      trustChanged: () => native.#relisten(),
    };
    native.link.connect();
    return native;
  }

  #enqueue(run) {
    this.#work = this.#work.then(run).catch((error) => {
      this.failure = error;
    });
    return this.#work;
  }

  close() {
    this.link.close();
  }

  async join(name, text) {
    this.first = await FirstContact.join(this.env, parseInvite(text), name);
    await this.#relisten();
    while (!this.first.over) await new Promise((resolve) => setTimeout(resolve, 5));
    return this.first.contact;
  }

  async #relisten() {
    const { ik, device } = this.identity;
    const epoch = epochOf(this.env.unix());
    this.inboxes = [];
    for (const contact of this.contacts.list) {
      const mailbox = await deriveMailbox(this.primitives, contact.ps, contact.id, ik, device.id, epoch);
      this.inboxes.push({ ...mailbox, contact });
    }
    await this.link.listen([...this.inboxes, ...(this.first && !this.first.over ? [this.first.inbox] : [])]);
  }

  async #takeCell(address, sealed) {
    const inbox = this.inboxes.find((mailbox) => toHex(mailbox.address) === address);
    const cell = await openCell(this.primitives, (inbox ?? this.first.inbox).key, sealed);
    if (!inbox) return this.first.input(cell);
    if (cell.type === CELL.KNOCK && this.deaf) return undefined;
    if (cell.type === CELL.KNOCK) return this.#knocked(inbox.contact, cell);
    if (!this.channel || !equal(cell.session, this.channel.session)) return undefined;
    if (cell.type === CELL.HELLO) return this.#note(await this.channel.readHandshake(cell));
    await this.channel.input(cell);
    for (let next; (next = await this.channel.next()); ) this.#note(next.message, next.hash);
    return undefined;
  }

  #note(message, hash) {
    if (message?.type === MESSAGE.OFFER) this.offerHash = hash;
    if (message?.type === MESSAGE.ANSWER) this.answerHash = hash;
    if (message) this.heard.push(message);
  }

  /** The first message of this type, once it came. */
  async hears(type) {
    for (let i = 0; i < 3000; i++) {
      const message = this.heard.find((one) => one.type === type);
      if (message) return message;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`message ${type} did not come`);
  }

  async #begin(contact, initiator, session) {
    const { ik, device } = this.identity;
    const [theirs] = contact.roster.devices;
    this.contact = contact;
    this.caller = initiator;
    this.channel = await Channel.begin(this.env, {
      initiator,
      ps: contact.ps,
      s: device.dx,
      us: { id: ik, device: device.id, dx: device.dx.public },
      them: { id: contact.id, device: theirs.id, dx: theirs.dx },
      session,
    });
  }

  get #greeting() {
    const { identity, contact } = this;
    return { version: VERSION, caps: CAPS.SFRAME, myHead: identity.roster.head, yourHead: contact.roster.head };
  }

  async #knocked(contact, cell) {
    await this.#begin(contact, false, cell.session);
    const knock = await this.channel.readHandshake(cell);
    this.callId = knock.callId;
    this.#note(knock);
    await this.channel.sendHandshake(this.twist({ type: MESSAGE.HELLO, ...this.#greeting }));
  }

  async knock(contact, callId = this.primitives.random(CALL_ID_SIZE)) {
    this.callId = callId;
    await this.#begin(contact, true, this.primitives.random(8));
    const time = this.env.unix();
    await this.channel.sendHandshake(this.twist({ type: MESSAGE.KNOCK, callId: this.callId, ...this.#greeting, time }));
  }

  say(message) {
    return this.#enqueue(async () => {
      this.saidHash = await this.channel.send(this.twist(message));
    });
  }

  /** Made for this session, as section 9a says. */
  async #certify() {
    const party = ({ id, device }) => ({ ik: id, device });
    const ends = [party(this.channel.us), party(this.channel.them)];
    const [caller, callee] = this.caller ? ends : ends.reverse();
    this.certificate = certificateOf(await callSerial(this.primitives, this.channel.h, this.callId, caller, callee));
    this.fingerprint = await this.primitives.sha256(this.certificate);
  }

  async #description() {
    await this.#certify();
    return {
      callId: this.callId,
      offerHash: this.offerHash,
      fingerprint: this.fingerprint,
      ufrag: 'nati',
      pwd: 'n'.repeat(22),
      setup: SETUP.PASSIVE,
      profiles: [8, 7],
      media: 3,
      ssrcs: { audio: 1, video: 2 },
      cname: 'c'.repeat(16),
      policy: 1,
      handshake: this.channel.h,
      candidates: [],
      formats: FORMATS,
      transportCc: 3,
    };
  }

  async answer() {
    await this.say({ type: MESSAGE.ANSWER, ...(await this.#description()) });
    this.answerHash = this.saidHash;
  }

  async offer() {
    await this.say({ type: MESSAGE.OFFER, ...(await this.#description()) });
    this.offerHash = this.saidHash;
  }

  confirm() {
    return this.say({ type: MESSAGE.CONFIRM, offerHash: this.offerHash, answerHash: this.answerHash });
  }

  /** @param {Uint8Array} fpPeer the page's */
  bind(fpPeer) {
    return this.say({ type: MESSAGE.BIND, fpSelf: this.fingerprint, fpPeer, dtlsRole: SETUP.PASSIVE });
  }

  /** Words, as the other side of `fpPeer`'s page. */
  words(fpPeer) {
    const party = ({ id, device, dx }, head, fp) => ({ ik: id, device, dx, head, fp });
    const us = party(this.channel.us, this.identity.roster.head, this.fingerprint);
    const them = party(this.channel.them, this.contact.roster.head, fpPeer);
    return new Sas(this.primitives, this.caller, {
      version: VERSION,
      mode: SAS_MODE.CERT,
      callId: this.callId,
      initiator: this.caller ? us : them,
      responder: this.caller ? them : us,
      h: this.channel.h,
      offer: this.offerHash,
      answer: this.answerHash,
      dtlsClientIsInitiator: !this.caller,
      profile: 0,
      cipher: 0,
      ekm: new Uint8Array(0),
    });
  }
}
