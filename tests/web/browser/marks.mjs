// marks.mjs - a known tone and a picture with its number in it, on both sides: made in the page, and read out of
// what the native end recorded (examples/caller/pattern.h has the picture's mark).
import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';

export const NATIVE_TONE = 440; /* the program's */
const COLUMNS = 8;
const ROWS = 4;

/** A WAV file of one tone, for the native end. */
export function writeTone(file) {
  const rate = 48_000;
  const pcm = Int16Array.from({ length: rate * 2 }, (_, i) => 9000 * Math.sin((2 * Math.PI * NATIVE_TONE * i) / rate));
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + pcm.byteLength, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  [1, 1].forEach((value, i) => head.writeUInt16LE(value, 20 + 2 * i));
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * 2, 28);
  [2, 16].forEach((value, i) => head.writeUInt16LE(value, 32 + 2 * i));
  head.write('data', 36);
  head.writeUInt32LE(pcm.byteLength, 40);
  writeFileSync(file, Buffer.concat([head, Buffer.from(pcm.buffer)]));
}

/** Energy of one tone in proportion to all, 0 to 1 (Goertzel). @param {Int16Array} pcm */
function shareOfTone(pcm, rate, frequency) {
  const w = (2 * Math.PI * frequency) / rate;
  let [a, b, all] = [0, 0, 0];
  for (const sample of pcm) {
    [a, b] = [sample + 2 * Math.cos(w) * a - b, a];
    all += sample * sample;
  }
  const power = a * a + b * b - 2 * Math.cos(w) * a * b;
  return all ? (2 * power) / (pcm.length * all) : 0;
}

/** Sound that was recorded, 48 kHz mono. @param {string} file */
export function readWav(file) {
  const bytes = readFileSync(file);
  const at = bytes.indexOf('data') + 8;
  const size = (bytes.length - at) & ~1;
  return new Int16Array(bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + at + size));
}

/** How many half seconds of it are the tone. @param {Int16Array} pcm */
export function countTone(pcm, frequency, rate = 48_000) {
  const window = rate / 2;
  let heard = 0;
  for (let at = 0; at + window <= pcm.length; at += window)
    if (shareOfTone(pcm.subarray(at, at + window), rate, frequency) > 0.5) heard++;
  return { heard, windows: Math.floor(pcm.length / window) };
}

function crc8(value) {
  let rest = BigInt(value) << 8n;
  for (let bit = 31n; bit >= 8n; bit--) if ((rest >> bit) & 1n) rest ^= 0x107n << (bit - 8n);
  return Number((rest ^ 0x55n) & 0xffn);
}

/** The number in a picture's corner; null: none that checks. @param {(x: number, y: number) => number} luma */
function readMark(luma, width) {
  const size = Math.max(8, Math.floor(width / 40));
  let bits = 0n;
  for (let i = 0; i < COLUMNS * ROWS; i++) {
    const level = luma((i % COLUMNS) * size + (size >> 1), Math.floor(i / COLUMNS) * size + (size >> 1));
    if (level > 85 && level < 165) return null;
    bits = (bits << 1n) | (level >= 165 ? 1n : 0n);
  }
  const value = Number(bits >> 8n);
  return Number(bits & 0xffn) === crc8(value) ? value >> 4 : null;
}

/** The numbers in recorded pictures. @param {string} file Y4M, 4:2:0 */
export function readNumbers(file) {
  const fd = openSync(file, 'r');
  const line = Buffer.alloc(256);
  readSync(fd, line, 0, 256, 0);
  const head = line.subarray(0, line.indexOf(10) + 1).toString();
  const [width, height] = [/ W(\d+)/, / H(\d+)/].map((pattern) => Number(pattern.exec(head)[1]));
  const frame = (width * height * 3) / 2;
  const picture = Buffer.alloc(width * height);
  const numbers = [];
  for (let at = head.length; ;) {
    if (readSync(fd, line, 0, 256, at) < 6) break;
    at += line.indexOf(10) + 1;
    if (readSync(fd, picture, 0, picture.length, at) < picture.length) break;
    at += frame;
    numbers.push(readMark((x, y) => picture[y * width + x], width));
  }
  closeSync(fd);
  return numbers;
}

