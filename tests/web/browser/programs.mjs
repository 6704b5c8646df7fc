// programs.mjs - the server and the native ends, as processes that speak one JSON line an event.
import { createInterface } from 'node:readline';
import { createSocket } from 'node:dgram';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { writeTone } from './marks.mjs';

/** Of UDP, on loopback. @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve) => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

const PATIENCE = 30_000;
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param {() => any} ask until it answers something @param {string} what */
export async function until(ask, what, ms = PATIENCE) {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(50)) {
    const answer = await ask();
    if (answer) return answer;
  }
  throw new Error(`${what} did not come about`);
}

export class Program {
  /** @type {{ event: string }[]} what it said and nobody took yet */
  events = [];
  complaints = '';

  constructor(file, args) {
    this.process = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.ended = new Promise((resolve) => this.process.on('exit', resolve));
    this.process.stderr.on('data', (data) => (this.complaints += data));
    createInterface(this.process.stdout).on('line', (line) => {
      if (line.startsWith('{')) this.events.push(JSON.parse(line));
    });
  }

  /** The next event of this kind that was not taken yet. */
  event(name, matches = () => true, ms = PATIENCE) {
    const take = () => {
      const at = this.events.findIndex((event) => event.event === name && matches(event));
      return at < 0 ? null : this.events.splice(at, 1)[0];
    };
    return until(take, `event ${name} of the program (${this.complaints})`, ms);
  }

  state(state, ms) {
    return this.event('call-state', (event) => event.state === state, ms);
  }

  say(line) {
    this.process.stdin.write(`${line}\n`);
  }

  async stats() {
    this.events = this.events.filter(({ event }) => event !== 'stats');
    this.say('stats');
    return this.event('stats');
  }

  async stop(signal = 'SIGTERM') {
    this.process.kill(signal);
    await this.ended;
  }
}

export class Programs {
  /** @type {Program[]} */
  #running = [];

  /** @param {string} build where the programs are @param {string} folder of our own */
  constructor(build, folder) {
    this.build = build;
    this.folder = folder;
    this.passphrase = join(folder, 'passphrase');
    writeFileSync(this.passphrase, 'a passphrase\n', { mode: 0o600 });
    this.tone = join(folder, 'tone.wav');
    writeTone(this.tone);
  }

  #start(name, args) {
    const program = new Program(join(this.build, name), args);
    this.#running.push(program);
    return program;
  }

  /** The signaling server; its URL is this.server. */
  async startServer() {
    const file = join(this.folder, 'port');
    this.#start('sotto-signald', ['--listen', '127.0.0.1:0', '--port-file', file]);
    await until(() => existsSync(file), 'the server');
    this.server = `ws://127.0.0.1:${readFileSync(file, 'utf8').trim()}`;
  }

  /** The adversary's server and relay. */
  async startHostile() {
    const folder = join(this.folder, 'hostile');
    mkdirSync(folder);
    const hostile = this.#start('sotto-hostile', [folder]);
    const { url, turn, password } = await hostile.event('servers');
    const file = join(folder, 'password');
    writeFileSync(file, `${password}\n`, { mode: 0o600 });
    hostile.server = url;
    hostile.relay = (user) => ['--relay-only', '--turn', turn, '--turn-user', user, '--turn-password-file', file];
    return hostile;
  }

  /** The page, served. @returns {Promise<string>} its address */
  async serve(server = this.server, ...args) {
    const web = this.#start('sotto', ['web', '--port', '0', '--server', server, '--lan', '--json-events', ...args]);
    return (await web.event('web')).url;
  }

  /** A relay of somebody else's making. @returns {Promise<string[]>} what our programs are told of it */
  async startRelay() {
    const [port, password] = [await freePort(), join(this.folder, 'relay-password')];
    const fixed = '-n --no-tls --no-dtls --no-cli --listening-ip 127.0.0.1 --relay-ip 127.0.0.1 --allow-loopback-peers';
    const where = '--log-file stdout --pidfile /dev/null --userdb /nonexistent/turndb';
    const who = ['--listening-port', `${port}`, '--lt-cred-mech', '-u', 'someone:se"cret', '-r', 'realm'];
    writeFileSync(password, 'se"cret\n', { mode: 0o600 });
    this.#running.push(new Program('/usr/bin/turnserver', [...fixed.split(' '), ...where.split(' '), ...who]));
    return ['--turn', `127.0.0.1:${port}`, '--turn-user', 'someone', '--turn-password-file', password];
  }

  /** A native end. @param {string} who its store's name @param {...string} args */
  native(who, ...args) {
    return this.nativeAt(this.server, who, ...args);
  }

  /** One of another server. */
  nativeAt(server, who, ...args) {
    const common = [
      '--server',
      server,
      '--passphrase-file',
      this.passphrase,
      '--lan',
      '--local',
      '127.0.0.1',
      '--json-events',
    ];
    return this.#start('sotto', ['--store', join(this.folder, who), ...common, ...args]);
  }

  /** What a native end plays: a tone of its own, and its numbered pictures. */
  media(...args) {
    return ['--audio', this.tone, '--size', '640x360', '--fps', '20', ...args];
  }

  /** A folder for recordings. */
  recordings(name) {
    const folder = join(this.folder, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /** What each still says, when something stands still. */
  saidLast() {
    return this.#running.map(({ events, complaints }) => `${complaints}${JSON.stringify(events.slice(-6))}`).join('\n');
  }

  async stop() {
    for (const program of this.#running) await program.stop('SIGKILL');
  }
}
