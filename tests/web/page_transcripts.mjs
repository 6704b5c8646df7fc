// page_transcripts.mjs - makes tests/vectors/page_transcripts.h: what the page's module writes, for the C side to read.
// Run it and redirect it there; test_page_transcripts.mjs compares, tests/unit/test_page_transcripts.c reads.
import { fileURLToPath } from 'node:url';
import { webcrypto } from 'node:crypto';
import { CELL, MESSAGE, SETUP } from '../../examples/web/peer/wire.mjs';
import { sealTransport } from '../../examples/web/peer/noise.mjs';
import { Primitives } from '../../examples/web/peer/primitives.mjs';
import { UNIX, callHandshake, identityFrom, pageTranscript, sample } from './counted.mjs';
import { toHex } from '../../examples/web/peer/bytes.mjs';
import { encodeMessage } from '../../examples/web/peer/message.mjs';
import { formatInvite } from '../../examples/web/peer/invite.mjs';
import { sealCells } from '../../examples/web/peer/cell.mjs';
import { transcriptHash } from '../../examples/web/peer/sas.mjs';

/** Nothing is drawn: what would be random is counted. */
class Counted extends Primitives {
  random(size) {
    return sample(0x30, size);
  }
}

const primitives = new Counted(webcrypto);

const makeIdentity = (first) =>
  identityFrom(primitives, sample(first, 32), sample(first + 1, 32), sample(first + 2, 32));

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
  const { caller, callee } = await callHandshake(primitives, a, b, ps, 0x71, 0x91);
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
  const transcript = pageTranscript(a, 0x60, b, 0xd0, {
    callId: DESCRIPTION.callId,
    h,
    offer: offerHash,
    answer: await primitives.sha256(answer),
  });
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
