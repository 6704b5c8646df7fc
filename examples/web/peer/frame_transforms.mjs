// frame_transforms.mjs - the transforms of a call's senders and receivers, and the worker that they run in
// (RTCRtpScriptTransform; frame-seal-worker.mjs).
//
// A browser may take a transform only in the task that made its transceiver, when nobody knows yet what the other end
// can. So every transceiver gets one at once, and what the call's frames get is said when it connects.

/** What one call's frames go through. */
export class CallFrames {
  /** Frames of the peer's that did not open. */
  unopened = 0;
  #ScriptTransform;
  #worker;
  #call;

  /** @param {typeof RTCRtpScriptTransform} ScriptTransform @param {Worker} worker @param {number} call */
  constructor(ScriptTransform, worker, call) {
    this.#ScriptTransform = ScriptTransform;
    this.#worker = worker;
    this.#call = call;
  }

  /** In the task that made it. @param {RTCRtpTransceiver} transceiver @param {'audio'|'video'} kind */
  attach({ sender, receiver }, kind) {
    const transform = (side) => new this.#ScriptTransform(this.#worker, { call: this.#call, kind, side });
    sender.transform = transform('send');
    receiver.transform = transform('receive');
  }

  /** Once. @param {{ send: CryptoKey, receive: CryptoKey }|null} keys null: the other end takes frames as they are */
  start(keys) {
    this.#worker.postMessage({ call: this.#call, keys });
  }

  end() {
    this.#worker.postMessage({ call: this.#call, over: true });
  }
}

export class FrameTransforms {
  #ScriptTransform;
  #worker;
  /** @type {CallFrames[]} */ #calls = [];

  /** @param {typeof RTCRtpScriptTransform} ScriptTransform @param {Worker} worker of frame-seal-worker.mjs, this one's alone */
  constructor(ScriptTransform, worker) {
    this.#ScriptTransform = ScriptTransform;
    this.#worker = worker;
    worker.addEventListener('message', ({ data: { call, unopened } }) => {
      this.#calls[call].unopened += unopened;
    });
  }

  /** @returns {CallFrames} */
  begin() {
    const frames = new CallFrames(this.#ScriptTransform, this.#worker, this.#calls.length);
    this.#calls.push(frames);
    return frames;
  }
}
