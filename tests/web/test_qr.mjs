// The page's QR code is what libqrencode makes of the same text (tests/vectors/qr.txt: the text, and 61 rows).
import { qrCode, qrPath } from '../../examples/web/app/qr.mjs';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

const lines = readFileSync(new URL('../vectors/qr.txt', import.meta.url), 'utf8').trim().split('\n');
const vectors = [lines.slice(0, 62), lines.slice(62)].map(([text, ...rows]) => ({ text, rows }));
const drawn = (text) => qrCode(text).map((row) => row.map((dark) => (dark ? '#' : '.')).join(''));

test('a code is libqrencode’s for the same text', () => {
  for (const { text, rows } of vectors) assert.deepEqual(drawn(text), rows);
});

test('the path draws what is dark and nothing else', () => {
  const [{ text, rows }] = vectors;
  const painted = rows.map((row) => [...row].map(() => '.'));
  for (const [, x, y, length] of qrPath(text).matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g))
    painted[y].fill('#', Number(x), Number(x) + Number(length));
  assert.deepEqual(painted.map((row) => row.join('')), rows);
});

test('what does not fit is refused', () => {
  assert.equal(drawn('A'.repeat(366)).length, 61);
  assert.throws(() => qrCode('A'.repeat(367)), RangeError);
  assert.throws(() => qrCode('sotto:i/'), RangeError);
});
