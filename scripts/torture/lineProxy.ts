import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** One connection through the proxy. */
export interface Pair {
  client: Socket;
  server: Socket;
}

/** What is to happen on one connection, and when. */
export interface Trouble {
  /** The line of the client that sets it off, in clear text; null: the connection itself. */
  at: RegExp | null;
  /** At the n-th such line or connection, counted from 1. */
  nth: number;
  /** It waits until so many more octets have come from that side; with 0, the line itself is not passed on before. */
  after: { from: 'client' | 'server'; octets: number };
  /** Nothing passes while it is under way. */
  act(pair: Pair): void | Promise<void>;
}

/** Both ends see the connection break. */
export function cut({ client, server }: Pair): void {
  client.destroy();
  server.destroy();
}

/** Nothing passes for a while, as when a router has forgotten the connection; then it breaks. */
export function freezeThenCut(ms: number): Trouble['act'] {
  return async (pair) => {
    await pause(ms);
    cut(pair);
  };
}

/** The server says that it will send nothing more, and still listens. */
export function halfClose({ client }: Pair): void {
  client.end();
}

/** Stands between the program and a server on the loopback address. */
export interface LineProxy {
  port: number;
  /** Set off once, then forgotten. */
  trouble: Trouble | null;
  /** Whether the latest trouble came to pass. */
  struck: boolean;
  /** What the server says comes in pieces of so many octets with a pause after each; null: at once. */
  slow: { octets: number; ms: number } | null;
  /** Capabilities that are taken out of what the server says, in clear text. */
  hides: string | null;
  close(): Promise<void>;
}

/** @param from own address of the connections to the server, which decides what some servers offer */
export async function startLineProxy(target: { host: string; port: number; from?: string }): Promise<LineProxy> {
  const pairs = new Set<Pair>();
  const listener = createServer((client) => {
    const server = connect({ host: target.host, port: target.port, ...(target.from === undefined ? {} : { localAddress: target.from }) });
    const pair = { client, server };
    pairs.add(pair);
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on('error', () => {});
      one.on('close', () => {
        pairs.delete(pair);
        other.destroy();
      });
    }
    carry(pair);
  });

  function carry(pair: Pair): void {
    /** Set off on this connection, with the octets that still pass before it comes. */
    let armed: { trouble: Trouble; left: number } | null = null;
    let turn = Promise.resolve();
    const arm = (seen: (trouble: Trouble) => number) => {
      const { trouble } = proxy;
      if (trouble === null || armed !== null) return;
      const times = seen(trouble);
      if (times === 0) return;
      trouble.nth -= times;
      if (trouble.nth > 0) return;
      proxy.trouble = null;
      armed = { trouble, left: trouble.after.octets };
    };
    const strike = async (trouble: Trouble) => {
      armed = null;
      proxy.struck = true;
      await trouble.act(pair);
    };
    const carryOne = async (side: 'client' | 'server', bytes: Buffer) => {
      const to = side === 'client' ? pair.server : pair.client;
      if (armed !== null && armed.left > 0 && armed.trouble.after.from === side) {
        const passing = bytes.subarray(0, armed.left);
        armed.left -= passing.length;
        await write(to, passing, side);
        if (armed.left > 0) return;
        await strike(armed.trouble);
        await write(to, bytes.subarray(passing.length), side);
        return;
      }
      if (armed !== null && armed.left === 0) await strike(armed.trouble);
      await write(to, bytes, side);
    };
    const carryFrom = (side: 'client' | 'server') => (bytes: Buffer) => {
      if (side === 'client')
        arm(({ at }) =>
          at === null
            ? 0
            : bytes
                .toString('latin1')
                .split('\r\n')
                .filter((line) => at.test(line)).length,
        );
      turn = turn.then(() => carryOne(side, bytes)).catch(() => {});
    };
    arm(({ at }) => (at === null ? 1 : 0));
    pair.client.on('data', carryFrom('client'));
    pair.server.on('data', carryFrom('server'));
  }

  async function write(to: Socket, bytes: Buffer, side: 'client' | 'server'): Promise<void> {
    if (to.destroyed || to.writableEnded || bytes.length === 0) return;
    const shown =
      side === 'server' && proxy.hides !== null ? Buffer.from(bytes.toString('latin1').replace(` ${proxy.hides}`, ''), 'latin1') : bytes;
    const { slow } = proxy;
    if (slow === null || side === 'client') {
      to.write(shown);
      return;
    }
    for (let sent = 0; sent < shown.length && !to.destroyed; sent += slow.octets) {
      to.write(shown.subarray(sent, sent + slow.octets));
      await pause(slow.ms);
    }
  }

  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const proxy: LineProxy = {
    port: (listener.address() as { port: number }).port,
    trouble: null,
    struck: false,
    slow: null,
    hides: null,
    close() {
      for (const pair of pairs) cut(pair);
      return new Promise((resolve) => listener.close(() => resolve()));
    },
  };
  return proxy;
}
