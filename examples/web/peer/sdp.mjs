// sdp.mjs - between the sealed description and the SDP that a browser wants (RFC 8866, 8829, 8839, 8843).
//
// Raw SDP never crosses: what our own browser wrote is read here, and what it is told of the peer is written here,
// from fields that were checked. Two media sections, one bundle, and of header extensions transport-cc at most.
import { FORMAT, MEDIA } from './wire.mjs';
import { fromHex, toHex } from './bytes.mjs';
import { isIceText } from './candidate.mjs';

const TRANSPORT_CC = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';
const FORMATS_MAX = 16;
/** What RTX and RED for sound may be of. @type {number[]} */
const INNER = [FORMAT.OPUS, FORMAT.VP8, FORMAT.VP9, FORMAT.RED_VIDEO];

/**
 * What one end says of itself in OFFER and ANSWER, and is told of the other.
 * @typedef {object} Description
 * @property {Uint8Array} fingerprint SHA-256 of its certificate
 * @property {string} ufrag @property {string} pwd
 * @property {{ audio: number, video: number }} ssrcs @property {string} cname
 * @property {import('./message.mjs').Format[]} formats @property {number} [transportCc] @property {number} [repairSsrc]
 */

/** @typedef {{ media: string, attributes: [string, string][] }} Section */

/** @param {string} sdp @returns {Section[]} the first is the session's own */
function sectionsOf(sdp) {
  /** @type {Section[]} */
  const sections = [{ media: '', attributes: [] }];
  for (const line of sdp.split(/\r?\n/)) {
    if (line.startsWith('m=')) sections.push({ media: line.slice(2), attributes: [] });
    const [, name, value] = /^a=([^:]+):?(.*)$/.exec(line) ?? [];
    if (name) sections.at(-1).attributes.push([name, value]);
  }
  return sections;
}

/** @param {Section} section @param {string} name */
function valuesOf(section, name) {
  return section.attributes.filter(([of]) => of === name).map(([, value]) => value);
}

/** The one value that all sections which have it agree on. */
function agreed(sections, name) {
  const values = new Set(sections.flatMap((section) => valuesOf(section, name)));
  if (values.size !== 1) throw new Error(`the browser's description has ${values.size} of a=${name}`);
  return [...values][0];
}

/** @type {Record<string, number>} */
const ENCODINGS = {
  'opus/48000/2': FORMAT.OPUS,
  'red/48000/2': FORMAT.RED_AUDIO,
  'vp8/90000': FORMAT.VP8,
  'vp9/90000': FORMAT.VP9,
  'rtx/90000': FORMAT.RTX,
  'red/90000': FORMAT.RED_VIDEO,
  'ulpfec/90000': FORMAT.ULPFEC,
};

/** @param {string} rtpmap @param {string} fmtp @returns {import('./message.mjs').Format|null} null: none of ours */
function formatOf(rtpmap, fmtp) {
  const format = ENCODINGS[rtpmap.split(' ')[1]?.toLowerCase()];
  if (!format || (format === FORMAT.VP9 && fmtp && !/profile-id=0\b/.test(fmtp))) return null;
  const [, apt] = /apt=(\d+)/.exec(fmtp) ?? [];
  const [, inner] = /^\d+ (\d+)\//.exec(fmtp) ?? [];
  const of = format === FORMAT.RTX ? apt : format === FORMAT.RED_AUDIO ? inner : '0';
  return { payloadType: parseInt(rtpmap, 10), format, of: parseInt(of ?? '0', 10) };
}

/** @param {Section} section @returns {import('./message.mjs').Format[]} those that we can speak */
function formatsOf(section) {
  const parameters = new Map(valuesOf(section, 'fmtp').map((value) => [parseInt(value, 10), value]));
  const all = valuesOf(section, 'rtpmap')
    .map((value) => formatOf(value, parameters.get(parseInt(value, 10)) ?? ''))
    .filter((entry) => entry !== null);
  const coded = (of) => all.some(({ payloadType, format }) => payloadType === of && INNER.includes(format));
  return all.filter(({ format, of }) => (format === FORMAT.RTX || format === FORMAT.RED_AUDIO ? coded(of) : true));
}

