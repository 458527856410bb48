import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { OutboundMail } from '../../src/mail/message.ts';
import type { MailTransport } from '../../src/ports.ts';

/** A real next hop. */
export interface TestHop {
  transport: MailTransport;
  /** Mails that it has, each once per Message-ID, in no order. */
  taken(): Promise<Buffer[]>;
  /** Puts the next hop out of order. */
  breakDown(): Promise<void>;
  remove(): Promise<void>;
}

export function anOutboundMail(changes: Partial<OutboundMail> = {}): OutboundMail {
  const messageId = changes.messageId ?? 'buzon.1.k7q@desk.example';
  const lines = [
    `Message-ID: <${messageId}>`,
    'Subject: =?utf-8?q?Recibido?=',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Señora Ñáñez:',
    '.',
    'Adiós',
    '',
  ];
  return { messageId, envelopeFrom: '', envelopeTo: 'ana@cliente.example', bytes: Buffer.from(lines.join('\r\n')), ...changes };
}

/** What every `MailTransport` does. */
export function mailTransportContract(name: string, givenAHop: () => Promise<TestHop>): void {
  describe(name, () => {
    let hop: TestHop;
    beforeEach(async () => {
      hop = await givenAHop();
    });
    afterEach(async () => {
      await hop.transport.close();
      await hop.remove();
    });

    test('a mail arrives octet for octet, and the answer of the next hop is told', async () => {
      const mail = anOutboundMail();

      const { response } = await hop.transport.send(mail);

      expect(response).not.toBe('');
      expect((await hop.taken()).map(String)).toEqual([String(mail.bytes)]);
    });

    test('several mails at the same time arrive all', async () => {
      const mails = Array.from({ length: 30 }, (_, n) => anOutboundMail({ messageId: `buzon.${n}@desk.example` }));

      await Promise.all(mails.map((mail) => hop.transport.send(mail)));

      expect((await hop.taken()).map(String).sort()).toEqual(mails.map(({ bytes }) => String(bytes)).sort());
    });

    test('O09 a mail that is sent again has the same bytes, so that mail programs fold it', async () => {
      await hop.transport.send(anOutboundMail());

      await hop.transport.send(anOutboundMail());

      expect(new Set((await hop.taken()).map(String)).size).toBe(1);
    });

    test('O07 when the next hop is out of order, the error is temporary and says what to do', async () => {
      await hop.breakDown();

      const sent = hop.transport.send(anOutboundMail());

      await expect(sent).rejects.toMatchObject({ code: 'TRANSPORT_UNREACHABLE', temporary: true, remedy: expect.any(String) });
    });

    test('a probe tells whether the next hop works, and sends nothing', async () => {
      const good = await hop.transport.probe();
      await hop.breakDown();

      const bad = await hop.transport.probe();

      expect(good.map(({ ok }) => ok)).toEqual([true]);
      expect(bad.map(({ ok, remedy }) => [ok, typeof remedy])).toEqual([[false, 'string']]);
      expect(await hop.taken()).toEqual([]);
    });

    test('closing twice is as good as once', async () => {
      await hop.transport.close();

      await expect(hop.transport.close()).resolves.toBeUndefined();
    });
  });
}
