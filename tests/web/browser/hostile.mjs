// hostile.mjs - runs in a tab of its own: a contact of the page's that has the keys of a native and a browser's WebRTC,
// whose certificate says nothing of the call. What it does otherwise is the test's to say.
import { NativeStub } from '../native_stub.mjs';
import { Primitives } from '../../../examples/web/peer/primitives.mjs';
import { MESSAGE } from '../../../examples/web/peer/wire.mjs';
import { formatCandidateLine, parseCandidateLine } from '../../../examples/web/peer/candidate.mjs';
import { readDescription, writeDescription } from '../../../examples/web/peer/sdp.mjs';

const primitives = new Primitives(crypto);

export class Hostile {
  /** Bytes of media that it could read. */
  received = 0;

  static async make(url, invite) {
    const hostile = new Hostile();
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

  /** How far DTLS came, and what media it got. */
  async seen() {
    let packets = 0;
    for (const report of (await this.connection.getStats()).values())
      if (report.type === 'inbound-rtp') packets += report.packetsReceived;
    const [sender] = this.connection.getSenders();
    return { dtls: sender.transport?.state ?? 'none', packets };
  }
}
