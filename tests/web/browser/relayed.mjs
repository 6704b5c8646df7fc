// relayed.mjs - calls of the page by a relay: coturn's, and one that loses packets or puts itself in between.
import { NATIVE_TONE } from './marks.mjs';
import { Page, TONE } from './browser.mjs';
import { compare, judgePage, judgeRecording } from './calls.mjs';
import { row } from './table.mjs';
import { sleep } from './programs.mjs';

const percent = (share) => `${Math.round(share * 100)} %`;

/* ---- coturn's ---- */

/** The address without what stands behind '#'. */
async function withoutKey(browser, address) {
  const page = await Page.open(browser, address.replace(/#.*/, ''));
  await page.sees('#refused', 'lacks its key');
  const wrong = await page.tab.evaluate(async () => (await fetch('relay/00000000000000000000000000000000')).status);
  row(
    'a relay: without the key of the page there is no password, and no call',
    wrong === 404 && (await page.tab.isHidden('#unlock')),
    `${wrong}, "${(await page.text('#refused-why')).slice(0, 40)} ..."`,
  );
  await page.close();
}

async function byRelay(browser, programs, pictures) {
  const address = await programs.serve(programs.server, ...(await programs.startRelay()));
  await withoutKey(browser, address);
  const page = await Page.open(browser, address, pictures);
  await page.unlock();
  await page.meetNative('Ben', programs.native('ben', 'invite', 'Page', '--wait'));
  const native = programs.native('ben', 'answer', '--auto', ...programs.media());
  await native.event('online');
  await page.call('Ben');
  await native.event('consent');
  native.say('consent');
  await page.talkAnyway();
  const [before, tone] = [await page.path(), await page.hears(NATIVE_TONE, 2)];
  row(
    'a relay: nobody compared, so it alone is shown and used',
    before.gathered.join() === 'relay' && before.used === 'relay' && tone > 0.7,
    `candidates ${before.gathered}, used ${before.used}, ${percent(tone)} tone`,
  );
  await compare(page, native, 'a relay');
  await sleep(3000);
  const [after, again] = [await page.path(), await page.hears(NATIVE_TONE, 2)];
  row(
    'a relay: once compared a direct path takes over',
    after.used !== 'relay' && again > 0.7,
    `used ${after.used}, ${percent(again)} tone`,
  );
  await page.click('#hang-up');
  await native.state('ended');
  await native.stop();
  await page.close();
}

/* ---- the adversary's ---- */

class Scene {
  /** A page ("bob") and a program ("alice") that have no other way to each other. */
  static async set(browser, programs, hostile, pictures) {
    const scene = new Scene();
    scene.hostile = hostile;
    const { server, relay } = hostile;
    scene.native = (...args) => {
      scene.hostile.say('expect alice');
      return programs.nativeAt(server, 'cat', ...relay('alice'), ...args);
    };
    scene.programs = programs;
    scene.hostile.say('expect bob');
    scene.page = await Page.open(browser, await programs.serve(server, ...relay('bob')), pictures);
    await scene.page.unlock();
    return scene;
  }

  async report() {
    this.hostile.say('report');
    return this.hostile.event('report');
  }
}

/** The first contact goes by the server, which puts itself in between: the words tell. */
async function firstContact(browser, programs, hostile, pictures) {
  const native = (...args) => {
    hostile.say('expect alice');
    return programs.nativeAt(hostile.server, 'dan', ...args);
  };
  hostile.say('expect bob');
  const page = await Page.open(browser, await programs.serve(hostile.server), pictures);
  await page.unlock();
  const inviter = native('invite', 'Page', '--wait');
  hostile.say(`replace ${(await inviter.event('invite')).text}`);
  await page.meet('Dan', (await hostile.event('invite')).text);
  await inviter.ended;
  const caller = native('--no-video', 'call', 'Page');
  await page.tab.waitForSelector('#accept:not([hidden])', { timeout: 30_000 });
  await page.click('#accept');
  const [shown, { words }] = [await page.words(), await caller.event('sas')];
  await page.click('#differ');
  await page.tab.waitForSelector('#home:not([hidden])');
  const trust = await page.text('#people li:has-text("Dan")');
  row(
    'A02: a server between two who meet: words differ, and saying so shuts calls',
    shown !== words && trust.includes('calls are shut'),
    `page "${shown}", program "${words}"`,
  );
  await page.picture('they-differ');
  await caller.stop();
  await page.close();
}

/** The relay ends DTLS on both legs. */
async function between(scene) {
  const { page, hostile } = scene;
  await page.tab.$$eval('#alarms button', (buttons) => buttons.forEach((button) => button.click()));
  hostile.say('between');
  const native = scene.native('--no-video', 'answer', '--auto');
  await native.event('online');
  await page.call('Cat');
  await page.tab.waitForSelector('#home:not([hidden])', { timeout: 40_000 });
  const { alarm } = await native.event('alarm');
  const { began, keys, sound } = await scene.report();
  row(
    'A02: DTLS ends on both legs at the relay: both refuse, no sound leaves',
    began && (await page.alarms()).includes('another certificate') && alarm === 'fp-mismatch' && !sound.some(Boolean),
    `page "${(await page.alarms()).slice(0, 60)}", program ${alarm}; keys shared ${keys}, packets of sound ${sound}`,
  );
  hostile.say('honest');
  await native.stop();
}

/** 10 % of all packets in either direction, from the first check of ICE on, and so long a way that parity pays. */
async function lossy(scene) {
  const who = '10 % loss';
  const recordings = scene.programs.recordings('loss');
  scene.hostile.say('lose 10');
  const native = scene.native('answer', '--auto', '--record', recordings, ...scene.programs.media());
  await native.event('online');
  await scene.page.call('Cat');
  await native.event('consent');
  scene.hostile.say('delay 30'); /* before anything is sent: the path does not change in the call */
  native.say('consent');
  await scene.page.talkAnyway();
  await compare(scene.page, native, who);
  await sleep(2000);
  await judgePage(scene.page, who);
  const { passed, lost } = await scene.report();
  const { inboundAudio, inboundVideo: into, outboundVideo: out } = await native.stats();
  row(
    `${who}: parity goes both ways, and brings packets back`,
    out.fecPacketsSent > 0 && into.fecPacketsReceived > 0 && into.packetsRepaired > 0,
    `${out.fecPacketsSent} sent; ${into.fecPacketsReceived} received, ${into.packetsRepaired} packets back, ${into.framesLost} pictures lost`,
  );
  const concealed = inboundAudio.concealedSamples / inboundAudio.totalSamplesReceived;
  row(`${who}: the program conceals less than was lost`, concealed < 0.1, percent(concealed));
  await scene.page.click('#hang-up');
  await native.state('ended');
  await native.stop();
  judgeRecording(recordings, who, 15); /* a machine that is busy as well gets the browser to halve its rate */
  const share = [0, 1].map((i) => lost[i] / (lost[i] + passed[i]));
  row(
    `${who}: there was as much`,
    share.every((one) => one > 0.07) && lost.every((count) => count > 40),
    `program ${percent(share[0])}, page ${percent(share[1])} of what each sent`,
  );
  scene.hostile.say('honest');
}

/** A27: ClientHellos to both ends, out of the mouth of the peer. */
async function hellos(scene) {
  const native = scene.native('answer', '--auto', ...scene.programs.media());
  await native.event('online');
  await scene.page.call('Cat');
  await scene.page.sees('#call-state', 'Talking.');
  scene.hostile.say('hello 20');
  await sleep(1000);
  const [tone, seen] = [await scene.page.hears(NATIVE_TONE, 2), (await scene.page.watches(1)).length];
  const { alarm } = await native.event('alarm');
  const { dropped, inboundAudio } = await native.stats();
  row(
    'A27: ClientHellos from the path itself: blocked, told, and both go on',
    tone > 0.7 && seen > 5 && alarm === 'dtls-rehandshake' && dropped.dtlsBlocked >= 20,
    `${dropped.dtlsBlocked} blocked, ${percent(tone)} tone, ${inboundAudio.concealedSamples} samples concealed`,
  );
  await scene.page.click('#hang-up');
  await native.state('ended');
  await native.stop();
}

/** @param {import('playwright-core').Browser} browser @param {import('./programs.mjs').Programs} programs */
export async function relayed(browser, programs, pictures) {
  await byRelay(browser, programs, pictures);
  const hostile = await programs.startHostile();
  await firstContact(browser, programs, hostile, pictures);
  const scene = await Scene.set(browser, programs, hostile, pictures);
  await scene.page.meetNative('Cat', scene.native('invite', 'Page', '--wait'));
  await between(scene);
  await lossy(scene);
  await hellos(scene);
  await scene.page.close();
}
