/** A repeatable source of numbers in [0, 1) (mulberry32). */
export type Random = () => number;

export function randomFrom(seed: number, index: number): Random {
  let state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Changes a mail in latin1. */
type Mutation = (mail: string, random: Random) => string;

const below = (random: Random, limit: number): number => Math.floor(random() * limit);
const pick = <T>(random: Random, from: readonly T[]): T => from[below(random, from.length)]!;
const splice = (text: string, at: number, remove: number, insert: string): string => text.slice(0, at) + insert + text.slice(at + remove);

/** What parsers stumble over: controls, lone line ends, octets that are no UTF-8, MIME's own signs. */
const NASTY = [
  '\0',
  '\r',
  '\n',
  '\r\n',
  '\r\n\r\n',
  '\xff',
  '\xfe\xff',
  '\xc3',
  '\x80',
  '\x1b$B',
  '=',
  '==',
  '=?',
  '?=',
  '"',
  '<',
  '>',
  '(',
  ';',
  ':',
  ',',
  '@',
  '--',
  ' ',
  '\t',
  '+ADw-',
  '%',
];
const CHARSETS = [
  'utf-8',
  'utf-7',
  'utf-16',
  'iso-8859-1',
  'windows-1252',
  'gb2312',
  'iso-2022-jp',
  'x-unknown',
  '',
  'base64',
  'hex',
  'utf8mb4',
  'a'.repeat(500),
];
const ENCODINGS = ['7bit', '8bit', 'base64', 'quoted-printable', 'binary', 'x-uuencode', '8-bit', ''];
const TYPES = [
  'text/plain',
  'text/html',
  'multipart/mixed',
  'multipart/alternative; boundary=x',
  'multipart/digest',
  'message/rfc822',
  'message/partial',
  'message/delivery-status',
  'text/calendar',
  'application/ms-tnef',
  'x',
  '/',
  'text/plain; format=flowed; delsp=yes',
  'multipart/mixed; boundary="--"',
];
const FIELDS = [
  'From',
  'To',
  'Subject',
  'Date',
  'Message-ID',
  'References',
  'Content-Type',
  'Content-Transfer-Encoding',
  'Content-Disposition',
  'X-Any',
];

const octets: readonly Mutation[] = [
  (mail, random) => splice(mail, below(random, mail.length), 1, String.fromCharCode(below(random, 256))),
  (mail, random) => splice(mail, below(random, mail.length), 0, pick(random, NASTY)),
  (mail, random) => splice(mail, below(random, mail.length), 0, pick(random, NASTY).repeat(1 + below(random, 5000))),
  (mail, random) => splice(mail, below(random, mail.length), below(random, 200), ''),
  (mail, random) => mail.slice(0, below(random, mail.length)),
  (mail, random) => {
    const at = below(random, mail.length);
    return splice(mail, at, 0, mail.slice(at, at + below(random, 4000)));
  },
  (mail) => mail.replaceAll('\r\n', '\n'),
  (mail) => mail.replaceAll('\r\n', '\r'),
];

const headers: readonly Mutation[] = [
  (mail, random) => `${pick(random, FIELDS)}: ${pick(random, NASTY).repeat(1 + below(random, 300))}\r\n${mail}`,
  (mail, random) => mail.replace(/charset="?[^\s";]{1,60}/i, () => `charset=${pick(random, CHARSETS)}`),
  (mail, random) => mail.replace(/^content-transfer-encoding:.*/im, () => `Content-Transfer-Encoding: ${pick(random, ENCODINGS)}`),
  (mail, random) =>
    mail.replace(
      /^(from|to|subject|references|date):.*/im,
      (_, name: string) => `${name}: ${pick(random, NASTY).repeat(below(random, 2000))}`,
    ),
  (mail, random) => mail.replace(/=\?[^?]{1,40}\?/g, (word) => (random() < 0.5 ? `=?${pick(random, CHARSETS)}?` : word)),
  (mail) => mail.replace(/^from:.*(?:\r?\n[ \t].*)*/im, 'X-Gone: 1'),
  (mail, random) => mail.replace(/\r?\n\r?\n/, () => pick(random, ['\r\n', '\r\n \r\n', '\r\n\t\r\n\r\n', ''])),
  (mail, random) =>
    mail.replace(
      /(file)?name="?[^";\r\n]{1,200}/i,
      () => `filename*0*=utf-8''${'%C3'.repeat(below(random, 200))}; filename*1=${pick(random, NASTY)}`,
    ),
];

const structure: readonly Mutation[] = [
  (mail, random) => mail.replace(/^content-type:[^\r\n]*/im, () => `Content-Type: ${pick(random, TYPES)}`),
  (mail, random) =>
    mail.replace(/boundary="?[^";\r\n]{1,100}/i, () => `boundary="${pick(random, ['', 'x', ' ', '--', 'ñ', 'a'.repeat(300)])}`),
  (mail, random) => {
    const lines = mail.split('\n');
    const marks = lines.flatMap((line, at) => (line.startsWith('--') ? [at] : []));
    if (marks.length === 0) return mail;
    const at = pick(random, marks);
    lines.splice(at, random() < 0.5 ? 1 : 0, ...Array<string>(below(random, 4)).fill(lines[at]!));
    return lines.join('\n');
  },
  (mail, random) => {
    let whole = mail;
    for (let level = below(random, 120); level > 0; level--)
      whole = `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n${whole}`;
    return `From: a@b.example\r\n${whole}`;
  },
  (mail, random) =>
    `From: a@b.example\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n${'--q\r\n\r\nx\r\n'.repeat(below(random, 3000))}${mail}`,
  (mail) =>
    `From: a@b.example\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\nContent-Type: message/rfc822\r\n\r\n${mail}\r\n--q--`,
  (mail, random) => `${mail}\r\n${'<div><blockquote>'.repeat(below(random, 20_000))}`,
];

/** The mutant of that number: always the same for the same mails, seed and number. */
export function mutantOf(mails: readonly Buffer[], seed: number, index: number): Buffer {
  const random = randomFrom(seed, index);
  let mail = pick(random, mails).toString('latin1');
  for (let changes = 1 + below(random, 4); changes > 0; changes--)
    mail = pick(random, pick(random, [octets, headers, structure]))(mail, random);
  return Buffer.from(mail, 'latin1');
}
