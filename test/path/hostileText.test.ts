import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { runOn } from '../support/cli.ts';
import { givenADesk, vouchedFor } from '../support/desk.ts';

const HTML = `<html><head><base href="http://malo.example/"><style>body{background:url(http://malo.example/css.png)}</style></head>
<body onload="alert(1)" background="http://malo.example/fondo.png">
<script>alert(document.cookie)</script>
<p style="background-image:url('http://malo.example/p.png')">La factura no se guarda.</p>
<img src="http://malo.example/x.png" onerror="alert(2)" alt="logotipo">
<a href="javascript:alert(3)">pulse aquí</a> <a href=" JaVa&#x09;ScRiPt:alert(4)">o aquí</a> <a href="data:text/html,<script>alert(5)</script>">o acá</a>
<svg onload="alert(6)"><script>alert(7)</script></svg>
<form action="http://malo.example/"><input name="clave"></form><iframe src="http://malo.example/marco"></iframe>
<object data="http://malo.example/o"></object><meta http-equiv="refresh" content="0;url=http://malo.example/m">
</body></html>`;

const ACTIVE =
  /<\s*(?:script|img|svg|base|iframe|object|form|meta|style|link|a\b)|javascript:|data:text|on(?:error|load)\s*=|malo\.example|alert\(/i;

test('S13 what HTML could do is gone from everything that we hand on: the ticket, its list, and the answer', async () => {
  await using desk = await givenADesk({ authservId: 'mx.itac.co' });
  const mail = [
    ...vouchedFor('cliente.example'),
    'From: "Ana <img src=x onerror=alert(8)>" <ana@cliente.example>',
    'To: soporte@itac.co',
    'Subject: No se guarda',
    'Date: Mon, 23 Nov 2026 09:58:00 -0500',
    'Message-ID: <html@cliente.example>',
    'MIME-Version: 1.0',
    'Content-Type: text/html; charset=utf-8',
    '',
    HTML,
  ].join('\r\n');

  await desk.whenMailArrives(mail);
  const [entry] = desk.entriesOf(1);
  const answer = desk.ticket(1).replies[0];

  expect(entry?.newText).toContain('La factura no se guarda.');
  expect([entry?.newText, entry?.quotedText, entry?.signature].filter((text) => ACTIVE.test(text ?? ''))).toEqual([]);
  expect(answer?.kind).toBe('acknowledge');
});

test('S13 a name that is markup is text in the HTML of our answer', async () => {
  await using desk = await givenADesk({ authservId: 'mx.itac.co' });
  const mail = [
    ...vouchedFor('cliente.example'),
    'From: "<img src=x onerror=alert(8)>" <ana@cliente.example>',
    'To: soporte@itac.co',
    'Subject: <svg onload=alert(9)> No se guarda',
    'Date: Mon, 23 Nov 2026 09:58:00 -0500',
    'Message-ID: <markup@cliente.example>',
    '',
    'La factura no se guarda.',
  ].join('\r\n');

  const { trace } = await desk.whenMailArrives(mail);

  const written = trace.effect.outbox[0]!.mail.bytes.toString().replace(/=\r\n/g, '').replaceAll('=3D', '=');
  const html = written.slice(written.indexOf('text/html'));
  expect(html).toContain('soporte.itac.com.co');
  expect(html).not.toMatch(/<img|<svg/i);
});

test('S19 SQL, paths and commands of the shell are words like any others', async () => {
  await using desk = await givenADesk();
  const evil = `'; DROP TABLE ticket; -- " \`touch pwned\` $(touch pwned) | touch pwned; ../../etc/passwd %00 \\'`;
  const mail = [
    `From: "${evil.replace(/["\\]/g, '')}" <o'neil@cliente.example>`,
    'To: soporte@itac.co',
    `Subject: ${evil}`,
    'Date: Mon, 23 Nov 2026 09:58:00 -0500',
    `Message-ID: <a'--;$(touch)@cliente.example>`,
    "References: <b' OR '1'='1@x.example>",
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain; charset=utf-8',
    '',
    evil,
    '--b',
    'Content-Type: application/octet-stream',
    `Content-Disposition: attachment; filename="../../../pwned; rm -rf x.txt"`,
    '',
    'x',
    '--b--',
    '',
  ].join('\r\n');

  const { receipt } = await desk.whenMailArrives(mail);
  const everybody = await runOn(desk, ['tickets', '--client', "x' OR '1'='1", '--json']);
  const found = await runOn(desk, ['tickets', '--client', "o'neil@cliente.example", '--json']);

  expect(receipt.outcome).toBe('open');
  expect(desk.ticket(1)).toMatchObject({ requester: { address: "o'neil@cliente.example" } });
  expect(desk.entriesOf(1)[0]?.newText).toBe(evil);
  expect(everybody).toMatchObject({ code: 0, out: '' });
  expect(JSON.parse(found.out)).toMatchObject({ number: 1 });
  await expect(access(join(desk.folder, '..', 'pwned; rm -rf x.txt'))).rejects.toThrow('ENOENT');
  await expect(access('pwned')).rejects.toThrow('ENOENT');
});
