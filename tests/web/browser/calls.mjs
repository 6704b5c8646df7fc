// calls.mjs - the page and the program call each other, judged at both ends.
import { NATIVE_TONE, countTone, readNumbers, readWav } from './marks.mjs';
import { TONE } from './browser.mjs';
import { join } from 'node:path';
import { row } from './table.mjs';
import { sleep } from './programs.mjs';
import { strayHellos } from './attacks.mjs';

/** Compares at both ends, as two people would. */
export async function compare(page, native, who) {
  const shown = await page.words();
  const { words } = await native.event('sas');
  row(`${who}: words equal`, shown === words, `page "${shown}", program "${words}"`);
  await page.picture(`words-${who.replaceAll(' ', '-')}`);
  native.say('confirm yes');
  await page.match();
  await page.sees('#call-state', 'Talking.');
}

/** What the page hears and sees of the program. */
export async function judgePage(page, who) {
  const tone = await page.hears(NATIVE_TONE, 3);
  const numbers = await page.watches(3);
  row(`${who}: the page hears ${NATIVE_TONE} Hz`, tone > 0.7, `${Math.round(tone * 100)} % of 3 s`);
  row(`${who}: the page sees numbered pictures`, numbers.length > 20, `${numbers.length} in 3 s`);
  return numbers;
}

/** Pictures are in RED, so that parity can be among them; who sees them has understood it. */
async function judgeRed(native, who) {
  const { outboundVideo: out, inboundVideo: into } = await native.stats();
  const shares = [out.redPacketsSent / out.packetsSent, into.redPacketsReceived / into.packetsReceived];
  row(
    `${who}: pictures are in RED both ways`,
    shares.every((share) => share > 0.95),
    `${out.redPacketsSent} of ${out.packetsSent} sent, ${into.redPacketsReceived} of ${into.packetsReceived} received`,
  );
}

/** What the program recorded of the page. @param {number} pictures that there must be at least */
export function judgeRecording(recordings, who, pictures = 30) {
  const { heard, windows } = countTone(readWav(join(recordings, 'received-audio.wav')), TONE);
  const numbers = readNumbers(join(recordings, 'received-video.y4m')).filter((number) => number !== null);
  const distinct = new Set(numbers).size;
  row(`${who}: the program hears ${TONE} Hz`, heard > windows / 3 && heard >= 6, `${heard} of ${windows} half seconds`);
  row(`${who}: the program sees numbered pictures`, distinct >= pictures, `${distinct} different ones`);
}

/** The first call: nobody was compared yet. */
export async function programCallsPage(page, programs) {
  const who = 'program calls page';
  const recordings = programs.recordings('one');
  const native = programs.native('ann', 'call', 'Page', '--record', recordings, ...programs.media());
  await page.tab.waitForSelector('#accept:not([hidden])', { timeout: 30_000 });
  await page.picture('incoming');
  await page.click('#accept');
  await page.tab.waitForSelector('#ask:not([hidden])', { timeout: 30_000 });
  const tie = await page.text('#tie');
  row(`${who}: every frame is sealed (SFrame)`, tie.includes('every frame sealed'), tie);
  await page.picture('consent');
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
  await page.picture('sound-alone');
  const order = await page.tabOrder('#words-title', 4);
  row(`${who}: from the words the keyboard leads to both answers`, order === 'match differ mute hang-up', order);
  await compare(page, native, who);
  const secure = await native.event('secure');
  row(
    `${who}: bound by certificate, AEAD`,
    secure.binding === 'cert' && secure.profile.startsWith('AEAD'),
    `${secure.binding}, ${secure.profile}`,
  );
  await judgePage(page, who);
  await judgeRed(native, who);
  await page.picture('talking');
  native.say('hangup');
  await page.tab.waitForSelector('#home:not([hidden])');
  await native.ended;
  judgeRecording(recordings, who);
}

export async function pageCallsProgram(page, programs) {
  const who = 'page calls program';
  const recordings = programs.recordings('two');
  const native = programs.native('ann', 'answer', '--auto', '--record', recordings, ...programs.media());
  await native.event('online');
  await page.call('Ann');
  await page.sees('#call-state', 'Talking.');
  row(`${who}: compared before, so nothing is asked`, await page.tab.isHidden('#ask'), await page.text('#tie'));
  await judgePage(page, who);
  await judgeRed(native, who);
  await switches(page, native);
  await mutes(page, native, recordings);
  await restart(page, 'program', () => native.say('restart'));
  await restart(page, 'page', () => page.tab.evaluate(() => dispatchEvent(new Event('online'))));
  await strayHellos(page);
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
  await page.picture('muted');
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
  await page.picture('camera-off');
  await page.click('#camera');
  await native.event('peer-media');
  native.say('mute on');
  await sleep(1500);
  const muted = await page.hears(NATIVE_TONE, 1);
  native.say('mute off');
  native.say('video off');
  await page.sees('#dark', 'camera is off');
  await sleep(1500); /* those under way come to an end, later on a busy machine */
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

export async function reload(page, programs) {
  const native = programs.native('ann', 'answer', '--auto', ...programs.media());
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
export async function longRun(page, programs, duration) {
  const native = programs.native('ann', 'answer', '--auto', ...programs.media());
  await native.event('online');
  await page.call('Ann');
  await page.sees('#call-state', 'Talking.');
  await sleep(5000);
  const [first] = (await page.watches(1)).slice(-1);
  const begun = Date.now();
  const delayBefore = (await native.stats()).inboundAudio.jitterBufferDelayNow;
  await sleep(duration * 1000);
  const [last] = (await page.watches(1)).slice(-1);
  const seconds = (Date.now() - begun) / 1000;
  const stats = await native.stats();
  const drift = (last - first) / 20 - seconds;
  const delay = stats.inboundAudio.jitterBufferDelayNow;
  row(`${duration} s: pictures keep pace`, Math.abs(drift) < 1, `${drift.toFixed(2)} s off after ${seconds.toFixed(0)} s`);
  row(
    `${duration} s: sound does not pile up`,
    delay - delayBefore < 0.1,
    `buffer ${(delayBefore * 1000).toFixed(0)} then ${(delay * 1000).toFixed(0)} ms`,
  );
  const lost = stats.inboundAudio.concealedSamples / stats.inboundAudio.totalSamplesReceived;
  row(`${duration} s: sound is whole`, lost < 0.02, `${(lost * 100).toFixed(2)} % concealed`);
  await page.click('#hang-up');
  await native.state('ended');
  await native.stop();
}
