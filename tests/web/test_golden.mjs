// Transcripts that the C side made (tests/golden/transcripts.c), made again here byte for byte.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CAPS, MESSAGE } from '../../examples/web/peer/wire.mjs';
import { FrameSeal, frameKeys } from '../../examples/web/peer/frame_seal.mjs';
import { INVITE_ROLE, deriveInviteMailbox, deriveMailbox } from '../../examples/web/peer/mailbox.mjs';
import { Noise, openTransport, sealTransport } from '../../examples/web/peer/noise.mjs';
import { Reassembler, openCell } from '../../examples/web/peer/cell.mjs';
import { SAS_MODE, renderWords, transcriptHash } from '../../examples/web/peer/sas.mjs';
import { UNIX, callHandshake, identityFrom, pageTranscript, sample } from './counted.mjs';
import { VERDICT, acceptLinks, parseRoster } from '../../examples/web/peer/roster.mjs';
import { ascii, concat, fromHex, toHex } from '../../examples/web/peer/bytes.mjs';
import { callSerial } from '../../examples/web/peer/certificate.mjs';
import { encodeMessage, parseMessage } from '../../examples/web/peer/message.mjs';
import { formatId, parseId } from '../../examples/web/peer/identity.mjs';
import { formatInvite, parseInvite } from '../../examples/web/peer/invite.mjs';
import { pairSecret } from '../../examples/web/peer/first_contact.mjs';
import { primitives } from './scene.mjs';
import { safetyNumber } from '../../examples/web/peer/safety_number.mjs';

const golden = JSON.parse(readFileSync(new URL('../vectors/transcripts.json', import.meta.url), 'utf8'));
/** All of a section that is hexadecimal, as bytes. */
function bytesOf(section) {
  const entries = Object.entries(golden[section]);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, /^([0-9a-f]{2})+$/.test(value) ? fromHex(value) : value]),
  );
}

async function identityOf(who) {
  const { [`${who}_ik_seed`]: ik, [`${who}_dk_seed`]: dk, [`${who}_dx_secret`]: dx } = bytesOf('roster');
  return identityFrom(primitives, ik, dk, dx);
}

const same = (got, expected) => assert.equal(toHex(got), toHex(expected));

test('mailboxes', async () => {
  const { ps, sender, recipient, device, epoch, s, ...expected } = bytesOf('mailbox');
  const all = ({ address, readToken, key }) => concat(address, readToken, key);
  same(all(await deriveMailbox(primitives, ps, sender, recipient, device, epoch)), expected.mailbox);
  same(all(await deriveInviteMailbox(primitives, s, INVITE_ROLE.INVITER)), expected.inviter);
  same(all(await deriveInviteMailbox(primitives, s, INVITE_ROLE.JOINER)), expected.joiner);
});

test('two cells of one message', async () => {
  const { key, device, session, type, n, message, first, second } = bytesOf('cell');
  const reassembler = new Reassembler();
  const one = await openCell(primitives, key, first);
  const other = await openCell(primitives, key, second);
  same(one.device, device);
  same(one.session, session);
  assert.deepEqual([one.type, one.n, one.fragments], [type, n, 2]);
  assert.equal(reassembler.input(one), null);
  same(reassembler.input(other), message);
});

test('a roster, its successor, an ID and a safety number', async () => {
  const expected = bytesOf('roster');
  const [a, b] = [await identityOf('a'), await identityOf('b')];
  same(a.roster.encoded, expected.first);
  same(a.roster.head.hash, expected.hash);
  const next = await acceptLinks(primitives, a.roster, [expected.second]);
  assert.equal(next.verdict, VERDICT.ACCEPTED);
  assert.ok(next.roster.devices.some(({ id }) => toHex(id) === toHex(b.device.id)));
  assert.equal(formatId(a.ik), expected.id);
  same(parseId(`SOTTO:C/${expected.id.toUpperCase()}`), a.ik);
  assert.equal(await safetyNumber(primitives, a.ik, b.ik), expected.safety_number);
});

test('a roster that was changed in any byte is none', async () => {
  const { first } = bytesOf('roster');
  for (let i = 0; i < first.length; i += 7) {
    const forged = first.slice();
    forged[i] ^= 1;
    assert.equal(await parseRoster(primitives, forged), null);
  }
});

test('an invite', async () => {
  const { s, text } = bytesOf('invite');
  const a = await identityOf('a');
  const invite = parseInvite(text);
  same(invite.secret, s);
  same(invite.ik, a.ik);
  assert.deepEqual([invite.hint, invite.expiry, invite.inPerson], ['wss://sotto.example', UNIX + 86400, false]);
  assert.equal(formatInvite(invite), text);
});

const ephemeral = (first) => primitives.keysFromSeed('X25519', sample(first, 32));

