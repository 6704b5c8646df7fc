#!/usr/bin/env python3
"""golden_call.py - makes golden_call.h: one call to its words, from the protocol's text alone.

An independent implementation (Python's hashlib and hmac, python3-cryptography), sharing no code with
signaling/. Run it from here and redirect it into golden_call.h; the test compares with the C code.
"""
import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def sha256(data):
    return hashlib.sha256(data).digest()


def hkdf(ikm, info, size, salt=b"\0" * 32):
    prk, t, out, i = hmac.new(salt, ikm, "sha256").digest(), b"", b"", 1
    while len(out) < size:
        t = hmac.new(prk, t + info + bytes([i]), "sha256").digest()
        out, i = out + t, i + 1
    return out[:size]


class Random:
    """crypto_random() under a seed: draw number d is the ChaCha20 stream of nonce d, little-endian."""

    def __init__(self, seed):
        self.seed, self.drawn = seed, 0

    def __call__(self, size):
        nonce = bytes(8) + self.drawn.to_bytes(8, "little")
        self.drawn += 1
        return Cipher(algorithms.ChaCha20(self.seed, nonce), None).encryptor().update(bytes(size))


def public(secret):
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def dh(secret, point):
    return X25519PrivateKey.from_private_bytes(secret).exchange(X25519PublicKey.from_public_bytes(point))


class Noise:
    """One side's view of KKpsk0; both sides compute the same, so one object plays both."""

    def __init__(self, prologue):
        self.h = self.ck = b"Noise_KKpsk0_25519_AESGCM_SHA256"
        self.mix_hash(prologue)

    def mix_hash(self, data):
        self.h = sha256(self.h + data)

    def mix_key(self, ikm):
        out = hkdf(ikm, b"", 64, self.ck)
        self.ck, self.k = out[:32], out[32:]

    def mix_psk(self, psk):
        out = hkdf(psk, b"", 96, self.ck)
        self.ck, self.k = out[:32], out[64:]
        self.mix_hash(out[32:64])

    def mix_ephemeral(self, e):
        self.mix_hash(e)
        self.mix_key(e)

    def seal(self, payload):
        sealed = AESGCM(self.k).encrypt(bytes(12), payload, self.h)
        self.mix_hash(sealed)
        return sealed


def tlv(*fields):
    return b"".join(bytes([tag]) + len(value).to_bytes(2, "big") + value for tag, value in fields)


def u(value, size):
    return value.to_bytes(size, "big")


def head(seq, hash32):
    return u(seq, 4) + hash32


def fill(first, size=32):
    return bytes((first + i) & 255 for i in range(size))


def cell(random, key, kind, device, session, n, body):
    inner = bytes([1, kind]) + device + session + u(n, 4) + bytes([0, 1]) + u(len(body), 2) + body
    nonce = random(12)
    return nonce + AESGCM(key).encrypt(nonce, inner.ljust(2020, b"\0"), None)


# What the two ends have.
random = Random(fill(1))
ps, id_a, id_b = fill(0x40), fill(0x80), fill(0xa0)
dev_a, dev_b, session = b"device-A", b"device-B", b"session1"
sa, sb = fill(0x11), fill(0x51)
epoch = 19675
call_id = fill(0x10, 16)

mailbox_seed = hkdf(ps, b"sotto/mbox/1" + id_a + id_b + dev_b + u(epoch, 4), 64)
read_token, k_cell = mailbox_seed[:32], mailbox_seed[32:]
address = sha256(b"sotto/mb" + read_token)[:16]
psk = hkdf(ps, b"sotto/psk/1", 32)
noise = Noise(b"sotto/call/1" + id_a + dev_a + id_b + dev_b)
noise.mix_hash(public(sa))
noise.mix_hash(public(sb))

# KNOCK: psk, e, es, ss.
knock = b"\x01" + tlv((1, call_id), (2, b"\x01"), (3, u(0x01020304, 4)), (4, head(3, fill(0x20))),
                      (5, head(5, fill(0x30))), (6, u(1700000000, 8)))
ea = random(32)
noise.mix_psk(psk)
noise.mix_ephemeral(public(ea))
noise.mix_key(dh(ea, public(sb)))
noise.mix_key(dh(sa, public(sb)))
message1 = public(ea) + noise.seal(knock)
knock_cell = cell(random, k_cell, 1, dev_a, session, 0, message1)

# HELLO: e, ee, se.
hello = b"\x02" + tlv((2, b"\x01"), (3, u(0x01020304, 4)), (4, head(3, fill(0x20))), (5, head(5, fill(0x30))))
eb = random(32)
noise.mix_ephemeral(public(eb))
noise.mix_key(dh(ea, public(eb)))
noise.mix_key(dh(sa, public(eb)))
message2 = public(eb) + noise.seal(hello)
h = noise.h
split = hkdf(b"", b"", 64, noise.ck)

