// hostile.mjs - runs in a tab of its own: a contact of the page's that has the keys of a native and a browser's WebRTC,
// whose certificate says nothing of the call. What it does otherwise is the test's to say.
import { NativeStub } from '../native_stub.mjs';
import { Primitives } from '../../../examples/web/peer/primitives.mjs';
import { CAPS, MESSAGE, SETUP } from '../../../examples/web/peer/wire.mjs';
import { formatCandidateLine, parseCandidateLine } from '../../../examples/web/peer/candidate.mjs';
import { readDescription, writeDescription } from '../../../examples/web/peer/sdp.mjs';

const primitives = new Primitives(crypto);

/** From one call into another, as they come. */
async function carryCandidates(from, to) {
  for (let at = 0; ; await new Promise((resolve) => setTimeout(resolve, 20)))
    for (; at < from.heard.length; at++) if (from.heard[at].type === MESSAGE.CAND) await to.say(from.heard[at]);
}

export class Hostile {
  /** Bytes of media that it could read. */
  received = 0;

  static async make(url, invite) {
    const hostile = new Hostile();
    hostile.url = url;
    hostile.native = await NativeStub.make(primitives, { WebSocket }, url);
    await hostile.native.join('victim', invite);
    return hostile;
  }

  /**
   * Takes the page's call; `twist` changes the ANSWER, `again` a second one, and `ports` of others may stand in for our
   * own candidates.
   */
  async answer({ twist = {}, again = null, ports = null }) {
    const { native } = this;
    const offer = await native.hears(MESSAGE.OFFER);
    const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    const candidates = [];
    this.connection = connection;
    connection.onicecandidate = ({ candidate }) =>
      candidate && candidates.push(parseCandidateLine(candidate.candidate));
    const sdp = writeDescription(offer, ['0', '1'], 1).replaceAll('a=setup:passive', 'a=setup:active');
    await connection.setRemoteDescription({ type: 'offer', sdp });
    for (const transceiver of connection.getTransceivers()) transceiver.direction = 'sendrecv';
    await connection.setLocalDescription(await connection.createAnswer());
    const ours = readDescription(connection.localDescription.sdp, 'c'.repeat(16));
    native.twist = (message) => {
      if (message.type !== MESSAGE.ANSWER) return message;
      const { fingerprint, ufrag, pwd, ssrcs, cname, formats } = ours;
      return { ...message, fingerprint, ufrag, pwd, ssrcs, cname, formats, ...twist };
    };
    await native.answer();
    if (again) await this.#answerAgain(again);
    native.twist = (message) => message;
    await new Promise((resolve) => setTimeout(resolve, 300));
    const to = (port) => ({
      type: 1,
      transport: 1,
      address: Uint8Array.of(127, 0, 0, 1),
      port,
      priority: 7,
      foundation: '1',
    });
    const allowed = ports?.map(to) ?? candidates.filter((candidate) => candidate?.address[0] === 127);
    await native.say({ type: MESSAGE.CAND, candidates: allowed, generation: 0 });
    if (!ports) this.#follow();
  }

  /** A second ANSWER, of another certificate. */
  async #answerAgain(change) {
    this.native.twist = (message) => ({ ...message, ...change });
    await this.native.answer();
  }

  /** The page's candidates, as they come. */
  async #follow() {
    const { heard } = this.native;
    for (let at = 0; this.connection.connectionState !== 'closed';) {
      for (; at < heard.length; at++)
        for (const candidate of heard[at].type === MESSAGE.CAND ? heard[at].candidates : [])
          await this.connection
            .addIceCandidate({ candidate: formatCandidateLine(candidate), sdpMid: '0' })
            .catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Whom the page's call will be spliced to. */
  async meetOther(invite) {
    this.other = await NativeStub.make(primitives, { WebSocket }, this.url);
    await this.other.join('other', invite);
  }

  /**
   * A15: splices the page's call to one with the other, in which it says that it is the page. Their DTLS is with each
   * other; it only carries messages.
   */
  async splice() {
    const { native, other } = this;
    const [contact] = other.contacts.list;
    const offer = await native.hears(MESSAGE.OFFER);
    other.twist = (message) => (message.type === MESSAGE.KNOCK ? { ...message, caps: CAPS.BROWSER } : message);
    await other.knock(contact, native.callId);
    await other.hears(MESSAGE.HELLO);
    await other.say({ ...offer, handshake: other.channel.h });
    other.offerHash = other.saidHash;
    const answer = await other.hears(MESSAGE.ANSWER);
    await native.say({ ...answer, handshake: native.channel.h, offerHash: native.offerHash });
    await other.confirm();
    const bind = (self, peer, dtlsRole) => ({ type: MESSAGE.BIND, fpSelf: self, fpPeer: peer, dtlsRole });
    await other.say(bind(offer.fingerprint, answer.fingerprint, SETUP.ACTIVE));
    await native.say(bind(answer.fingerprint, offer.fingerprint, SETUP.PASSIVE));
    carryCandidates(native, other);
    carryCandidates(other, native);
  }

  /** How far DTLS came, and what media it got. */
  async seen() {
    let packets = 0;
    for (const report of (await this.connection.getStats()).values())
      if (report.type === 'inbound-rtp') packets += report.packetsReceived;
    const [sender] = this.connection.getSenders();
    return { dtls: sender.transport?.state ?? 'none', packets };
  }
}
