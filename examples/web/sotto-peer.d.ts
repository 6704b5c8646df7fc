// sotto-peer.d.ts - the types of sotto-peer.mjs. Times are Unix seconds, media are bits of MEDIA.

export const MEDIA: { readonly AUDIO: 1; readonly VIDEO: 2 };

export type Policy = 'sas-first' | 'require-verified' | 'warn';
export type Gate = 'shut' | 'audio-unverified' | 'open';
export type Trust = 'tofu' | 'verified' | 'changed' | 'revoked';
/** What a user sees of a call's state. */
export type CallState =
  | 'dialing' | 'ringing' | 'connecting' | 'securing' | 'binding' | 'gated' | 'open' | 'reconnecting' | 'ended';
export type EndReason =
  | 'hangup' | 'canceled' | 'elsewhere' | 'declined' | 'busy' | 'no-answer' | 'unreachable' | 'lost' | 'timeout'
  | 'unverified' | 'security' | 'internal';
/** What went wrong or is being tried; each has one meaning (engine/sotto.h names the same). */
export type Alarm =
  | 'auth-fail' | 'bind-mismatch' | 'device-revoked' | 'fp-changed' | 'fp-mismatch' | 'identity-changed'
  | 'invite-reused' | 'profile-downgrade' | 'replay' | 'roster-changed' | 'roster-fork' | 'roster-stale'
  | 'sas-aborted' | 'sas-commit-bad' | 'sas-mismatch' | 'self-roster-fork' | 'self-roster-rollback' | 'signaling-gap';

/** Where the sealed identity lives. */
export interface Storage {
  load(): Promise<Uint8Array | null>;
  save(sealed: Uint8Array): Promise<void>;
}

export interface Contact {
  readonly id: Uint8Array;
  name: string;
  readonly state: Trust;
  readonly method: 'none' | 'qr' | 'sas' | 'number';
  readonly blocked: boolean;
  /** Neither shut nor blocked. */
  readonly callable: boolean;
}

/** One value, shown in three ways; both ends see the same or somebody is in between. */
export interface Words {
  readonly emoji: readonly (readonly [symbol: string, name: string])[];
  readonly words: string;
  readonly digits: string;
}

export interface Tracks {
  audio?: MediaStreamTrack | null;
  video?: MediaStreamTrack | null;
}

export type PeerEvent =
  | { type: 'online' | 'offline' }
  | { type: 'contact'; contact: Contact }
  | { type: 'alarm'; alarm: Alarm; contact?: Contact; call?: PeerCall }
  | { type: 'failure'; error: Error }
  | ({ call: PeerCall; contact: Contact; state: CallState } & (
      | { type: 'incoming'; media: number }
      | { type: 'call-state'; reason: EndReason | null }
      | { type: 'gate'; gate: Gate }
      | { type: 'secure'; verified: boolean; binding: 'cert'; sealed: boolean }
      | { type: 'consent' | 'new-device' | 'unverified' }
      | { type: 'words'; words: Words; run: number }
      | { type: 'words-result'; local?: 'match' | null; remote: 'match' | 'mismatch' | 'cancel' | null }
      | { type: 'peer-media'; media: number }
    ));

export interface PeerOptions {
  crypto: Crypto;
  WebSocket: typeof WebSocket;
  RTCPeerConnection: typeof RTCPeerConnection;
  storage: Storage;
  passphrase: string;
  /** wss://, or ws:// on this machine. */
  server: string;
  onEvent(event: PeerEvent): void;
  /** With a worker of frame-seal-worker.mjs for this peer alone: frames are sealed inside SRTP, too. */
  frameSeal?: { RTCRtpScriptTransform: typeof RTCRtpScriptTransform; worker: Worker };
  iceServers?: RTCIceServer[];
  /** Never show an address of ours but a relay's. */
  relayOnly?: boolean;
  /** Try a peer's private and loopback addresses, too. */
  lan?: boolean;
  /** 'sas-first' unless something else is said. */
  policy?: Policy;
  /** Whether a new device of a verified contact waits for the user. */
  newDevice?: 'ask' | 'show';
}

/** A call; every act waits for its turn. Nothing is sent or heard before `gate` lets it through. */
export class PeerCall {
  readonly contact: Contact;
  readonly outgoing: boolean;
  readonly state: string;
  readonly gate: Gate;
  readonly reason: EndReason | null;
  readonly media: number;
  readonly peerMedia: number;
  /** Frames are sealed end to end inside SRTP; known when it connects. */
  readonly sealed: boolean;
  /** Of the peer's, those that did not open. */
  readonly framesUnopened: number;
  accept(media: number, tracks?: Tracks): Promise<void>;
  decline(): Promise<void>;
  hangUp(): Promise<void>;
  /** Sound alone with somebody unverified, for two minutes. */
  consent(): Promise<void>;
  acknowledgeDevice(): Promise<void>;
  compare(): Promise<void>;
  confirm(match: boolean): Promise<void>;
  setMedia(media: number): Promise<void>;
  setTracks(tracks: Tracks): Promise<void>;
  restart(): Promise<void>;
  receivedTrack(kind: 'audio' | 'video'): MediaStreamTrack | null;
  statistics(): Promise<RTCStatsReport | Map<string, never>>;
}

export class Peer {
  /** Why no safe call can be made with this WebRTC; null: one can. */
  static whyUnsafe(Connection: typeof RTCPeerConnection | undefined): Promise<string | null>;
  static create(options: PeerOptions): Promise<Peer>;
  /** null: another passphrase, or a damaged store. */
  static open(options: PeerOptions): Promise<Peer | null>;
  readonly id: string;
  readonly contacts: readonly Contact[];
  readonly server: string;
  invite(name: string, options?: { inPerson?: boolean }): Promise<string>;
  join(name: string, invite: string): Promise<Contact>;
  call(contact: Contact, options?: Tracks & { media?: number }): Promise<PeerCall>;
  safetyNumber(contact: Contact): Promise<string>;
  /** By the number, an ID or a contact URI, as the other person showed it. */
  verify(contact: Contact, typed: string): Promise<boolean>;
  block(contact: Contact, blocked: boolean): Promise<void>;
  reset(contact: Contact, lastDigits: string): Promise<boolean>;
  close(): Promise<void>;
}
