import { expect, test } from '@jest/globals';
import { authenticationOf, authenticationResultsOf } from '../../src/mail/authentication.ts';
import { mailWith } from '../support/mail.ts';

const TRUSTED = { authservId: 'mx.itac.co' };
const verdictOf = async (fields: string, trusted: { authservId: string | null } = TRUSTED) =>
  authenticationOf(await mailWith(fields), trusted).verdict;

test('S01 a failed DMARC check of our own server is a fail', async () => {
  const mail = await mailWith(
    'Authentication-Results: mx.itac.co; spf=softfail smtp.mailfrom=ana@cliente.example;\n dmarc=fail (p=reject) header.from=cliente.example',
  );

  const found = authenticationOf(mail, TRUSTED);

  expect(found.verdict).toBe('fail');
  expect(found.evidence).toEqual(['spf=softfail de cliente.example', 'dmarc=fail de cliente.example']);
});

test('S02 only the topmost field of the trusted server counts', async () => {
  const real = 'Authentication-Results: mx.itac.co; dmarc=fail header.from=cliente.example';
  const forged = 'Authentication-Results: mx.itac.co; dmarc=pass header.from=cliente.example';

  expect(await verdictOf(`${real}\n${forged}`)).toBe('fail');
});

test('S02 fields of other servers above ours are passed over', async () => {
  const other = 'Authentication-Results: mx.evil.example; dmarc=pass header.from=cliente.example';

  expect(await verdictOf(other)).toBe('none');
  expect(await verdictOf(`${other}\nAuthentication-Results: mx.itac.co 1; dmarc=fail header.from=cliente.example`)).toBe('fail');
});

test('S03 without a trusted field, or without a trusted server, nothing is known', async () => {
  expect(await verdictOf('')).toBe('none');
  expect(await verdictOf('Authentication-Results: mx.itac.co; none')).toBe('none');
  expect(await verdictOf('Authentication-Results: mx.itac.co; dmarc=pass header.from=cliente.example', { authservId: null })).toBe('none');
  expect(await verdictOf('Authentication-Results: mx.itac.co.evil.example; dmarc=pass header.from=cliente.example')).toBe('none');
});

test('S04 a pass for another domain than that of From is no pass', async () => {
  expect(await verdictOf('Authentication-Results: mx.itac.co; spf=pass smtp.mailfrom=bounce@evil.example')).toBe('none');
  expect(await verdictOf('Authentication-Results: mx.itac.co; dkim=pass header.d=evil.example')).toBe('none');
  expect(await verdictOf('Authentication-Results: mx.itac.co; dmarc=pass header.from=evil.example')).toBe('none');
  expect(await verdictOf('Authentication-Results: mx.itac.co; spf=pass smtp.mailfrom=ana@cliente.example.evil.example')).toBe('none');
});

test.each([
  'dmarc=pass (p=NONE sp=NONE) header.from=cliente.example',
  'spf=pass smtp.mailfrom=ana@cliente.example',
  'spf=pass (mx: domain of ana@x) smtp.mailfrom=correo.cliente.example',
  'dkim=fail header.d=otro.example; dkim=pass header.i=@cliente.example header.b="Ab=="',
  'DKIM/1 = PASS reason = "good; signature" header.d = Cliente.Example.',
])('S04 %s is a pass', async (results) => {
  expect(await verdictOf(`Authentication-Results: mx.itac.co; ${results}`)).toBe('pass');
});

test('S04 a public suffix in common aligns nobody', async () => {
  expect(await verdictOf('From: Ana <ana@cliente.com.co>\nAuthentication-Results: mx.itac.co; spf=pass smtp.mailfrom=com.co')).toBe('none');
});

test.each([
  'spf=none (dmarc=pass) smtp.mailfrom=x@cliente.example',
  'spf=none smtp.mailfrom="dmarc=pass"@cliente.example',
  'spf=none reason="x; dmarc=pass header.from=cliente.example"',
  'spf=none (a \\) ; dmarc=pass header.from=cliente.example )',
  'none; x=y dmarc=pass',
])('S05 the word pass inside a comment or a property counts for nothing: %s', async (results) => {
  expect(await verdictOf(`Authentication-Results: mx.itac.co; ${results}`)).toBe('none');
});

test('an SPF fail of the author’s own domain is a fail, unless DKIM passes', async () => {
  expect(await verdictOf('Authentication-Results: mx.itac.co; spf=fail smtp.mailfrom=ana@cliente.example')).toBe('fail');
  expect(
    await verdictOf('Authentication-Results: mx.itac.co; spf=fail smtp.mailfrom=ana@cliente.example; dkim=pass header.d=cliente.example'),
  ).toBe('pass');
});

test('a field is read into methods, results and properties', () => {
  expect(authenticationResultsOf('Mx.Itac.co 1; dkim=pass (ok) header.d=a.co header.b=Ab12=; spf=fail smtp.mailfrom="b c"@d.co')).toEqual({
    authservId: 'mx.itac.co',
    results: [
      { method: 'dkim', result: 'pass', properties: { 'header.d': 'a.co', 'header.b': 'Ab12=' } },
      { method: 'spf', result: 'fail', properties: { 'smtp.mailfrom': 'b c@d.co' } },
    ],
  });
});

test.each(['(', '((', '"', '=;', 'a=b ', '\\', '(\\'])('100 kB of %p are read in linear time', (bait) => {
  const start = process.hrtime.bigint();

  authenticationResultsOf(`mx.itac.co; ${bait.repeat(100_000 / bait.length)}`);

  expect(Number(process.hrtime.bigint() - start) / 1e6).toBeLessThan(400);
});
