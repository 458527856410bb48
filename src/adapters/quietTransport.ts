import { AppError } from '../errors.ts';
import type { MailTransport } from '../ports.ts';

/** Takes nothing and opens no connection: what would have left is recorded as not sent. */
export function createQuietTransport(): MailTransport {
  return {
    width: 1,
    send: () => Promise.reject(new AppError('TRANSPORT_QUIET', 'modo silencioso (answer.quiet)', { temporary: false })),
    probe: async () => [
      { ok: true, what: 'salida: EN SILENCIO (answer.quiet): no sale ningún correo, y las respuestas quedan registradas sin enviar' },
    ],
    close: async () => {},
  };
}
