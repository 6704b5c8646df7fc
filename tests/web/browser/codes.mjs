// codes.mjs - invites as QR codes: the page's own is read by zbar, and the program's by the page, held before a camera.
import { Page } from './browser.mjs';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { row } from './table.mjs';

/** @param {string} picture a PNG file @returns {Promise<string>} what stands in its code; '': none was seen */
async function readCode(picture) {
  const args = ['--quiet', '--raw', '--oneshot', '-Sdisable', '-Sqrcode.enable', picture];
  return promisify(execFile)('zbarimg', args).then(({ stdout }) => stdout.trim(), () => '');
}

/** The page's invite, by day and by night, at a desk and on a phone. */
async function ownCode(page, folder) {
  const text = await page.invite('Zed');
  const looks = [
    ['dark', 390],
    ['light', 1000],
  ];
  const read = [];
  for (const [colorScheme, width] of looks) {
    await page.tab.emulateMedia({ colorScheme });
    await page.tab.setViewportSize({ width, height: 760 });
    const path = join(folder, `code-${colorScheme}.png`);
    await page.tab.locator('#invite-code').screenshot({ path });
    read.push(await readCode(path));
  }
  row(
    'codes: zbar reads the invite off the page',
    read.every((one) => one === text),
    `${read.filter((one) => one === text).length} of ${read.length}, ${text.length} characters`,
  );
}

/** It is for one person. */
async function taken(page, programs) {
  const taker = programs.native('zed', 'accept', 'Page', '-');
  await taker.event('online');
  taker.say(await page.tab.inputValue('#invite-text'));
  await taker.ended;
  await page.sees('#line', 'took your invite');
  row('codes: an invite that was taken is shown no longer', await page.tab.isHidden('#invite-out'), await page.text('#line'));
}

/** Before the page's scripts: a BarcodeDetector, which Chromium has on some systems alone, with zbar in place of theirs. */
function fakeDetector() {
  globalThis.BarcodeDetector = class {
    static getSupportedFormats = async () => ['qr_code'];

    async detect(video) {
      const see = new OffscreenCanvas(video.videoWidth, video.videoHeight);
      see.getContext('2d').drawImage(video, 0, 0);
      const picture = new Uint8Array(await (await see.convertToBlob()).arrayBuffer());
      const rawValue = await globalThis.zbar(Array.from(picture));
      return rawValue ? [{ rawValue }] : [];
    }
  };
}

/** In the page: a camera that sees a wall, then a code on it. @param {string} path of an SVG */
function cameraSees([path, side]) {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [640, 480];
  const draw = canvas.getContext('2d');
  let pictures = 0;
  setInterval(() => {
    draw.fillStyle = '#ddd';
    draw.fillRect(0, 0, 640, 480);
    if (++pictures < 20) return;
    draw.setTransform(440 / side, 0.1, -0.1, 440 / side, 100, 20);
    draw.fillStyle = '#222';
    draw.fill(new Path2D(path));
    draw.resetTransform();
  }, 50);
  globalThis.camera = canvas.captureStream(20);
  navigator.mediaDevices.getUserMedia = async () => globalThis.camera;
}

async function scan(page, programs, folder) {
  const file = join(folder, 'invite.svg');
  const inviter = programs.native('gil', 'invite', 'Page', '--wait', '--svg', file);
  const { text } = await inviter.event('invite');
  const svg = readFileSync(file, 'utf8');
  await page.tab.evaluate(cameraSees, [/ d="([^"]*)"/.exec(svg)[1], Number(/viewBox="0 0 (\d+)/.exec(svg)[1])]);
  await page.click('#scan');
  await page.picture('scan');
  await page.sees('#line', 'The code is read');
  const read = await page.tab.inputValue('#join-text');
  const [track] = await page.tab.evaluate(() => globalThis.camera.getTracks().map(({ readyState }) => readyState));
  await page.tab.fill('#join-name', 'Gil');
  await page.tab.keyboard.press('Enter');
  await inviter.ended;
  await page.tab.waitForSelector('#people li:has-text("Gil")');
  row(
    "codes: the program's code before the camera is read, the camera is off, and they meet",
    read === text && track === 'ended' && (await page.tab.isHidden('#scanner')),
    `${read.length} of ${text.length} characters, camera ${track}`,
  );
}

/** @param {import('./programs.mjs').Programs} programs */
export async function codes(browser, address, programs, pictures, folder) {
  const [without, page] = [await Page.open(browser, address), await Page.open(browser, address, pictures, fakeDetector)];
  await without.unlock();
  row('codes: a browser that reads none offers no camera', await without.tab.isHidden('#scan'), 'no button');
  await without.close();
  let count = 0;
  await page.tab.exposeFunction('zbar', async (bytes) => {
    const file = join(folder, `seen-${count++ % 2}.png`);
    writeFileSync(file, Buffer.from(bytes));
    return readCode(file);
  });
  await page.unlock();
  await ownCode(page, folder);
  await taken(page, programs);
  await scan(page, programs, folder);
  await page.close();
}
