// fake_connection.mjs - an RTCPeerConnection without a network: it writes descriptions as Chromium does, and the test
// says what its DTLS transport sees.

const SSRC = { audio: 1814820886, video: 4211795937, repair: 3413252239 };
const FINGERPRINT = 'A2:13:AD:13:F4:E6:A2:C5:F0:80:3F:B9:79:84:B4:08:47:9C:77:07:8B:06:72:34:E8:4C:B6:44:85:08:BA:F9';

/** @param {string} ufrag @param {'actpass'|'active'} setup */
function describe(ufrag, setup) {
  const common = (mid) => `a=mid:${mid}
a=ice-ufrag:${ufrag}
a=ice-pwd:${ufrag.padEnd(24, 'p')}
a=fingerprint:sha-256 ${FINGERPRINT}
a=setup:${setup}
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=sendrecv
a=rtcp-mux
`;
  return `v=0
o=- 1 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0
${common(0)}a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=rtpmap:111 opus/48000/2
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=fmtp:63 111/111
a=rtpmap:9 G722/8000
a=rtpmap:0 PCMU/8000
a=ssrc:${SSRC.audio} cname:gw+eW7THgW3/ojSu
m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103 98 99 118 119 120
${common(1)}a=rtpmap:96 VP8/90000
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rtpmap:102 H264/90000
a=rtpmap:103 rtx/90000
a=fmtp:103 apt=102
a=rtpmap:98 VP9/90000
a=fmtp:98 profile-id=0
a=rtpmap:99 rtx/90000
a=fmtp:99 apt=98
a=rtpmap:118 red/90000
a=rtpmap:119 rtx/90000
a=fmtp:119 apt=118
a=rtpmap:120 ulpfec/90000
a=ssrc-group:FID ${SSRC.video} ${SSRC.repair}
a=ssrc:${SSRC.video} cname:gw+eW7THgW3/ojSu
a=ssrc:${SSRC.repair} cname:gw+eW7THgW3/ojSu
`.replaceAll('\n', '\r\n');
}

/** A constructor, and all that were made with it. */
export function fakeConnections() {
  /** @type {FakeConnection[]} */
  const made = [];

  class FakeConnection {
    remoteCertificates = [];
    candidates = [];
    #transceivers = [];
    #restarts = 0;
    localDescription = null;
    remoteDescription = null;
    iceConnectionState = 'new';
    closed = false;

    constructor(configuration) {
      this.configuration = configuration;
      const connection = this;
      this.transport = Object.assign(new EventTarget(), {
        state: 'new',
        getRemoteCertificates: () =>
          connection.remoteCertificates.map((der) => der.buffer.slice(der.byteOffset, der.byteOffset + der.length)),
      });
      made.push(this);
    }

    getConfiguration() {
      return this.configuration;
    }

    setConfiguration(configuration) {
      this.configuration = configuration;
    }

    addTransceiver(kind) {
      const connection = this;
      const sender = {
        track: null,
        get transport() {
          return connection.localDescription && connection.transport;
        },
      };
      sender.replaceTrack = async (track) => {
        sender.track = track;
      };
      const receiver = {
        track: { kind, enabled: true },
        get transport() {
          return sender.transport;
        },
      };
      const transceiver = { kind, sender, receiver, direction: 'sendrecv' };
      this.#transceivers.push(transceiver);
      return transceiver;
    }

    getTransceivers() {
      return this.#transceivers;
    }

    getSenders() {
      return this.#transceivers.map(({ sender }) => sender);
    }

    getReceivers() {
      return this.#transceivers.map(({ receiver }) => receiver);
    }

    async createOffer() {
      return { type: 'offer', sdp: describe(`ufr${this.#restarts}`, 'actpass') };
    }

    async createAnswer() {
      return { type: 'answer', sdp: describe(`ufr${this.#restarts}`, 'active') };
    }

    restartIce() {
      this.#restarts++;
    }

    async setLocalDescription(description) {
      this.localDescription = description;
    }

    async setRemoteDescription(description) {
      if (description.type === 'offer' && this.remoteDescription) this.#restarts++;
      if (!this.#transceivers.length)
        for (const kind of ['audio', 'video'])
          this.ontrack?.({ transceiver: this.addTransceiver(kind), track: { kind } });
      this.remoteDescription = description;
    }

    async addIceCandidate(candidate) {
      this.candidates.push(candidate);
    }

    async getStats() {
      return new Map();
    }

    close() {
      this.closed = true;
    }

    /* ---- the test's side ---- */

    setIce(state) {
      this.iceConnectionState = state;
      this.oniceconnectionstatechange?.();
    }

    setDtls(state, ...certificates) {
      this.remoteCertificates = certificates;
      this.transport.state = state;
      this.transport.dispatchEvent(new Event('statechange'));
    }
  }
  return { FakeConnection, made };
}
