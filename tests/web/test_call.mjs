// A page's calls, from the knock to an open gate and to the alarms (sotto-peer.mjs), with a native that does what the
// test says and a connection without a network.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { CAPS, MESSAGE, RESULT, SETUP } from '../../examples/web/peer/wire.mjs';
import { Peer } from '../../examples/web/sotto-peer.mjs';
import { Scene, endScenes, primitives, track } from './scene.mjs';
import { certificateOf } from './native_stub.mjs';
import { compare } from '../../examples/web/peer/bytes.mjs';
import { fakeConnections } from './fake_connection.mjs';
import { parseId } from '../../examples/web/peer/identity.mjs';
import { renderWords } from '../../examples/web/peer/sas.mjs';

afterEach(endScenes);

const met = async (options) => (await Scene.begin(options)).meet();

test('an invite of a page makes both ends contacts of each other', async () => {
  const scene = await met();
  assert.equal(scene.contact.name, 'native');
  assert.equal(scene.contact.state, 'tofu');
  assert.deepEqual(scene.contact.ps, scene.pageOfNative.ps);
});

test('a page calls: it is the DTLS client, binds by certificate and opens after equal words', async () => {
  const scene = await met();
  const call = await scene.dial();
  assert.equal(scene.offer.setup, SETUP.ACTIVE);
  assert.deepEqual(scene.offer.candidates, []);
  assert.equal(scene.offer.transportCc, 3);
  await scene.bind();
  await scene.event('consent');
  assert.equal(call.gate, 'shut');
  const { run, commitment } = await scene.native.hears(MESSAGE.SAS_COMMIT);
  const words = scene.native.words(scene.offer.fingerprint);
  await scene.native.say({ type: MESSAGE.SAS_REPLY, run, random: words.commit(run, commitment) });
  const open = await scene.native.hears(MESSAGE.SAS_OPEN);
  assert.ok(await words.open(run, open.random));
  assert.deepEqual((await scene.event('words')).words, renderWords(words.value));
  await call.confirm(true);
  assert.equal(call.gate, 'open');
  assert.equal(scene.contact.state, 'verified');
  assert.equal(scene.connection.getSenders()[1].track.kind, 'video');
});

test('a page answers: the caller commits, and sound alone flows with consent', async () => {
  const scene = await met();
  const call = await scene.ring();
  await scene.bind();
  await scene.event('consent');
  assert.equal(call.receivedTrack('audio'), null);
  assert.deepEqual(
    scene.connection.getSenders().map((sender) => sender.track),
    [null, null],
  );
  await call.consent();
  assert.equal(call.gate, 'audio-unverified');
  assert.equal(scene.connection.getSenders()[0].track.kind, 'audio');
  assert.equal(scene.connection.getSenders()[1].track, null);
  assert.equal(call.receivedTrack('video'), null);
  const words = scene.native.words(scene.offer.fingerprint);
  await scene.native.say({ type: MESSAGE.SAS_COMMIT, run: 1, commitment: await words.start() });
  const reply = await scene.native.hears(MESSAGE.SAS_REPLY);
  await scene.native.say({ type: MESSAGE.SAS_OPEN, run: 1, random: await words.reply(1, reply.random) });
  assert.deepEqual((await scene.event('words')).words, renderWords(words.value));
  await call.confirm(true);
  assert.equal(call.gate, 'open');
});

test('words that differ shut the contact', async () => {
  const scene = await met();
  const call = await scene.dial();
  await scene.bind();
  const { run, commitment } = await scene.native.hears(MESSAGE.SAS_COMMIT);
  await scene.native.say({
    type: MESSAGE.SAS_REPLY,
    run,
    random: scene.native.words(scene.offer.fingerprint).commit(run, commitment),
  });
  await scene.event('words');
  await call.confirm(false);
  assert.equal(call.reason, 'security');
  assert.equal(scene.contact.state, 'changed');
  await assert.rejects(scene.page.call(scene.contact));
});

