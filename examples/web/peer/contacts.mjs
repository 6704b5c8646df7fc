// contacts.mjs - the people we know and how far we trust them (protocol A.4; engine/trust/contacts.h).
//
//   unknown --met--> tofu --words, number or a code scanned in person--> verified
//   tofu, verified --mismatch, fork or another key--> changed (calls are shut)      any --block, tombstone--> revoked
//
// Verification is an act of this device's own user each time: only the three verify...() calls make it.
import { Reader, Writer, equal } from './bytes.mjs';
import { VERDICT, acceptLinks, findDevice, parseRoster } from './roster.mjs';

const DAY = 86400;
const RUNS_A_DAY = 3;
const CONTACTS_MAX = 64; /* three mailboxes each around midnight, of 240 that a connection has */
const STATES = /** @type {const} */ (['tofu', 'verified', 'changed', 'revoked']);
const METHODS = /** @type {const} */ (['none', 'qr', 'sas', 'number']);

export class Contact {
  /** @type {Uint8Array} IK */ id;
  /** @type {string} ours, a petname */ name;
  /** @type {'tofu'|'verified'|'changed'|'revoked'} */ state = 'tofu';
  /** @type {'none'|'qr'|'sas'|'number'} */ method = 'none';
  requireVerified = false;
  blocked = false;
  tombstoned = false;
  /** @type {Uint8Array} what we share */ ps;
  /** @type {import('./roster.mjs').Roster} */ roster;
  acknowledgedSeq = 0;
  sasRuns = 0;
  sasSince = 0;
  /** @type {Contact['state']} what counts once a block is lifted */ stateBehind = 'tofu';

  get callable() {
    return this.state === 'tofu' || this.state === 'verified';
  }

  /** @param {Uint8Array} device @returns {boolean} */
  deviceAcknowledged(device) {
    const entry = findDevice(this.roster, device);
    return entry !== undefined && entry.addedSeq <= this.acknowledgedSeq;
  }

  acknowledge() {
    this.acknowledgedSeq = this.roster.seq;
  }

  /** A mismatch, a fork, or somebody else's key. @returns {boolean} news */
  becameChanged() {
    const behind = this.blocked || this.tombstoned;
    const state = behind ? this.stateBehind : this.state;
    if (state === 'changed') return false;
    if (behind) this.stateBehind = 'changed';
    else this.state = 'changed';
    this.method = 'none';
    return true;
  }

