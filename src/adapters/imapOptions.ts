import { AppError } from '../errors.ts';

/** How to reach a mailbox over IMAP, and what becomes of its messages. */
export interface ImapOptions {
  host: string;
  port: number;
  /** TLS from the first byte (imaps). Otherwise the connection must be upgraded by STARTTLS before the login. */
  secure: boolean;
  /** Allows a connection that stays in plain text when the server offers no STARTTLS. */
  allowInsecure?: boolean;
  /** False accepts every certificate. */
  tlsRejectUnauthorized?: boolean;
  /** Certificates of authorities to believe in place of the system's (PEM). */
  ca?: string;
  /** Login name; may differ from the address of the mailbox. */
  user: string;
  /** A password, or an OAuth2 access token that is valid now, had anew in place of one that the server `refused`. */
  auth: { password: string } | { accessToken: (refused?: string) => Promise<string> };
  /** The mailbox that is read, levels parted by `/` whatever the server's delimiter is. */
  mailbox: string;
  /** Where settled messages go, made when missing, levels parted by `/`. Null: they stay, marked. */
  doneFolder: string | null;
  quarantineFolder: string | null;
  /** Of a larger message only the header section is read, octets. */
  maxBytes: number;
  timing?: Partial<ImapTiming>;
}

/** Milliseconds. */
export interface ImapTiming {
  /** From the first packet to a usable connection. */
  connect: number;
  /** Until the server's greeting. */
  greeting: number;
  /** Silence after which a running command, or a probe of an idle connection, is given up; an idle dead one is found after two of these. */
  silence: number;
  /** A whole command, however much the server talks. */
  command: number;
  /** IDLE is begun anew so often: servers may end one after 29 minutes (RFC 2177 3), routers forget earlier. */
  idle: number;
  /** Until the logout is given up when closing. */
  logout: number;
  /** A connection that lived so long was good: the next attempt after its loss is made without a pause. */
  stable: number;
  /** Pause before the next attempt to connect, after so many failures in a row. */
  pauseAfter: (failures: number, refused: boolean) => number;
}

export const IMAP_TIMING: ImapTiming = {
  connect: 15_000,
  greeting: 10_000,
  silence: 60_000,
  command: 300_000,
  idle: 240_000,
  logout: 1_500,
  stable: 30_000,
  pauseAfter: (failures, refused) => pauseBeforeAttempt(failures, refused, Math.random()),
};

/**
 * Milliseconds to wait after `failures` failed attempts: 1 s, 2 s, 4 s ... 60 s; after a refused login 15 s ... 15 min, so that we do not lock the
 * account. `random` (0 to 1) takes up to a quarter away, so that many clients do not come back at the same moment.
 */
export function pauseBeforeAttempt(failures: number, refused: boolean, random: number): number {
  const [first, longest] = refused ? [15_000, 900_000] : [1_000, 60_000];
  const whole = Math.min(longest, first * 2 ** Math.min(failures - 1, 20));
  return Math.round(whole * (1 - random / 4));
}

/** @throws AppError `CONFIG_INVALID` when settled messages would stay in the mailbox that they are to leave. */
export function validateImapOptions(options: ImapOptions): void {
  for (const folder of [options.doneFolder, options.quarantineFolder]) {
    if (folder === null) continue;
    if (levelsOf(folder).length === 0) {
      throw new AppError('CONFIG_INVALID', 'the name of a folder for settled mail is empty', {
        temporary: false,
        remedy: 'Escriba el nombre de una carpeta para el correo ya atendido, por ejemplo Procesados.',
      });
    }
    if (sameMailbox(folder, options.mailbox)) {
      throw new AppError('CONFIG_INVALID', `the folder for settled mail is the mailbox itself: ${folder}`, {
        temporary: false,
        remedy: `La carpeta ${folder} es el mismo buzón que se lee: elija otra, por ejemplo Procesados.`,
      });
    }
  }
}

/** The levels of a mailbox name written with `/`. */
export function levelsOf(mailbox: string): string[] {
  return mailbox.split('/').filter((level) => level !== '');
}

/** INBOX is the same in any case (RFC 9051 5.1). */
function sameMailbox(a: string, b: string): boolean {
  const plain = (mailbox: string) =>
    levelsOf(mailbox)
      .join('/')
      .replace(/^inbox$/i, 'INBOX'); // 'Inbox', not 'Inbox/x'
  return plain(a) === plain(b);
}
