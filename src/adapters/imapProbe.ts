import { AppError, reasonOf } from '../errors.ts';
import type { ProbeLine } from '../ports.ts';
import { connectImap, type ImapClient } from './imapClient.ts';
import { type ImapOptions, type ImapTiming, levelsOf } from './imapOptions.ts';

/** Opens the mailbox read-only on a connection of its own and says what is there. Creates nothing. */
export async function probeImap(options: ImapOptions, timing: ImapTiming): Promise<ProbeLine[]> {
  const where = `${options.host}:${options.port}`;
  let client: ImapClient;
  try {
    client = await connectImap(options, timing, true, () => {});
  } catch (error) {
    const remedy = error instanceof AppError ? error.remedy : undefined;
    return [{ ok: false, what: `buzón ${options.mailbox} en ${where}: ${reasonOf(error)}`, ...(remedy === undefined ? {} : { remedy }) }];
  }
  const { imap } = client;
  const limit = setTimeout(() => imap.close(), timing.command);
  try {
    const count = imap.mailbox ? imap.mailbox.exists : 0;
    const lines: ProbeLine[] = [
      { ok: true, what: `buzón ${options.mailbox} en ${where}: abierto, ${count} ${count === 1 ? 'mensaje' : 'mensajes'}` },
      { ok: true, what: `conexión ${imap.secureConnection ? 'cifrada (TLS)' : 'SIN CIFRAR'}; ${extensionsOf(client)}` },
    ];
    for (const folder of [options.doneFolder, options.quarantineFolder]) {
      if (folder !== null) lines.push(await folderLine(client, folder));
    }
    return lines;
  } catch (error) {
    return [{ ok: false, what: `buzón en ${where}: ${reasonOf(error)}`, remedy: 'El servidor cortó la conexión: intente de nuevo.' }];
  } finally {
    clearTimeout(limit);
    const logoutLimit = setTimeout(() => imap.close(), timing.logout);
    await imap.logout().catch(() => {});
    clearTimeout(logoutLimit);
    imap.close();
  }
}

function extensionsOf({ imap }: ImapClient): string {
  const missing = ['IDLE', 'MOVE', 'UIDPLUS'].filter((name) => !imap.capabilities.has(name));
  return missing.length === 0
    ? 'el servidor avisa del correo nuevo y mueve mensajes'
    : `al servidor le falta ${missing.join(', ')}; se suple`;
}

async function folderLine({ imap }: ImapClient, folder: string): Promise<ProbeLine> {
  const levels = levelsOf(folder);
  const found = (await imap.list()).find(({ path, delimiter }) => {
    const there = path.split(delimiter);
    return there.slice(-levels.length).join('/') === levels.join('/') && there.length - levels.length <= 1;
  });
  return {
    ok: true,
    what: found === undefined ? `carpeta ${folder}: no existe, se creará con el primer mensaje` : `carpeta ${folder}: existe`,
  };
}