/** @param {Section[]} media @returns {number|undefined} */
function transportCcOf(media) {
  const ids = media.map((section) =>
    parseInt(valuesOf(section, 'extmap').find((value) => value.split(' ')[1] === TRANSPORT_CC) ?? '0', 10),
  );
  return ids[0] >= 1 && ids[0] <= 14 && ids.every((id) => id === ids[0]) ? ids[0] : undefined;
}

/** @param {Section} section */
function ssrcOf(section) {
  const ssrc = parseInt(valuesOf(section, 'ssrc')[0] ?? '', 10);
  if (!ssrc) throw new Error('the browser names no SSRC in its description');
  return ssrc;
}

/** @param {Section} video */
function repairSsrcOf(video) {
  const group = valuesOf(video, 'ssrc-group').find((value) => value.startsWith('FID '));
  return group ? parseInt(group.split(' ')[2], 10) : undefined;
}

/** @param {Section[]} sections */
function fingerprintOf(sections) {
  const [hash, hex] = agreed(sections, 'fingerprint').split(' ');
  if (hash.toLowerCase() !== 'sha-256') throw new Error('the browser hashes its certificate in another way');
  return fromHex(hex.replaceAll(':', ''));
}

/** A name that says nothing, where a browser's own does not fit. @param {Section} section @param {string} fallback */
function cnameOf(section, fallback) {
  const cname = /cname:(\S+)/.exec(valuesOf(section, 'ssrc').find((value) => value.includes('cname:')) ?? '')?.[1];
  return cname && cname.length === 16 && isIceText(cname) ? cname : fallback;
}

/** ICE credentials alone, of a restart. @param {string} sdp @returns {{ ufrag: string, pwd: string }} */
export function readCredentials(sdp) {
  const media = sectionsOf(sdp);
  return { ufrag: agreed(media, 'ice-ufrag'), pwd: agreed(media, 'ice-pwd') };
}

/**
 * What our own browser wrote; throws when a call can't be made of it.
 * @param {string} sdp @param {string} fallbackCname @returns {Description & { mids: string[] }}
 */
export function readDescription(sdp, fallbackCname) {
  const all = sectionsOf(sdp);
  const media = all.slice(1);
  const [audio, video] = media;
  if (media.length !== 2 || !audio.media.startsWith('audio ') || !video.media.startsWith('video '))
    throw new Error('the browser describes other media than sound and pictures');
  const formats = [...formatsOf(audio), ...formatsOf(video)].slice(0, FORMATS_MAX);
  const repairs = formats.some(({ format }) => format === FORMAT.RTX);
  return {
    fingerprint: fingerprintOf(all),
    ...readCredentials(sdp),
    ssrcs: { audio: ssrcOf(audio), video: ssrcOf(video) },
    cname: cnameOf(audio, fallbackCname),
    formats,
    transportCc: transportCcOf(media),
    repairSsrc: repairs ? repairSsrcOf(video) : undefined,
    mids: media.map((section) => valuesOf(section, 'mid')[0]),
  };
}

/** Those of our own that the peer took: same numbers, same meaning, Opus and a video format at least. */
export function acceptedFormats(ours, theirs) {
  const has = (...formats) => theirs.some(({ format }) => formats.includes(format));
  const taken = theirs.every((entry) =>
    ours.some(
      ({ payloadType, format, of }) => payloadType === entry.payloadType && format === entry.format && of === entry.of,
    ),
  );
  return taken && has(FORMAT.OPUS) && has(FORMAT.VP8, FORMAT.VP9);
}

/** @type {number[]} */
const AUDIO_FORMATS = [FORMAT.OPUS, FORMAT.RED_AUDIO];
/** Hard constant rate and no silence suppression: sizes and pauses tell nothing (RFC 6562). */
const OPUS = 'minptime=20;useinbandfec=1;usedtx=0;cbr=1;stereo=0;sprop-stereo=0';
const VIDEO_FEEDBACK = ['ccm fir', 'nack', 'nack pli'];

