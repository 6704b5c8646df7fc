// counted.mjs - two people whose keys are given and not drawn, and the handshake of their call: what the transcripts
// of both languages are made of.
import { Noise } from '../../examples/web/peer/noise.mjs';
import { SAS_MODE } from '../../examples/web/peer/sas.mjs';
import { ascii, concat } from '../../examples/web/peer/bytes.mjs';
import { deviceId, firstRoster, parseRoster } from '../../examples/web/peer/roster.mjs';

export const UNIX = 1700000000;

/** Counted bytes. @param {number} first @param {number} size */
export const sample = (first, size) => Uint8Array.from({ length: size }, (_, i) => (first + i) & 255);

/** Whose root, device and static keys these are; its first roster is of UNIX. */
export async function identityFrom(primitives, ikSeed, dkSeed, dxSecret) {
  const ik = await primitives.keysFromSeed('Ed25519', ikSeed);
  const dk = await primitives.keysFromSeed('Ed25519', dkSeed);
  const dx = await primitives.keysFromSeed('X25519', dxSecret);
  const device = { id: await deviceId(primitives, dk.public, dx.public), dk, dx };
  const encoded = await firstRoster(primitives, { ik: ik.public, device }, ik.secret, UNIX);
  return { ik: ik.public, device, roster: await parseRoster(primitives, encoded) };
}

/** Both ends of a call's handshake, a being the caller; eA and eB are the first bytes of their ephemeral keys. */
export async function callHandshake(primitives, a, b, ps, eA, eB) {
  const psk = await primitives.hkdf(32, ps, ascii('sotto/psk/1'));
  const prologue = concat(ascii('sotto/call/1'), a.ik, a.device.id, b.ik, b.device.id);
  const begin = async (initiator, us, them, first) =>
    Noise.begin(primitives, {
      pattern: 'KKpsk0',
      initiator,
      prologue,
      psk,
      s: us.device.dx,
      rs: them.device.dx.public,
      e: await primitives.keysFromSeed('X25519', sample(first, 32)),
    });
  return { caller: await begin(true, a, b, eA), callee: await begin(false, b, a, eB) };
}

/** What the words of a call with a page are made of; `said` has callId, h, offer and answer. */
export function pageTranscript(a, fpA, b, fpB, said) {
  const party = (who, fp) => ({
    ik: who.ik,
    device: who.device.id,
    dx: who.device.dx.public,
    head: who.roster.head,
    fp: sample(fp, 32),
  });
  return {
    version: 1,
    mode: SAS_MODE.CERT,
    initiator: party(a, fpA),
    responder: party(b, fpB),
    ...said,
    dtlsClientIsInitiator: true,
    profile: 0,
    cipher: 0,
    ekm: new Uint8Array(0),
  };
}
