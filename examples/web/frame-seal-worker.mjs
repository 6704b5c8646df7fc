// frame-seal-worker.mjs - the worker in which a page's frames are sealed and opened (peer/frame_transforms.mjs makes
// its transforms).
//
// It is told { call, keys } once a call, null where frames stay as they are, and lets no frame of it through before;
// { call, over } forgets it. It tells { call, unopened } of frames that did not open, at most once a second.
import { FrameSeal } from './peer/frame_seal.mjs';

const TELL = 1000;

/** @typedef {{ send: CryptoKey, receive: CryptoKey }|null} Keys */

/** @type {Map<number, { keys: Promise<Keys>, settle: (keys: Keys) => void }>} */
const calls = new Map();

/** @param {number} call */
function callOf(call) {
  if (!calls.has(call)) {
    let settle;
    const keys = new Promise((resolve) => { settle = resolve; });
    calls.set(call, { keys, settle });
  }
  return calls.get(call);
}

addEventListener('message', ({ data: { call, keys, over } }) => {
  if (over) calls.delete(call);
  else callOf(call).settle(keys);
});

/** @param {number} call @returns {() => void} counts one */
function counterOf(call) {
  let unopened = 0;
  return () => {
    if (unopened++ > 0) return;
    setTimeout(() => {
      postMessage({ call, unopened });
      unopened = 0;
    }, TELL);
  };
}

addEventListener('rtctransform', async ({ transformer }) => {
  const { call, kind, side } = transformer.options;
  const count = counterOf(call);
  const keys = await callOf(call).keys;
  const seal = keys && (await FrameSeal.make(crypto.subtle, kind, side, keys[side]));
  const transform = async (frame, controller) => {
    if (!seal || (await seal.transform(frame))) controller.enqueue(frame);
    else if (side === 'receive') count();
  };
  await transformer.readable.pipeThrough(new TransformStream({ transform })).pipeTo(transformer.writable);
});
