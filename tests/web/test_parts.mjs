// The parts of sotto-peer.mjs that are about bytes: what is not exactly right does not parse.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, toHex } from '../../examples/web/peer/bytes.mjs';
import { BODY_MAX, Reassembler, openCell, sealCells } from '../../examples/web/peer/cell.mjs';
import { FORMAT, MESSAGE } from '../../examples/web/peer/wire.mjs';
import { callSerial, certificateSerial, hasSerial } from '../../examples/web/peer/certificate.mjs';
import { decodeBase32, decodeBech32m, encodeBase32, encodeBech32m } from '../../examples/web/peer/bech32.mjs';
import { encodeMessage, parseMessage } from '../../examples/web/peer/message.mjs';
import { epochsChange, epochsOf } from '../../examples/web/peer/mailbox.mjs';
import { evaluateGate } from '../../examples/web/peer/gate.mjs';
import {
  formatAddress,
  formatCandidateLine,
  isAllowed,
  parseAddress,
  parseCandidateLine,
} from '../../examples/web/peer/candidate.mjs';
import { isSafeServer } from '../../examples/web/peer/server_link.mjs';
import { numberEndsWith, numbersAgree, safetyNumber } from '../../examples/web/peer/safety_number.mjs';
import { parseTlv, tlv } from '../../examples/web/peer/tlv.mjs';
import { certificateOf } from './native_stub.mjs';
import { fakeConnections } from './fake_connection.mjs';
import { primitives } from './scene.mjs';
import { readDescription, writeDescription } from '../../examples/web/peer/sdp.mjs';

const bytes = (...values) => Uint8Array.from(values);

test('TLV takes ascending tags, skips extensions, and nothing else', () => {
  assert.equal(parseTlv(bytes(1, 0, 1, 9, 2, 0, 0)).size, 2);
  assert.equal(parseTlv(bytes(0x80, 0, 0)).size, 0);
  for (const bad of [bytes(2, 0, 0, 1, 0, 0), bytes(1, 0, 0, 1, 0, 0), bytes(1, 0, 2, 9), bytes(1, 0)])
    assert.equal(parseTlv(bad), null);
});

test('a message has exactly the fields of its type, within their bounds', () => {
  const restart = { type: MESSAGE.RESTART, ufrag: 'ufrg', pwd: 'p'.repeat(22), candidates: [], generation: 1 };
  const encoded = encodeMessage(restart);
  assert.deepEqual(parseMessage(encoded), restart);
  assert.deepEqual(parseMessage(Uint8Array.from([...encoded, ...tlv(0x90, bytes(1))])), restart);
  assert.equal(parseMessage(Uint8Array.from([...encoded, ...tlv(0x30, bytes(1))])), null);
  assert.equal(parseMessage(encoded.slice(0, -1)), null);
  assert.equal(parseMessage(bytes(99)), null);
  assert.equal(parseMessage(bytes(MESSAGE.MEDIA, ...tlv(0x0f, bytes(4)), ...tlv(0x15, bytes(1)))), null);
  assert.throws(() => encodeMessage({ ...restart, ufrag: 'bad!' }));
});

test('BIND states keys wholly or not at all', () => {
  const half = { type: MESSAGE.BIND, fpSelf: new Uint8Array(32), fpPeer: new Uint8Array(32), dtlsRole: 1 };
  assert.ok(parseMessage(encodeMessage(half)));
  assert.throws(() => encodeMessage({ ...half, profile: 8, cipher: 1 }));
});

test('a name without control, direction or invisible characters is one', () => {
  const join = (name) => ({ type: MESSAGE.JOIN, roster: bytes(1), random: new Uint8Array(32), name });
  assert.equal(parseMessage(encodeMessage(join('Zoë'))).name, 'Zoë');
  for (const name of ['', 'a\u202eb', 'a\u0000', '\u200b', 'x'.repeat(64)])
    assert.throws(() => encodeMessage(join(name)));
});

