// main.mjs - ./run browser: the page in headless Chromium and the program, calling each other, judged at both ends.
//
// usage: node main.mjs BUILD [--quick] [--pictures DIR]
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { Page, TONE, startBrowser } from './browser.mjs';
import { Programs, sleep } from './programs.mjs';
import { countTone, readNumbers, readWav } from './marks.mjs';

const [build, ...flags] = process.argv.slice(2);
const quick = flags.includes('--quick');
const pictures = flags.includes('--pictures') ? flags[flags.indexOf('--pictures') + 1] : null;
const LONG = quick ? 20 : 600; /* seconds */
const NATIVE_TONE = 440;
const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sotto-browser-'));
const rows = [];

/** @param {string} what @param {boolean} good @param {string} seen */
function row(what, good, seen) {
  rows.push({ what, good, seen });
  console.log(`${good ? 'yes' : 'NO '}  ${what.padEnd(62)} ${seen}`);
}

async function picture(page, name) {
  if (!pictures) return;
  mkdirSync(pictures, { recursive: true });
  await page.picture(pictures, name);
}

/** A WAV file of one tone, for the native end. */
function writeTone(file) {
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

/** What the program plays: a tone of its own, and its numbered pictures. */
const media = (...args) => ['--audio', join(folder, 'tone.wav'), '--size', '640x360', '--fps', '20', ...args];

/* ---- one call ---- */

/** Compares at both ends, as two people would. */
async function compare(page, native, who) {
  const shown = await page.words();
  const { words } = await native.event('sas');
  row(`${who}: words equal`, shown === words, `page "${shown}", program "${words}"`);
  await picture(page, `words-${who.replaceAll(' ', '-')}`);
  native.say('confirm yes');
  await page.match();
  await page.sees('#call-state', 'Talking.');
}

/** What the page hears and sees of the program. */
async function judgePage(page, who) {
  const tone = await page.hears(NATIVE_TONE, 3);
  const numbers = await page.watches(3);
  row(`${who}: the page hears ${NATIVE_TONE} Hz`, tone > 0.7, `${Math.round(tone * 100)} % of 3 s`);
  row(`${who}: the page sees numbered pictures`, numbers.length > 20, `${numbers.length} in 3 s`);
  return numbers;
}

/** What the program recorded of the page. */
function judgeRecording(recordings, who) {
  const { heard, windows } = countTone(readWav(join(recordings, 'received-audio.wav')), TONE);
  const numbers = readNumbers(join(recordings, 'received-video.y4m')).filter((number) => number !== null);
  const distinct = new Set(numbers).size;
  row(`${who}: the program hears ${TONE} Hz`, heard > windows / 3 && heard >= 6, `${heard} of ${windows} half seconds`);
  row(`${who}: the program sees numbered pictures`, distinct > 30, `${distinct} different ones`);
}

/** The first call: nobody was compared yet. */
async function programCallsPage(page, programs) {
  const who = 'program calls page';
  const recordings = programs.recordings('one');
  const native = programs.native('ann', 'call', 'Page', '--record', recordings, ...media());
  await page.tab.waitForSelector('#accept:not([hidden])', { timeout: 30_000 });
  await picture(page, 'incoming');
  await page.click('#accept');
  await page.tab.waitForSelector('#ask:not([hidden])', { timeout: 30_000 });
  const tie = await page.text('#tie');
  row(`${who}: every frame is sealed (SFrame)`, tie.includes('every frame sealed'), tie);
  await picture(page, 'consent');
  await native.event('consent');
  native.say('consent');
  await page.click('#ask-yes');
  await page.sees('#call-state', 'Sound alone');
  const tone = await page.hears(NATIVE_TONE, 2);
  row(
    `${who}: with consent sound alone`,
    tone > 0.5 && (await page.watches(1)).length === 0,
    `${Math.round(tone * 100)} % tone, no picture`,
  );
  await picture(page, 'sound-alone');
  await compare(page, native, who);
  const secure = await native.event('secure');
  row(
    `${who}: bound by certificate, AEAD`,
    secure.binding === 'cert' && secure.profile.startsWith('AEAD'),
    `${secure.binding}, ${secure.profile}`,
  );
  await judgePage(page, who);
  await picture(page, 'talking');
  native.say('hangup');
  await page.tab.waitForSelector('#home:not([hidden])');
  await native.ended;
  judgeRecording(recordings, who);
}

async function pageCallsProgram(page, programs) {
  const who = 'page calls program';
  const recordings = programs.recordings('two');
  const native = programs.native('ann', 'answer', '--auto', '--record', recordings, ...media());
  await native.event('online');
  await page.call('Ann');
  await page.sees('#call-state', 'Talking.');
  row(`${who}: compared before, so nothing is asked`, await page.tab.isHidden('#ask'), await page.text('#tie'));
  await judgePage(page, who);
  await switches(page, native);
  await mutes(page, native, recordings);
  await restart(page, 'program', () => native.say('restart'));
  await restart(page, 'page', () => page.tab.evaluate(() => dispatchEvent(new Event('online'))));
  await noise(page);
  await page.click('#compare');
  await compare(page, native, who);
  await page.click('#hang-up');
  await native.state('ended');
  await native.stop();
  judgeRecording(recordings, who);
}

/** What the program hears of the page from now on, as far as it is recorded. */
async function hearsMeanwhile(recordings, seconds) {
  const file = join(recordings, 'received-audio.wav');
  const before = readWav(file).length;
  await sleep(seconds * 1000);
  return countTone(readWav(file).subarray(before), TONE);
}

/** The page's mute, heard at the other end. */
async function mutes(page, native, recordings) {
  await page.click('#mute');
  const { media } = await native.event('peer-media');
  await sleep(1000);
  const muted = await hearsMeanwhile(recordings, 2.6);
  await picture(page, 'muted');
  await page.click('#mute');
  await native.event('peer-media');
  await sleep(1000);
  const again = await hearsMeanwhile(recordings, 2.6);
  row(
    'the page mutes: the program is told, hears nothing, then again',
    !media.includes('audio') && muted.windows >= 3 && muted.heard === 0 && again.heard >= 3,
    `${muted.heard} of ${muted.windows} half seconds, then ${again.heard} of ${again.windows}`,
  );
}

/** Mute and camera, of both ends. */
async function switches(page, native) {
  native.events = native.events.filter(({ event }) => event !== 'peer-media');
  await page.click('#camera');
  const off = await native.event('peer-media');
  row('camera off at the page is told', !off.media.includes('video'), off.media.join(' '));
  const before = (await native.stats()).inboundVideo.packetsReceived;
  await sleep(1500);
  const after = (await native.stats()).inboundVideo.packetsReceived;
  row('camera off at the page sends no picture', after - before < 5, `${after - before} packets in 1.5 s`);
  await picture(page, 'camera-off');
  await page.click('#camera');
  await native.event('peer-media');
  native.say('mute on');
  await sleep(1500);
  const muted = await page.hears(NATIVE_TONE, 1);
  native.say('mute off');
  native.say('video off');
  await page.sees('#dark', 'camera is off');
  const dark = (await page.watches(1)).length;
  native.say('video on');
  await sleep(2000);
  const [tone, seen] = [await page.hears(NATIVE_TONE, 1), (await page.watches(2)).length];
  row(
    'the program mutes, and is heard again',
    muted < 0.3 && tone > 0.7,
    `${Math.round(muted * 100)} % then ${Math.round(tone * 100)} %`,
  );
  row("the program's pictures stop, and come again", dark <= 2 && seen > 5, `${dark} then ${seen}`);
}

/** New ICE credentials in mid-call; the page begins when its network is another. */
async function restart(page, who, begin) {
  const before = await page.tab.evaluate(() => globalThis.localFragments());
  await begin();
  await sleep(2000);
  const after = await page.tab.evaluate(() => globalThis.localFragments());
  const [tone, state] = [await page.hears(NATIVE_TONE, 2), await page.text('#call-state')];
  row(
    `ICE restart of the ${who}: other credentials, and sound goes on`,
    before.length > 0 && !after.some((one) => before.includes(one)) && tone > 0.7 && state === 'Talking.',
    `${before} then ${after}, ${Math.round(tone * 100)} %, ${state}`,
  );
}

/** A27: a ClientHello from elsewhere, to every port of the page's; neither call nor keys may care. */
async function noise(page) {
  const ports = await page.tab.evaluate(() => globalThis.localPorts?.() ?? []);
  const hello = readFileSync(join(root, 'tests/web/browser/client_hello.bin'));
  const socket = createSocket('udp4');
  for (let i = 0; i < 50; i++) for (const port of ports) socket.send(hello, port, '127.0.0.1');
  await sleep(500);
  socket.close();
  const tone = await page.hears(NATIVE_TONE, 2);
  row(
    'A27: a ClientHello in mid-call changes nothing',
    ports.length > 0 && tone > 0.7,
    `${ports.length} ports, ${Math.round(tone * 100)} % tone`,
  );
}

async function reload(page, programs) {
  const native = programs.native('ann', 'answer', '--auto', ...media());
  await native.event('online');
  await page.call('Ann');
  await page.sees('#call-state', 'Talking.');
  await page.tab.reload();
  const { reason } = await native.state('ended', 60_000);
  await page.unlock();
  await page.call('Ann');
  await page.sees('#call-state', 'Talking.');
  row('reload in mid-call: the other end is free, and a new call works', true, `the old one ended with ${reason}`);
  await page.click('#hang-up');
  await native.state('ended');
  await native.stop();
}

/** Does what is played fall behind what was sent? */
async function longRun(page, programs) {
  const native = programs.native('ann', 'answer', '--auto', ...media());
  await native.event('online');
  await page.call('Ann');
  await page.sees('#call-state', 'Talking.');
  await sleep(5000);
  const [first] = (await page.watches(1)).slice(-1);
  const begun = Date.now();
  const delayBefore = (await native.stats()).inboundAudio.jitterBufferDelayNow;
  await sleep(LONG * 1000);
  const [last] = (await page.watches(1)).slice(-1);
  const seconds = (Date.now() - begun) / 1000;
  const stats = await native.stats();
  const drift = (last - first) / 20 - seconds;
  const delay = stats.inboundAudio.jitterBufferDelayNow;
  row(`${LONG} s: pictures keep pace`, Math.abs(drift) < 1, `${drift.toFixed(2)} s off after ${seconds.toFixed(0)} s`);
  row(
    `${LONG} s: sound does not pile up`,
    delay - delayBefore < 0.1,
    `buffer ${(delayBefore * 1000).toFixed(0)} then ${(delay * 1000).toFixed(0)} ms`,
  );
  const lost = stats.inboundAudio.concealedSamples / stats.inboundAudio.totalSamplesReceived;
  row(`${LONG} s: sound is whole`, lost < 0.02, `${(lost * 100).toFixed(2)} % concealed`);
  await page.click('#hang-up');
  await native.state('ended');
  await native.stop();
}

/* ---- attacks ---- */

/** A tab with a hostile contact in it; its files come from this tree. */
async function hostileTab(browser, address, page, programs, name) {
  const tab = await (await browser.newContext()).newPage();
  await tab.route('**/tree/**', (route) =>
    route.fulfill({
      path: join(root, new URL(route.request().url()).pathname.replace('/tree/', '')),
      contentType: 'text/javascript',
    }),
  );
  await tab.goto(`${address}settings.json`);
  const invite = await page.invite(name);
  await tab.evaluate(
    async ([url, text]) => {
      const { Hostile } = await import('/tree/tests/web/browser/hostile.mjs');
      globalThis.hostile = await Hostile.make(url, text);
    },
    [programs.server, invite],
  );
  await page.tab.waitForSelector(`#people li:has-text("${name}")`);
  return tab;
}

/** The page calls a contact that attacks; it must end with this alarm, and nothing may have been sent. */
async function attack(browser, address, page, programs, { id, name, twist, alarm, again }) {
  const tab = await hostileTab(browser, address, page, programs, name);
  await page.tab.$$eval('#alarms button', (buttons) => buttons.forEach((button) => button.click()));
  await page.call(name);
  await tab.evaluate(
    ([change, twice]) => {
      const other = { fingerprint: new Uint8Array(32).fill(9) };
      return globalThis.hostile.answer({ twist: change.fingerprint ? other : change, again: twice ? other : null });
    },
    [twist ?? {}, again ?? false],
  );
  await page.tab.waitForSelector('#home:not([hidden])', { timeout: 30_000 });
  const [alarms, seen] = [await page.alarms(), await tab.evaluate(() => globalThis.hostile.seen())];
  row(
    `${id}: refused before a track is attached`,
    alarms.includes(alarm) && seen.packets === 0,
    `DTLS ${seen.dtls}, ${seen.packets} packets: ${alarms.slice(0, 90)}`,
  );
  await picture(page, `attack-${id.split(':')[0]}-${name}`);
  await tab.context().close();
}

/** A03: candidates that lead to somebody else's port get checks alone, which that port can't answer. */
async function redirected(browser, address, page, programs) {
  const tab = await hostileTab(browser, address, page, programs, 'Trudy');
  const socket = createSocket('udp4');
  const firstBytes = new Set();
  socket.on('message', (data) => firstBytes.add(data[0]));
  await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve));
  await page.call('Trudy');
  await tab.evaluate((port) => globalThis.hostile.answer({ ports: [port] }), socket.address().port);
  await page.tab.waitForSelector('#home:not([hidden])', { timeout: 40_000 });
  socket.close();
  const checks = [...firstBytes].every((byte) => byte < 4); /* STUN (RFC 7983) */
  row(
    "A03: candidates to another's port get checks and nothing else",
    firstBytes.size > 0 && checks,
    `first bytes ${[...firstBytes]}; ${await page.text('#line')}`,
  );
  await tab.context().close();
}

