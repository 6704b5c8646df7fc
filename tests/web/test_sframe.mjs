// Sealed frames (RFC 9605 and PROTOCOL.md, section 9b): the published vectors, what does not open, and frames as a
// browser hands them out.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { afterEach, test } from 'node:test';
import { FrameSeal, frameKeys, parseRed, writeRed } from '../../examples/web/peer/frame_seal.mjs';
import { CAPS, MESSAGE } from '../../examples/web/peer/wire.mjs';
import { Opener, Sealer, WINDOW, encodeHeader, parseHeader } from '../../examples/web/peer/sframe.mjs';
import { ascii, fromHex, toHex } from '../../examples/web/peer/bytes.mjs';
import { Scene, endScenes, primitives } from './scene.mjs';

afterEach(endScenes);

const { subtle } = primitives;
const SUITES = [4, 5];
const vectors = readFileSync(new URL('../vectors/sframe.h', import.meta.url), 'utf8');
const baseKeyOf = (bytes) => subtle.importKey('raw', bytes, 'HKDF', false, ['deriveKey', 'deriveBits']);
const metadata = ascii('meta');

async function pair(suite, kid) {
  const key = await baseKeyOf(ascii('base key'));
  return { sealer: await Sealer.derive(subtle, suite, kid, key), opener: await Opener.derive(subtle, suite, kid, key) };
}

test('headers are those of RFC 9605', () => {
  const lines = [...vectors.matchAll(/\{(0x[0-9a-f]+), (0x[0-9a-f]+), "([0-9a-f]+)"\}/g)];
  assert.equal(lines.length, 289);
  for (const [, kid, ctr, header] of lines) {
    const bytes = fromHex(header);
    assert.deepEqual(encodeHeader(BigInt(kid), BigInt(ctr)), bytes);
    assert.deepEqual(parseHeader(bytes), { kid: BigInt(kid), ctr: BigInt(ctr), size: bytes.length });
    for (let cut = 0; cut < bytes.length; cut++) assert.equal(parseHeader(bytes.subarray(0, cut)), null);
  }
});

test('a header with more bytes than it needs is refused', () => {
  for (const bad of ['8000', '8007', '800700', '0800', '0807', '090008', '0a00ffff', '900008'])
    assert.equal(parseHeader(fromHex(bad)), null);
  for (const good of ['8008', '0808', '88ffff', '0a010000']) assert.ok(parseHeader(fromHex(good)));
});

test('frames are those of RFC 9605', async () => {
  const pattern =
    /\{0x000(\d), (0x[0-9a-f]+), (0x[0-9a-f]+),\s+"([0-9a-f]+)",\s+"[0-9a-f]+",\s+"([0-9a-f]+)",\s+"([0-9a-f]+)",\s+"([0-9a-f]+)"\}/g;
  const frames = [...vectors.matchAll(pattern)];
  assert.deepEqual(
    frames.map(([, suite]) => Number(suite)),
    SUITES,
  );
  for (const [, suite, kid, ctr, baseKey, meta, plain, sealed] of frames) {
    const key = await baseKeyOf(fromHex(baseKey));
    const sealer = await Sealer.derive(subtle, Number(suite), BigInt(kid), key);
    sealer.next = BigInt(ctr);
    assert.equal(toHex(await sealer.seal(fromHex(plain), fromHex(meta))), sealed);
    const opener = await Opener.derive(subtle, Number(suite), BigInt(kid), key);
    assert.equal(toHex(await opener.open(fromHex(sealed), fromHex(meta))), plain);
    assert.equal(await opener.open(fromHex(sealed), fromHex(meta)), null);
  }
});

test('no changed bit, no cut and no other metadata opens', async () => {
  for (const suite of SUITES) {
    const { sealer, opener } = await pair(suite, 0x123n);
    sealer.next = 0x4567n;
    const sealed = await sealer.seal(ascii('a frame'), metadata);
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = sealed.slice();
      changed[bit >> 3] ^= 1 << (bit & 7);
      assert.equal(await opener.open(changed, metadata), null);
    }
    for (let cut = 0; cut < sealed.length; cut++)
      assert.equal(await opener.open(sealed.subarray(0, cut), metadata), null);
    for (const other of ['metA', 'met', 'metaa', '']) assert.equal(await opener.open(sealed, ascii(other)), null);
    assert.deepEqual(await opener.open(sealed, metadata), ascii('a frame'));
  }
});