  /** @param {'qr'|'sas'|'number'} method @returns {boolean} */
  #verify(method) {
    if (!this.callable) return false;
    this.state = 'verified';
    this.method = method;
    this.requireVerified = true;
    return true;
  }

  verifyWords() {
    if (!this.#verify('sas')) return false;
    this.sasRuns = 0; /* equal words: nobody is guessing */
    return true;
  }

  verifyNumber() {
    return this.#verify('number');
  }

  verifyScanned() {
    return this.#verify('qr');
  }

  /** @param {boolean} blocked */
  block(blocked) {
    if (this.blocked === blocked) return;
    if (blocked && !this.tombstoned) this.stateBehind = this.state;
    this.blocked = blocked;
    this.state = blocked || this.tombstoned ? 'revoked' : this.stateBehind;
  }

  /** Their last word: nobody uses that key any more. */
  tombstone() {
    if (!this.blocked && !this.tombstoned) this.stateBehind = this.state;
    this.tombstoned = true;
    this.state = 'revoked';
  }

  /** Three runs of words a day, then none for a day (protocol C.5). A clock that went back ends no lock. */
  sasRunsLeft(unix) {
    if (this.sasRuns === 0 || unix - this.sasSince >= DAY) return RUNS_A_DAY;
    return Math.max(0, RUNS_A_DAY - this.sasRuns);
  }

  sasBegin(unix) {
    if (this.sasRunsLeft(unix) === 0) return false;
    if (this.sasRuns > 0 && unix - this.sasSince >= DAY) this.sasRuns = 0;
    this.sasRuns++;
    if (this.sasRuns === 1 || this.sasRuns === RUNS_A_DAY) this.sasSince = unix;
    return true;
  }

  /** A run that came to its words no longer counts: somebody could see it. */
  sasShown() {
    if (this.sasRuns > 0) this.sasRuns--;
  }

  /**
   * The accept rule, and what follows from it.
   * @param {import('./primitives.mjs').Primitives} primitives @param {Uint8Array[]} links @returns {Promise<string>}
   */
  async takeLinks(primitives, links) {
    const { verdict, roster } = await acceptLinks(primitives, this.roster, links);
    if (verdict === VERDICT.FORK) this.becameChanged();
    if (verdict !== VERDICT.ACCEPTED) return verdict;
    this.roster = roster;
    const state = this.blocked || this.tombstoned ? this.stateBehind : this.state;
    if (state !== 'verified') this.acknowledge(); /* nobody was promised that the devices stay the same */
    return verdict;
  }

  encode(writer) {
    const name = new TextEncoder().encode(this.name);
    writer.bytes(this.id).uint(STATES.indexOf(this.state), 1).uint(STATES.indexOf(this.stateBehind), 1);
    writer.uint(METHODS.indexOf(this.method), 1);
    writer.uint((this.requireVerified ? 1 : 0) | (this.blocked ? 2 : 0) | (this.tombstoned ? 4 : 0), 1);
    writer.uint(this.acknowledgedSeq, 4).uint(this.sasRuns, 1).uint(this.sasSince, 6).bytes(this.ps);
    writer.uint(name.length, 1).bytes(name).uint(this.roster.encoded.length, 2).bytes(this.roster.encoded);
  }

  static async decode(primitives, reader) {
    const contact = new Contact();
    contact.id = reader.bytes(32);
    contact.state = STATES[reader.uint(1)];
    contact.stateBehind = STATES[reader.uint(1)];
    contact.method = METHODS[reader.uint(1)];
    const flags = reader.uint(1);
    [contact.requireVerified, contact.blocked, contact.tombstoned] = [1, 2, 4].map((bit) => (flags & bit) !== 0);
    contact.acknowledgedSeq = reader.uint(4);
    contact.sasRuns = reader.uint(1);
    contact.sasSince = reader.uint(6);
    contact.ps = reader.bytes(32);
    contact.name = new TextDecoder().decode(reader.bytes(reader.uint(1)));
    contact.roster = await parseRoster(primitives, reader.bytes(reader.uint(2)));
    return contact;
  }
}

export class Contacts {
  /** @type {Contact[]} */
  list = [];

  /** @param {Uint8Array} id */
  find(id) {
    return this.list.find((contact) => equal(contact.id, id));
  }

  /** @param {string} name */
  named(name) {
    return this.list.find((contact) => contact.name === name);
  }

  /**
   * Both ends of a first contact: somebody new, or an old contact with a fresh secret. Meeting again never changes
   * what was thought of a key, and a name never moves to another key.
   * @param {import('./roster.mjs').Roster} roster @param {string} name @param {Uint8Array} ps @returns {Contact|null}
   */
  meet(roster, name, ps) {
    let contact = this.find(roster.id);
    if (!contact) {
      if (this.named(name) || this.list.length >= CONTACTS_MAX) return null;
      contact = Object.assign(new Contact(), { id: roster.id, name, roster, acknowledgedSeq: roster.seq });
      this.list.push(contact);
    } else if (!contact.callable || roster.seq < contact.roster.seq || !this.#sameAt(contact, roster)) {
      return null;
    }
    contact.roster = roster;
    contact.ps = ps;
    return contact;
  }

  /** @param {Contact} contact @param {import('./roster.mjs').Roster} roster */
  #sameAt(contact, roster) {
    return roster.seq !== contact.roster.seq || equal(roster.head.hash, contact.roster.head.hash);
  }

  /** @returns {Uint8Array} */
  encode() {
    const writer = new Writer().uint(this.list.length, 2);
    for (const contact of this.list) contact.encode(writer);
    return writer.done();
  }

  /** @param {import('./primitives.mjs').Primitives} primitives @param {Uint8Array} bytes */
  static async decode(primitives, bytes) {
    const contacts = new Contacts();
    const reader = new Reader(bytes);
    for (let left = reader.left ? reader.uint(2) : 0; left > 0; left--)
      contacts.list.push(await Contact.decode(primitives, reader));
    if (reader.bad) throw new Error('the stored contacts are damaged');
    return contacts;
  }
}
