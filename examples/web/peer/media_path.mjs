// media_path.mjs - the one RTCPeerConnection of a call: made fresh, with a certificate of its own, and closed with it.
//
// It knows descriptions, candidates, the DTLS transport and tracks, and nothing of who the peer is: whether the
// certificate that it reports is the peer's, and whether tracks may be attached, is the call's to say.
import { formatCandidateLine, parseCandidateLine } from './candidate.mjs';
import { readCredentials, readDescription, writeDescription } from './sdp.mjs';

const KINDS = /** @type {const} */ (['audio', 'video']);

/** @typedef {import('./sdp.mjs').Description} Description */

/**
 * @typedef {object} PathEvents
 * @property {(candidate: import('./candidate.mjs').Candidate, ufrag: string) => void} onCandidate
 * @property {(state: 'connected'|'lost') => void} onIce
 * @property {(state: 'connected'|'closed'|'failed') => void} onDtls
 */

export class MediaPath {
  /** @type {RTCPeerConnection} */
  #connection;
  #events;
  /** @type {string[]} */
  #mids = ['0', '1'];
  #version = 0;
  /** @type {Description|null} */
  #peer = null;
  /** Candidates that came before the description that they belong to. */
  #early = [];
  #watched = new Set();

  /**
   * @param {typeof RTCPeerConnection} Connection @param {RTCIceServer[]} iceServers @param {boolean} relayOnly
   * @param {PathEvents} events
   * @param {import('./frame_transforms.mjs').CallFrames|null} [frames] that all of it goes through
   */
  constructor(Connection, iceServers, relayOnly, events, frames = null) {
    this.#events = events;
    this.frames = frames;
    this.#connection = new Connection({
      iceServers,
      iceTransportPolicy: relayOnly ? 'relay' : 'all',
      bundlePolicy: 'max-bundle',
      rtcpMuxPolicy: 'require',
    });
    this.#connection.onicecandidate = ({ candidate }) => this.#gathered(candidate);
    this.#connection.oniceconnectionstatechange = () => this.#iceChanged();
  }

  /**
   * Does this WebRTC stack let us see the peer's certificate? Without that no call can be safe.
   * @param {typeof RTCPeerConnection} Connection @returns {Promise<string|null>} why not; null: it does
   */
  static async whyUnsafe(Connection) {
    if (typeof Connection !== 'function') return 'there is no WebRTC here';
    const path = new MediaPath(Connection, [], false, { onCandidate() {}, onIce() {}, onDtls() {} });
    try {
      await path.offer('AAAAAAAAAAAAAAAA');
      const [transport] = path.dtlsTransports();
      return typeof transport?.getRemoteCertificates === 'function'
        ? null
        : "this browser does not show the certificate of a call's other end";
    } catch (error) {
      return `this WebRTC does not do what a call needs: ${error.message}`;
    } finally {
      path.close();
    }
  }

  #gathered(event) {
    const candidate = event?.candidate ? parseCandidateLine(event.candidate) : null; /* .local names are left out */
    if (candidate) this.#events.onCandidate(candidate, event.usernameFragment ?? this.ufrag);
  }

  #iceChanged() {
    const state = this.#connection.iceConnectionState;
    if (state === 'connected' || state === 'completed') this.#events.onIce('connected');
    if (state === 'disconnected' || state === 'failed') this.#events.onIce('lost');
  }

  /** @returns {RTCDtlsTransport[]} all that any sender or receiver has: a safe call has one */
  dtlsTransports() {
    const ends = [...this.#connection.getSenders(), ...this.#connection.getReceivers()];
    return [...new Set(ends.map((end) => end.transport).filter(Boolean))];
  }

  /** There is a transport once a description is set; its states are events from then on. */
  #watchDtls() {
    for (const transport of this.dtlsTransports()) {
      if (this.#watched.has(transport)) continue;
      this.#watched.add(transport);
      const tell = () => {
        const { state } = transport;
        if (state === 'connected' || state === 'closed' || state === 'failed') this.#events.onDtls(state);
      };
      transport.addEventListener('statechange', tell);
      tell();
    }
  }

  /** Ever seen in this call. */
  get dtlsCount() {
    this.#watchDtls();
    return this.#watched.size;
  }

  get ufrag() {
    return readCredentials(this.#connection.localDescription.sdp).ufrag;
  }

  async #setLocal(description, fallbackCname) {
    await this.#connection.setLocalDescription(description);
    this.#watchDtls();
    const { sdp } = this.#connection.localDescription;
    const { mids, ...ours } = readDescription(sdp, fallbackCname);
    this.#mids = mids;
    return ours;
  }

  /** @param {'offer'|'answer'} type @param {Description} peer */
  async #setRemote(type, peer) {
    this.#peer = peer;
    await this.#connection.setRemoteDescription({ type, sdp: writeDescription(peer, this.#mids, ++this.#version) });
    this.#watchDtls();
    for (const line of this.#early.splice(0)) await this.#add(line);
  }

  /** Caller: our browser's own offer. @param {string} fallbackCname @returns {Promise<Description>} */
  async offer(fallbackCname) {
    for (const kind of KINDS) {
      const transceiver = this.#connection.addTransceiver(kind, { direction: 'sendrecv' });
      this.frames?.attach(transceiver, kind);
    }
    return this.#setLocal(await this.#connection.createOffer(), fallbackCname);
  }

  /** Caller: the ANSWER. @param {Description} peer */
  async accept(peer) {
    await this.#setRemote('answer', peer);
  }

  /** Callee: the OFFER, and our browser's answer to it. @returns {Promise<Description>} */
  async answer(peer, fallbackCname) {
    this.#connection.ontrack = ({ transceiver, track }) => this.frames?.attach(transceiver, /** @type {'audio'|'video'} */ (track.kind));
    await this.#setRemote('offer', peer);
    this.#connection.ontrack = null;
    for (const transceiver of this.#connection.getTransceivers()) transceiver.direction = 'sendrecv';
    return this.#setLocal(await this.#connection.createAnswer(), fallbackCname);
  }

  /** @param {import('./candidate.mjs').Candidate} candidate of the peer's, allowed */
  async addCandidate(candidate) {
    const line = formatCandidateLine(candidate);
    if (this.#connection.remoteDescription) await this.#add(line);
    else this.#early.push(line);
  }

  async #add(candidate) {
    try {
      await this.#connection.addIceCandidate({ candidate, sdpMid: this.#mids[0], usernameFragment: this.#peer.ufrag });
    } catch {
      /* of an older generation, or of a kind that this browser does not do: not tried */
    }
  }

  /** New credentials of ours; theirs follow with finishRestart(). @param {boolean} relayOnly */
  async beginRestart(relayOnly) {
    this.#allow(relayOnly);
    this.#connection.restartIce();
    await this.#connection.setLocalDescription(await this.#connection.createOffer({ iceRestart: true }));
    return readCredentials(this.#connection.localDescription.sdp);
  }

  /** @param {{ ufrag: string, pwd: string }} credentials the peer's answer to our restart */
  async finishRestart(credentials) {
    await this.#setRemote('answer', { ...this.#peer, ...credentials });
  }

  /** The peer began: its new credentials, and ours in answer. */
  async answerRestart(credentials, relayOnly) {
    this.#allow(relayOnly);
    await this.#setRemote('offer', { ...this.#peer, ...credentials });
    await this.#connection.setLocalDescription(await this.#connection.createAnswer());
    return readCredentials(this.#connection.localDescription.sdp);
  }

  /** @param {boolean} relayOnly */
  #allow(relayOnly) {
    const iceTransportPolicy = relayOnly ? 'relay' : 'all';
    const configuration = this.#connection.getConfiguration();
    if (configuration.iceTransportPolicy !== iceTransportPolicy)
      this.#connection.setConfiguration({ ...configuration, iceTransportPolicy });
  }

  /** @returns {Uint8Array[]} DER, what the peer showed in DTLS */
  remoteCertificates() {
    const [transport] = this.dtlsTransports();
    return transport.getRemoteCertificates().map((certificate) => new Uint8Array(certificate));
  }

  /**
   * What leaves: a track of ours, or nothing.
   * @param {'audio'|'video'} kind @param {MediaStreamTrack|null} track
   */
  async send(kind, track) {
    const { sender } = this.#connection.getTransceivers()[KINDS.indexOf(kind)];
    if (sender.track !== track) await sender.replaceTrack(track);
  }

  /** What comes. @param {'audio'|'video'} kind @returns {MediaStreamTrack} */
  received(kind) {
    return this.#connection.getTransceivers()[KINDS.indexOf(kind)].receiver.track;
  }

  /** @param {boolean} on whether what comes is heard and seen at all */
  listen(kind, on) {
    const transceiver = this.#connection.getTransceivers()[KINDS.indexOf(kind)];
    if (transceiver) transceiver.receiver.track.enabled = on;
  }

  /** @returns {Promise<RTCStatsReport>} of the standard's identifiers */
  async statistics() {
    return this.#connection.getStats();
  }

  close() {
    this.#connection.onicecandidate = null;
    this.#connection.oniceconnectionstatechange = null;
    this.#connection.close();
    this.frames?.end();
  }
}
