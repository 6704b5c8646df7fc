// gate.mjs - THE gate: what may leave or enter a call now, as one pure function of the facts (engine/call/gate.h).
//
// Every fact that only a person can make true is named user...

/**
 * @typedef {object} GateFacts
 * @property {boolean} bound the certificate is the peer's, in this call, and both BINDs agree
 * @property {number} dtlsTransports ever seen in this call; only 1 will do
 * @property {boolean} ended
 * @property {'tofu'|'verified'|'changed'|'revoked'} trust @property {boolean} requireVerified
 * @property {'sas-first'|'require-verified'|'warn'} policy
 * @property {boolean} deviceAcknowledged @property {boolean} userConsented
 *
 * @typedef {object} GateVerdict
 * @property {'shut'|'audio-unverified'|'open'} gate
 * @property {'nothing'|'bind'|'consent'|'verification'|'device-ack'|'refuses'} want what is missing
 * @property {boolean} warn open with somebody never compared
 */

/** @param {GateVerdict['want']} want @returns {GateVerdict} */
const shut = (want) => ({ gate: 'shut', want, warn: false });

/** @param {GateFacts} facts @returns {GateVerdict} */
function forTofu(facts) {
  if (facts.requireVerified || facts.policy === 'require-verified') return shut('verification');
  if (facts.policy === 'warn') return { gate: 'open', want: 'nothing', warn: true };
  if (facts.userConsented) return { gate: 'audio-unverified', want: 'verification', warn: true };
  return shut('consent');
}

/** @param {GateFacts} facts @returns {GateVerdict} */
export function evaluateGate(facts) {
  if (facts.ended || facts.dtlsTransports > 1) return shut('refuses');
  if (!facts.bound || facts.dtlsTransports !== 1) return shut('bind');
  if (facts.trust === 'tofu') return forTofu(facts);
  if (facts.trust !== 'verified') return shut('refuses');
  return facts.deviceAcknowledged ? { gate: 'open', want: 'nothing', warn: false } : shut('device-ack');
}
