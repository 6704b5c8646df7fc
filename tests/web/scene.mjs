// scene.mjs - a page and a native who have met, on a fake server, for the unit tests.
import { webcrypto } from 'node:crypto';
import { MESSAGE } from '../../examples/web/peer/wire.mjs';
import { NativeStub } from './native_stub.mjs';
import { Peer } from '../../examples/web/sotto-peer.mjs';
import { Primitives } from '../../examples/web/peer/primitives.mjs';
import { fakeConnections } from './fake_connection.mjs';
import { fakeServer } from './fake_server.mjs';

export const primitives = new Primitives(webcrypto);
const URL = 'ws://127.0.0.1:8443';

/** The sealed store, in memory. */
export function memoryStorage() {
  const storage = {
    sealed: null,
    load: async () => storage.sealed,
    save: async (sealed) => {
      storage.sealed = sealed;
    },
  };
  return storage;
}

/** @type {Set<Scene>} */
const begun = new Set();

/** After each test, whatever became of it. */
export async function endScenes() {
  for (const scene of begun) await scene.end();
}

export const track = (kind) => ({ kind, enabled: true });

export class Scene {
  events = [];

  /** @param {object} [options] of the page */
  static async begin(options = {}) {
    const scene = new Scene();
    begun.add(scene);
    scene.server = fakeServer(primitives);
    scene.connections = fakeConnections();
    scene.storage = memoryStorage();
    scene.options = {
      crypto: webcrypto,
      WebSocket: scene.server.WebSocket,
      RTCPeerConnection: scene.connections.FakeConnection,
      storage: scene.storage,
      passphrase: 'correct horse',
      server: URL,
      onEvent: (event) => scene.events.push(event),
      ...options,
    };
    scene.page = await Peer.create(scene.options);
    scene.native = await NativeStub.make(primitives, scene.server, URL);
    return scene;
  }

  /** The native joins an invite of the page's. */
  async meet() {
    this.pageOfNative = await this.native.join('page', await this.page.invite('native'));
    await this.event('contact');
    this.contact = this.page.contacts[0];
    return this;
  }

  async end() {
    begun.delete(this);
    await this.page.close();
    this.native.close();
  }

  /** The next event of this kind that was not asked for yet. */
  async event(type, matches = () => true) {
    for (let i = 0; i < 3000; i++) {
      const at = this.events.findIndex((event) => event.type === type && matches(event));
      if (at >= 0) return this.events.splice(at, 1)[0];
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const seen = this.events.map((event) => event.alarm ?? event.error?.stack ?? event.state ?? event.type);
    throw new Error(`no ${type} among ${seen.join(', ')}`);
  }

  alarm(name) {
    return this.event('alarm', ({ alarm }) => alarm === name);
  }

  /** The page's own connection of its newest call. */
  get connection() {
    return this.connections.made.at(-1);
  }

  /** The page calls, the native answers. */
  async dial() {
    this.call = await this.page.call(this.contact, { audio: track('audio'), video: track('video') });
    this.offer = await this.native.hears(MESSAGE.OFFER);
    await this.native.answer();
    await this.native.hears(MESSAGE.CONFIRM);
    return this.call;
  }

  /** The native calls, the page answers. */
  async ring() {
    await this.native.knock(this.pageOfNative);
    await this.native.hears(MESSAGE.HELLO);
    await this.native.offer();
    ({ call: this.call } = await this.event('incoming'));
    await this.call.accept(3, { audio: track('audio'), video: track('video') });
    this.offer = await this.native.hears(MESSAGE.ANSWER);
    await this.native.confirm();
    return this.call;
  }

  /** ICE and DTLS come up, with this certificate at the other end. */
  secure(certificate = this.native.certificate) {
    this.connection.setIce('connected');
    this.connection.setDtls('connected', certificate);
  }

  /** Up to both BINDs. */
  async bind() {
    this.secure();
    await this.native.hears(MESSAGE.BIND);
    await this.native.bind(this.offer.fingerprint);
  }
}
