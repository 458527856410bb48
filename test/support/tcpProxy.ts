import { connect, createServer, type Socket } from 'node:net';

/** Stands between a client and a server on the loopback address and makes trouble on request. */
export interface TcpProxy {
  port: number;
  /** Connections that clients have made so far. */
  connections(): number;
  /** Lines that clients have sent, for servers that speak in lines. */
  lines(): string[];
  /** Answers a line of the client in the server's place; the line does not reach the server. Undefined lets it pass. */
  answer: ((line: string) => string | undefined) | null;
  /** Changes what the server says. */
  rewrite: ((text: string) => string) | null;
  /** Drops the connection after so many more octets from the server. */
  cutAfter(octets: number): void;
  /** Lets nothing through any more on the connections that exist, and keeps them open. */
  freeze(): void;
  /** Drops all connections. */
  drop(): void;
  close(): Promise<void>;
}

/** @param target `from`: own address of the connections to the server, which takes a login without TLS from its own address only */
export async function startTcpProxy(target: { host: string; port: number; from?: string }): Promise<TcpProxy> {
  const pairs = new Set<{ client: Socket; server: Socket; frozen: boolean }>();
  const lines: string[] = [];
  let connections = 0;
  let octetsLeft = Number.POSITIVE_INFINITY;
  const listener = createServer((client) => {
    connections += 1;
    const { host, port, from = '127.0.0.1' } = target;
    const server = connect({ host, port, localAddress: from });
    const pair = { client, server, frozen: false };
    pairs.add(pair);
    client.on('data', (bytes) => {
      const text = bytes.toString('latin1');
      lines.push(...text.split('\r\n').filter((line) => line !== ''));
      const answer = proxy.answer?.(text.trimEnd());
      if (pair.frozen) return;
      if (answer === undefined) server.write(bytes);
      else client.write(Buffer.from(answer, 'latin1'));
    });
    server.on('data', (bytes) => {
      if (pair.frozen) return;
      const changed = proxy.rewrite === null ? bytes : Buffer.from(proxy.rewrite(bytes.toString('latin1')), 'latin1');
      client.write(changed.subarray(0, octetsLeft));
      octetsLeft -= changed.length;
      if (octetsLeft <= 0) {
        octetsLeft = Number.POSITIVE_INFINITY;
        client.end(() => drop());
      }
    });
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on('error', () => {});
      one.on('close', () => {
        if (!pair.frozen) other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const drop = () => {
    for (const { client, server } of pairs) {
      client.destroy();
      server.destroy();
    }
    pairs.clear();
  };
  const proxy: TcpProxy = {
    port: (listener.address() as { port: number }).port,
    connections: () => connections,
    lines: () => lines,
    answer: null,
    rewrite: null,
    cutAfter: (octets) => {
      octetsLeft = octets;
    },
    freeze() {
      for (const pair of pairs) pair.frozen = true;
    },
    drop,
    close() {
      drop();
      return new Promise((resolve) => listener.close(() => resolve()));
    },
  };
  return proxy;
}