test('cells are alike, authenticate, and put a long message together again', async () => {
  const key = primitives.random(32);
  const header = { type: 3, device: new Uint8Array(8), session: new Uint8Array(8), n: 7 };
  const message = primitives.random(2 * BODY_MAX + 5);
  const cells = await sealCells(primitives, key, header, message);
  assert.deepEqual(
    cells.map((cell) => cell.length),
    [2048, 2048, 2048],
  );
  const reassembler = new Reassembler();
  const opened = await Promise.all(cells.map((cell) => openCell(primitives, key, cell)));
  assert.equal(reassembler.input(opened[2]), null);
  assert.equal(reassembler.input(opened[2]), null);
  assert.equal(reassembler.input(opened[0]), null);
  assert.deepEqual(reassembler.input(opened[1]), message);
  cells[0][100] ^= 1;
  assert.equal(await openCell(primitives, key, cells[0]), null);
});

test('around midnight UTC the neighbouring days count too', () => {
  const midnight = 20_000 * 86400;
  assert.deepEqual(epochsOf(midnight + 43200), [20_000]);
  assert.deepEqual(epochsOf(midnight + 60), [20_000, 19_999, 20_001]);
  assert.equal(epochsChange(midnight + 60), midnight + 7200);
  assert.equal(epochsChange(midnight + 86399), midnight + 86400);
});

test('bech32m texts of BIP-350 are read, and a changed character is found', () => {
  assert.deepEqual(decodeBech32m('a', 'A1LQFN3A'), new Uint8Array(0));
  assert.equal(decodeBech32m('a', 'a1lqfn3q'), null);
  const id = primitives.random(33);
  const text = encodeBech32m('sotto', id);
  assert.deepEqual(decodeBech32m('sotto', text.toUpperCase()), id);
  assert.equal(decodeBech32m('sotto', text.slice(0, -1) + (text.at(-1) === 'q' ? 'p' : 'q')), null);
  assert.equal(decodeBase32('label', encodeBase32('label', id).slice(0, 9) + 'b'), null);
  assert.equal(decodeBase32('other', encodeBase32('label', id)), null);
});

test("a certificate's serial number is read, and only from DER", async () => {
  const serial = bytes(0x12, 0x34);
  assert.deepEqual(certificateSerial(certificateOf(serial)), serial);
  const call = await callSerial(
    primitives,
    new Uint8Array(32),
    new Uint8Array(16),
    { ik: bytes(1), device: bytes(2) },
    { ik: bytes(3), device: bytes(4) },
  );
  assert.equal(call.length, 19);
  assert.equal(call[0] & 0x80, 0);
  assert.ok(hasSerial(certificateOf(call), call));
  assert.ok(!hasSerial(certificateOf(serial), call));
  for (let size = 0; size < 40; size++) assert.equal(certificateSerial(certificateOf(call).slice(0, size)), null);
});

test('candidates: what leads inward is refused, names are no addresses, lines are made of fields', () => {
  const of = (text) => ({ type: 1, transport: 1, address: parseAddress(text), port: 5, priority: 7, foundation: '1' });
  for (const text of ['8.8.8.8', '2a00::1']) assert.ok(isAllowed(of(text), false), text);
  for (const text of ['10.0.0.1', '192.168.0.1', '127.0.0.1', '::1', 'fd00::1'])
    assert.deepEqual([isAllowed(of(text), false), isAllowed(of(text), true)], [false, true], text);
  for (const text of [
    '169.254.169.254',
    '224.0.0.1',
    '0.0.0.0',
    '255.255.255.255',
    'fe80::1',
    '::ffff:8.8.8.8'.slice(0, 2),
    '2001:db8::1',
  ])
    assert.ok(!isAllowed(of(text), true), text);
  assert.equal(parseAddress('0d3c4a5e-1111.local'), null);
  assert.equal(parseCandidateLine('candidate:1 1 udp 7 0d3c4a5e.local 5 typ host'), null);
  assert.equal(parseCandidateLine('candidate:1 2 udp 7 8.8.8.8 5 typ host'), null);
  const line = 'candidate:1 1 udp 7 8.8.8.8 5 typ host';
  assert.equal(formatCandidateLine(parseCandidateLine(line)), line);
  assert.equal(formatAddress(parseAddress('2a00::1')), '2a00:0:0:0:0:0:0:1');
});

