// sources.mjs - microphone and camera, a code that is held before it, and the tone of an unverified call.

/** What can be had of both; a missing camera is no reason not to talk. @returns {Promise<MediaStream>} */
export async function openSources() {
  const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio, video: { width: 640, height: 480 } });
  } catch {
    return navigator.mediaDevices.getUserMedia({ audio });
  }
}

/** @param {MediaStream|null} stream */
export function closeSources(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** Not every browser reads codes. @returns {Promise<boolean>} */
export async function canScan() {
  if (!('BarcodeDetector' in globalThis)) return false;
  return (await BarcodeDetector.getSupportedFormats()).includes('qr_code');
}

/** Shows the camera in `video` until a QR code is seen, or `signal` says so. @returns {Promise<string|null>} text */
export async function scanCode(video, signal) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  const detector = new BarcodeDetector({ formats: ['qr_code'] });
  video.srcObject = stream;
  await video.play();
  try {
    while (!signal.aborted) {
      const [code] = await detector.detect(video);
      if (code) return code.rawValue;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    return null;
  } finally {
    closeSources(stream);
    video.srcObject = null;
  }
}

/** A tone every ten seconds says that nobody was compared yet. @returns {() => void} ends it */
export function beepWhileUnverified() {
  const context = new AudioContext();
  const beep = () => {
    const tone = new OscillatorNode(context, { frequency: 880 });
    const gain = new GainNode(context, { gain: 0.1 });
    tone.connect(gain).connect(context.destination);
    tone.start();
    tone.stop(context.currentTime + 0.15);
  };
  beep();
  const timer = setInterval(beep, 10_000);
  return () => {
    clearInterval(timer);
    context.close();
  };
}