async function attacks(browser, address, page, programs) {
  const run = (what) => attack(browser, address, page, programs, what);
  await run({ id: 'A15: a certificate that is not of this call', name: 'Eve', alarm: 'not in this call' });
  await run({
    id: 'A02: another certificate than was named',
    name: 'Mallory',
    twist: { fingerprint: true },
    alarm: 'another certificate',
  });
  await run({
    id: 'A20: a second ANSWER with another certificate',
    name: 'Peggy',
    again: true,
    alarm: 'In the middle of a call',
  });
  await run({ id: 'A25: SHA1_80 alone', name: 'Oscar', twist: { profiles: [1] }, alarm: 'weaker' });
  await redirected(browser, address, page, programs);
}

/* ---- all of it ---- */

/** The ports of the page's own candidates, for A27, and the credentials of its ICE. */
function notePorts() {
  const Real = globalThis.RTCPeerConnection;
  const made = [];
  globalThis.RTCPeerConnection = class extends Real {
    constructor(configuration) {
      super(configuration);
      made.push(this);
    }
  };
  globalThis.localFragments = () => [
    ...new Set((made.at(-1)?.localDescription?.sdp ?? '').match(/(?<=a=ice-ufrag:)\S+/g)),
  ];
  globalThis.localPorts = () =>
    made.flatMap((connection) =>
      [...(connection.localDescription?.sdp ?? '').matchAll(/a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+)/g)].map(
        ([, port]) => Number(port),
      ),
    );
}

