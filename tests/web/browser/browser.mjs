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

export class Page {
  failures = [];

  /** A browser profile of its own. @param {import('playwright-core').Browser} browser */
  static async open(browser, address, options = {}) {
    const page = new Page();
    page.context = await browser.newContext({ viewport: { width: 1000, height: 760 }, ...options });
    page.tab = await page.context.newPage();
    page.tab.on('pageerror', (error) => page.failures.push(String(error)));
    page.tab.on('console', (message) => message.type() === 'error' && page.failures.push(message.text()));
    await page.tab.addInitScript(fakeSources, TONE);
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

  async invite(name) {
    await this.tab.fill('#invite-name', name);
    await this.tab.click('#invite-form button.primary');
    await this.tab.waitForSelector('#invite-out:not([hidden])');
    return this.tab.inputValue('#invite-text');
  }

  call(name) {
    return this.tab.click(`#people li:has-text("${name}") button:has-text("Call")`);
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

  /** At a desk, by night, and on a phone. */
  async picture(folder, name) {
    const desk = this.tab.viewportSize();
    const take = (look) => this.tab.screenshot({ path: join(folder, `${name}${look}.png`), fullPage: true });
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
