// What tests/unit/test_page_transcripts.c reads is what the page's module writes today.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { pageTranscripts } from './page_transcripts.mjs';

test('tests/vectors/page_transcripts.h is what the module writes', async () => {
  const kept = readFileSync(new URL('../vectors/page_transcripts.h', import.meta.url), 'utf8');
  assert.equal(await pageTranscripts(), kept);
});
