// page_transcripts.mjs - makes tests/vectors/page_transcripts.h: what the page's module writes, for the C side to read.
// Run it and redirect it there; test_page_transcripts.mjs compares, tests/unit/test_page_transcripts.c reads.
import { fileURLToPath } from 'node:url';
import { webcrypto } from 'node:crypto';
import { CELL, MESSAGE, SETUP } from '../../examples/web/peer/wire.mjs';
import { Noise, sealTransport } from '../../examples/web/peer/noise.mjs';
import { Primitives } from '../../examples/web/peer/primitives.mjs';
import { SAS_MODE, transcriptHash } from '../../examples/web/peer/sas.mjs';
import { ascii, concat, toHex } from '../../examples/web/peer/bytes.mjs';
import { deviceId, firstRoster, parseRoster } from '../../examples/web/peer/roster.mjs';
import { encodeMessage } from '../../examples/web/peer/message.mjs';
import { formatInvite } from '../../examples/web/peer/invite.mjs';
import { sealCells } from '../../examples/web/peer/cell.mjs';

const UNIX = 1700000000;
const sample = (first, size) => Uint8Array.from({ length: size }, (_, i) => (first + i) & 255);

/** Nothing is drawn: what would be random is counted. */
class Counted extends Primitives {
  random(size) {
    return sample(0x30, size);
  }
}

const primitives = new Counted(webcrypto);

async function makeIdentity(first) {
  const keys = (algorithm, seed) => primitives.keysFromSeed(algorithm, sample(seed, 32));
  const [ik, dk, dx] = [
    await keys('Ed25519', first),
    await keys('Ed25519', first + 1),
    await keys('X25519', first + 2),
  ];
  const device = { id: await deviceId(primitives, dk.public, dx.public), dk, dx };
  const encoded = await firstRoster(primitives, { ik: ik.public, device }, ik.secret, UNIX);
  return { ik: ik.public, device, roster: await parseRoster(primitives, encoded) };
}

const ephemeral = (first) => primitives.keysFromSeed('X25519', sample(first, 32));

/** Both ends of a call's handshake, the page being the caller. */
async function handshake(a, b, ps) {
  const psk = await primitives.hkdf(32, ps, ascii('sotto/psk/1'));
  const prologue = concat(ascii('sotto/call/1'), a.ik, a.device.id, b.ik, b.device.id);
  const begin = async (initiator, us, them, e) =>
    Noise.begin(primitives, {
      pattern: 'KKpsk0',
      initiator,
      prologue,
      psk,
      s: us.device.dx,
      rs: them.device.dx.public,
      e: await ephemeral(e),
    });
  return [await begin(true, a, b, 0x71), await begin(false, b, a, 0x91)];
}

const DESCRIPTION = {
  callId: sample(0x10, 16),
  fingerprint: sample(0x60, 32),
  ufrag: 'ufrG',
  pwd: '0123456789abcdefABCD+/',
  setup: SETUP.ACTIVE,
  profiles: [8, 7],
  media: 3,
  ssrcs: { audio: 0x11223344, video: 0x55667788 },
  cname: 'cname+cname/cnam',
  candidates: [{ type: 1, transport: 1, address: sample(8, 4), port: 5000, priority: 7, foundation: '1' }],
  formats: [
    { payloadType: 111, format: 1, of: 0 },
    { payloadType: 96, format: 3, of: 0 },
    { payloadType: 97, format: 5, of: 96 },
  ],
  transportCc: 3,
  repairSsrc: 0x99aabbcc,
};

/** @returns {Promise<[string, Uint8Array|string][]>} */
async function transcripts() {
  const [a, b] = [await makeIdentity(0x20), await makeIdentity(0x80)];
  const ps = sample(0x40, 32);
  const [caller, callee] = await handshake(a, b, ps);
  const head = { seq: 0, hash: a.roster.head.hash };
  const greeting = { version: 1, caps: 1, myHead: head, yourHead: b.roster.head };
  const knockPayload = encodeMessage({ type: MESSAGE.KNOCK, callId: DESCRIPTION.callId, ...greeting, time: UNIX });
  const knock = await caller.write(knockPayload);
  await callee.read(knock);
  const hello = await callee.write(
    encodeMessage({ type: MESSAGE.HELLO, version: 1, caps: 0, myHead: b.roster.head, yourHead: head }),
  );
  await caller.read(hello);
  const { h } = caller;
  const { send } = await caller.split();
  const offer = encodeMessage({ type: MESSAGE.OFFER, ...DESCRIPTION, policy: 1, handshake: h });
  const offerHash = await primitives.sha256(offer);
  const answer = encodeMessage({ type: MESSAGE.ANSWER, ...DESCRIPTION, offerHash, handshake: h });
  const header = { type: CELL.KNOCK, device: a.device.id, session: sample(0x50, 8), n: 0 };
  const [cell] = await sealCells(primitives, sample(0x60, 32), header, knock);
  const party = (who, fp) => ({
    ik: who.ik,
    device: who.device.id,
    dx: who.device.dx.public,
    head: who.roster.head,
    fp,
  });
  const transcript = {
    version: 1,
    mode: SAS_MODE.CERT,
    callId: DESCRIPTION.callId,
    initiator: party(a, sample(0x60, 32)),
    responder: party(b, sample(0xd0, 32)),
    h,
    offer: offerHash,
    answer: await primitives.sha256(answer),
    dtlsClientIsInitiator: true,
    profile: 0,
    cipher: 0,
    ekm: new Uint8Array(0),
  };
  const invite = {
    inPerson: true,
    expiry: UNIX + 120,
    ik: a.ik,
    dx: a.device.dx.public,
    device: a.device.id,
    secret: sample(0x33, 16),
    hint: 'wss://sotto.example',
  };
  return [
    ['roster', a.roster.encoded],
    ['roster_b', b.roster.encoded],
    ['invite', formatInvite(invite)],
    ['knock_payload', knockPayload],
    ['knock', knock],
    ['knock_cell', cell],
    ['hello', hello],
    ['h', h],
    ['offer', offer],
    ['offer_sealed', await sealTransport(primitives, send, 0, offer)],
    ['answer', answer],
    [
      'bind',
      encodeMessage({ type: MESSAGE.BIND, fpSelf: sample(0x60, 32), fpPeer: sample(0xd0, 32), dtlsRole: SETUP.ACTIVE }),
    ],
    ['t', await transcriptHash(primitives, transcript, 1, sample(0xb0, 32))],
  ];
}

function line(name, value) {
  const text = typeof value === 'string' ? value : toHex(value);
  const pieces = text.match(/.{1,96}/g).map((piece) => `    "${piece}"`);
  return `static const char page_${name}[] =\n${pieces.join('\n')};\n`;
}

/** @returns {Promise<string>} */
export async function pageTranscripts() {
  const lines = (await transcripts()).map(([name, value]) => line(name, value));
  return `/* page_transcripts.h - what the page's module writes with counted keys; made by
 * tests/web/page_transcripts.mjs. */
#ifndef VECTORS_PAGE_TRANSCRIPTS_H
#define VECTORS_PAGE_TRANSCRIPTS_H
/* clang-format off */

${lines.join('')}
#endif
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(await pageTranscripts());
