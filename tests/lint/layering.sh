#!/usr/bin/env bash
# layering.sh ROOT: who may include whom (the drawing is in README.md). Silent when all is well.
cd "$1" || exit 2
bad=0
deny() { # deny WHY REGEX FILE...: no file may include a header that the regex finds
  local why=$1 regex=$2 hits
  shift 2
  hits=$(grep -nHE "^ *# *include [<\"]($regex)" "$@" 2>/dev/null)
  [ -z "$hits" ] || { printf '%s:\n%s\n' "$why" "$hits"; bad=1; }
}
only() { # only REGEX FILE...: these headers appear in these files alone
  local regex=$1 hits
  shift
  hits=$(grep -rlE "^ *# *include [<\"]($regex)" media signaling engine --include='*.[ch]' | grep -vxF "$(printf '%s\n' "$@")")
  [ -z "$hits" ] || { printf 'only %s may include <%s>:\n%s\n' "$*" "$regex" "$hits"; bad=1; }
}
shopt -s nullglob globstar
core=(media/*.[ch] media/rtp/*.[ch] media/recovery/*.[ch] media/congestion/*.[ch] media/audio/*.[ch] media/video/*.[ch])
pure=("${core[@]}" signaling/*.[ch] engine/call/*.[ch] engine/core*.[ch] engine/first_contact.[ch]
  engine/path/demux.[ch] engine/trust/{identity,roster,contacts,verification,invite,sas,safety_number,bech32}.[ch])
impure='time\.h|sys/|unistd|pthread|threads|poll\.h|socket|netinet|arpa|fcntl|glib|gio|uv\.h'

deny 'media/ stands alone' '(\.\./)*(engine|signaling)/' media/**/*.[ch]
deny 'the media core has no clock, thread, socket or printf' "$impure|stdio|(\.\./)*codec/codec_" "${core[@]}"
deny 'the core is told the time' "$impure" "${pure[@]}"
deny 'signaling/ knows media/bytes.h and units.h, and nothing above it' '(\.\./)*(media/([ac-tv-z]|[a-z]*/)|engine/)' signaling/**/*.[ch]
deny 'the embedder sees the public header only' '(\.\./)*(media|signaling|tests)/|(\.\./)*engine/[^s]|(\.\./)+.*' examples/**/*.[ch]

only 'glib|gio|nice/|agent\.h' engine/loop.c engine/path/ice.c engine/path/ice_pair.c engine/websocket.c
only 'libsoup' engine/websocket.c
only 'openssl/(ssl|x509|bio|srtp|dtls)' engine/path/dtls.c signaling/server/connection.c signaling/server/tls.c
only 'sodium' signaling/crypto.c
only 'srtp2?/' engine/path/srtp.c engine/path/srtp_cipher.c
only 'intel-ipsec-mb' engine/path/srtp_cipher_ipsec_mb.c
only 'opus/' media/codec/codec_opus.c
only 'vpx/' media/codec/codec_vpx.c
only 'uv\.h' signaling/server/signald.c signaling/server/connection.c signaling/server/connection.h
only 'wslay' signaling/server/connection.c

# The parts of a session never know each other: only session.c does.
for part in nack history pacer rate_control arrivals report frame_buffer av_sync jitter_buffer; do
  hits=$(grep -rlE "include \".*\b$part\.h\"" media --include='*.c' | grep -vE "/(session|$part|playout)\.c$")
  [ -z "$hits" ] || { printf 'only media/session.c and playout.c know %s.h:\n%s\n' "$part" "$hits"; bad=1; }
done

# VERIFIED is written where a person confirmed it, and nowhere else (protocol D.8, I4).
hits=$(grep -rnE '(state|trust) *= *SOTTO_TRUST_VERIFIED' engine --include='*.c' | grep -v '^engine/trust/verification\.c:')
[ -z "$hits" ] || { printf 'only engine/trust/verification.c makes a contact VERIFIED:\n%s\n' "$hits"; bad=1; }
exit $bad
