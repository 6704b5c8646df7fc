// firefox.mjs - the page in another WebRTC: Debian's Firefox and the program call each other by coturn's relay, for
// Firefox has no candidates on the loopback. It plays no sound where there is no sound card: packets stand for it.
import { Page, TONE, startFirefox } from './browser.mjs';
import { compare, judgeRecording } from './calls.mjs';
import { join } from 'node:path';
import { row } from './table.mjs';
import { sleep } from './programs.mjs';

const WHO = 'Firefox';

/** What comes of the program. */
async function judge(page, who) {
  const before = await page.tab.evaluate(() => globalThis.packetsOf('audio'));
  const numbers = await page.watches(3);
  const packets = (await page.tab.evaluate(() => globalThis.packetsOf('audio'))) - before;
  row(
    `${who}: sound comes, and numbered pictures are seen`,
    packets > 100 && numbers.length > 10,
    `${packets} packets of sound, ${numbers.length} pictures in 3 s`,
  );
}

async function restart(page, who, begin) {
  await begin();
  await sleep(3000);
  await judge(page, who);
}

/** @param {import('./programs.mjs').Programs} programs */
export async function firefox(programs) {
  const browser = await startFirefox(join(programs.build, 'browser'));
  try {
    const address = await programs.serve(programs.server, '--relay-only', ...(await programs.startRelay()));
    const page = await Page.open(browser, address, null, () => {}, 0);
    await page.unlock();
    await page.meetNative('Fay', programs.native('fay', 'invite', 'Page', '--wait'));
    const recordings = programs.recordings('firefox');
    const native = programs.native('fay', 'answer', '--auto', '--record', recordings, ...programs.media());
    await native.event('online');
    await page.call('Fay');
    await native.event('consent');
    native.say('consent');
    await page.talkAnyway();
    const { binding, sealed } = await native.event('secure');
    row(`${WHO}: bound by certificate, frames sealed`, binding === 'cert' && sealed, `${binding}, ${sealed}`);
    await compare(page, native, WHO);
    await sleep(2000);
    await judge(page, WHO);
    await restart(page, `${WHO}: the program restarts ICE`, () => native.say('restart'));
    await restart(page, `${WHO}: it restarts ICE`, () =>
      page.tab.evaluate(() => dispatchEvent(new Event('online')) && undefined),
    );
    await page.click('#hang-up');
    await native.state('ended');
    await native.stop();
    judgeRecording(recordings, WHO);
  } finally {
    await browser.close();
  }
}
