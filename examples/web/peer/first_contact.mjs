// first_contact.mjs - from an invite to a contact: Noise XKpsk3 over two mailboxes (PROTOCOL.md, section 8).
//
//   joiner   joining --INVITE_2 in, JOIN out--> joined --WELCOME in, DONE out--> done
//   inviter  asked --JOIN in, WELCOME out--> welcomed --DONE in--> done
import { CELL, MESSAGE, RANDOM_SIZE, SESSION_SIZE } from './wire.mjs';
import { INVITE_ROLE, deriveInviteMailbox } from './mailbox.mjs';
import { Noise, openTransport, sealTransport } from './noise.mjs';
import { Reassembler, sealCells } from './cell.mjs';
import { ascii, concat, equal } from './bytes.mjs';
import { encodeMessage, parseMessage } from './message.mjs';
import { findDevice, parseRoster } from './roster.mjs';

const TIMEOUT = 60_000;
const TTL = 60;
const NOTHING = new Uint8Array(0);

/**
 * `ps` of two people who have met.
 * @param {import('./primitives.mjs').Primitives} primitives @param {Uint8Array} joiner @param {Uint8Array} inviter
 * @param {Uint8Array} h @returns {Promise<Uint8Array>}
 */
export function pairSecret(primitives, joiner, inviter, h) {
  return primitives.hkdf(32, concat(joiner, inviter, h), ascii('sotto/ps/1'));
}

export class FirstContact {
  /** @type {'joining'|'asked'|'joined'|'welcomed'|'done'} */ state;
  /** @type {import('./mailbox.mjs').Mailbox} that we listen to */ inbox;
  /** @type {Uint8Array} */ session;
  /** @type {number} milliseconds */ deadline;
  /** @type {import('./contacts.mjs').Contact|null} */ contact = null;
  /** @type {string|null} why it came to nothing */ failure = null;
  #env;
  #invite;
  #name;
  #joiner;
  #outbox;
  #noise;
  #send;
  #receive;
  #h;
  #random;
  #reassembler = new Reassembler();