test('a frame opens once, in any order within the window', async () => {
  const { sealer, opener } = await pair(5, 1n);
  const sealed = [];
  for (let i = 0; i < 1300; i++) sealed.push(await sealer.seal(Uint8Array.of(i & 255), metadata));
  const opens = async (i) => (await opener.open(sealed[i], metadata)) !== null;
  for (const [i, expected] of [
    [5, true],
    [3, true],
    [5, false],
    [4, true],
    [1029, true],
    [5, false],
    [6, true],
    [1299, true],
    [275, false],
    [276, true],
  ])
    assert.equal(await opens(i), expected, `frame ${i}`);
  assert.equal(WINDOW, 1024n);
});

test('the last counter ends it', async () => {
  const { sealer, opener } = await pair(4, 7n);
  sealer.next = (1n << 64n) - 2n;
  assert.ok(await opener.open(await sealer.seal(ascii('last'), metadata), metadata));
  assert.equal(await sealer.seal(ascii('none'), metadata), null);
});

/** A frame as a browser hands it to a transform. */
const frame = (data, { type, mimeType = 'video/VP8' } = {}) => ({
  data: data.slice().buffer,
  type,
  getMetadata: () => ({ mimeType }),
});

async function seals(kind) {
  const chainingKey = new Uint8Array(32).fill(9);
  const [caller, callee] = [
    await frameKeys(primitives, chainingKey, true),
    await frameKeys(primitives, chainingKey, false),
  ];
  return {
    out: await FrameSeal.make(subtle, kind, 'send', caller.send),
    in: await FrameSeal.make(subtle, kind, 'receive', callee.receive),
    back: await FrameSeal.make(subtle, kind, 'receive', caller.receive),
  };
}

test('pictures keep in clear what a browser packetizes by, and nothing else', async () => {
  const seal = await seals('video');
  const plain = new Uint8Array(200).fill(0x5a);
  for (const [type, clear] of [
    ['key', 10],
    ['delta', 1],
  ]) {
    const one = frame(plain, { type });
    assert.ok(await seal.out.transform(one));
    const sealed = new Uint8Array(one.data);
    assert.deepEqual(sealed.subarray(0, clear), plain.subarray(0, clear));
    assert.equal(sealed[clear] >> 4, 2);
    assert.ok(sealed.subarray(clear).filter((byte) => byte === 0x5a).length < 8);
    const copy = () => frame(sealed, { type });
    assert.equal(await seal.in.transform(frame(sealed, { type: type === 'key' ? 'delta' : 'key' })), false);
    assert.equal(await seal.back.transform(copy()), false);
    const opened = copy();
    assert.ok(await seal.in.transform(opened));
    assert.deepEqual(new Uint8Array(opened.data), plain);
    assert.equal(await seal.in.transform(copy()), false);
  }
  assert.equal(await seal.out.transform(frame(plain.subarray(0, 9), { type: 'key' })), false);
});

test('sound is sealed whole', async () => {
  const seal = await seals('audio');
  const one = frame(ascii('an Opus packet'), { mimeType: 'audio/opus' });
  assert.ok(await seal.out.transform(one));
  assert.equal(new Uint8Array(one.data)[0] >> 4, 1);
  assert.ok(await seal.in.transform(one));
  assert.deepEqual(new Uint8Array(one.data), ascii('an Opus packet'));
});

const HEAD = Uint8Array.of(0x80 | 111, 960 >> 6, (960 & 0x3f) << 2, 0);
const LAST = Uint8Array.of(111);
const red = (...data) => writeRed(data.map((one, i) => ({ head: i < data.length - 1 ? HEAD : LAST, data: one })));

test('RED holds sealed frames, and a copy that came before is left out', async () => {
  const seal = await seals('audio');
  const mimeType = 'audio/red';
  const [first, second] = [ascii('first'), ascii('the second')];
  const [sealedFirst, sealedSecond] = [frame(first), frame(second)];
  await seal.out.transform(sealedFirst);
  await seal.out.transform(sealedSecond);
  const payload = red(new Uint8Array(sealedFirst.data), new Uint8Array(sealedSecond.data));
  const lost = frame(payload, { mimeType });
  assert.ok(await seal.in.transform(lost));
  assert.deepEqual(new Uint8Array(lost.data), red(first, second));
  assert.equal(await seal.in.transform(frame(payload, { mimeType })), false);

  const ours = frame(red(first, second), { mimeType });
  assert.ok(await seal.out.transform(ours));
  assert.ok(await seal.in.transform(ours));
  assert.deepEqual(new Uint8Array(ours.data), red(first, second));

  const again = frame(first); /* as a native does it, the same bytes twice: the frame itself in place of a copy */
  await seal.out.transform(again);
  const twice = frame(red(new Uint8Array(again.data), new Uint8Array(again.data)), { mimeType });
  assert.ok(await seal.in.transform(twice));
  assert.deepEqual(new Uint8Array(twice.data), red(first));
});

