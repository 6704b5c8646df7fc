// app.mjs - the page: an identity, people, one call at a time. All that is secret or decides is in sotto-peer.mjs.
import { ALARMS, ENDED_BY_THEM, ENDS, GATES, STATES, TRUST, qualityOf } from './app/texts.mjs';
import { MEDIA, Peer } from './sotto-peer.mjs';
import { beepWhileUnverified, canScan, closeSources, openSources, scanCode } from './app/sources.mjs';
import { browserStorage } from './app/storage.mjs';
import { qrPath, qrViewBox } from './app/qr.mjs';
import { readSettings } from './app/settings.mjs';

/** @param {string} id @returns {any} */
const at = (id) => document.getElementById(id);
const SCREENS = ['refused', 'unlock', 'home', 'call'];
const THINK = 3000; /* before this nobody has compared anything */
const ALARMS_SHOWN = 5;

/** @type {Peer|null} */
let peer = null;
/** @type {import('./sotto-peer.mjs').PeerCall|null} */
let call = null;
/** @type {MediaStream|null} */
let sources = null;
let endBeep = null;
let invited = null; /* whom the invite is for that is shown */
let weHungUp = false;
let warned = false; /* of something in this call */
let frameSeal;
/** @type {import('./app/settings.mjs').Settings|null} */
let settings = null;

/** Keyboard and screen reader go on from there: never a button, which a key might press. @param {HTMLElement} text */
function leadTo(text) {
  text.setAttribute('tabindex', '-1');
  text.focus();
}

/** @param {string} screen */
function show(screen) {
  for (const id of SCREENS) at(id).hidden = id !== screen;
  leadTo(at(screen).querySelector('h2'));
}

function setHidden(hidden, ...ids) {
  for (const id of ids) at(id).hidden = hidden;
}

/** @param {string} text */
function warn(text) {
  const item = document.createElement('li');
  const close = document.createElement('button');
  close.textContent = 'Close';
  close.onclick = () => item.remove();
  item.append(text, close);
  at('alarms').append(item);
  while (at('alarms').childElementCount > ALARMS_SHOWN) at('alarms').firstElementChild.remove();
}

/* ---- the identity ---- */

/** Where the browser can: frames are sealed with a key that its own WebRTC does not have. */
function frameSealing() {
  if (!('RTCRtpScriptTransform' in globalThis)) return undefined;
  const policy = globalThis.trustedTypes?.createPolicy('sotto', { createScriptURL: (url) => url });
  const url = './frame-seal-worker.mjs';
  const worker = new Worker(policy ? policy.createScriptURL(url) : url, { type: 'module' });
  return { RTCRtpScriptTransform, worker };
}

function options(passphrase) {
  return {
    crypto,
    WebSocket,
    RTCPeerConnection,
    storage: browserStorage,
    passphrase,
    ...settings,
    frameSeal,
    onEvent,
  };
}

async function unlock(isNew) {
  const passphrase = at('passphrase').value;
  at('passphrase').value = '';
  try {
    peer = await (isNew ? Peer.create(options(passphrase)) : Peer.open(options(passphrase)));
  } catch (error) {
    at('unlock-hint').textContent = error.message;
    return;
  }
  if (!peer) {
    at('unlock-hint').textContent = 'This passphrase does not open it.';
    return;
  }
  at('own-id').textContent = peer.id;
  goHome();
}

/** @param {string} why */
function refuse(why) {
  at('line').textContent = '';
  at('refused-why').textContent = why;
  show('refused');
}

async function begin() {
  const why = await Peer.whyUnsafe(globalThis.RTCPeerConnection);
  if (why) return refuse(why);
  try {
    settings = await readSettings();
  } catch (error) {
    return refuse(error.message);
  }
  frameSeal = frameSealing();
  const isNew = (await browserStorage.load()) === null;
  at('unlock-title').textContent = isNew ? 'Make an identity' : 'Open your identity';
  at('unlock-hint').textContent = isNew ? 'Choose a passphrase of at least ten characters; a few words are good.' : '';
  at('passphrase').autocomplete = isNew ? 'new-password' : 'current-password';
  at('unlock-form').onsubmit = (event) => {
    event.preventDefault();
    unlock(isNew);
  };
  at('line').textContent = '';
  show('unlock');
}

/* ---- people ---- */

function goHome() {
  document.title = 'sotto';
  drawPeople();
  show('home');
}

