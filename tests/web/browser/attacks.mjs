// attacks.mjs - contacts of the page's that attack it, and packets from elsewhere (letters: tests/adversary).
import { NATIVE_TONE } from './marks.mjs';
import { createSocket } from 'node:dgram';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { row } from './table.mjs';
import { sleep } from './programs.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A27: a ClientHello from elsewhere, to every port of the page's; neither call nor keys may care. */
export async function strayHellos(page) {
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
  await page.picture(`attack-${id.split(':')[0]}-${name}`);
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

/** A15: Eve answers with Bob's certificate, which he made for the call that she spliced to this one. */
async function spliced(browser, address, page, programs) {
  const tab = await hostileTab(browser, address, page, programs, 'Evelyn');
  const inviter = programs.native('bob', 'invite', 'Eve', '--wait');
  await tab.evaluate((text) => globalThis.hostile.meetOther(text), (await inviter.event('invite')).text);
  await inviter.ended;
  const bob = programs.native('bob', '--policy', 'warn', 'answer', '--auto', '--once', ...programs.media());
  await bob.event('online');
  await page.call('Evelyn');
  await tab.evaluate(() => globalThis.hostile.splice());
  await page.tab.waitForSelector('#home:not([hidden])', { timeout: 30_000 });
  const { binding } = await bob.event('secure');
  const [alarms, { inboundAudio, inboundVideo }] = [await page.alarms(), await bob.event('stats')];
  const received = inboundAudio.packetsReceived + inboundVideo.packetsReceived;
  row(
    "A15: spliced to a call of another's: its certificate is not of this call",
    alarms.includes('not in this call') && binding === 'cert' && received === 0,
    `Bob's DTLS with the page stands, he gets ${received} packets: ${alarms.split(' | ').at(-1).slice(0, 90)}`,
  );
  await bob.ended;
  await tab.context().close();
}

export async function attacks(browser, address, page, programs) {
  const run = (what) => attack(browser, address, page, programs, what);
  await run({ id: 'A15: a certificate that is not of this call', name: 'Eve', alarm: 'not in this call' });
  await spliced(browser, address, page, programs);
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