/** @param {import('./message.mjs').Format} entry @param {boolean} transportCc @returns {string[]} */
function formatLines({ payloadType: pt, format, of }, transportCc) {
  const feedback = (list) => list.map((what) => `a=rtcp-fb:${pt} ${what}`);
  const congestion = transportCc ? ['transport-cc'] : [];
  switch (format) {
    case FORMAT.OPUS:
      return [`a=rtpmap:${pt} opus/48000/2`, ...feedback(congestion), `a=fmtp:${pt} ${OPUS}`];
    case FORMAT.RED_AUDIO:
      return [`a=rtpmap:${pt} red/48000/2`, `a=fmtp:${pt} ${of}/${of}`];
    case FORMAT.VP8:
      return [`a=rtpmap:${pt} VP8/90000`, ...feedback(['goog-remb', ...congestion, ...VIDEO_FEEDBACK])];
    case FORMAT.VP9:
      return [
        `a=rtpmap:${pt} VP9/90000`,
        ...feedback(['goog-remb', ...congestion, ...VIDEO_FEEDBACK]),
        `a=fmtp:${pt} profile-id=0`,
      ];
    case FORMAT.RTX:
      return [`a=rtpmap:${pt} rtx/90000`, `a=fmtp:${pt} apt=${of}`];
    case FORMAT.RED_VIDEO:
      return [`a=rtpmap:${pt} red/90000`];
    default:
      return [`a=rtpmap:${pt} ulpfec/90000`];
  }
}

/** @param {Description} peer @param {'audio'|'video'} kind */
function sourceLines(peer, kind) {
  const ssrc = peer.ssrcs[kind];
  const named = (of) => [`a=ssrc:${of} cname:${peer.cname}`, `a=ssrc:${of} msid:peer ${kind}`];
  const repair = kind === 'video' ? peer.repairSsrc : undefined;
  const group = repair === undefined ? [] : [`a=ssrc-group:FID ${ssrc} ${repair}`];
  return [`a=msid:peer ${kind}`, ...group, ...named(ssrc), ...(repair === undefined ? [] : named(repair))];
}

/** @param {Description} peer @param {'audio'|'video'} kind @param {string} mid */
function sectionLines(peer, kind, mid) {
  const formats = peer.formats.filter(({ format }) => AUDIO_FORMATS.includes(format) === (kind === 'audio'));
  const print = toHex(peer.fingerprint).toUpperCase().match(/../g).join(':');
  const cc = peer.transportCc;
  return [
    `m=${kind} 9 UDP/TLS/RTP/SAVPF ${formats.map(({ payloadType }) => payloadType).join(' ')}`,
    'c=IN IP4 0.0.0.0',
    `a=mid:${mid}`,
    `a=ice-ufrag:${peer.ufrag}`,
    `a=ice-pwd:${peer.pwd}`,
    'a=ice-options:trickle',
    `a=fingerprint:sha-256 ${print}`,
    'a=setup:passive',
    'a=sendrecv',
    'a=rtcp-mux',
    'a=rtcp-rsize',
    ...(cc === undefined ? [] : [`a=extmap:${cc} ${TRANSPORT_CC}`]),
    ...formats.flatMap((entry) => formatLines(entry, cc !== undefined)),
    ...(kind === 'audio' ? ['a=ptime:20', 'a=maxptime:20'] : []),
    ...sourceLines(peer, kind),
  ];
}

/**
 * What our browser is told of the peer, who is the DTLS server always.
 * @param {Description} peer @param {string[]} mids @param {number} version one higher with each for a connection
 * @returns {string}
 */
export function writeDescription(peer, mids, version) {
  const lines = [
    'v=0',
    `o=- 1 ${version} IN IP4 0.0.0.0`,
    's=-',
    't=0 0',
    `a=group:BUNDLE ${mids.join(' ')}`,
    'a=msid-semantic: WMS peer',
    ...sectionLines(peer, 'audio', mids[0]),
    ...sectionLines(peer, 'video', mids[1]),
  ];
  return lines.join('\r\n') + '\r\n';
}

/** @param {number} media bits @param {'audio'|'video'} kind */
export function includes(media, kind) {
  return (media & (kind === 'audio' ? MEDIA.AUDIO : MEDIA.VIDEO)) !== 0;
}