/** @param {string} text @param {() => void} act @param {string} whom it is for, where there are several */
function button(text, act, kind = '', whom = '') {
  const made = document.createElement('button');
  made.textContent = text;
  if (whom) made.setAttribute('aria-label', `${text} ${whom}`);
  made.className = kind;
  made.onclick = act;
  return made;
}

function drawPerson(contact) {
  const item = document.createElement('li');
  const name = document.createElement('span');
  const trust = document.createElement('span');
  name.className = 'name';
  name.textContent = contact.name;
  trust.className = 'fine';
  trust.textContent = TRUST[contact.state];
  item.append(name, trust);
  if (contact.callable) item.append(button('Call', () => dial(contact), 'primary', contact.name));
  if (contact.callable || contact.state === 'changed') 
    item.append(button('Number', () => showNumber(contact, item), '', contact.name));
  if (contact.state !== 'changed')
    item.append(
      button(contact.blocked ? 'Unblock' : 'Block', () => peer.block(contact, !contact.blocked), '', contact.name),
    );
  return item;
}

function drawPeople() {
  at('people').replaceChildren(...peer.contacts.map(drawPerson));
  at('nobody').hidden = peer.contacts.length > 0;
}

/** The number that both see the same; read at any other place, it says what the pictures say. */
async function showNumber(contact, item) {
  const box = document.createElement('form');
  const field = document.createElement('input');
  const label = document.createElement('label');
  const changed = contact.state === 'changed';
  field.required = true;
  label.append(
    changed
      ? 'To trust the new key, type the last six digits that they read to you'
      : 'Type the number that they read to you',
    field,
  );
  const number = document.createElement('p');
  number.textContent = `Yours to read to them: ${await peer.safetyNumber(contact)}`;
  box.append(
    number,
    label,
    button(changed ? 'Trust it' : 'Compare', () => {}, 'primary'),
  );
  box.onsubmit = async (event) => {
    event.preventDefault();
    const agrees = await (changed ? peer.reset(contact, field.value) : peer.verify(contact, field.value));
    if (!agrees) warn(`The number of ${contact.name} is another one. If they read it right, somebody is in between.`);
    drawPeople();
  };
  item.querySelector('form')?.remove();
  item.append(box);
  field.focus();
}

async function join(event) {
  event.preventDefault();
  at('line').textContent = 'Meeting …';
  try {
    const contact = await peer.join(at('join-name').value.trim(), at('join-text').value);
    at('join-form').reset();
    at('line').textContent = `${contact.name} is a contact now.`;
  } catch (error) {
    at('line').textContent = '';
    warn(error.message);
  }
}

async function invite(event) {
  event.preventDefault();
  at('invite-out').hidden = true; /* the one before */
  try {
    const name = at('invite-name').value.trim();
    const text = await peer.invite(name);
    invited = name;
    at('invite-text').value = text;
    at('invite-code').setAttribute('viewBox', qrViewBox);
    at('invite-code').firstElementChild.setAttribute('d', qrPath(text));
    at('invite-out').hidden = false;
    at('invite-text').select();
  } catch (error) {
    warn(error.message);
  }
}

/** An invite is for one person: once it was taken, it is shown to nobody else. */
function contactChanged({ contact }) {
  if (contact.name === invited) {
    invited = null;
    at('invite-form').reset();
    at('invite-out').hidden = true;
    at('line').textContent = `${contact.name} took your invite, and is a contact now.`;
  }
  drawPeople();
}

async function copyInvite() {
  try {
    await navigator.clipboard.writeText(at('invite-text').value);
    at('line').textContent = 'The invite is copied.';
  } catch {
    at('invite-text').select();
    at('line').textContent = 'This browser lets nothing be copied by a button: the invite is selected.';
  }
}

async function scan() {
  const stop = new AbortController();
  at('scanner').hidden = false;
  at('scan').textContent = 'Stop';
  at('scan').onclick = () => stop.abort();
  try {
    const text = await scanCode(at('scanner'), stop.signal);
    if (text) {
      at('join-text').value = text;
      at('join-text').focus();
      at('line').textContent = 'The code is read.';
    }
  } catch (error) {
    warn(`The camera can not be used: ${error.message}`);
  }
  at('scanner').hidden = true;
  at('scan').textContent = 'Scan a code';
  at('scan').onclick = scan;
}

/* ---- a call ---- */

