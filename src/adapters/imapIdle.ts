import type { ImapClient } from './imapClient.ts';

/** Keeps a connection listening for news while somebody waits. */
export interface IdleKeeper {
  /** Waits for `wait`, in IDLE meanwhile (RFC 2177), or polling where the server has no IDLE. The next command ends the IDLE. */
  during(client: ImapClient, wait: Promise<void>): Promise<void>;
}

export function createIdleKeeper(): IdleKeeper {
  let waiting = false;
  let idlingOn: ImapClient | null = null;

  /** IDLE ends when another command is sent: begin anew as long as somebody waits, but not in this wait if the server refuses it. */
  async function keepIdle(client: ImapClient): Promise<void> {
    idlingOn = client;
    try {
      while (waiting && client.imap.usable) {
        if ((await client.imap.idle({ whenFree: true })) === false) break;
      }
    } catch {
      // the connection is gone, which its `close` event tells
    } finally {
      if (idlingOn === client) idlingOn = null;
    }
  }

  return {
    async during(client, wait) {
      waiting = true;
      if (idlingOn !== client) void keepIdle(client);
      await wait;
      waiting = false;
    },
  };
}