async function main() {
  writeTone(join(folder, 'tone.wav'));
  const programs = new Programs(build, folder);
  let page = null;
  const browser = await startBrowser(join(build, 'browser'));
  try {
    await programs.startServer();
    const address = await programs.serve();
    page = await Page.open(browser, address);
    await page.tab.addInitScript(notePorts);
    await page.tab.reload();
    await picture(page, 'unlock');
    await page.unlock();
    await picture(page, 'home-empty');
    await page.invite('Zoe');
    await picture(page, 'invite');
    const invite = programs.native('ann', 'invite', 'Page', '--wait');
    await page.meet('Ann', (await invite.event('invite')).text);
    await invite.ended;
    await picture(page, 'home');
    await programCallsPage(page, programs);
    await pageCallsProgram(page, programs);
    await reload(page, programs);
    await longRun(page, programs);
    await attacks(browser, address, page, programs);
    row(
      'the page has no failure of its own',
      page.failures.length === 0,
      page.failures.slice(0, 2).join(' | ').slice(0, 160),
    );
  } catch (error) {
    row('nothing stands still', false, String(error).split('\n')[0]);
    console.log(
      `page: ${page && (await page.tab.innerText('body'))}\n${page?.failures.join('\n')}\n${programs.saidLast()}`,
    );
  } finally {
    await browser.close();
    await programs.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  const short = rows.filter(({ good }) => !good).length;
  console.log(short ? `\n${short} of ${rows.length} fall short` : `\nall ${rows.length} hold`);
  return short ? 1 : 0;
}

process.exitCode = await main().catch((error) => {
  console.error(error);
  return 1;
});