test('a mismatch that the peer reports ends the call, and is not adopted', async () => {
  const scene = await met();
  const call = await scene.dial();
  await scene.bind();
  await scene.native.hears(MESSAGE.SAS_COMMIT);
  await scene.native.say({ type: MESSAGE.SAS_RESULT, run: 1, result: RESULT.MISMATCH });
  await scene.alarm('sas-mismatch');
  assert.equal(call.reason, 'security');
  assert.equal(scene.contact.state, 'tofu');
});

/** The call ends before any track was attached, with this alarm. */
async function refuses(scene, alarm) {
  await scene.alarm(alarm);
  await scene.event('call-state', ({ state }) => state === 'ended');
  assert.equal(scene.call.reason, 'security');
  assert.equal(scene.call.gate, 'shut');
  assert.ok(scene.connection.closed);
  assert.deepEqual(
    scene.connection.getSenders().map((sender) => sender.track),
    [null, null],
  );
}

test('a certificate of another call is refused although its fingerprint is the one that was said (A15)', async () => {
  const scene = await met();
  const other = certificateOf(new Uint8Array(19).fill(7));
  const fingerprint = await primitives.sha256(other);
  scene.native.twist = (message) => (message.type === MESSAGE.ANSWER ? { ...message, fingerprint } : message);
  await scene.dial();
  scene.secure(other);
  await refuses(scene, 'bind-mismatch');
  assert.equal(scene.contact.state, 'changed');
});

test('a certificate of another fingerprint is refused although its serial is right (A02)', async () => {
  const scene = await met();
  await scene.dial();
  const forged = scene.native.certificate.slice();
  forged[forged.length - 1] ^= 1;
  scene.secure(forged);
  await refuses(scene, 'fp-mismatch');
});

test('two certificates, or none, are refused', async () => {
  for (const count of [0, 2]) {
    const scene = await met();
    await scene.dial();
    scene.connection.setIce('connected');
    scene.connection.setDtls('connected', ...Array(count).fill(scene.native.certificate));
    await refuses(scene, 'auth-fail');
  }
});

test('without any path DTLS fails as well, and nobody is accused of it', async () => {
  const scene = await met();
  await scene.dial();
  scene.connection.setDtls('failed');
  const { reason } = await scene.event('call-state', ({ state }) => state === 'ended');
  assert.equal(reason, 'unreachable');
  assert.ok(!scene.events.some(({ type }) => type === 'alarm'));
});

test('a DTLS that fails ends the call', async () => {
  const scene = await met();
  await scene.dial();
  scene.connection.setIce('connected');
  scene.connection.setDtls('failed');
  await refuses(scene, 'fp-mismatch');
});

test('BIND must mirror what the page saw', async () => {
  const scene = await met();
  await scene.dial();
  scene.secure();
  await scene.native.hears(MESSAGE.BIND);
  await scene.native.bind(new Uint8Array(32));
  await refuses(scene, 'bind-mismatch');
});

test('BIND with keying material is for natives alone', async () => {
  const scene = await met();
  await scene.dial();
  scene.native.twist = (message) => ({ ...message, ekm: new Uint8Array(32), profile: 8, cipher: 0xc02c });
  scene.secure();
  await scene.native.bind(scene.offer.fingerprint);
  await refuses(scene, 'bind-mismatch');
});

/** An ANSWER that is not one, with this alarm. */
async function refusesAnswer(change, alarm = 'auth-fail') {
  const scene = await met();
  scene.native.twist = (message) => (message.type === MESSAGE.ANSWER ? { ...message, ...change } : message);
  scene.call = await scene.page.call(scene.contact);
  await scene.native.hears(MESSAGE.OFFER);
  await scene.native.answer();
  await refuses(scene, alarm);
}

test('a native that wants to be the DTLS client is refused', () => refusesAnswer({ setup: SETUP.ACTIVE }));
test('an ANSWER of another handshake is refused', () => refusesAnswer({ handshake: new Uint8Array(32) }));
test('an ANSWER to another OFFER is refused', () => refusesAnswer({ offerHash: new Uint8Array(32) }));
test('an ANSWER without formats is refused', () => refusesAnswer({ formats: undefined, transportCc: undefined }));
test('an ANSWER with a format that was not offered is refused', () =>
  refusesAnswer({
    formats: [
      { payloadType: 111, format: 1, of: 0 },
      { payloadType: 100, format: 3, of: 0 },
    ],
  }));
