// The published vectors of cacophony and snow (tests/vectors/noise.h, which the C side is tested with).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Noise, openTransport, sealTransport } from '../../examples/web/peer/noise.mjs';
import { fromHex, toHex } from '../../examples/web/peer/bytes.mjs';
import { primitives } from './scene.mjs';

/** The vectors of the header: source, pattern, six values, then pairs of payload and message. */
function vectors() {
  const source = readFileSync(new URL('../vectors/noise.h', import.meta.url), 'utf8');
  const body = source.slice(source.indexOf('noise_vectors[] = {')).replace(/"\s*"/g, '');
  return body.split(/\{"(?=cacophony|snow)/).slice(1).map((text) => {
    const [origin, ...values] = text.match(/"[0-9a-f]*"|NULL|NOISE_\w+|^\w+/g);
    const [pattern, prologue, psk, si, ei, sr, er, h, ...messages] = values.map((value) => value.replaceAll('"', ''));
    const pairs = Array.from({ length: messages.length / 2 }, (_, i) => [messages[2 * i], messages[2 * i + 1]]);
    return { origin, pattern: pattern.slice(6).replace('PSK', 'psk'), prologue, psk, si, ei, sr, er, h, pairs };
  });
}

async function begin(vector, initiator) {
  const keys = (hex) => primitives.keysFromSeed('X25519', fromHex(hex));
  const [s, rs] = initiator ? [vector.si, vector.sr] : [vector.sr, vector.si];
  const knows = initiator || vector.pattern.startsWith('KK');
  return Noise.begin(primitives, {
    pattern: vector.pattern,
    initiator,
    prologue: fromHex(vector.prologue),
    s: await keys(s),
    rs: knows ? (await keys(rs)).public : undefined,
    psk: vector.psk === 'NULL' ? undefined : fromHex(vector.psk),
    e: await keys(initiator ? vector.ei : vector.er),
  });
}

async function play(vector) {
  const ends = [await begin(vector, true), await begin(vector, false)];
  const handshakes = vector.pattern.startsWith('XK') ? 3 : 2;
  for (const [i, [payload, message]] of vector.pairs.slice(0, handshakes).entries()) {
    const [from, to] = i % 2 ? [ends[1], ends[0]] : ends;
    assert.equal(toHex(await from.write(fromHex(payload))), message);
    const forged = fromHex(message);
    forged[forged.length - 1] ^= 1;
    assert.equal(await to.read(forged), null);
    assert.equal(toHex(await to.read(fromHex(message))), payload);
  }
  if (vector.h !== 'NULL') assert.equal(toHex(ends[0].h), vector.h);
  const keys = [await ends[0].split(), await ends[1].split()];
  for (const [i, [payload, message]] of vector.pairs.slice(handshakes).entries()) {
    const who = (i + handshakes) % 2;
    const n = Math.floor(i / 2);
    assert.equal(toHex(await sealTransport(primitives, keys[who].send, n, fromHex(payload))), message);
    assert.equal(toHex(await openTransport(primitives, keys[1 - who].receive, n, fromHex(message))), payload);
  }
}

const all = vectors();

test('there are vectors of every pattern', () => {
  assert.deepEqual(new Set(all.map(({ pattern }) => pattern)), new Set(['KK', 'XK', 'KKpsk0', 'KKpsk2', 'XKpsk3']));
});

for (const vector of all) test(`${vector.origin}: ${vector.pattern}`, () => play(vector));
