// The yardstick: the least that a program on the same libraries does for a mail, one mail after the other. It fetches, parses, inserts durably and
// answers; it keeps no bytes, moves nothing, and decides nothing. Prints how long it took, as JSON.
import Database from 'better-sqlite3';
import { ImapFlow } from 'imapflow';
import { simpleParser } from 'mailparser';
import { createTransport } from 'nodemailer';

const { BENCH_IMAP_PORT, BENCH_SMTP_PORT, BENCH_USER, BENCH_PASSWORD, BENCH_SMTP_USER, BENCH_SMTP_PASSWORD, BENCH_DATABASE } = process.env;

const imap = new ImapFlow({
  ...{ host: '127.0.0.1', port: Number(BENCH_IMAP_PORT), secure: true, tls: { rejectUnauthorized: false } },
  ...{ auth: { user: BENCH_USER!, pass: BENCH_PASSWORD! }, logger: false },
});
const smtp = createTransport({
  ...{ pool: true, host: '127.0.0.1', port: Number(BENCH_SMTP_PORT), secure: true, tls: { rejectUnauthorized: false } },
  auth: { user: BENCH_SMTP_USER!, pass: BENCH_SMTP_PASSWORD! },
});
const db = new Database(BENCH_DATABASE!);
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.exec('CREATE TABLE mail (uid INTEGER PRIMARY KEY, message_id TEXT, sender TEXT, subject TEXT, body TEXT, attachments INTEGER)');
const insert = db.prepare('INSERT INTO mail VALUES (?, ?, ?, ?, ?, ?)');

const startedAt = performance.now();
await imap.connect();
await imap.mailboxOpen('INBOX');
const uids = (await imap.search({ all: true }, { uid: true })) || [];
let mails = 0;
for (const uid of uids) {
  const message = await imap.fetchOne(uid, { source: true }, { uid: true });
  if (message === false || message.source === undefined) continue;
  const { messageId, from, subject, text, attachments } = await simpleParser(message.source);
  const sender = from?.value[0]?.address ?? 'nobody@cliente.example';
  insert.run(uid, messageId, sender, subject, text, attachments.length);
  await smtp.sendMail({
    ...{ from: 'soporte@itac.co', to: sender, subject: `Re: ${subject}`, inReplyTo: messageId, references: messageId },
    ...{ text: 'Recibimos su correo.', html: '<p>Recibimos su correo.</p>' },
  });
  mails += 1;
}
await imap.logout();
smtp.close();
db.close();
process.stdout.write(JSON.stringify({ mails, ms: Math.round(performance.now() - startedAt) }));