test('an ANSWER with SHA1_80 alone is refused (A25)', () => refusesAnswer({ profiles: [1] }, 'profile-downgrade'));

test('a second ANSWER is dropped, one with another certificate is an alarm (A20)', async () => {
  const scene = await met();
  const call = await scene.dial();
  await scene.bind();
  await scene.event('consent');
  await scene.native.answer();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(call.state, 'gated');
  scene.native.twist = (message) => ({ ...message, fingerprint: new Uint8Array(32) });
  await scene.native.answer();
  await refuses(scene, 'fp-changed');
});

test('another page is not called', async () => {
  const scene = await met();
  scene.native.twist = (message) => (message.type === MESSAGE.HELLO ? { ...message, caps: CAPS.BROWSER } : message);
  await scene.page.call(scene.contact);
  assert.equal((await scene.event('call-state', ({ state }) => state === 'ended')).reason, 'unreachable');
});

test('an old KNOCK that a server shows again after a restart rings nobody', async () => {
  const scene = await met();
  await scene.native.knock(scene.pageOfNative);
  await scene.native.hears(MESSAGE.HELLO);
  await scene.page.close();
  scene.native.heard = [];
  scene.page = await Peer.open(scene.options);
  await scene.event('online');
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(scene.events.filter(({ type }) => type === 'incoming').length, 0);
});

/** A page whose ID is the higher one: of two calls that cross, its own gives way. */
async function metBelow() {
  for (;;) {
    const scene = await met();
    if (compare(parseId(scene.page.id), scene.native.identity.ik) > 0) return scene;
    await scene.end();
  }
}

test('both call at once: the call of the lower ID survives, and is answered by itself', async () => {
  const scene = await metBelow();
  scene.native.deaf = true;
  const call = await scene.page.call(scene.contact, { audio: track('audio') });
  await scene.native.knock(scene.pageOfNative);
  await scene.native.hears(MESSAGE.HELLO);
  await scene.native.offer();
  await scene.native.hears(MESSAGE.ANSWER);
  await scene.native.confirm();
  await scene.event('call-state', ({ state }) => state === 'connecting');
  assert.equal(call.outgoing, false);
});

test('an old KNOCK while the page calls does not end its call', async () => {
  const scene = await metBelow();
  await scene.native.knock(scene.pageOfNative);
  await scene.native.hears(MESSAGE.HELLO);
  const old = scene.native.channel;
  const call = await scene.page.call(scene.contact);
  await scene.native.hears(MESSAGE.OFFER);
  assert.notEqual(scene.native.channel, old);
  await scene.native.answer();
  await scene.native.hears(MESSAGE.CONFIRM);
  assert.equal(call.outgoing, true);
});

test('knocks that nobody stands behind take no place from the one that lives', async () => {
  const scene = await met();
  for (let i = 0; i < 8; i++) {
    scene.native.heard = [];
    await scene.native.knock(scene.pageOfNative);
    await scene.native.hears(MESSAGE.HELLO);
  }
  await scene.native.offer();
  await scene.event('incoming');
});

test('no cell tells its kind: all are alike in size, and none is repeated', async () => {
  const scene = await met();
  await scene.dial();
  const puts = scene.server.frames.filter((frame) => frame[0] === 2);
  assert.ok(puts.length > 4);
  assert.deepEqual([...new Set(puts.map((frame) => frame.length))], [2067]);
});

test('messages in any order, each three times, make the same call', async () => {
  const scene = await met();
  let last = null;
  scene.server.meddle = (_, cell) => {
    const out = last ? [cell, last, cell] : [cell, cell];
    last = cell;
    return out;
  };
  const call = await scene.dial();
  await scene.bind();
  await scene.event('consent');
  assert.equal(call.state, 'gated');
});