test('a first contact', async () => {
  const { s, random_joiner, random_inviter, e_joiner, e_inviter, ...expected } = bytesOf('first_contact');
  const [inviter, joiner] = [await identityOf('a'), await identityOf('b')];
  const psk = await primitives.hkdf(32, s, ascii('psk'));
  const common = { pattern: 'XKpsk3', prologue: concat(ascii('sotto/inv/1'), inviter.ik, inviter.device.id), psk };
  const i = await Noise.begin(primitives, {
    ...common,
    initiator: true,
    s: joiner.device.dx,
    rs: inviter.device.dx.public,
    e: await ephemeral(e_joiner),
  });
  const r = await Noise.begin(primitives, {
    ...common,
    initiator: false,
    s: inviter.device.dx,
    e: await ephemeral(e_inviter),
  });
  const none = new Uint8Array(0);
  same(await i.write(none), expected.invite_1);
  same(await r.read(expected.invite_1), none);
  same(await r.write(none), expected.invite_2);
  same(await i.read(expected.invite_2), none);
  const join = encodeMessage({ type: MESSAGE.JOIN, roster: joiner.roster.encoded, random: random_joiner });
  same(await i.write(join), expected.invite_3);
  same(await r.read(expected.invite_3), join);
  same(i.h, expected.h);
  same(await pairSecret(primitives, random_joiner, random_inviter, r.h), expected.ps);
});

async function callNoise() {
  const { ps, e_caller, e_callee } = bytesOf('call');
  return callHandshake(primitives, await identityOf('a'), await identityOf('b'), ps, e_caller, e_callee);
}

test('a call from KNOCK to OFFER', async () => {
  const expected = bytesOf('call');
  const { caller, callee } = await callNoise();
  assert.equal(parseMessage(expected.knock_payload).caps, CAPS.BROWSER);
  same(await caller.write(expected.knock_payload), expected.knock);
  same(await callee.read(expected.knock), expected.knock_payload);
  same(await callee.write(expected.hello_payload), expected.hello);
  same(await caller.read(expected.hello), expected.hello_payload);
  same(caller.h, expected.h);
  const keys = await caller.split();
  const { receive } = await callee.split();
  const offer = parseMessage(expected.offer);
  same(encodeMessage(offer), expected.offer);
  assert.deepEqual([offer.transportCc, offer.repairSsrc, offer.formats[0].payloadType], [3, 0x99aabbcc, 111]);
  same(await sealTransport(primitives, keys.send, 0, expected.offer), expected.offer_sealed);
  same(await openTransport(primitives, receive, 0, expected.offer_sealed), expected.offer);
  assert.equal(await openTransport(primitives, receive, 1, expected.offer_sealed), null);
});

test('the first frames that both ends seal', async () => {
  const { knock, hello, frame, ...expected } = bytesOf('call');
  const { caller, callee } = await callNoise();
  await caller.write(bytesOf('call').knock_payload);
  await callee.read(knock);
  await callee.write(bytesOf('call').hello_payload);
  await caller.read(hello);
  const { ck } = await caller.split();
  for (const [kind, type, name] of [['video', 'key', 'callers_picture'], ['audio', undefined, 'callees_sound']]) {
    const keys = await frameKeys(primitives, ck, kind === 'video');
    const one = { data: frame.slice().buffer, type, getMetadata: () => ({}) };
    await (await FrameSeal.make(primitives.subtle, kind, 'send', keys.send)).transform(one);
    same(new Uint8Array(one.data), expected[name]);
  }
});

async function transcriptOf() {
  const { h, offer } = bytesOf('call');
  return pageTranscript(await identityOf('a'), 0xc0, await identityOf('b'), 0xd0, {
    callId: parseMessage(offer).callId,
    h,
    offer: await primitives.sha256(offer),
    answer: sample(0x50, 32),
  });
}

/** c, T, s and what is shown of it. */
async function words(mode, transcript) {
  const expected = bytesOf('call');
  const [rI, rR, run] = [sample(1, 32), sample(0x81, 32), Uint8Array.of(1)];
  const c = await primitives.sha256(ascii('sotto/sas-commit/1'), transcript.callId, run, rI);
  const t = await transcriptHash(primitives, transcript, 1, c);
  const s = (await primitives.hmac(concat(rI, rR), concat(ascii('sotto/sas/1'), t))).slice(0, 6);
  same(c, expected[`${mode}_c`]);
  same(t, expected[`${mode}_t`]);
  same(s, expected[`${mode}_s`]);
  assert.equal(renderWords(s).words, expected[`${mode}_words`]);
  assert.equal(renderWords(s).digits, expected[`${mode}_digits`]);
}

test('a certificate that names its call, and the words of a call with a page', async () => {
  const expected = bytesOf('call');
  const transcript = await transcriptOf();
  const [a, b] = [transcript.initiator, transcript.responder];
  same(concat(Uint8Array.of(0), await callSerial(primitives, expected.h, transcript.callId, a, b)), expected.serial);
  await words('cert', transcript);
});

test('the exporter in BIND, and the words of a call between natives', async () => {
  const { exporter, h, ekm } = bytesOf('call');
  const transcript = await transcriptOf();
  same(await primitives.sha256(ascii('sotto/bind/1'), transcript.callId, h, exporter), ekm);
  await words('ekm', {
    ...transcript,
    mode: SAS_MODE.EKM,
    dtlsClientIsInitiator: false,
    profile: 8,
    cipher: 0xc02c,
    ekm,
  });
});