/**
 * In the page, before its own scripts: microphone and camera are a tone and a numbered picture.
 * @param {number} frequency 0: the microphone is the browser's own
 */
export function fakeSources(frequency) {
  const [columns, rows] = [8, 4];
  const crc = (value) => {
    let rest = BigInt(value) << 8n;
    for (let bit = 31n; bit >= 8n; bit--) if ((rest >> bit) & 1n) rest ^= 0x107n << (bit - 8n);
    return Number((rest ^ 0x55n) & 0xffn);
  };
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [640, 480];
  const draw = canvas.getContext('2d');
  let counter = 0;
  const paint = () => {
    counter++;
    draw.fillStyle = `hsl(${counter % 360} 40% 50%)`;
    draw.fillRect(0, 0, 640, 480);
    draw.fillStyle = '#fff';
    draw.fillRect((counter * 4) % 640, 300, 60, 60);
    const value = ((counter & 0xfffff) << 4) | 1;
    const bits = (BigInt(value) << 8n) | BigInt(crc(value));
    for (let i = 0; i < columns * rows; i++) {
      draw.fillStyle = (bits >> BigInt(31 - i)) & 1n ? '#fff' : '#000';
      draw.fillRect((i % columns) * 16, Math.floor(i / columns) * 16, 16, 16);
    }
  };
  let painting = null;
  const own = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
  const tone = async () => {
    if (!frequency) return own({ audio: true });
    const context = new AudioContext({ sampleRate: 48000 });
    const oscillator = new OscillatorNode(context, { frequency });
    const gain = new GainNode(context, { gain: 0.3 });
    const out = context.createMediaStreamDestination();
    oscillator.connect(gain).connect(out);
    oscillator.start();
    return out.stream;
  };
  if (!own) return; /* a blank page, before ours */
  navigator.mediaDevices.getUserMedia = async ({ audio, video }) => {
    painting ??= setInterval(paint, 50);
    return new MediaStream([
      ...(audio ? (await tone()).getAudioTracks() : []),
      ...(video ? canvas.captureStream(20).getVideoTracks() : []),
    ]);
  };

  /** What the page plays: the share of a tone, and the numbers of pictures. */
  globalThis.measured = {
    async tone(wanted, seconds) {
      const stream = document.getElementById('sound').srcObject;
      if (!stream) return 0;
      const context = new AudioContext({ sampleRate: 48000 });
      const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
      context.createMediaStreamSource(stream).connect(analyser);
      let hits = 0;
      const bins = new Float32Array(analyser.frequencyBinCount);
      for (let i = 0; i < seconds * 5; i++) {
        await new Promise((resolve) => setTimeout(resolve, 200));
        analyser.getFloatFrequencyData(bins);
        const loudest = bins.indexOf(Math.max(...bins));
        if (bins[loudest] > -70 && Math.abs((loudest * 48000) / 8192 - wanted) < 15) hits++;
      }
      await context.close();
      return hits / (seconds * 5);
    },
    async numbers(seconds) {
      const video = document.getElementById('theirs');
      const numbers = new Set();
      const see = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
      for (const end = performance.now() + seconds * 1000; performance.now() < end;) {
        await new Promise((resolve) => setTimeout(resolve, 30));
        if (!video.videoWidth || !video.srcObject) continue;
        [see.canvas.width, see.canvas.height] = [video.videoWidth, video.videoHeight];
        see.drawImage(video, 0, 0);
        const size = Math.max(8, Math.floor(video.videoWidth / 40));
        const pixels = see.getImageData(0, 0, columns * size, rows * size).data;
        let bits = 0n;
        for (let i = 0; i < columns * rows; i++) {
          const x = (i % columns) * size + (size >> 1);
          const y = Math.floor(i / columns) * size + (size >> 1);
          bits = (bits << 1n) | (pixels[(y * columns * size + x) * 4 + 1] > 127 ? 1n : 0n);
        }
        const value = Number(bits >> 8n);
        if (Number(bits & 0xffn) === crc(value)) numbers.add(value >> 4);
      }
      return [...numbers];
    },
  };
}
