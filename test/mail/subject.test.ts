import { expect, test } from '@jest/globals';
import { checkLetters } from '../../src/mail/signature.ts';
import { formatToken, isForwardPrefix, type TokenRules, tokensIn, withoutReplyPrefixes, withoutTokens } from '../../src/mail/subject.ts';
import { mailWith } from '../support/mail.ts';

const RULES: TokenRules = { prefix: 'ITAC', secret: 'a secret of the test', legacyPatterns: [/\[Ticket#(\d{10,20})\]/i, /\[#(\d{1,9})\]/] };
const CHECK = checkLetters(RULES.secret, 123);
const numbersIn = (subject: string) => tokensIn(subject, RULES).tokens.map(({ number }) => number);

test('a token that was written is found, signed', () => {
  const token = formatToken(RULES, 123);

  expect(token).toBe(`[ITAC #123-${CHECK}]`);
  expect(tokensIn(`Re: ${token} Error`, RULES)).toEqual({
    tokens: [{ text: token, number: 123, digits: '123', signed: true, legacy: false, bracketed: true }],
    refused: [],
  });
});

test('T01 a plain token in brackets is found, unsigned', () => {
  expect(tokensIn('Re: [ITAC #123] Error en login', RULES).tokens).toEqual([
    { text: '[ITAC #123]', number: 123, digits: '123', signed: false, legacy: false, bracketed: true },
  ]);
});

test('T02 reply and forward prefixes are taken off in any order, with or without a space', () => {
  const { subject, prefixes } = withoutReplyPrefixes('RE: RV:Re[2]: AW : RES: ENC: Fwd: Re^3: [ITAC #123] Error');

  expect(subject).toBe('[ITAC #123] Error');
  expect(prefixes).toEqual(['re', 'rv', 're', 'aw', 'res', 'enc', 'fwd', 're']);
});

test.each(['回复：', '转发: ', 'TR : ', 'Antw: ', 'VS: ', 'SV:', 'Rif: ', 'R: ', 'RE(2): ', 'Re2: ', '  rE:  ', 'ＲＥ：'])(
  'T02 %p is a reply or forward prefix',
  (prefix) => {
    expect(withoutReplyPrefixes(`${prefix}Informe`)).toMatchObject({ subject: 'Informe', prefixes: [expect.any(String)] });
  },
);

test.each(['Report: ventas', 'Re ventas', 'Requerimiento: ventas', 'Error: no abre', 'Urgente: RE: no abre', 'SAP: no abre'])(
  'T02 %p keeps its first word',
  (subject) => {
    expect(withoutReplyPrefixes(subject)).toEqual({ subject, prefixes: [] });
  },
);

test.each(['[EXTERNO] Re: ', '[EXT] ', 'Re: [External Email] ', '***SPAM*** RE: ', '{Spam?} ', '[Correo externo]RV: [EXTERNO] '])(
  'T02 the tag of a gateway is no part of a subject: %p',
  (front) => {
    expect(withoutReplyPrefixes(`${front}Informe`).subject).toBe('Informe');
  },
);

test.each(['[Extranet] no abre', '[Facturación] Informe', '[SPA] lista', '** Spam en la lista', '[externalización] de nómina'])(
  'T02 %p is a subject of its own',
  (subject) => {
    expect(withoutReplyPrefixes(subject).subject).toBe(subject);
  },
);

test('T28 forward prefixes are told from reply prefixes', () => {
  expect(['fw', 'Fwd', 'rv', 'enc', 'tr', 'wg', '转发'].every(isForwardPrefix)).toBe(true);
  expect(['re', 'aw', 'res', 'sv', '回复'].some(isForwardPrefix)).toBe(false);
});

test('T03 a token folded over two lines is found', async () => {
  const mail = await mailWith('Subject: Re: [ITAC\n #123] Error');

  expect(numbersIn(mail.subject)).toEqual([123]);
});

test('T04 a token cut by two encoded words is found whole', async () => {
  const mail = await mailWith('Subject: =?UTF-8?Q?Re:_[ITAC_#12?= =?UTF-8?Q?3]?=');

  expect(numbersIn(mail.subject)).toEqual([123]);
});

test.each([
  '[ITAC#123]',
  '[ITAC # 123 ]',
  '[itac #123]',
  '[ITAC\u00a0#123]',
  '[ITAC ＃１２３]',
  '［ITAC #123］',
  '[ ITAC #123]',
  `[ITAC #123‐${CHECK}]`,
])('T05 %p is ticket 123', (subject) => {
  expect(numbersIn(subject)).toEqual([123]);
});

test('T06 a token without brackets is found and marked as such', () => {
  expect(tokensIn('Sobre ITAC #123, otra duda', RULES).tokens).toMatchObject([
    { text: 'ITAC #123', number: 123, signed: false, bracketed: false },
  ]);
  expect(tokensIn('Sobre [ITAC #123, otra duda', RULES).tokens).toMatchObject([{ number: 123, bracketed: false }]);
});

test.each(['[OTRO #123]', '[Ticket 2024123]', '(ABC-123)', 'pedido #123', 'DIGITAC #123', '[ITAC 123]', 'ITAC'])(
  'T07 %p is no token of ours',
  (subject) => {
    expect(tokensIn(subject, RULES)).toEqual({ tokens: [], refused: [] });
  },
);

test('T08 two tokens are found in the order in which they stand', () => {
  expect(numbersIn('[ITAC #456] y [ITAC #123]')).toEqual([456, 123]);
});

test('T09 a number that is too long is refused', () => {
  expect(tokensIn('[ITAC #99999999999999999999] Error', RULES)).toEqual({ tokens: [], refused: ['[ITAC #99999999999999999999]'] });
});

test.each(['[ITAC #0123]', '[ITAC #123-AAA]', `[ITAC #124-${CHECK}]`, `[ITAC #123-${CHECK}A]`])('T11 %p is refused', (token) => {
  expect(tokensIn(`Re: ${token} Error`, RULES)).toEqual({ tokens: [], refused: [token] });
});

test('T12 former numbers are found by their patterns, with every digit', () => {
  expect(tokensIn('Re: [Ticket#2020070610000012345] y [#871]', RULES).tokens).toMatchObject([
    { text: '[Ticket#2020070610000012345]', digits: '2020070610000012345', legacy: true, signed: false },
    { text: '[#871]', digits: '871', number: 871, legacy: true },
  ]);
});

test('O05 tokens are taken out of a subject, right or wrong ones, and nothing else', () => {
  expect(withoutTokens(`RE: [ITAC #123-${CHECK}] Error  [itac # 7] [#871] [ITAC #9-XXX]`, RULES)).toBe('RE: Error [#871]');
  expect(withoutTokens('Error en ITAC #123', RULES)).toBe('Error en ITAC #123');
});

test('a prefix with signs that mean something in patterns is taken as it is written', () => {
  const rules = { ...RULES, prefix: 'I.T+A' };

  expect(tokensIn('[I.T+A #5] [IXTTA #6]', rules).tokens.map(({ number }) => number)).toEqual([5]);
});

test.each(['#.', '[ITAC #', '[ ITAC ', '[ITAC #1-', 'Re: ', '[', ' ', 'ITAC', '1', '回复：', '[EXTERNO] ', '***SPAM'])(
  'S20 100 kB of %p are searched in linear time',
  (bait) => {
    const time = (length: number) => {
      const subject = bait.repeat(length / bait.length);
      const start = process.hrtime.bigint();
      tokensIn(subject, RULES);
      withoutTokens(subject, RULES);
      withoutReplyPrefixes(subject);
      return Number(process.hrtime.bigint() - start) / 1e6;
    };
    time(10_000);

    expect(time(100_000)).toBeLessThan(400);
  },
);
