// settings.mjs - what the program that serves this page says: the signaling server, and how paths are found.

/**
 * @typedef {object} Settings
 * @property {string} server @property {RTCIceServer[]} iceServers @property {boolean} relayOnly @property {boolean} lan
 * @property {'sas-first'|'require-verified'|'warn'} policy
 */

/** With the key that stands behind '#' in the address that the program printed. @returns {Promise<RTCIceServer>} */
async function readRelay() {
  const answer = await fetch(`relay/${encodeURIComponent(location.hash.slice(1))}`);
  if (!answer.ok)
    throw new Error(
      'Calls here go by a relay, and this address lacks its key. Open the whole address that “sotto web” printed.',
    );
  return answer.json();
}

/** Without its relay no call is made: it would show where we are. @returns {Promise<Settings>} */
export async function readSettings() {
  const { stun, relay, ...settings } = await (await fetch('settings.json')).json();
  const servers = stun ? [{ urls: `stun:${stun}` }] : [];
  return { ...settings, iceServers: relay ? [...servers, await readRelay()] : servers };
}