test('mute and camera are told, and take the track away', async () => {
  const scene = await met({ policy: 'warn' });
  const call = await scene.dial();
  await scene.bind();
  await scene.event('unverified');
  await call.setMedia(1);
  assert.equal((await scene.native.hears(MESSAGE.MEDIA)).media, 1);
  assert.deepEqual(
    scene.connection.getSenders().map((sender) => sender.track?.kind),
    ['audio', undefined],
  );
  await scene.native.say({ type: MESSAGE.MEDIA, media: 2, generation: 1 });
  assert.equal((await scene.event('peer-media', ({ media }) => media === 2)).media, 2);
});

test('a lost path is looked for anew, with the same certificate', async () => {
  const scene = await met({ policy: 'warn' });
  const call = await scene.dial();
  await scene.bind();
  await scene.event('call-state', ({ state }) => state === 'open');
  scene.connection.setIce('failed');
  const restart = await scene.native.hears(MESSAGE.RESTART);
  assert.equal(restart.generation, 1);
  assert.equal(restart.ufrag, 'ufr1');
  assert.equal(call.state, 'reconnecting');
  await scene.native.say({ type: MESSAGE.RESTART, ufrag: 'newu', pwd: 'n'.repeat(22), candidates: [], generation: 1 });
  scene.connection.setIce('connected');
  await scene.event('call-state', ({ state }) => state === 'open');
  assert.match(scene.connection.remoteDescription.sdp, /a=ice-ufrag:newu/);
});

test('a restart of the peer is answered; one that skips a number is dropped', async () => {
  const scene = await met({ policy: 'warn' });
  await scene.dial();
  await scene.bind();
  await scene.event('unverified');
  await scene.native.say({ type: MESSAGE.RESTART, ufrag: 'skip', pwd: 'n'.repeat(22), candidates: [], generation: 2 });
  await scene.native.say({ type: MESSAGE.RESTART, ufrag: 'next', pwd: 'n'.repeat(22), candidates: [], generation: 1 });
  assert.equal((await scene.native.hears(MESSAGE.RESTART)).generation, 1);
  assert.match(scene.connection.remoteDescription.sdp, /a=ice-ufrag:next/);
});

test("candidates of the peer's that lead inward are not tried (A03)", async () => {
  const scene = await met();
  await scene.dial();
  const to = (...address) => ({
    type: 1,
    transport: 1,
    address: Uint8Array.from(address),
    port: 9,
    priority: 1,
    foundation: '1',
  });
  const candidates = [to(127, 0, 0, 1), to(169, 254, 169, 254), to(192, 168, 1, 1), to(8, 8, 8, 8)];
  await scene.native.say({ type: MESSAGE.CAND, candidates, generation: 0 });
  for (let i = 0; i < 1000 && !scene.connection.candidates.length; i++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual(
    scene.connection.candidates.map(({ candidate }) => candidate.split(' ')[4]),
    ['8.8.8.8'],
  );
});

test('a hang-up ends the call although the message before it is held back', async () => {
  const scene = await met({ policy: 'warn' });
  const call = await scene.dial();
  await scene.bind();
  await scene.event('unverified');
  scene.server.meddle = () => [];
  await scene.native.say({ type: MESSAGE.MEDIA, media: 2, generation: 1 });
  await new Promise((resolve) => setTimeout(resolve, 50));
  scene.server.meddle = (_, cell) => [cell];
  await scene.native.say({ type: MESSAGE.HANGUP, reason: 1 });
  await scene.event('call-state', ({ state }) => state === 'ended');
  assert.equal(call.reason, 'hangup');
});

test('an identity opens with its passphrase alone, with all that it knew', async () => {
  const scene = await met();
  assert.equal(await Peer.open({ ...scene.options, passphrase: 'wrong' }), null);
  const again = await Peer.open(scene.options);
  assert.equal(again.id, scene.page.id);
  assert.equal(again.contacts[0].name, 'native');
  await again.close();
});

test('a stack that hides the certificate is refused', async () => {
  const { FakeConnection } = fakeConnections();
  class Blind extends FakeConnection {
    constructor(configuration) {
      super(configuration);
      delete this.transport.getRemoteCertificates;
    }
  }
  assert.match(await Peer.whyUnsafe(Blind), /certificate/);
  assert.match(await Peer.whyUnsafe(undefined), /WebRTC/);
  assert.equal(await Peer.whyUnsafe(FakeConnection), null);
});