const tracksOf = (stream) => ({ audio: stream.getAudioTracks()[0] ?? null, video: stream.getVideoTracks()[0] ?? null });
const mediaOf = (stream) => (stream.getVideoTracks().length ? MEDIA.AUDIO | MEDIA.VIDEO : MEDIA.AUDIO);

/** @returns {Promise<boolean>} */
async function useSources() {
  try {
    sources = await openSources();
  } catch (error) {
    warn(`Neither microphone nor camera can be used: ${error.message}`);
    return false;
  }
  at('ours').srcObject = new MediaStream(sources.getVideoTracks());
  at('ours').hidden = !sources.getVideoTracks().length;
  return true;
}

async function dial(contact) {
  if (call || !(await useSources())) return;
  try {
    drawCall(contact, await peer.call(contact, { media: mediaOf(sources), ...tracksOf(sources) }));
  } catch (error) {
    closeSources(sources);
    warn(error.message);
  }
}

/** @param {import('./sotto-peer.mjs').PeerCall} taken */
function drawCall(contact, taken) {
  call = taken;
  at('call-title').textContent = contact.name;
  weHungUp = warned = false;
  document.title = `${contact.name} – sotto`;
  at('line').textContent = '';
  setHidden(true, 'ask', 'words', 'quality-line', 'accept', 'mute', 'camera', 'compare');
  at('ours').hidden = !at('ours').srcObject;
  at('tie').textContent = '';
  at('hang-up').textContent = 'Hang up';
  at('dark').textContent = 'Nothing is sent or shown before the connection is known to end at their device.';
  at('mute').setAttribute('aria-pressed', 'false');
  at('camera').setAttribute('aria-pressed', 'false');
  show('call');
}

function incoming({ call: ringing, contact }) {
  if (call) {
    ringing.decline();
    return;
  }
  drawCall(contact, ringing);
  at('call-state').textContent = `${contact.name} calls. (${TRUST[contact.state]})`;
  at('accept').hidden = false;
  at('hang-up').textContent = 'Decline';
}

async function accept() {
  at('accept').hidden = true;
  at('hang-up').textContent = 'Hang up';
  if (await useSources()) await call.accept(mediaOf(sources), tracksOf(sources));
  else await call.decline();
}

/** @param {string} text @param {string} yes @param {() => void} act */
function ask(text, yes, act) {
  at('ask-text').textContent = text;
  at('ask-yes').textContent = yes;
  at('ask-yes').onclick = () => {
    at('ask').hidden = true;
    leadTo(at(at('words').hidden ? 'call-title' : 'words-title'));
    act();
  };
  at('ask').hidden = false;
  leadTo(at('ask-text'));
}

function showWords({ words }) {
  at('emoji').replaceChildren(
    ...words.emoji.map(([symbol, name]) => {
      const item = document.createElement('li');
      const picture = document.createElement('b');
      picture.textContent = symbol;
      picture.setAttribute('aria-hidden', 'true');
      item.append(picture, name);
      return item;
    }),
  );
  at('digits').textContent = words.digits;
  at('spoken').textContent = words.words;
  at('words').hidden = false;
  if (at('ask').hidden) leadTo(at('words-title'));
  at('match').disabled = true;
  setTimeout(() => (at('match').disabled = false), THINK);
}

async function answerWords(match) {
  at('words').hidden = true;
  leadTo(at('call-title'));
  await call?.confirm(match);
}

function drawGate({ gate, call: of }) {
  endBeep?.();
  endBeep = gate === 'audio-unverified' ? beepWhileUnverified() : null;
  const [audio, video] = [of.receivedTrack('audio'), of.receivedTrack('video')];
  at('sound').srcObject = audio && new MediaStream([audio]);
  at('theirs').srcObject = video && new MediaStream([video]);
  setHidden(gate === 'shut', 'mute', 'quality-line');
  setHidden(gate !== 'open', 'camera', 'compare');
  if (gate !== 'shut') at('ask').hidden = true;
  at('dark').textContent = GATES[gate] ?? '';
  if (gate === 'audio-unverified') at('call-state').textContent = GATES[gate];
}

function drawPeerMedia({ call: of }) {
  if (of.gate === 'open') at('dark').textContent = of.peerMedia & MEDIA.VIDEO ? '' : 'Their camera is off.';
}

function toggle(id, bit) {
  const media = call.media ^ bit;
  at(id).setAttribute('aria-pressed', String((media & bit) === 0));
  at('ours').hidden = !(media & MEDIA.VIDEO);
  call.setMedia(media);
}