# OFFER: the first transport message, one relayed candidate.
candidate = bytes([4, 1, 4, 8, 8, 4, 0]) + u(50000, 2) + u(0x00ffffff, 4) + b"\x012"
offer = b"\x03" + tlv((1, call_id), (0x0a, fill(0x60)), (0x0b, b"ufrG"), (0x0c, b"0123456789abcdefABCD+/"),
                      (0x0d, b"\x02"), (0x0e, u(8, 2) + u(7, 2)), (0x0f, b"\x03"),
                      (0x10, u(0x11223344, 4) + u(0x55667788, 4)), (0x11, b"cname+cname/cnam"), (0x12, b"\x01"),
                      (0x13, h), (0x14, candidate))
sealed_offer = AESGCM(split[:32]).encrypt(bytes(12), offer, None)

# The same with a page as B (section 9a): descriptions, serial number, BIND.
formats = bytes([111, 1, 0, 96, 3, 0, 97, 5, 96])
page_fields = ((0x25, formats), (0x27, b"\x03"), (0x28, u(0x99aabbcc, 4)))
described = ((0x0a, fill(0x60)), (0x0b, b"ufrG"), (0x0c, b"0123456789abcdefABCD+/"))
media = ((0x0e, u(8, 2) + u(7, 2)), (0x0f, b"\x03"), (0x10, u(0x11223344, 4) + u(0x55667788, 4)),
         (0x11, b"cname+cname/cnam"))
page_offer = b"\x03" + tlv((1, call_id), *described, (0x0d, b"\x02"), *media, (0x12, b"\x01"), (0x13, h),
                           (0x14, candidate), *page_fields)
page_answer = b"\x04" + tlv((1, call_id), (8, sha256(page_offer)), *described, (0x0d, b"\x01"), *media, (0x13, h),
                            (0x14, candidate), *page_fields)
named = sha256(b"sotto/cert/1" + h + call_id + id_a + dev_a + id_b + dev_b)[:19]
serial = bytes([0, named[0] & 0x7f]) + named[1:]
fp_a, fp_b = fill(0x90), fill(0xa0)
page_bind = b"\x08" + tlv((0x18, fp_a), (0x19, fp_b), (0x1a, b"\x02"))
ekm = sha256(b"sotto/bind/1" + call_id + h + fill(0xe0))
bind = b"\x08" + tlv((0x17, ekm), (0x18, fp_a), (0x19, fp_b), (0x1a, b"\x02"), (0x1b, u(8, 2)), (0x1c, u(0xc02c, 2)))


def party(tag, ik, device, dx, fingerprint):
    return ((tag, b"\x01" + ik), (tag + 1, ik), (tag + 2, device), (tag + 3, dx), (tag + 4, head(3, fill(0x20))),
            (tag + 5, fingerprint))


# Words, first run (section 10).
r_i, r_r = fill(0x01), fill(0x02)
c = sha256(b"sotto/sas-commit/1" + call_id + b"\x01" + r_i)


def words(mode, profile, cipher, exporter):
    t = sha256(tlv((1, b"\x01"), (2, u(mode, 1)), (3, call_id), (4, b"\x01"), *party(5, id_a, dev_a, public(sa), fp_a),
                   *party(11, id_b, dev_b, public(sb), fp_b), (17, h), (18, sha256(page_offer)),
                   (19, sha256(page_answer)), (20, b"\x02"), (21, u(profile, 2)), (22, u(cipher, 2)), (23, exporter),
                   (24, c), (25, b"")))
    return t, hmac.new(r_i + r_r, b"sotto/sas/1" + t, "sha256").digest()[:6]


page_t, page_s = words(2, 0, 0, b"")
t, s = words(1, 8, 0xc02c, ekm)


def show(name, value):
    text = value.hex()
    lines = [text[i:i + 96] for i in range(0, len(text), 96)]
    print("static const char golden_%s[] =\n    %s;" % (name, "\n    ".join('"%s"' % line for line in lines)))


print("""/* golden_call.h - one call to its words; made by golden_call.py, an independent implementation. */
#ifndef VECTORS_GOLDEN_CALL_H
#define VECTORS_GOLDEN_CALL_H
""")
for name, value in (("address", address), ("read_token", read_token), ("k_cell", k_cell), ("psk", psk),
                    ("knock", knock), ("message1", message1), ("knock_cell_hash", sha256(knock_cell)),
                    ("knock_cell_start", knock_cell[:96]), ("hello", hello), ("message2", message2), ("h", h),
                    ("initiator_key", split[:32]), ("responder_key", split[32:]), ("offer", offer),
                    ("offer_hash", sha256(offer)), ("sealed_offer", sealed_offer), ("page_offer", page_offer),
                    ("page_answer", page_answer), ("serial", serial), ("page_bind", page_bind), ("bind", bind),
                    ("commitment", c), ("page_t", page_t), ("page_s", page_s), ("t", t), ("s", s)):
    show(name, value)
print("\n#endif")
