#include "sframe.h"

/* Section 4.3: the configuration byte, then KID and CTR, each in the byte itself when it is below 8.
 *
 *    0 1 2 3 4 5 6 7
 *   +-+-----+-+-----+
 *   |X|  K  |Y|  C  |   X, Y: K, C are the number of bytes that follow, less one
 *   +-+-----+-+-----+
 */
enum { EXTENDED = 8, INLINE_MAX = 7 };

static int bytes_of(uint64_t value) {
  int bytes = 1;
  while (bytes < 8 && value >> 8 * bytes)
    bytes++;
  return bytes;
}

static unsigned nibble(uint64_t value) {
  return value <= INLINE_MAX ? (unsigned)value : (unsigned)(EXTENDED | (bytes_of(value) - 1));
}

void sframe_write_header(struct writer *w, const struct sframe_header *header) {
  write_u8(w, nibble(header->kid) << 4 | nibble(header->ctr));
  if (header->kid > INLINE_MAX)
    write_uint(w, header->kid, bytes_of(header->kid));
  if (header->ctr > INLINE_MAX)
    write_uint(w, header->ctr, bytes_of(header->ctr));
}

static bool read_value(struct reader *r, unsigned config, uint64_t *value) {
  *value = config & EXTENDED ? read_uint(r, (int)(config & INLINE_MAX) + 1) : config;
  return !r->bad && nibble(*value) == config;
}

bool sframe_read_header(struct reader *r, struct sframe_header *header) {
  unsigned config = read_u8(r);
  return read_value(r, config >> 4, &header->kid) && read_value(r, config & 15, &header->ctr);
}

static const struct suite {
  size_t key_size;
  void (*hkdf)(uint8_t *out, size_t out_size, const void *ikm, size_t ikm_size, const void *salt, size_t salt_size,
               const struct bytes_view *info, size_t info_count);
} suites[] = {
    [SFRAME_AES_128_GCM_SHA256_128] = {16, crypto_hkdf},
    [SFRAME_AES_256_GCM_SHA512_128] = {32, crypto_hkdf_sha512},
};

static bool derive(struct sframe_key *key, enum sframe_suite suite, uint64_t kid, const void *base_key,
                   size_t base_key_size) {
  uint8_t secret[KEY_SIZE], names[8 + 2];
  struct writer w = writer_of(names, sizeof names);
  write_u64(&w, kid);
  write_u16(&w, suite);
  const struct bytes_view for_key[] = {{"SFrame 1.0 Secret key ", 22}, {names, sizeof names}};
  const struct bytes_view for_salt[] = {{"SFrame 1.0 Secret salt ", 23}, {names, sizeof names}};
  *key = (struct sframe_key){.kid = kid};
  suites[suite].hkdf(secret, suites[suite].key_size, base_key, base_key_size, NULL, 0, for_key, 2);
  suites[suite].hkdf(key->salt, sizeof key->salt, base_key, base_key_size, NULL, 0, for_salt, 2);
  bool made = crypto_gcm_init(&key->gcm, secret, suites[suite].key_size);
  crypto_wipe(secret, sizeof secret);
  return made;
}

bool sframe_sealer_init(struct sframe_sealer *sealer, enum sframe_suite suite, uint64_t kid, const void *base_key,
                        size_t base_key_size) {
  *sealer = (struct sframe_sealer){.next = 0};
  return derive(&sealer->key, suite, kid, base_key, base_key_size);
}

void sframe_sealer_deinit(struct sframe_sealer *sealer) {
  crypto_gcm_deinit(&sealer->key.gcm);
  crypto_wipe(sealer, sizeof *sealer);
}

bool sframe_opener_init(struct sframe_opener *opener, enum sframe_suite suite, uint64_t kid, const void *base_key,
                        size_t base_key_size) {
  *opener = (struct sframe_opener){.newest = 0};
  return derive(&opener->key, suite, kid, base_key, base_key_size);
}

void sframe_opener_deinit(struct sframe_opener *opener) {
  crypto_gcm_deinit(&opener->key.gcm);
  crypto_wipe(opener, sizeof *opener);
}

/* Section 4.4.3: the salt, and CTR over its last bytes. */
static void make_nonce(uint8_t nonce[GCM_NONCE_SIZE], const struct sframe_key *key, uint64_t ctr) {
  memcpy(nonce, key->salt, GCM_NONCE_SIZE);
  for (int i = GCM_NONCE_SIZE - 1; ctr; i--, ctr >>= 8)
    nonce[i] ^= (uint8_t)ctr;
}

size_t sframe_seal(struct sframe_sealer *sealer, const void *metadata, size_t metadata_size, const void *plain,
                   size_t size, uint8_t *out) {
  struct sframe_header header = {sealer->key.kid, sealer->next};
  if (header.ctr == UINT64_MAX)
    return 0;
  sealer->next++;
  struct writer w = writer_of(out, SFRAME_HEADER_MAX);
  sframe_write_header(&w, &header);
  size_t header_size = (size_t)(w.at - out);
  uint8_t nonce[GCM_NONCE_SIZE];
  make_nonce(nonce, &sealer->key, header.ctr);
  const struct bytes_view ad[] = {{out, header_size}, {metadata, metadata_size}};
  crypto_gcm_seal_keyed(&sealer->key.gcm, w.at, nonce, ad, 2, plain, size);
  return header_size + size + AEAD_TAG_SIZE;
}

static uint64_t bit_of(uint64_t ctr) {
  return UINT64_C(1) << ctr % 64;
}

static uint64_t *word_of(struct sframe_opener *opener, uint64_t ctr) {
  return &opener->seen[ctr % SFRAME_WINDOW / 64];
}

static bool seen(struct sframe_opener *opener, uint64_t ctr) {
  if (ctr > opener->newest)
    return false;
  return opener->newest - ctr >= SFRAME_WINDOW || *word_of(opener, ctr) & bit_of(ctr);
}

static void mark(struct sframe_opener *opener, uint64_t ctr) {
  uint64_t ahead = ctr > opener->newest ? ctr - opener->newest : 0;
  for (uint64_t i = 1; i <= ahead && i <= SFRAME_WINDOW; i++)
    *word_of(opener, opener->newest + i) &= ~bit_of(opener->newest + i);
  opener->newest += ahead;
  *word_of(opener, ctr) |= bit_of(ctr);
}

bool sframe_open(struct sframe_opener *opener, const void *metadata, size_t metadata_size, uint8_t *sealed,
                 size_t size, uint8_t **plain, size_t *plain_size) {
  struct reader r = reader_of(sealed, size);
  struct sframe_header header;
  if (!sframe_read_header(&r, &header) || header.kid != opener->key.kid || seen(opener, header.ctr))
    return false;
  size_t header_size = size - r.left;
  uint8_t nonce[GCM_NONCE_SIZE];
  make_nonce(nonce, &opener->key, header.ctr);
  const struct bytes_view ad[] = {{sealed, header_size}, {metadata, metadata_size}};
  if (!crypto_gcm_open_keyed(&opener->key.gcm, sealed + header_size, nonce, ad, 2, r.at, r.left))
    return false;
  mark(opener, header.ctr);
  *plain = sealed + header_size;
  *plain_size = r.left - AEAD_TAG_SIZE;
  return true;
}
