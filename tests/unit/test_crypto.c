#include "unit.h"

#include <sodium.h>

#include "../../signaling/crypto.h"
#include "../vectors/hex.h"

enum { ROOM = 256 };

static void same(const uint8_t *got, const char *hex) {
  uint8_t expected[ROOM];
  size_t size = unhex(expected, hex);
  assert_memory_equal(got, expected, size);
}

/* FIPS 180-2, appendices B.1 and C.1; RFC 6234 for the empty string. */
static void sha256_and_sha512_are_the_standards(void **state) {
  (void)state;
  uint8_t hash[SHA512_SIZE];
  const struct bytes_view abc[] = {{"a", 1}, {"", 0}, {"bc", 2}};
  crypto_sha256(hash, abc, 3);
  same(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  crypto_sha256(hash, NULL, 0);
  same(hash, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  crypto_sha512(hash, abc, 3);
  same(hash, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
             "454d4423643ce80e2a9ac94fa54ca49f");
}

/* RFC 4231, test cases 1, 2 and 6. */
static void hmac_is_rfc_4231(void **state) {
  (void)state;
  uint8_t key[131], mac[HASH_SIZE];
  memset(key, 0x0b, sizeof key);
  crypto_hmac(mac, key, 20, "Hi There", 8);
  same(mac, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  crypto_hmac(mac, "Jefe", 4, "what do ya want for nothing?", 28);
  same(mac, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  memset(key, 0xaa, sizeof key);
  crypto_hmac(mac, key, sizeof key, "Test Using Larger Than Block-Size Key - Hash Key First", 54);
  same(mac, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

/* RFC 5869, appendix A.1 to A.3. */
static void hkdf_is_rfc_5869(void **state) {
  (void)state;
  uint8_t ikm[80], salt[80], info[80], okm[82];
  memset(ikm, 0x0b, 22);
  unhex(salt, "000102030405060708090a0b0c");
  unhex(info, "f0f1f2f3f4f5f6f7f8f9");
  const struct bytes_view parts[] = {{info, 4}, {info + 4, 6}};
  crypto_hkdf(okm, 42, ikm, 22, salt, 13, parts, 2);
  same(okm, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  crypto_hkdf(okm, 42, ikm, 22, NULL, 0, NULL, 0);
  same(okm, "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
  for (int i = 0; i < 80; i++) {
    ikm[i] = (uint8_t)i;
    salt[i] = (uint8_t)(0x60 + i);
    info[i] = (uint8_t)(0xb0 + i);
  }
  const struct bytes_view whole = {info, 80};
  crypto_hkdf(okm, 82, ikm, 80, salt, 80, &whole, 1);
  same(okm, "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
            "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
}

/* RFC 5869 has no vectors for it: Project Wycheproof's, hkdf_sha512_test.json, tests 6 and 11. */
static void hkdf_with_sha512_is_the_published_one(void **state) {
  (void)state;
  uint8_t ikm[16], salt[16], info[20], okm[64];
  const struct bytes_view parts[] = {{info, 0}, {info, 7}, {info + 7, 13}};
  unhex(ikm, "55fb6dcc7802354e55a45a6e41858c05");
  unhex(info, "dcd590e418b259c64fb9e139b3a1280d5de8400b");
  crypto_hkdf_sha512(okm, sizeof okm, ikm, sizeof ikm, NULL, 0, parts, 3);
  same(okm, "725ac2b568fa0308ea6baeb2175ae9a0d41f8be1af13057f0646ba56389a8f1d8a783da95fc7eee4897a0b1580f79871"
            "15e03508feedc335260a293f01afdb98");
  unhex(ikm, "0cbd136d66d15a4ffefde1303b430821");
  unhex(salt, "2614d80275b08a1cf90bae0eb607d4d5");
  unhex(info, "ee991de21aeb6baa6a5f683dbb755e6f80db1c1d");
  crypto_hkdf_sha512(okm, 42, ikm, sizeof ikm, salt, sizeof salt, parts, 3);
  same(okm, "e51c3bfe5f4e9b4fb0d3c3a67bb33a20c288800e03707621cf143e8581d422dfec3fe658ba8fa2e35c2c");
}

/* RFC 7748, section 5.2. */
static void x25519_is_rfc_7748(void **state) {
  (void)state;
  uint8_t scalar[KEY_SIZE], point[KEY_SIZE], out[KEY_SIZE];
  unhex(scalar, "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4");
  unhex(point, "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c");
  assert_true(crypto_x25519(out, scalar, point));
  same(out, "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
  unhex(scalar, "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d");
  unhex(point, "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493");
  assert_true(crypto_x25519(out, scalar, point));
  same(out, "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957");
}

/* RFC 7748, section 5.2: k and u, each the result of the one before. */
static void x25519_iterated_a_thousand_times_is_rfc_7748(void **state) {
  (void)state;
  uint8_t k[KEY_SIZE] = {9}, u[KEY_SIZE] = {9}, out[KEY_SIZE];
  for (int i = 0; i < 1000; i++) {
    assert_true(crypto_x25519(out, k, u));
    memcpy(u, k, KEY_SIZE);
    memcpy(k, out, KEY_SIZE);
    if (i == 0)
      same(k, "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
  }
  same(k, "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
}

static void two_x25519_pairs_agree(void **state) {
  (void)state;
  uint8_t a[KEY_SIZE], b[KEY_SIZE], public_a[KEY_SIZE], public_b[KEY_SIZE], one[KEY_SIZE], two[KEY_SIZE];
  crypto_x25519_keypair(public_a, a);
  crypto_x25519_keypair(public_b, b);
  assert_true(crypto_x25519(one, a, public_b) && crypto_x25519(two, b, public_a));
  assert_memory_equal(one, two, KEY_SIZE);
}

/* The points of small order on the curve (RFC 7748, section 6.1 asks for the check). */
static void x25519_refuses_low_order_points(void **state) {
  (void)state;
  static const char *const points[] = {
      "0000000000000000000000000000000000000000000000000000000000000000",
      "0100000000000000000000000000000000000000000000000000000000000000",
      "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
      "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  };
  static const uint8_t zero[KEY_SIZE];
  for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
    uint8_t point[KEY_SIZE], public_key[KEY_SIZE], secret[KEY_SIZE], out[KEY_SIZE];
    unhex(point, points[i]);
    crypto_x25519_keypair(public_key, secret);
    memset(out, 0xff, sizeof out);
    assert_false(crypto_x25519(out, secret, point));
    assert_memory_equal(out, zero, KEY_SIZE);
  }
}

/* RFC 8032, section 7.1, tests 1 to 3: plain Ed25519, as the library under crypto.c does it. */
static void plain_ed25519_is_rfc_8032(void **state) {
  (void)state;
  static const struct {
    const char *seed, *public_key, *message, *signature;
  } v[] = {
      {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
       "d25bf5f0595bbe24655141438e7a100b"},
      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
       "387b2eaeb4302aeeb00d291612bb0c00"},
      {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
       "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
       "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
       "4a7c15e9716ed28dc027beceea1ec40a"},
  };
  for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
    uint8_t seed[32], public_key[KEY_SIZE], secret[SIGN_SECRET_SIZE], message[8], signature[SIGNATURE_SIZE];
    unhex(seed, v[i].seed);
    crypto_sign_seed_keypair(public_key, secret, seed);
    same(public_key, v[i].public_key);
    crypto_sign_detached(signature, NULL, message, unhex(message, v[i].message), secret);
    same(signature, v[i].signature);
  }
}

static void a_signature_covers_prefix_context_zero_and_message(void **state) {
  (void)state;
  uint8_t public_key[KEY_SIZE], secret[SIGN_SECRET_SIZE], ours[SIGNATURE_SIZE], plain[SIGNATURE_SIZE];
  crypto_ed25519_keypair(public_key, secret);
  crypto_ed25519_sign(ours, secret, "roster", "message", 7);
  crypto_sign_detached(plain, NULL, (const uint8_t *)"sotto/v1/roster\0message", 23, secret);
  assert_memory_equal(ours, plain, SIGNATURE_SIZE);
  assert_true(crypto_ed25519_verify(ours, public_key, "roster", "message", 7));
}

static void a_signature_holds_for_its_own_context_message_and_key_only(void **state) {
  (void)state;
  uint8_t public_key[KEY_SIZE], other[KEY_SIZE], secret[SIGN_SECRET_SIZE], signature[SIGNATURE_SIZE];
  crypto_ed25519_keypair(other, secret);
  crypto_ed25519_keypair(public_key, secret);
  crypto_ed25519_sign(signature, secret, "roster", "message", 7);
  assert_false(crypto_ed25519_verify(signature, public_key, "roster-accept", "message", 7));
  assert_false(crypto_ed25519_verify(signature, public_key, "roste", "message", 7));
  assert_false(crypto_ed25519_verify(signature, public_key, "roster", "messagf", 7));
  assert_false(crypto_ed25519_verify(signature, public_key, "roster", "message", 6));
  assert_false(crypto_ed25519_verify(signature, other, "roster", "message", 7));
  for (size_t bit = 0; bit < sizeof signature * 8; bit++) {
    signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
    assert_false(crypto_ed25519_verify(signature, public_key, "roster", "message", 7));
    signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
  }
  assert_true(crypto_ed25519_verify(signature, public_key, "roster", "message", 7));
}

static void a_message_too_long_to_sign_does_not_verify(void **state) {
  (void)state;
  static uint8_t message[SIGN_MESSAGE_MAX + 1];
  uint8_t public_key[KEY_SIZE], secret[SIGN_SECRET_SIZE], signature[SIGNATURE_SIZE];
  crypto_ed25519_keypair(public_key, secret);
  crypto_ed25519_sign(signature, secret, "group", message, SIGN_MESSAGE_MAX);
  assert_true(crypto_ed25519_verify(signature, public_key, "group", message, SIGN_MESSAGE_MAX));
  assert_false(crypto_ed25519_verify(signature, public_key, "group", message, SIGN_MESSAGE_MAX + 1));
}

/* McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 13, 14 and 16, which NIST took over. */
static const struct {
  const char *key, *nonce, *ad, *plain, *sealed;
} gcm_vectors[] = {
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "", "",
     "530f8afbc74536b9a963b4f1c4cb738b"},
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "",
     "00000000000000000000000000000000", "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
     "b16aedf5aa0de657ba637b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
     "c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"},
};

static void aes_256_gcm_is_the_published_one(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof gcm_vectors / sizeof gcm_vectors[0]; i++) {
    uint8_t key[KEY_SIZE], nonce[GCM_NONCE_SIZE], ad[ROOM], plain[ROOM], sealed[ROOM], opened[ROOM];
    unhex(key, gcm_vectors[i].key);
    unhex(nonce, gcm_vectors[i].nonce);
    size_t ad_size = unhex(ad, gcm_vectors[i].ad), size = unhex(plain, gcm_vectors[i].plain);
    crypto_gcm_seal(sealed, key, nonce, ad, ad_size, plain, size);
    same(sealed, gcm_vectors[i].sealed);
    assert_true(crypto_gcm_open(opened, key, nonce, ad, ad_size, sealed, size + AEAD_TAG_SIZE));
    assert_memory_equal(opened, plain, size);
    crypto_gcm_seal(plain, key, nonce, ad, ad_size, plain, size); /* in place */
    same(plain, gcm_vectors[i].sealed);
    assert_true(crypto_gcm_open(plain, key, nonce, ad, ad_size, plain, size + AEAD_TAG_SIZE));
    assert_memory_equal(opened, plain, size);
  }
}

/* The same paper's test cases 1, 2 and 4 (AES-128), then the ones above again, with one context a key. */
static void a_keyed_gcm_is_the_published_one_message_after_message(void **state) {
  (void)state;
  static const struct {
    const char *key, *nonce, *ad, *plain, *sealed;
  } v[] = {
      {"00000000000000000000000000000000", "000000000000000000000000", "", "", "58e2fccefa7e3061367f1d57a4e7455a"},
      {"00000000000000000000000000000000", "000000000000000000000000", "", "00000000000000000000000000000000",
       "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf"},
      {"feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
       "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
       "b16aedf5aa0de657ba637b39",
       "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa05"
       "1ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47"},
      {gcm_vectors[2].key, gcm_vectors[2].nonce, gcm_vectors[2].ad, gcm_vectors[2].plain, gcm_vectors[2].sealed},
  };
  for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
    struct crypto_gcm gcm;
    uint8_t key[KEY_SIZE], nonce[GCM_NONCE_SIZE], ad[ROOM], plain[ROOM], text[ROOM];
    need(crypto_gcm_init(&gcm, key, unhex(key, v[i].key)));
    unhex(nonce, v[i].nonce);
    size_t ad_size = unhex(ad, v[i].ad), size = unhex(plain, v[i].plain);
    const struct bytes_view parts[] = {{ad, ad_size / 3}, {ad + ad_size / 3, ad_size - ad_size / 3}};
    for (int again = 0; again < 3; again++) {
      crypto_gcm_seal_keyed(&gcm, text, nonce, parts, 2, plain, size);
      same(text, v[i].sealed);
      text[size] ^= 1;
      assert_false(crypto_gcm_open_keyed(&gcm, text, nonce, parts, 2, text, size + AEAD_TAG_SIZE));
      crypto_gcm_seal_keyed(&gcm, text, nonce, parts, 2, plain, size);
      assert_true(crypto_gcm_open_keyed(&gcm, text, nonce, parts, 2, text, size + AEAD_TAG_SIZE));
      assert_memory_equal(text, plain, size);
    }
    crypto_gcm_deinit(&gcm);
  }
}

/* draft-irtf-cfrg-xchacha-03, appendix A.3.1. */
static void xchacha20_poly1305_is_the_draft(void **state) {
  (void)state;
  static const char plain[] = "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the "
                              "future, sunscreen would be it.";
  uint8_t key[KEY_SIZE], nonce[XCHACHA_NONCE_SIZE], ad[ROOM], sealed[ROOM], opened[ROOM];
  unhex(key, "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
  unhex(nonce, "404142434445464748494a4b4c4d4e4f5051525354555657");
  size_t ad_size = unhex(ad, "50515253c0c1c2c3c4c5c6c7"), size = sizeof plain - 1;
  crypto_xchacha_seal(sealed, key, nonce, ad, ad_size, plain, size);
  same(sealed, "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39"
               "ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
               "21f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49");
  assert_true(crypto_xchacha_open(opened, key, nonce, ad, ad_size, sealed, size + AEAD_TAG_SIZE));
  assert_memory_equal(opened, plain, size);
}

typedef bool open_function(uint8_t *, const uint8_t *, const uint8_t *, const void *, size_t, const void *, size_t);

/* Every change of key, nonce, ad or text is refused, and no plaintext is left behind. */
static void check_forgeries(open_function *open, uint8_t *key, uint8_t *nonce, size_t nonce_size, uint8_t *sealed,
                            size_t size) {
  static const uint8_t zero[ROOM];
  uint8_t ad[2] = {'a', 'd'}, out[ROOM];
  struct {
    uint8_t *at;
    size_t size;
  } part[] = {{key, KEY_SIZE}, {nonce, nonce_size}, {ad, 2}, {sealed, size}};
  for (size_t p = 0; p < 4; p++)
    for (size_t bit = 0; bit < part[p].size * 8; bit++) {
      part[p].at[bit / 8] ^= (uint8_t)(1 << bit % 8);
      memset(out, 0xee, sizeof out);
      assert_false(open(out, key, nonce, ad, sizeof ad, sealed, size));
      assert_memory_equal(out, zero, size - AEAD_TAG_SIZE);
      part[p].at[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
  for (size_t cut = 0; cut < size; cut++)
    assert_false(open(out, key, nonce, ad, sizeof ad, sealed, cut));
  assert_false(open(out, key, nonce, ad, 1, sealed, size));
  assert_true(open(out, key, nonce, ad, sizeof ad, sealed, size));
}

static void a_forged_aead_does_not_open(void **state) {
  (void)state;
  uint8_t key[KEY_SIZE], nonce[XCHACHA_NONCE_SIZE], sealed[ROOM];
  crypto_random(key, sizeof key);
  crypto_random(nonce, sizeof nonce);
  crypto_gcm_seal(sealed, key, nonce, "ad", 2, "secret text", 11);
  check_forgeries(crypto_gcm_open, key, nonce, GCM_NONCE_SIZE, sealed, 11 + AEAD_TAG_SIZE);
  crypto_xchacha_seal(sealed, key, nonce, "ad", 2, "secret text", 11);
  check_forgeries(crypto_xchacha_open, key, nonce, XCHACHA_NONCE_SIZE, sealed, 11 + AEAD_TAG_SIZE);
}

/* Made with the reference implementation (libargon2 0~20171227): t = 3, m = 8 MiB, p = 1, version 0x13. */
static void argon2id_is_the_reference(void **state) {
  (void)state;
  uint8_t salt[PWHASH_SALT_SIZE], key[KEY_SIZE];
  for (int i = 0; i < PWHASH_SALT_SIZE; i++)
    salt[i] = (uint8_t)i;
  need(crypto_argon2id(key, "correct horse battery staple", 28, salt, 3, 8192 * 1024));
  same(key, "947312f62e4ac86f63c9b622f147b0061846739f53dd00f2d2236cd03db413ac");
}

static void argon2id_says_so_when_the_memory_cannot_be_had(void **state) {
  (void)state;
  uint8_t salt[PWHASH_SALT_SIZE] = {0}, key[KEY_SIZE];
  assert_false(crypto_argon2id(key, "x", 1, salt, 3, 1)); /* below what libsodium takes */
}

static void subkeys_differ_by_number_and_context(void **state) {
  (void)state;
  uint8_t key[KEY_SIZE] = {1}, a[KEY_SIZE], b[KEY_SIZE], c[KEY_SIZE], again[KEY_SIZE];
  crypto_subkey(a, key, 1, "SOTTOdb_");
  crypto_subkey(b, key, 2, "SOTTOdb_");
  crypto_subkey(c, key, 1, "SOTTOid_");
  crypto_subkey(again, key, 1, "SOTTOdb_");
  assert_memory_not_equal(a, b, KEY_SIZE);
  assert_memory_not_equal(a, c, KEY_SIZE);
  assert_memory_equal(a, again, KEY_SIZE);
}

static void a_seed_makes_random_repeatable_and_null_ends_that(void **state) {
  (void)state;
  uint8_t seed[KEY_SIZE] = {42}, a[64], b[64];
  crypto_random_seed(seed);
  crypto_random(a, 32);
  crypto_random(a + 32, 32);
  crypto_random_seed(seed);
  crypto_random(b, 32);
  crypto_random(b + 32, 32);
  assert_memory_equal(a, b, 64);
  assert_memory_not_equal(a, a + 32, 32);
  crypto_random_seed(NULL);
  crypto_random(b, 64);
  assert_memory_not_equal(a, b, 64);
}

static void equal_looks_at_every_byte(void **state) {
  (void)state;
  uint8_t a[32] = {0}, b[32] = {0};
  assert_true(crypto_equal(a, b, 32) && crypto_equal(a, b, 0));
  for (size_t bit = 0; bit < 256; bit++) {
    b[bit / 8] ^= (uint8_t)(1 << bit % 8);
    assert_false(crypto_equal(a, b, 32));
    b[bit / 8] ^= (uint8_t)(1 << bit % 8);
  }
}

static void secrets_have_memory_of_their_own(void **state) {
  (void)state;
  assert_true(crypto_init());
  uint8_t *secret = crypto_secret_new(100);
  assert_non_null(secret);
  memset(secret, 7, 100);
  crypto_wipe(secret, 100);
  assert_int_equal(secret[99], 0);
  crypto_secret_free(secret);
}

UNIT_TESTS(test(sha256_and_sha512_are_the_standards), test(hmac_is_rfc_4231), test(hkdf_is_rfc_5869),
           test(hkdf_with_sha512_is_the_published_one), test(x25519_is_rfc_7748),
           test(x25519_iterated_a_thousand_times_is_rfc_7748), test(two_x25519_pairs_agree),
           test(x25519_refuses_low_order_points), test(plain_ed25519_is_rfc_8032),
           test(a_signature_covers_prefix_context_zero_and_message),
           test(a_signature_holds_for_its_own_context_message_and_key_only),
           test(a_message_too_long_to_sign_does_not_verify), test(aes_256_gcm_is_the_published_one),
           test(a_keyed_gcm_is_the_published_one_message_after_message), test(xchacha20_poly1305_is_the_draft),
           test(a_forged_aead_does_not_open), test(argon2id_is_the_reference),
           test(argon2id_says_so_when_the_memory_cannot_be_had), test(subkeys_differ_by_number_and_context),
           test(a_seed_makes_random_repeatable_and_null_ends_that), test(equal_looks_at_every_byte),
           test(secrets_have_memory_of_their_own))
