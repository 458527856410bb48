import fs from 'node:fs';
import { parseMail } from '../src/mail/parse.ts';
import { CORPUS_FOLDER, openCorpus } from './corpusFolder.ts';

const corpus = openCorpus(CORPUS_FOLDER)!;
const seen = new Set<string>();
const out: string[] = [];
let n = 0,
  lost = 0,
  empty = 0,
  q = 0,
  s = 0;
for (const row of corpus.cases) {
  if (seen.has(row.input)) continue;
  seen.add(row.input);
  const bytes = corpus.message(row);
  const r: any = await parseMail(
    (async function* () {
      yield bytes;
    })() as any,
  );
  if (!r.ok) continue;
  n++;
  const m = r.mail;
  const words = (t: string) =>
    t
      .replace(/[>\s]+/g, ' ')
      .trim()
      .split(' ')
      .sort()
      .join(' ');
  if (m.text.trim() && !m.newText.trim()) {
    empty++;
    out.push('EMPTY ' + row.input);
  }
  if (m.html === null || !m.text.startsWith('zz')) {
    const a = words(m.text),
      b = words([m.newText, m.quotedText, m.signature].join('\n'));
    if (a !== b && m.html === null) {
      lost++;
      out.push('LOST ' + row.input);
    }
  }
  if (m.quotedText) {
    q++;
    out.push('Q ' + row.input + ' | NEW ' + JSON.stringify(m.newText.slice(-60)) + ' | ' + JSON.stringify(m.quotedText.slice(0, 110)));
  }
  if (m.signature) {
    s++;
    out.push('S ' + row.input + ' | ' + JSON.stringify(m.signature.slice(0, 140)));
  }
}
console.log(n, { lost, empty, q, s });
fs.writeFileSync('/tmp/nt/scan.txt', out.join('\n'));