function endText(reason) {
  return reason === 'security' && !warned ? ENDED_BY_THEM : (ENDS[reason] ?? ENDS.internal);
}

function endCall({ reason, contact, call: of }) {
  if (of !== call) return;
  endBeep?.();
  endBeep = null;
  closeSources(sources);
  sources = call = null;
  for (const id of ['theirs', 'ours', 'sound']) at(id).srcObject = null;
  at('line').textContent = `${contact.name}: ${weHungUp ? 'You hung up.' : endText(reason)}`;
  goHome();
}

/** Loss since the last time, and the round trip. */
let before = { received: 0, lost: 0 };
async function measure() {
  if (!call || call.gate === 'shut') return;
  let [received, lost, roundTrip] = [0, 0, 0];
  for (const report of (await call.statistics()).values()) {
    if (report.type === 'inbound-rtp')
      [received, lost] = [received + report.packetsReceived, lost + report.packetsLost];
    if (report.type === 'candidate-pair' && report.nominated) roundTrip = report.currentRoundTripTime ?? 0;
  }
  const [got, gone] = [received - before.received, lost - before.lost];
  before = { received, lost };
  const loss = got + gone > 0 ? Math.max(0, gone) / (got + gone) : 0;
  at('quality').value = qualityOf({ loss, roundTrip });
  at('quality-text').textContent = `${(loss * 100).toFixed(1)} % lost, ${Math.round(roundTrip * 1000)} ms`;
}

/* ---- events ---- */

const HANDLERS = {
  online: () => (at('line').textContent = 'Online'),
  offline: () => (at('line').textContent = 'Not connected to the server. Trying again …'),
  contact: contactChanged,
  failure: ({ error }) => warn(`Something failed in this browser: ${error.message}`),
  alarm: ({ alarm, contact, call: of }) => {
    warned ||= of !== undefined && of === call;
    warn(`${contact ? `${contact.name}: ` : ''}${ALARMS[alarm] ?? alarm}`);
  },
  incoming,
  'call-state': (event) => {
    if (event.state === 'ended') endCall(event);
    else if (event.call === call || !call) at('call-state').textContent = STATES[event.state];
  },
  gate: (event) => event.call === call && drawGate(event),
  secure: ({ verified, contact, sealed }) => {
    const who = verified ? `This is ${contact.name}.` : `Nobody compared ${contact.name} yet.`;
    const frames = sealed ? ', and every frame sealed' : '';
    at('tie').textContent = `${who} Tied to this call by certificate${frames}. Browser: code integrity not verifiable.`;
  },
  consent: ({ contact }) =>
    ask(
      `You never compared ${contact.name}. Talk for two minutes, sound alone, and compare the pictures?`,
      'Talk, and compare',
      () => call.consent(),
    ),
  'new-device': ({ contact }) =>
    ask(`${contact.name} uses a device that is new to you, signed by their key.`, 'That is all right', () =>
      call.acknowledgeDevice(),
    ),
  unverified: ({ contact }) => warn(`Nobody compared ${contact.name} yet: somebody may be in between.`),
  words: showWords,
  'words-result': ({ remote, contact }) => {
    if (remote === 'match') at('tie').textContent = `${contact.name} says that all pictures are the same.`;
  },
  'peer-media': drawPeerMedia,
};

/** @param {import('./sotto-peer.mjs').PeerEvent} event */
function onEvent(event) {
  HANDLERS[event.type]?.(event);
}

function wire() {
  at('join-form').onsubmit = join;
  at('invite-form').onsubmit = invite;
  at('invite-copy').onclick = copyInvite;
  canScan().then((can) => (at('scan').hidden = !can));
  at('scan').onclick = scan;
  at('accept').onclick = accept;
  at('mute').onclick = () => toggle('mute', MEDIA.AUDIO);
  at('camera').onclick = () => toggle('camera', MEDIA.VIDEO);
  at('compare').onclick = () => call.compare();
  at('match').onclick = () => answerWords(true);
  at('differ').onclick = () => answerWords(false);
  at('hang-up').onclick = () => {
    weHungUp = true;
    call?.hangUp();
  };
  addEventListener('pagehide', () => peer?.close());
  addEventListener('hashchange', () => peer ?? location.reload()); /* with the relay's key this time */
  addEventListener('online', () => call?.restart()); /* another network: another path */
  setInterval(measure, 2000);
}

wire();
begin().catch((error) => warn(`The page could not begin: ${error.message}`));