test('the gate opens for nobody who is not bound, and unverified as the policy says', () => {
  const facts = {
    bound: true,
    dtlsTransports: 1,
    ended: false,
    trust: 'tofu',
    requireVerified: false,
    policy: 'sas-first',
    deviceAcknowledged: true,
    userConsented: false,
  };
  const gate = (change) => evaluateGate({ ...facts, ...change }).gate;
  assert.equal(gate({}), 'shut');
  assert.equal(gate({ userConsented: true }), 'audio-unverified');
  assert.equal(gate({ policy: 'warn' }), 'open');
  assert.equal(gate({ policy: 'warn', requireVerified: true }), 'shut');
  assert.equal(gate({ trust: 'verified' }), 'open');
  assert.equal(gate({ trust: 'verified', deviceAcknowledged: false }), 'shut');
  for (const change of [
    { bound: false },
    { dtlsTransports: 2 },
    { dtlsTransports: 0 },
    { ended: true },
    { trust: 'changed' },
    { trust: 'revoked' },
  ])
    assert.equal(gate({ trust: 'verified', policy: 'warn', ...change }), 'shut');
});

test('only a server on this machine may be spoken to in clear', () => {
  for (const url of ['wss://example.org', 'ws://127.0.0.1:8443', 'ws://[::1]:1']) assert.ok(isSafeServer(url));
  for (const url of ['ws://example.org', 'https://example.org', 'nonsense']) assert.ok(!isSafeServer(url));
});

test('a safety number is the same for both, and typed with or without spaces', async () => {
  const [a, b] = [primitives.random(32), primitives.random(32)];
  const number = await safetyNumber(primitives, a, b);
  assert.equal(number, await safetyNumber(primitives, b, a));
  assert.match(number, /^(\d{5} ){11}\d{5}$/);
  assert.ok(numbersAgree(number, number.replaceAll(' ', '')));
  assert.ok(numberEndsWith(number, number.replaceAll(' ', '').slice(-6)) && !numberEndsWith(number, '12'));
});

test('what a browser is told of the peer has one header extension, no identity, and Opus at one rate', () => {
  const peer = {
    fingerprint: new Uint8Array(32),
    ufrag: 'ufrg',
    pwd: 'p'.repeat(22),
    ssrcs: { audio: 1, video: 2 },
    cname: 'c'.repeat(16),
    formats: [
      { payloadType: 111, format: 1, of: 0 },
      { payloadType: 96, format: 3, of: 0 },
      { payloadType: 97, format: 5, of: 96 },
    ],
    transportCc: 3,
    repairSsrc: 9,
  };
  const sdp = writeDescription(peer, ['0', '1'], 1);
  assert.deepEqual([...new Set(sdp.match(/a=extmap.*/g))].length, 1);
  assert.match(sdp, /a=fmtp:111 .*cbr=1/);
  assert.match(sdp, /usedtx=0/);
  assert.ok(!/telephone-event|CN\/|audio-level|sdes:mid/.test(sdp));
  const { mids, ...again } = readDescription(sdp, 'x'.repeat(16));
  assert.deepEqual(again, peer);
  assert.deepEqual(mids, ['0', '1']);
});

test('of what a browser lists, the formats of FORMATS go on, with what each is of', async () => {
  const { FakeConnection } = fakeConnections();
  const { formats } = readDescription((await new FakeConnection({}).createOffer()).sdp, 'x'.repeat(16));
  assert.deepEqual(
    formats.map(({ payloadType, format, of }) => [payloadType, format, of]),
    [
      [111, FORMAT.OPUS, 0],
      [63, FORMAT.RED_AUDIO, 111],
      [96, FORMAT.VP8, 0],
      [97, FORMAT.RTX, 96],
      [98, FORMAT.VP9, 0],
      [99, FORMAT.RTX, 98],
      [118, FORMAT.RED_VIDEO, 0],
      [119, FORMAT.RTX, 118],
      [120, FORMAT.ULPFEC, 0],
    ],
  );
  const peer = { formats, fingerprint: new Uint8Array(32), ufrag: 'ufrg', pwd: 'p'.repeat(22), cname: 'c'.repeat(16) };
  const sdp = writeDescription({ ...peer, ssrcs: { audio: 1, video: 2 }, repairSsrc: 3 }, ['0', '1'], 1);
  assert.match(sdp, /m=video .* 96 97 98 99 118 119 120\r\n/);
  assert.match(sdp, /a=rtpmap:118 red\/90000\r\na=rtpmap:119 rtx\/90000\r\na=fmtp:119 apt=118\r\na=rtpmap:120 ulpfec/);
});

test('bytes read as hexadecimal digits and back', () => {
  assert.equal(toHex(fromHex('00ff')), '00ff');
});