test('RED that says more than there is does not parse', () => {
  const whole = red(ascii('one'), ascii('two'));
  assert.equal(parseRed(whole).length, 2);
  for (const size of [1, 3, 4, 5, 7]) assert.equal(parseRed(whole.subarray(0, size)), null);
  assert.equal(parseRed(Uint8Array.of(0xff, 0xff)), null);
  assert.equal(parseRed(new Uint8Array(0))?.[0].data.length ?? null, null);
});

test('keys are of a direction, and the same at both ends', async () => {
  const chainingKey = primitives.random(32);
  const [caller, callee] = [
    await frameKeys(primitives, chainingKey, true),
    await frameKeys(primitives, chainingKey, false),
  ];
  const bits = async (key) =>
    toHex(
      new Uint8Array(
        await subtle.deriveBits(
          { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info: new Uint8Array(0) },
          key,
          256,
        ),
      ),
    );
  assert.equal(await bits(caller.send), await bits(callee.receive));
  assert.equal(await bits(caller.receive), await bits(callee.send));
  assert.notEqual(await bits(caller.send), await bits(caller.receive));
  await assert.rejects(subtle.exportKey('raw', caller.send));
});

/** A stack with transforms, and a worker that only takes down what it is told. */
function fakeSeal() {
  class RTCRtpScriptTransform {
    constructor(worker, options) {
      Object.assign(this, { worker, options });
    }
  }
  const worker = Object.assign(new EventTarget(), { told: [], postMessage: (message) => worker.told.push(message) });
  return { RTCRtpScriptTransform, worker };
}

const transformsOf = ({ connection }) =>
  [...connection.getSenders(), ...connection.getReceivers()].map((end) => end.transform?.options);

for (const way of ['dial', 'ring'])
  test(`all frames go through the worker, with keys that the other end has: ${way}`, async () => {
    const frameSeal = fakeSeal();
    const scene = await (await Scene.begin({ frameSeal })).meet();
    await scene[way]();
    const greeting = await scene.native.hears(way === 'dial' ? MESSAGE.KNOCK : MESSAGE.HELLO);
    assert.equal(greeting.caps, CAPS.BROWSER | CAPS.SFRAME);
    assert.deepEqual(
      transformsOf(scene).map(({ kind, side }) => `${kind} ${side}`),
      ['audio send', 'video send', 'audio receive', 'video receive'],
    );
    await scene.bind();
    assert.equal((await scene.event('secure')).sealed, true);
    const [{ call, keys }] = frameSeal.worker.told;
    assert.ok(transformsOf(scene).every((options) => options.call === call));
    const theirs = await frameKeys(primitives, scene.native.channel.chainingKey, way === 'ring');
    const one = frame(ascii('sound'), { mimeType: 'audio/opus' });
    assert.ok(await (await FrameSeal.make(subtle, 'audio', 'send', keys.send)).transform(one));
    assert.ok(await (await FrameSeal.make(subtle, 'audio', 'receive', theirs.receive)).transform(one));
    frameSeal.worker.dispatchEvent(Object.assign(new Event('message'), { data: { call, unopened: 3 } }));
    assert.equal(scene.call.framesUnopened, 3);
    await scene.call.hangUp();
    assert.deepEqual(frameSeal.worker.told.at(-1), { call, over: true });
  });

test('frames stay as they are where one end can not', async () => {
  const frameSeal = fakeSeal();
  const scene = await (await Scene.begin({ frameSeal })).meet();
  scene.native.twist = (message) => (message.type === MESSAGE.HELLO ? { ...message, caps: 0 } : message);
  await scene.dial();
  await scene.bind();
  assert.equal((await scene.event('secure')).sealed, false);
  assert.deepEqual(frameSeal.worker.told, [{ call: 0, keys: null }]);

  const without = await (await Scene.begin()).meet();
  await without.dial();
  assert.equal((await without.native.hears(MESSAGE.KNOCK)).caps, CAPS.BROWSER);
  await without.bind();
  assert.equal((await without.event('secure')).sealed, false);
  assert.deepEqual(transformsOf(without), [undefined, undefined, undefined, undefined]);
});
