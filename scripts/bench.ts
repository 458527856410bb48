// Speed and size of the built program against a private Dovecot and a private SMTP server, beside a bare script on the same libraries.
import { startDovecot } from '../test/support/dovecot.ts';
import { SMTP_LOGIN } from '../test/support/installation.ts';
import { startSmtpServer } from '../test/support/smtpServer.ts';
import { backlogOf, measureBacklog, type Run } from './bench/backlog.ts';
import { measureIdleLatency } from './bench/idleLatency.ts';
import { quantile } from './bench/measured.ts';
import { optionsOf } from './commandLine.ts';

const USAGE = `npm run bench -- [--mails N] [--large MB] [--singles N]
  --mails    mails in the backlog (default 300), about 100 kB each
  --large    puts one mail of so many MB into the middle (default none)
  --singles  single mails into an idle mailbox (default 20)`;

const values = optionsOf(USAGE, {
  mails: { type: 'string', default: '300' },
  large: { type: 'string', default: '0' },
  singles: { type: 'string', default: '20' },
});

const say = (...cells: string[]) =>
  process.stdout.write(`${cells.map((cell, i) => (i === 0 ? cell.padEnd(44) : cell.padStart(14))).join('')}\n`);
const ms = (value: number) => `${value.toFixed(0)} ms`;

const [dovecot, smtp] = await Promise.all([startDovecot(), startSmtpServer({ encryption: 'tls', login: SMTP_LOGIN })]);
try {
  if (Number(values.singles) > 0) {
    const { toTicket, toAnswer } = await measureIdleLatency(dovecot, smtp, Number(values.singles));
    say(`${toTicket.length} single mails, idle mailbox`, 'median', 'p95', 'aim');
    say('EXISTS to committed ticket', ms(quantile(toTicket, 0.5)), ms(quantile(toTicket, 0.95)), '50 ms');
    say('EXISTS to answer taken by SMTP', ms(quantile(toAnswer, 0.5)), ms(quantile(toAnswer, 0.95)), '150 ms');
    say('');
  }
  const { mails, octets, ours, bare } = await measureBacklog(dovecot, smtp, backlogOf(Number(values.mails), Number(values.large)));
  const rate = (run: Run) => `${((mails / run.ms) * 1000).toFixed(0)}/s`;
  say(`backlog of ${mails} mails, ${(octets / 1000).toFixed(0)} kB on average`, 'buzon once', 'bare script', 'ratio', 'aim');
  say('wall', ms(ours.ms), ms(bare.ms), (ours.ms / bare.ms).toFixed(2), '0.5');
  say('mails', rate(ours), rate(bare), (bare.ms / ours.ms).toFixed(2), '2');
  say(
    'CPU a mail',
    `${ours.cpuMsPerMail.toFixed(2)} ms`,
    `${bare.cpuMsPerMail.toFixed(2)} ms`,
    (ours.cpuMsPerMail / bare.cpuMsPerMail).toFixed(2),
    '5 ms',
  );
  say(
    'peak of resident memory',
    `${ours.peakMb.toFixed(0)} MB`,
    `${bare.peakMb.toFixed(0)} MB`,
    (ours.peakMb / bare.peakMb).toFixed(2),
    '250 MB',
  );
  say(
    'longest stall of the loop',
    ms(ours.longestStallMs),
    ms(bare.longestStallMs),
    (ours.longestStallMs / bare.longestStallMs).toFixed(2),
    '200 ms',
  );
} finally {
  await Promise.all([dovecot.stop(), smtp.stop()]);
}
