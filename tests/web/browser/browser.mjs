// browser.mjs - headless Chromium with the page in it, and the page as a person uses it.
import { createRequire } from 'node:module';
import { fakeSources } from './marks.mjs';
import { join, resolve } from 'node:path';
import { until } from './programs.mjs';

export const TONE = 1000; /* the page's */

/** @param {string} modules where playwright-core was installed @returns {Promise<import('playwright-core').Browser>} */
export function startBrowser(modules) {
  const { chromium } = createRequire(resolve(modules, 'package.json'))('playwright-core');
  const args = [
    '--no-sandbox',
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    '--allow-loopback-in-peer-connection',
    '--autoplay-policy=no-user-gesture-required',
    '--disable-features=WebRtcHideLocalIpsWithMdns',
  ];
  return chromium.launch({ executablePath: '/usr/bin/chromium', args });
}

/** In the page, before its own scripts: ports and kinds of its candidates, and the credentials of its ICE. */
function noteConnections() {
  const Real = globalThis.RTCPeerConnection;
  const made = [];
  globalThis.RTCPeerConnection = class extends Real {
    constructor(configuration) {
      super(configuration);
      made.push(this);
    }
  };
  const reports = async () => [...(await made.at(-1).getStats()).values()];
  /* of our own candidates: those that there are, and that of the pair in use */
  globalThis.candidateTypes = async () =>
    [...new Set((await reports()).filter(({ type }) => type === 'local-candidate').map((of) => of.candidateType))];
  globalThis.typeInUse = async () => {
    const all = await reports();
    const find = (wanted) => all.find(({ id }) => id === wanted);
    const transport = all.find(({ type }) => type === 'transport');
    return find(find(transport.selectedCandidatePairId)?.localCandidateId)?.candidateType;
  };
  globalThis.packetsOf = async (kind) =>
    (await reports()).find((report) => report.type === 'inbound-rtp' && report.kind === kind)?.packetsReceived ?? 0;
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

/**
 * Another WebRTC: Debian's Firefox, whose microphone is a tone of its own.
 * @param {string} modules where playwright-core was installed @returns {Promise<import('playwright-core').Browser>}
 */
export function startFirefox(modules) {
  const { _bidiFirefox } = createRequire(resolve(modules, 'package.json'))('playwright-core');
  const firefoxUserPrefs = {
    'media.navigator.permission.disabled': true,
    'media.navigator.streams.fake': true,
    'media.navigator.audio.fake_frequency': TONE,
    'media.autoplay.default': 0,
    'media.peerconnection.ice.loopback': true,
  };
  return _bidiFirefox.launch({ executablePath: '/usr/bin/firefox-esr', firefoxUserPrefs });
}

export class Page {
  failures = [];

  /**
   * A browser profile of its own.
   * @param {import('playwright-core').Browser} browser @param {string|null} pictures the folder for them
   * @param {() => void} before runs in the page before its own scripts @param {number} tone 0: the browser's own
   */
  static async open(browser, address, pictures = null, before = () => {}, tone = TONE) {
    const page = new Page();
    page.pictures = pictures;
    page.context = await browser.newContext({ viewport: { width: 1000, height: 760 } });
    page.tab = await page.context.newPage();
    page.tab.on('pageerror', (error) => page.failures.push(String(error)));
    page.tab.on('console', (message) => message.type() === 'error' && page.failures.push(message.text()));
    await page.tab.addInitScript(fakeSources, tone);
    await page.tab.addInitScript(noteConnections);
    await page.tab.addInitScript(before);
    await page.tab.goto(address);
    return page;
  }

  async unlock(passphrase = 'four words of mine') {
    await this.tab.fill('#passphrase', passphrase);
    await this.tab.click('#unlock-form button');
    await this.tab.waitForSelector('#home:not([hidden])');
    await this.sees('#line', 'Online');
  }

  async meet(name, invite) {
    await this.tab.fill('#join-name', name);
    await this.tab.fill('#join-text', invite);
    await this.tab.click('#join-form button.primary');
    await this.tab.waitForSelector(`#people li:has-text("${name}")`);
  }

  /** @param {import('./programs.mjs').Program} inviter a program that waits for us */
  async meetNative(name, inviter) {
    await this.meet(name, (await inviter.event('invite')).text);
    await inviter.ended;
  }

  async invite(name) {
    await this.tab.fill('#invite-name', name);
    await this.tab.click('#invite-form button.primary');
    await this.tab.waitForSelector('#invite-out:not([hidden])');
    return this.tab.inputValue('#invite-text');
  }

  call(name) {
    return this.tab.click(`#people li:has-text("${name}") button:has-text("Call")`);
  }

  /** Where Tab leads from there, by ids. */
  async tabOrder(from, count) {
    await this.tab.waitForSelector('#match:enabled', { timeout: 10_000 });
    await this.tab.focus(from);
    const order = [];
    for (let i = 0; i < count; i++) {
      await this.tab.keyboard.press('Tab');
      order.push(await this.tab.evaluate(() => document.activeElement.id));
    }
    return order.join(' ');
  }

  click(what) {
    return this.tab.click(what);
  }

  text(what) {
    return this.tab.textContent(what);
  }

  sees(what, text, ms) {
    return until(async () => (await this.text(what)).includes(text), `"${text}" in ${what}`, ms);
  }

  /** The path of the call: candidates that there are, and the one in use. */
  async path() {
    const [gathered, used] = await this.tab.evaluate(() =>
      Promise.all([globalThis.candidateTypes(), globalThis.typeInUse()]),
    );
    return { gathered, used };
  }

  /** Sound alone with somebody whom nobody compared. */
  async talkAnyway() {
    await this.tab.waitForSelector('#ask:not([hidden])', { timeout: 30_000 });
    await this.click('#ask-yes');
    await this.sees('#call-state', 'Sound alone');
  }

  async alarms() {
    return (await this.tab.$$eval('#alarms li', (items) => items.map((item) => item.firstChild.textContent))).join(
      ' | ',
    );
  }

  /** @returns {Promise<string>} the words of this comparison */
  async words() {
    await this.tab.waitForSelector('#words:not([hidden])', { timeout: 30_000 });
    return this.text('#spoken');
  }

  async match() {
    await this.tab.waitForSelector('#match:enabled', { timeout: 10_000 });
    await this.tab.click('#match');
  }

  /** What is played: how much of the time the tone, and how many different pictures. */
  async hears(frequency, seconds) {
    return this.tab.evaluate(([wanted, for_]) => globalThis.measured.tone(wanted, for_), [frequency, seconds]);
  }

  async watches(seconds) {
    return this.tab.evaluate((for_) => globalThis.measured.numbers(for_), seconds);
  }

  /** At a desk, by night, and on a phone, where pictures are wanted. */
  async picture(name) {
    if (!this.pictures) return;
    const desk = this.tab.viewportSize();
    const take = (look) => this.tab.screenshot({ path: join(this.pictures, `${name}${look}.png`), fullPage: true });
    await take('');
    await this.tab.emulateMedia({ colorScheme: 'dark' });
    await take('-dark');
    await this.tab.setViewportSize({ width: 390, height: 800 });
    await take('-dark-phone');
    await this.tab.emulateMedia({ colorScheme: 'light' });
    await take('-phone');
    await this.tab.setViewportSize(desk);
  }

  close() {
    return this.context.close();
  }
}
