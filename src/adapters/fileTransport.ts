import { createHash } from 'node:crypto';
import type { OutboundMail } from '../mail/message.ts';
import type { MailTransport } from '../ports.ts';
import { folderError, makeMaildir, probeFolder, writeMessage } from './maildir.ts';

/** A disk does little more with more. */
const WIDTH = 5;

/** Writes each mail as one file into a Maildir, durably. The same mail sent again replaces its file, which has the same bytes. */
export function createFileTransport({ folder }: { folder: string }): MailTransport {
  return {
    width: WIDTH,

    async send(mail: OutboundMail) {
      const name = fileNameOf(mail.messageId);
      try {
        await makeMaildir(folder);
        await writeMessage(folder, name, mail.bytes);
      } catch (error) {
        throw folderError('TRANSPORT_UNREACHABLE', 'write a mail to', folder, error);
      }
      return { response: `archivo ${name}` };
    },
    probe: async () => [await probeFolder(folder, 'salida')],
    close: async () => {},
  };
}

/** A plain file name for a Message-ID; two different ones never share a name. */
export function fileNameOf(messageId: string): string {
  const plain = messageId.replace(/[^A-Za-z0-9@._+=-]/g, '_').replace(/^\.+/, '_'); // 'a.b@x.co' as it is, 'a/b' not
  if (plain === messageId && plain.length <= 150) return `${plain}.eml`;
  const digest = createHash('sha256').update(messageId).digest('hex').slice(0, 16);
  return `${plain.slice(0, 100)}-${digest}.eml`;
}
