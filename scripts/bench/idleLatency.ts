import { setTimeout as pause } from 'node:timers/promises';
import type { Dovecot } from '../../test/support/dovecot.ts';
import { givenAnInstallation } from '../../test/support/installation.ts';
import { MailStream } from '../../test/support/mailStream.ts';
import type { SmtpPeer } from '../../test/support/smtpServer.ts';
import { startTcpProxy } from '../../test/support/tcpProxy.ts';

export interface Latencies {
  /** Milliseconds from the server's EXISTS, as it passes to the program, to the committed ticket. */
  toTicket: number[];
  /** To the answer taken by the SMTP server. */
  toAnswer: number[];
}

/** Longer than the program needs to be idle again. */
const BETWEEN_MS = 300;

/** Single mails into an idle mailbox under `start`, which polls once an hour. A proxy sees what Dovecot says, so this connection is not encrypted. */
export async function measureIdleLatency(dovecot: Dovecot, smtp: SmtpPeer, count: number): Promise<Latencies> {
  const proxy = await startTcpProxy({ host: dovecot.host, port: dovecot.imapPort });
  let exists = Promise.withResolvers<number>();
  proxy.rewrite = (text) => {
    if (/^\* \d{1,9} EXISTS/m.test(text)) exists.resolve(performance.now());
    return text.replace(' STARTTLS', '');
  };
  await using installation = await givenAnInstallation(dovecot, smtp, { settings: { tls: { verify: false, allowPlaintext: true } } });
  installation.env['BUZON_MAILBOX'] = `imap://${installation.user}@127.0.0.1:${proxy.port}/INBOX`;
  const stream = new MailStream(1, { attachmentEvery: 1_000 });
  await using worker = installation.start('start');
  await worker.untilEvent('worker.started');
  const found: Latencies = { toTicket: [], toAnswer: [] };
  try {
    await pause(4 * BETWEEN_MS); // until the first, empty cycle is over
    for (let n = 1; n <= count; n += 1) {
      await pause(BETWEEN_MS);
      exists = Promise.withResolvers();
      const ingested = worker.untilLog((stderr) => stderr.split('"event":"mail.ingested"').length > n).then(() => performance.now());
      const taken = smtp.untilTaken(n).then(() => performance.now());
      await dovecot.deliver(installation.user, stream.fromAPerson().bytes);
      const [told, ticket, answer] = await Promise.all([exists.promise, ingested, taken]);
      found.toTicket.push(ticket - told);
      found.toAnswer.push(answer - told);
    }
  } finally {
    await worker.kill('SIGTERM');
    await proxy.close();
    smtp.taken.length = 0;
  }
  return found;
}