  /**
   * @param {import('./peer_env.mjs').PeerEnv} env @param {import('./invite.mjs').Invite} invite @param {string} name
   * @param {boolean} joiner
   */
  static async #begin(env, invite, name, joiner) {
    const contact = new FirstContact();
    const { primitives, identity } = env;
    contact.#env = env;
    contact.#invite = invite;
    contact.#name = name;
    contact.#joiner = joiner;
    contact.deadline = env.now() + TIMEOUT;
    contact.#random = primitives.random(RANDOM_SIZE);
    const roles = [INVITE_ROLE.INVITER, INVITE_ROLE.JOINER];
    const [out, inn] = joiner ? roles : roles.reverse();
    contact.inbox = await deriveInviteMailbox(primitives, invite.secret, inn);
    contact.#outbox = await deriveInviteMailbox(primitives, invite.secret, out);
    contact.#noise = await Noise.begin(primitives, {
      pattern: 'XKpsk3',
      initiator: joiner,
      prologue: concat(ascii('sotto/inv/1'), invite.ik, invite.device),
      s: identity.device.dx,
      rs: joiner ? invite.dx : undefined,
      psk: await primitives.hkdf(32, invite.secret, ascii('psk')),
    });
    return contact;
  }

  /** @returns {Promise<FirstContact>} */
  static async join(env, invite, name) {
    const contact = await FirstContact.#begin(env, invite, name, true);
    contact.session = env.primitives.random(SESSION_SIZE);
    contact.state = 'joining';
    await contact.#postHandshake(CELL.INVITE_1, NOTHING);
    return contact;
  }

  /** Somebody has our invite; null: INVITE_1 does not authenticate. @returns {Promise<FirstContact|null>} */
  static async asked(env, invite, name, cell) {
    const contact = await FirstContact.#begin(env, invite, name, false);
    contact.session = cell.session;
    contact.state = 'asked';
    const payload = await contact.#readHandshake(cell, CELL.INVITE_1);
    if (payload?.length !== 0) return null;
    await contact.#postHandshake(CELL.INVITE_2, NOTHING);
    return contact;
  }

  /** @param {Uint8Array} session */
  is(session) {
    return equal(this.session, session);
  }

  get over() {
    return this.state === 'done';
  }

  async #post(type, body) {
    const { primitives, identity } = this.#env;
    const header = { type, device: identity.device.id, session: this.session, n: 0 };
    for (const cell of await sealCells(primitives, this.#outbox.key, header, body))
      this.#env.put(this.#outbox.address, cell, TTL);
  }

  async #postHandshake(type, payload) {
    const body = await this.#noise.write(payload);
    if (body) await this.#post(type, body);
    else this.#end('trust');
  }

  async #postData(message) {
    await this.#post(
      CELL.INVITE_DATA,
      await sealTransport(this.#env.primitives, this.#send, 0, encodeMessage(message)),
    );
  }

  /** @returns {Promise<Uint8Array|null>} the payload of a complete handshake message of this type */
  async #readHandshake(cell, type) {
    const body = cell.type === type ? this.#reassembler.input(cell) : null;
    return body && this.#noise.read(body);
  }

  /** @returns {Promise<import('./message.mjs').Message|null>} each side sends one */
  async #readData(cell, type) {
    const body = cell.type === CELL.INVITE_DATA && cell.n === 0 ? this.#reassembler.input(cell) : null;
    const plain = body && (await openTransport(this.#env.primitives, this.#receive, 0, body));
    const message = plain && parseMessage(plain);
    return message?.type === type ? message : null;
  }

  async #finishHandshake() {
    this.#h = this.#noise.h;
    ({ send: this.#send, receive: this.#receive } = await this.#noise.split());
  }

  #end(failure) {
    this.state = 'done';
    this.failure = failure;
  }

  /** @param {import('./cell.mjs').Cell} cell of our session */
  async input(cell) {
    switch (this.state) {
      case 'joining':
        if ((await this.#readHandshake(cell, CELL.INVITE_2))?.length === 0) await this.#answered();
        break;
      case 'asked':
        await this.#joined(await this.#readHandshake(cell, CELL.INVITE_3));
        break;
      case 'joined':
        await this.#welcomed(await this.#readData(cell, MESSAGE.WELCOME));
        break;
      case 'welcomed':
        if (await this.#readData(cell, MESSAGE.DONE)) this.#end(null);
        break;
    }
  }

  /** Joiner: the inviter has the invite's static key and s, so say who we are. */
  async #answered() {
    const { identity } = this.#env;
    const join = { type: MESSAGE.JOIN, roster: identity.roster.encoded, random: this.#random };
    await this.#postHandshake(CELL.INVITE_3, encodeMessage(join));
    if (this.over) return;
    await this.#finishHandshake();
    this.state = 'joined';
  }

  /** Inviter: the static key must stand in the roster of JOIN. @param {Uint8Array|null} payload */
  async #joined(payload) {
    if (!payload) return;
    const { primitives, identity } = this.#env;
    const dx = this.#noise.remoteStatic;
    await this.#finishHandshake();
    const join = parseMessage(payload);
    const roster = join?.type === MESSAGE.JOIN ? await parseRoster(primitives, join.roster) : null;
    if (
      !roster?.devices.some((device) => equal(device.dx, dx)) ||
      !(await this.#meet(roster, join.random, this.#random))
    ) {
      this.#end('trust');
      return;
    }
    this.state = 'welcomed';
    await this.#postData({ type: MESSAGE.WELCOME, roster: identity.roster.encoded, random: this.#random });
  }

  /** Joiner: it must be the inviter that the invite names, with the device that it names. */
  async #welcomed(welcome) {
    if (!welcome) return;
    const roster = await parseRoster(this.#env.primitives, welcome.roster);
    const device = roster && equal(roster.id, this.#invite.ik) ? findDevice(roster, this.#invite.device) : undefined;
    const met = device && equal(device.dx, this.#invite.dx) && (await this.#meet(roster, this.#random, welcome.random));
    if (met) await this.#postData({ type: MESSAGE.DONE });
    this.#end(met ? null : 'trust');
  }

  /** @returns {Promise<boolean>} */
  async #meet(roster, joiner, inviter) {
    const { primitives, identity, contacts } = this.#env;
    if (equal(roster.id, identity.ik)) return false;
    const ps = await pairSecret(primitives, joiner, inviter, this.#h);
    this.contact = contacts.meet(roster, this.#name, ps);
    if (!this.contact) return false;
    if (this.#joiner && this.#invite.inPerson) this.contact.verifyScanned();
    await this.#env.trustChanged(this.contact);
    return true;
  }

  tick() {
    if (!this.over && this.#env.now() >= this.deadline) this.#end('timeout');
  }
}
