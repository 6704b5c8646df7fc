// main.mjs - ./run browser: the page in headless Chromium and the program, calling each other, judged at both ends.
//
// usage: node main.mjs BUILD [--quick] [--pictures DIR]
import { Page, startBrowser } from './browser.mjs';
import { closeTable, row } from './table.mjs';
import { longRun, pageCallsProgram, programCallsPage, reload } from './calls.mjs';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { Programs } from './programs.mjs';
import { attacks } from './attacks.mjs';
import { codes } from './codes.mjs';
import { firefox } from './firefox.mjs';
import { join } from 'node:path';
import { relayed } from './relayed.mjs';
import { tmpdir } from 'node:os';

const [build, ...flags] = process.argv.slice(2);
const duration = flags.includes('--quick') ? 20 : 600; /* seconds */
const pictures = flags.includes('--pictures') ? flags[flags.indexOf('--pictures') + 1] : null;

async function begin(browser, address, programs) {
  const page = await Page.open(browser, address, pictures);
  await page.picture('unlock');
  await page.unlock();
  await page.picture('home-empty');
  await page.invite('Zoe');
  await page.picture('invite');
  await page.meetNative('Ann', programs.native('ann', 'invite', 'Page', '--wait'));
  await page.picture('home');
  return page;
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-browser-'));
  const programs = new Programs(build, folder);
  const browser = await startBrowser(join(build, 'browser'));
  let page = null;
  if (pictures) mkdirSync(pictures, { recursive: true });
  try {
    await programs.startServer();
    const address = await programs.serve();
    page = await begin(browser, address, programs);
    await programCallsPage(page, programs);
    await pageCallsProgram(page, programs);
    await reload(page, programs);
    await longRun(page, programs, duration);
    await attacks(browser, address, page, programs);
    row(
      'the page has no failure of its own',
      page.failures.length === 0,
      page.failures.slice(0, 2).join(' | ').slice(0, 160),
    );
    await page.close();
    page = null;
    await codes(browser, address, programs, pictures, folder);
    await relayed(browser, programs, pictures);
    await firefox(programs);
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
  return closeTable() ? 0 : 1;
}

process.exitCode = await main().catch((error) => {
  console.error(error);
  return 1;
});
