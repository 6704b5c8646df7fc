// peer_env.mjs - what all parts of one peer share, made by sotto-peer.mjs and borrowed by the rest.

/**
 * @typedef {object} PeerEnv
 * @property {import('./primitives.mjs').Primitives} primitives
 * @property {import('./identity.mjs').Identity} identity
 * @property {import('./contacts.mjs').Contacts} contacts
 * @property {typeof RTCPeerConnection} RTCPeerConnection
 * @property {import('./frame_transforms.mjs').FrameTransforms|null} frameTransforms null: this browser has none
 * @property {RTCIceServer[]} iceServers
 * @property {'sas-first'|'require-verified'|'warn'} policy
 * @property {'ask'|'show'} newDevice whether a new device of a verified contact waits for the user
 * @property {boolean} lan try a peer's private and loopback addresses, too
 * @property {boolean} relay a relay stands among iceServers: before a person is verified nothing else is used
 * @property {boolean} relayOnly and afterwards neither
 * @property {() => number} now milliseconds, of a clock that only goes forward
 * @property {() => number} unix seconds
 * @property {(ms: number, run: () => void|Promise<void>) => void} after runs it later, in the peer's one queue
 * @property {(run: () => void|Promise<void>) => void} enqueue runs it after all that waits already
 * @property {(address: Uint8Array, cell: Uint8Array, ttl: number) => void} put
 * @property {() => Promise<void>} save the contacts
 * @property {(contact: import('./contacts.mjs').Contact, links: Uint8Array[]) => Promise<string>} takeLinks
 * @property {(contact: import('./contacts.mjs').Contact) => Promise<void>} trustChanged saves, tells, asks the calls
 * @property {(call: import('./call.mjs').Call) => void} callEnded
 * @property {(contact: import('./contacts.mjs').Contact) => import('./call.mjs').Call|undefined} dialing ours to them
 * @property {(event: object) => void} emit a PeerEvent, whose call is a Call yet
 */

export {};
