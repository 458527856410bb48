import { parseMail } from './src/mail/parse.ts';
const pats = [';', '"', '(', ')', '<', '>', ',', '@', 'a@', '=?', '?=', '=?utf-8?Q?a', '=?utf-8?Q?a?= ', '=?utf-8?B?YQ==?=', ' ', '\t', 'a ', ' ;', 'a=b;', 'a*0*=', 'a*1=x;', "a*=utf-8''%C3;", '\\', '"\\', ':', 'g:a@b;', '<a', '<a@b>', ',<', 'a,', '[', ' [', '\r\n ', '\r\n  a', "'", 'é', '\u00c3\u00b1 ', '\x1b', '\0', '%', '%C3', 'charset=', 'name=a;name=b;', 'x\ry', '> ', '- '];
const fields = ['From', 'To', 'Subject', 'Date', 'Message-ID', 'References', 'Content-Type', 'Content-Disposition', 'Content-Transfer-Encoding', 'Return-Path', 'X-A'];
for (const f of fields) for (const p of pats) for (const pre of ['', f === 'Content-Type' ? 'text/plain; name=' : 'a']) {
  const raw = Buffer.from(`${f === 'From' ? '' : 'From: a@b.co\r\n'}${f}: ${pre}${p.repeat(Math.floor(900_000 / p.length))}\r\n\r\nhola`, 'latin1');
  const t = performance.now(); const r = await parseMail(raw); const ms = performance.now() - t;
  if (ms > 700) console.log(f, JSON.stringify(p), pre, Math.round(ms), r.ok);
}
const bodies = ['--', '--m', '\r\n--', '> ', '=', '= ', '=\r\n', 'A', '\r\n', '\n', ' ', '\t\r\n', '-----BEGIN PGP MESSAGE', '<meta charset', '<', '<a ', '&', '&#', '\x1b$B', '\xc3', '\xe9\xe9', 'El lun, 6 jul', '-- \r\n', '_', '*', '>>', '>\r\n', 'De: a\r\n', 'x '];
for (const ct of ['text/plain', 'text/plain; format=flowed', 'text/html', 'multipart/mixed; boundary=m', 'multipart/mixed', 'text/plain; charset=iso-2022-jp', 'text/plain; charset=gbk']) for (const cte of ['8bit', 'base64', 'quoted-printable']) for (const b of bodies) {
  const raw = Buffer.from(`From: a@b.co\r\nContent-Type: ${ct}\r\nContent-Transfer-Encoding: ${cte}\r\n\r\n${b.repeat(Math.floor(3_000_000 / b.length))}`, 'latin1');
  const t = performance.now(); const r = await parseMail(raw); const ms = performance.now() - t;
  if (ms > 1000) console.log(ct, cte, JSON.stringify(b), Math.round(ms), r.ok);
}
